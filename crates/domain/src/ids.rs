//! Typed ids. Generated ids are UUIDv7 and carry a prefix when shown
//! (`mbr_…`); the bytes come from the caller, so this crate draws nothing.

use serde::{Deserialize, Serialize};

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// From a fresh UUIDv7's 128 bits.
            #[must_use]
            pub fn from_u128(bits: u128) -> Self {
                Self(format!(concat!($prefix, "_{:032x}"), bits))
            }

            /// From text that came from outside; `None` unless it has the
            /// prefix and 32 lower-case hex digits.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let hex = text.strip_prefix(concat!($prefix, "_"))?;
                (hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
                    .then(|| Self(text.to_owned()))
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

prefixed_id!(
    /// A person or machine that may sign in.
    MemberId,
    "mbr"
);
prefixed_id!(
    /// An API token (its public part; the secret is only a hash at rest).
    TokenId,
    "tok"
);
prefixed_id!(
    /// An SDK key.
    SdkKeyId,
    "key"
);
prefixed_id!(
    /// A link of testers.
    QaLinkId,
    "qa"
);
prefixed_id!(
    /// What an experiment or flag can begin from.
    TemplateId,
    "tpl"
);
prefixed_id!(
    /// A planned outside effect.
    IntentId,
    "int"
);
prefixed_id!(
    /// An action that waits for its step-up.
    PendingId,
    "pnd"
);

/// The id a person gives an experiment: 1 to 64 of `a-z 0-9 - _`, beginning
/// with a letter. It appears in routing reasons (`ab_test_<id>_<variant>`), so
/// it never changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct ExperimentId(String);

impl ExperimentId {
    pub const MAX_LEN: usize = 64;

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_slug(text).then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ExperimentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! named_id {
    ($(#[$doc:meta])* $name:ident, $is_one:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                $is_one(text).then(|| Self(text.to_owned()))
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

named_id!(
    /// The key by which applications ask for a flag: 1 to 100 of `a-z A-Z 0-9 . - _`, beginning
    /// with a letter or digit. It never changes.
    FlagKey,
    is_flag_key
);
named_id!(
    /// The id by which conditions name a saved group, of an experiment id's form. It never
    /// changes.
    SavedGroupId,
    is_slug
);

named_id!(
    /// The id of a holdout, of the same form. It never changes: it is the salt of who is in.
    HoldoutId,
    is_slug
);

impl ExperimentId {
    /// How a holdout is counted; a colon, so that it is no experiment's id.
    #[must_use]
    pub fn of_holdout(id: &HoldoutId) -> Self {
        Self(format!("holdout:{id}"))
    }

    /// How an experiment is counted anew.
    #[must_use]
    pub fn of_recount(number: u128) -> Self {
        Self(format!("recount:{number:032x}"))
    }
}

impl FlagKey {
    pub const MAX_LEN: usize = 100;
}

/// The form of flag keys: 1 to 100 of `a-z A-Z 0-9 . - _`, beginning with a letter or digit.
/// Wider than ids of our own, because code that moves here asks by the keys that it has
/// (`LaunchDarkly` and Unleash take these too); two that differ by case are two.
#[must_use]
pub fn is_flag_key(text: &str) -> bool {
    text.len() <= FlagKey::MAX_LEN
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// The form of experiment ids, variant keys and metric names.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    text.len() <= ExperimentId::MAX_LEN
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefixed_id_reads_back_and_refuses_others() {
        let id = MemberId::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001);
        assert_eq!(MemberId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(TokenId::parse(id.as_str()), None);
        assert_eq!(MemberId::parse("mbr_XYZ"), None);
    }

    #[test]
    fn slugs() {
        for good in ["a", "checkout-cta", "x1_2-3"] {
            assert!(is_slug(good), "{good}");
        }
        let long = "a".repeat(65);
        for bad in ["", "1a", "-a", "A", "a b", "é", "a/b", long.as_str()] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn keys_of_flags_are_those_that_code_has() {
        let long = "a".repeat(100);
        for good in ["a", "new-checkout", "Checkout.v2_B", "2fa", long.as_str()] {
            assert!(FlagKey::parse(good).is_some(), "{good}");
        }
        let long = "a".repeat(101);
        for bad in [
            "",
            ".",
            "..",
            "-a",
            "_a",
            "a b",
            "é",
            "a/b",
            "a:b",
            "a%2f",
            long.as_str(),
        ] {
            assert!(FlagKey::parse(bad).is_none(), "{bad}");
        }
    }
}

//! E-mail addresses as identities.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A mail address used as a person's name: ASCII, lower case, at most 254 bytes.
///
/// Narrower than RFC 5322 on purpose (no quotes, comments, or other scripts): two
/// addresses are the same person exactly if they are equal bytes, so nothing that
/// merely looks like a member's address may pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Not an address this product accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// Validates and lower-cases.
    ///
    /// # Errors
    /// [`InvalidEmail`] for anything but `local@domain.tld` in ASCII.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let ok = text.len() <= 254 && is_local(local) && is_domain(domain);
        ok.then(|| Self(text.to_ascii_lowercase()))
            .ok_or(InvalidEmail)
    }

    /// The lower-cased address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 5321 dot-string of RFC 5322 atext.
fn is_local(local: &str) -> bool {
    local.len() <= 64
        && local.split('.').all(|atom| {
            !atom.is_empty()
                && atom
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        })
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;
    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn addresses() {
        assert_eq!(
            Email::parse("Ada.L+x@Example.COM").unwrap().as_str(),
            "ada.l+x@example.com"
        );
        for bad in [
            "",
            "@",
            "a@",
            "@b.c",
            "a@b",
            "a b@c.d",
            "a@b@c.d",
            "a@b..d",
            ".a@b.c",
            "a.@b.c",
            "a..b@c.d",
            "a@-b.c",
            "a@b-.c",
            "a@b.c.",
            "a@b.c\n",
            " a@b.c",
            "a\0@b.c",
            "\"a\"@b.c",
            "a@[127.0.0.1]",
            "аda@example.com",
            "a@exаmple.com",
            "a,b@c.d",
            "<a@b.c>",
            "a(b)@c.d",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Email::parse(&format!("{}@b.c", "a".repeat(65))).is_err());
        assert!(Email::parse(&format!("a@{}.c", "b".repeat(64))).is_err());
        assert!(Email::parse(&format!("a@{}c", "b.".repeat(130))).is_err());
    }

    proptest::proptest! {
        #[test]
        fn parsing_is_idempotent(text in "\\PC{0,40}|[a-zA-Z.+]{1,9}@[a-zA-Z.-]{1,12}") {
            if let Ok(email) = Email::parse(&text) {
                proptest::prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
                proptest::prop_assert!(email.as_str().is_ascii());
            }
        }
    }
}

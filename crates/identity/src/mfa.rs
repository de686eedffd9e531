//! Evidence of a second factor.

use serde::{Deserialize, Serialize};

/// How the deployment knows that Access asked for a second factor. Cloudflare does
/// not document `amr` in the application token, so a team chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaSource {
    /// Only `amr`, in the token or in `get-identity`, counts.
    Amr,
    /// The Access application's own policy (`mfa_config` or an `auth_method: mfa`
    /// rule) admits nobody without one, so an assertion for it is the evidence.
    AccessPolicy,
}

/// RFC 8176 values that prove a second factor, as Cloudflare maps them for
/// independent MFA (`hwk`, `swk` → security key; `otp` → TOTP; `face`, `fpt`, `iris`,
/// `retina`, `vbm` → biometrics), plus `mfa`. Everything else counts for nothing:
/// neither `pwd` nor `sms`, nor both together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmrMethod {
    /// Several factors, as stated by the provider.
    Mfa,
    /// Hardware-secured key.
    Hwk,
    /// Software-secured key.
    Swk,
    /// One-time password.
    Otp,
    /// Face.
    Face,
    /// Fingerprint.
    Fpt,
    /// Iris.
    Iris,
    /// Retina.
    Retina,
    /// Voice.
    Vbm,
}

impl AmrMethod {
    fn parse(value: &str) -> Option<Self> {
        Some(match value {
            "mfa" => Self::Mfa,
            "hwk" => Self::Hwk,
            "swk" => Self::Swk,
            "otp" => Self::Otp,
            "face" => Self::Face,
            "fpt" => Self::Fpt,
            "iris" => Self::Iris,
            "retina" => Self::Retina,
            "vbm" => Self::Vbm,
            _ => return None,
        })
    }
}

/// What is known about the second factor of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaEvidence {
    /// These methods were used; never empty.
    Methods(Vec<AmrMethod>),
    /// The Access policy demands it.
    AccessPolicy,
    /// There was none.
    Absent,
    /// It could not be found out (`get-identity` did not answer). Counts as none;
    /// told apart so that the page can say "try again".
    Unknown,
}

impl MfaEvidence {
    /// The evidence in a list of `amr` values (case-sensitive, RFC 8176 §2).
    pub fn from_amr<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut methods = Vec::new();
        for method in values.into_iter().filter_map(AmrMethod::parse) {
            if !methods.contains(&method) {
                methods.push(method);
            }
        }
        if methods.is_empty() {
            Self::Absent
        } else {
            Self::Methods(methods)
        }
    }

    /// The evidence in a JSON `amr` claim; only a list of strings can hold any.
    pub(crate) fn from_claim(claim: Option<&serde_json::Value>) -> Self {
        let values = claim.and_then(serde_json::Value::as_array);
        Self::from_amr(
            values
                .into_iter()
                .flatten()
                .filter_map(serde_json::Value::as_str),
        )
    }

    /// Whether a second factor is proven.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        matches!(self, Self::Methods(_) | Self::AccessPolicy)
    }
}

#[cfg(test)]
mod tests {
    use super::{AmrMethod, MfaEvidence};

    #[test]
    fn only_mapped_values_count() {
        for one in [
            "mfa", "hwk", "swk", "otp", "face", "fpt", "iris", "retina", "vbm",
        ] {
            assert!(MfaEvidence::from_amr([one]).is_proven(), "{one}");
            assert!(MfaEvidence::from_amr(["pwd", one]).is_proven(), "{one}");
        }
        for weak in [
            "pwd", "sms", "tel", "pin", "kba", "rba", "geo", "mca", "sc", "user", "wia",
        ] {
            assert!(!MfaEvidence::from_amr([weak]).is_proven(), "{weak}");
        }
        for trick in ["", "MFA", "Otp", " otp", "otp ", "mfa,otp", "otp\0"] {
            assert!(!MfaEvidence::from_amr([trick]).is_proven(), "{trick:?}");
        }
        assert_eq!(
            MfaEvidence::from_amr(["pwd", "sms", "tel", "pin"]),
            MfaEvidence::Absent
        );
        assert!(!MfaEvidence::Unknown.is_proven());
    }

    #[test]
    fn claims_of_other_shapes_hold_nothing() {
        let evidence =
            |json: &str| MfaEvidence::from_claim(Some(&serde_json::from_str(json).unwrap()));
        assert_eq!(
            evidence(r#"["pwd","otp","otp",7]"#),
            MfaEvidence::Methods(vec![AmrMethod::Otp])
        );
        for none in ["\"mfa\"", "null", "{\"mfa\":true}", "[[\"mfa\"]]", "[]"] {
            assert_eq!(evidence(none), MfaEvidence::Absent, "{none}");
        }
        assert_eq!(MfaEvidence::from_claim(None), MfaEvidence::Absent);
    }
}

//! Links that force one value for one browser, for whoever tests it.
//!
//! A link carries a [`QaClaim`], signed (Ed25519, RFC 8032) by the console's snapshot key after
//! a domain separator of its own: a snapshot's signature is none of a link and the other way
//! round. Gateways hold public keys only, so neither a gateway nor whoever reads snapshots can
//! make one. What a link forces stands in the snapshot ([`QaLink`]); a link that is not there
//! any more forces nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decision::{Decision, FlagDecision, FlagReason};
use crate::engine::Variant;
use crate::envelope::TrustedKey;
use crate::snapshot::VariantRule;

/// What precedes a claim in the signing input.
const DOMAIN: &[u8] = b"nexus-qa-v1\0";
/// A longer text is no link of ours: every part of a claim is bounded.
pub const MAX_QA_TEXT_BYTES: usize = 700;
/// Values of flags that a claim spells out; longer ones are named by their length.
const MAX_SPELLED: usize = 64;

/// A link that gateways honour, as the snapshot carries it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QaLink {
    pub id: String,
    /// It forces nothing from this moment on: milliseconds since 1970 UTC.
    pub expires_ms: i64,
    #[serde(flatten)]
    pub forces: QaForce,
}

/// What a link forces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "forces")]
pub enum QaForce {
    /// A variant of an experiment, which may be at the edge or not.
    Variant {
        experiment: String,
        variant: VariantRule,
        /// Position of the variant; 0 is the control.
        position: u32,
    },
    Value {
        flag: String,
        value: Value,
    },
}

impl QaForce {
    /// `experiment:<id>` or `flag:<key>`.
    #[must_use]
    pub fn feature(&self) -> String {
        match self {
            Self::Variant { experiment, .. } => format!("experiment:{experiment}"),
            Self::Value { flag, .. } => format!("flag:{flag}"),
        }
    }

    /// The variant's key, or the value as JSON where that is short visible ASCII.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::Variant { variant, .. } => variant.key.clone(),
            Self::Value { value, .. } => {
                let text = value.to_string();
                let is_short = text.len() <= MAX_SPELLED;
                let is_plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
                match is_short && text.bytes().all(is_plain) {
                    true => text,
                    false => format!("({} bytes)", text.len()),
                }
            }
        }
    }
}

impl QaLink {
    /// What the text of the link says, to be signed.
    #[must_use]
    pub fn claim(&self, environment: &str) -> QaClaim {
        QaClaim {
            environment: environment.to_owned(),
            link: self.id.clone(),
            feature: self.forces.feature(),
            value: self.forces.value(),
            expires_ms: self.expires_ms,
        }
    }
}

/// What a link says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QaClaim {
    /// Gateways of others refuse it.
    #[serde(rename = "e")]
    pub environment: String,
    /// Id of the [`QaLink`].
    #[serde(rename = "l")]
    pub link: String,
    /// As [`QaForce::feature`] has it.
    #[serde(rename = "f")]
    pub feature: String,
    /// As [`QaForce::value`] has it.
    #[serde(rename = "v")]
    pub value: String,
    #[serde(rename = "x")]
    pub expires_ms: i64,
}

/// Why a link forces nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QaRefusal {
    #[error("this is no link of this console, or it was changed on the way")]
    Forged,
    #[error("this link is for another environment")]
    WrongEnvironment,
    #[error("this link has expired")]
    Expired,
    #[error(
        "this link was revoked or has not reached this gateway yet; new ones need some seconds"
    )]
    Unknown,
}

/// `<claim>.<signature>`, both base64url without padding.
#[must_use]
pub fn sign_qa(key: &SigningKey, claim: &QaClaim) -> String {
    // A claim is texts and a number, so writing can't fail.
    let claim = serde_json::to_vec(claim).unwrap_or_default();
    let claim = URL_SAFE_NO_PAD.encode(claim);
    let signature = key.sign(&signing_input(&claim));
    format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// The claim of a text that one of the keys has signed, for this environment and before its
/// end. What the link forces is [`Engine::qa`](crate::Engine::qa)'s to say.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_qa(
    text: &str,
    keys: &[TrustedKey],
    environment: &str,
    now_ms: i64,
) -> Result<QaClaim, QaRefusal> {
    if text.len() > MAX_QA_TEXT_BYTES {
        return Err(QaRefusal::Forged);
    }
    let (claim, signature) = text.split_once('.').ok_or(QaRefusal::Forged)?;
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| QaRefusal::Forged)?;
    let input = signing_input(claim);
    if !keys.iter().any(|key| key.has_signed(&input, &signature)) {
        return Err(QaRefusal::Forged);
    }
    let claim = URL_SAFE_NO_PAD
        .decode(claim)
        .map_err(|_| QaRefusal::Forged)?;
    let claim: QaClaim = serde_json::from_slice(&claim).map_err(|_| QaRefusal::Forged)?;
    if claim.environment != environment {
        return Err(QaRefusal::WrongEnvironment);
    }
    if now_ms >= claim.expires_ms {
        return Err(QaRefusal::Expired);
    }
    Ok(claim)
}

fn signing_input(claim: &str) -> Vec<u8> {
    [DOMAIN, claim.as_bytes()].concat()
}

/// A link compiled: what it forces, ready to be told.
#[derive(Debug, Clone)]
pub struct Forced {
    pub(crate) link: Box<str>,
    pub(crate) expires_ms: i64,
    pub(crate) feature: Box<str>,
    pub(crate) value: Box<str>,
    pub(crate) what: ForcedWhat,
}

#[derive(Debug, Clone)]
pub(crate) enum ForcedWhat {
    Variant {
        experiment: Box<str>,
        variant: Variant,
        position: usize,
    },
    Value {
        flag: Box<str>,
        value: Value,
        reason: Box<str>,
    },
}

impl Forced {
    /// `experiment:<id>` or `flag:<key>`.
    #[must_use]
    pub const fn feature(&self) -> &str {
        &self.feature
    }

    /// The variant's key, or the value in short.
    #[must_use]
    pub const fn value(&self) -> &str {
        &self.value
    }

    /// The variant, where it forces one.
    #[must_use]
    pub fn decision(&self) -> Option<Decision<'_>> {
        match &self.what {
            ForcedWhat::Variant {
                experiment,
                variant,
                position,
            } => Some(Decision {
                experiment_id: experiment,
                variant,
                variant_index: *position,
            }),
            ForcedWhat::Value { .. } => None,
        }
    }

    /// The flag's value, where it forces one.
    #[must_use]
    pub fn flag(&self) -> Option<FlagDecision<'_>> {
        match &self.what {
            ForcedWhat::Variant { .. } => None,
            ForcedWhat::Value {
                flag,
                value,
                reason,
            } => Some(FlagDecision {
                key: flag,
                value,
                reason: FlagReason::Forced,
                reason_text: reason,
            }),
        }
    }
}

impl crate::Engine {
    /// What a verified claim forces by this snapshot.
    ///
    /// # Errors
    /// [`QaRefusal::Unknown`] when the snapshot has no such link, or one that forces something
    /// else; [`QaRefusal::Expired`].
    pub fn qa(&self, claim: &QaClaim, now_ms: i64) -> Result<&Forced, QaRefusal> {
        let found = self
            .forced
            .iter()
            .find(|forced| *forced.link == *claim.link);
        let forced = found.ok_or(QaRefusal::Unknown)?;
        let says = (claim.feature.as_str(), claim.value.as_str());
        if says != (&*forced.feature, &*forced.value) || claim.expires_ms != forced.expires_ms {
            return Err(QaRefusal::Unknown);
        }
        match now_ms < forced.expires_ms {
            true => Ok(forced),
            false => Err(QaRefusal::Expired),
        }
    }

    /// Whether any link could force anything.
    #[must_use]
    pub const fn has_qa_links(&self) -> bool {
        !self.forced.is_empty()
    }
}

//! SDK keys: what an application names itself by when it asks an environment's gateways
//! for flags.

mod draft;
mod origin;
#[cfg(test)]
mod tests;

pub use draft::{EncryptionChange, KeyMaterial, MAX_ORIGINS, SdkKeyDraft, SdkKeyEdit};
pub use nexus_flags::SdkKeyKind;
pub use origin::{OriginFault, origin_fault};

use serde::{Deserialize, Serialize};

use crate::Environment;
use crate::ids::SdkKeyId;

/// How many keys of one environment can be in use at once.
pub const MAX_KEYS: usize = 50;

/// The whole state of a key, as stored and digested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SdkKey {
    pub id: SdkKeyId,
    pub environment: Environment,
    /// Unique among the environment's keys in use.
    pub name: String,
    pub kind: SdkKeyKind,
    /// Web origins whose pages may use a client key; none is any.
    pub origins: Vec<String>,
    /// The text of a client key, which is public; of a server key nobody keeps it.
    pub key: Option<String>,
    /// First characters of the key's text, by which people tell keys apart.
    pub hint: String,
    /// SHA-256 of the key's text, lower-case hex.
    pub sha256: String,
    /// Payloads are encrypted with this AES-128 key, Base64 of 16 bytes. Those who may not
    /// manage SDK keys read `null` here.
    pub encryption_key: Option<String>,
    /// Grows by one with every change; guards against silent overwrites.
    pub version: u64,
    pub created_ms: i64,
    pub created_by: String,
    pub updated_ms: i64,
    pub updated_by: String,
    /// When it ended, for good.
    pub revoked_ms: Option<i64>,
}

impl SdkKey {
    /// What gateways must know of it; nothing once it is revoked.
    #[must_use]
    pub fn published(&self) -> Option<nexus_flags::SdkKey> {
        self.revoked_ms.is_none().then(|| nexus_flags::SdkKey {
            id: self.id.to_string(),
            sha256: self.sha256.clone(),
            kind: self.kind,
            origins: self.origins.clone(),
            encryption_key: self.encryption_key.clone(),
        })
    }

    /// The key as those read it who may not manage keys.
    #[must_use]
    pub fn without_secret(self) -> Self {
        Self {
            encryption_key: None,
            ..self
        }
    }

    /// The key after its end.
    #[must_use]
    pub fn revoked(&self, by: &str, now_ms: i64) -> Self {
        Self {
            version: self.version + 1,
            updated_ms: now_ms,
            updated_by: by.to_owned(),
            revoked_ms: Some(now_ms),
            ..self.clone()
        }
    }

    /// Digest of the canonical state, for the audit log.
    #[must_use]
    pub fn digest(&self) -> String {
        // All fields are text or numbers, so writing can't fail.
        crate::digest::of(self).unwrap_or_default()
    }
}

//! Keys by which SDKs reach the gateway.

use serde::{Deserialize, Serialize};

/// What an SDK names itself by: which environment is meant is said by the snapshot it stands
/// in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SdkKey {
    /// Unique in the snapshot; says in logs and counts which key it was.
    pub id: String,
    /// SHA-256 of the key's text, 64 hexadecimal digits in lower case.
    pub sha256: String,
    /// Where it may be used.
    pub kind: SdkKeyKind,
    /// Web origins whose pages may use it, such as `https://shop.example`; none is any. A
    /// server key has none and no page may use it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// Payloads are encrypted with this AES-128 key (Base64 of 16 bytes). It stands in pages,
    /// so it keeps rules from casual eyes, no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
}

/// Where a key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SdkKeyKind {
    /// In browsers and apps: everybody can read it. What a question leaves open (country,
    /// device) is read off the request, because the visitor sends it.
    Client,
    /// In services: a secret. Pages may not use it.
    Server,
}

impl SdkKeyKind {
    pub const ALL: [Self; 2] = [Self::Client, Self::Server];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl SdkKey {
    /// Whether pages of this web origin may use it.
    #[must_use]
    pub fn admits(&self, origin: &str) -> bool {
        self.kind == SdkKeyKind::Client
            && (self.origins.is_empty() || self.origins.iter().any(|one| one == origin))
    }
}

//! SDK keys.

use nexus_domain::sdk_key::SdkKey;
use serde::{Deserialize, Serialize};

use super::{AuditRow, Propagation};

/// A new key. Of a server key this is the only time its text is shown.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SdkKeyOnce {
    pub sdk_key: SdkKey,
    /// What the application sends.
    pub key: String,
}

/// Everything the key's page shows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SdkKeyDetail {
    pub sdk_key: SdkKey,
    /// Whether payloads are encrypted, also for those who may not read the decryption key.
    pub encrypted: bool,
    pub propagation: Propagation,
    /// Newest first, at most 50; empty for whoever may neither see the log nor manage the key.
    pub history: Vec<AuditRow>,
}

//! What is said of the audit log.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditQuery {
    /// Part of actor, action, object id or reason.
    pub q: String,
    pub actor_kind: Option<String>,
    /// Exact action, as `experiment.start`.
    pub action: Option<String>,
    pub object_id: Option<String>,
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
    /// From 1; 0 counts as 1.
    pub page: u32,
}

/// One entry of the audit log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditRow {
    pub entry: nexus_domain::audit::Entry,
    /// Hex SHA-256.
    pub leaf_hash: String,
}

/// Outcome of verifying the whole log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditVerification {
    pub size: u64,
    /// Hex.
    pub root: String,
    pub ok: bool,
    /// First entry whose stored hash does not match its text, if any.
    pub first_bad_seq: Option<u64>,
    /// Whether the last signed checkpoint fits the log.
    pub checkpoint_ok: bool,
    pub checkpoint_size: u64,
    pub took_ms: u32,
}

/// A part of the export of the audit log; all parts in a row are the file that
/// `docs/audit.md` describes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditExportChunk {
    /// Whole lines, each ended by a line feed.
    pub text: String,
    /// Number of entries in it.
    pub entries: u64,
    /// Where the next part begins; none after the last, which ends with the
    /// checkpoint.
    pub next_seq: Option<u64>,
}

/// That an entry is in the log of a given size. Hashes are hex.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditProof {
    pub seq: u64,
    pub size: u64,
    pub leaf_hash: String,
    /// RFC 6962 §2.1.1, nearest first.
    pub path: Vec<String>,
    pub root: String,
    /// Signed note over exactly this size and root.
    pub checkpoint: String,
}

/// That the log of `size` extends the log of `old_size`. Hashes are hex.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditConsistency {
    pub old_size: u64,
    pub size: u64,
    pub old_root: String,
    pub root: String,
    /// RFC 6962 §2.1.2.
    pub path: Vec<String>,
}

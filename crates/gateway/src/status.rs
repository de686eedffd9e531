//! What the gateway says about itself.

use serde::Serialize;

use crate::ports::TelemetryStatus;
use crate::snapshot::SnapshotStatus;

/// `GET /__nexus/status`, for those who show the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    pub gateway_id: String,
    pub environment: String,
    pub snapshot: SnapshotStatus,
    pub telemetry: TelemetryStatus,
    /// Streams that are open for SDKs.
    pub streams: usize,
}

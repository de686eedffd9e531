//! What gateways report.

use std::collections::BTreeMap;

use nexus_domain::Environment;
use nexus_flags::{CountryCode, Device};
use serde::{Deserialize, Serialize};

use crate::traffic::Sampled;

/// Most events in one batch.
pub const MAX_EVENTS: usize = 1_000;

/// One report of a gateway. No events is a heartbeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestBatch {
    pub gateway_id: String,
    pub environment: Environment,
    /// Snapshot the gateway obeys; 0 when it has none.
    pub snapshot_version: u64,
    pub sent_ms: i64,
    /// Streams that it keeps open for SDKs; absent where it keeps none.
    #[serde(default)]
    pub streams: Option<u32>,
    pub batch_id: String,
    #[serde(default)]
    pub events: Vec<IngestEvent>,
    /// How often flags gave which value since the gateway's last such report; at most 2,000.
    #[serde(default)]
    pub flags: Vec<FlagCount>,
    /// Visitors who stand for all since the gateway's last such report.
    #[serde(default)]
    pub samples: Option<Samples>,
}

/// Visitors of some time, chosen by their ranks (a hash of the unit with the snapshot's
/// `sampling_seed`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Samples {
    /// When that time ended; at most 24 hours ago.
    pub at_ms: i64,
    /// Everybody of a smaller rank is among them; 2^52 when all are.
    pub below: u64,
    /// At most 500. Who makes no sense is left out.
    pub visitors: Vec<SampledVisitor>,
}

/// What rules can ask of a visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SampledVisitor {
    /// User id or anonymous cookie id, as the gateway assigned by.
    pub unit: String,
    /// Two capital letters (ISO 3166).
    #[serde(default)]
    pub country: Option<String>,
    /// `desktop`, `mobile`, `tablet`, `other`; a `bot` is left out.
    pub device: String,
    /// At most 32, of 256 bytes each.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

impl SampledVisitor {
    pub(super) fn device(&self) -> Option<Device> {
        let mut all = Device::ALL.into_iter();
        all.find(|device| device.as_str() == self.device)
    }

    /// As it is kept.
    pub(super) fn context(&self) -> Sampled {
        Sampled {
            country: self
                .country
                .as_deref()
                .and_then(|code| CountryCode::new(code).ok()),
            device: self.device().unwrap_or_default(),
            attributes: self.attributes.clone(),
        }
    }
}

/// How often a flag gave a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagCount {
    pub flag: String,
    /// JSON, cut to 200 characters.
    pub value: String,
    pub count: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum IngestEvent {
    Request(RequestEvent),
    Repeats(RepeatsEvent),
    Conversion(ConversionEvent),
}

/// A request that took part in at least one experiment: exposure and outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestEvent {
    /// UUID; the event counts once however often it is sent.
    pub id: String,
    pub at_ms: i64,
    /// User id or anonymous cookie id, as the gateway assigned by.
    pub unit: String,
    pub assignments: Vec<Assignment>,
    /// HTTP status answered; 500 and above is an error.
    pub status: u16,
    #[serde(default)]
    pub duration_ms: f64,
    /// Two capital letters (ISO 3166).
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub colo: Option<String>,
    /// `desktop`, `mobile`, `tablet`, `other`; a `bot` is not counted in experiments.
    #[serde(default)]
    pub device: Option<String>,
    /// `chrome`, `edge`, `firefox`, `opera`, `safari`, `samsung`, `other`.
    #[serde(default)]
    pub browser: Option<String>,
    #[serde(default)]
    pub path: Option<String>,
    #[serde(default)]
    pub deployment: Option<String>,
}

/// Requests that say nothing new: of units whose assignments the gateway has reported
/// before, and those that took part in no experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RepeatsEvent {
    /// UUID; the event counts once however often it is sent.
    pub id: String,
    pub at_ms: i64,
    /// At most 10,000,000.
    pub requests: u64,
    /// Those that were answered with 500 or above.
    pub errors: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assignment {
    pub experiment: String,
    pub variant: String,
    /// Version of the snapshot that decided; 0 of an exposure that happened before the snapshot
    /// in force and that this one can't check: the console checks it.
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversionEvent {
    pub id: String,
    pub at_ms: i64,
    pub unit: String,
    pub metric: String,
    /// At most 1e9 in size; counted in thousandths.
    #[serde(default)]
    pub value: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestReply {
    /// Counted now.
    pub accepted: u32,
    /// Counted before.
    pub duplicate: u32,
    pub rejected: Vec<Rejected>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rejected {
    /// Position in the batch, from 0.
    pub index: u32,
    pub problem: String,
}

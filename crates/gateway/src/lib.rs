//! The data plane: every request of a visitor passes here.
//!
//! For each one the gateway finds out who asks ([`identity`](crate::Identity)), lets the
//! engine of the newest good snapshot decide, chooses the origin, tells it the decision
//! in headers, and reports exposure and outcome. The core names no runtime: it works on
//! the types of the `http` crate and asks for everything else through [`ports`]. Two
//! hosts run it: the native server ([`host`], behind the feature of that name) and the
//! Worker in `edge/gateway`.
//!
//! It fails safe: without a good snapshot it serves the default origin and decides
//! nothing; whatever comes from outside, it answers instead of panicking.

mod batch_decide;
mod context;
mod conversions;
mod cors;
mod decision;
mod device;
mod evaluations;
mod headers;
#[cfg(feature = "host")]
pub mod host;
mod identity;
mod limits;
mod own_pages;
mod pipeline;
pub mod ports;
mod problem;
mod qa;
mod refusal;
mod repeats;
mod report;
mod routing;
mod samples;
mod sdk;
mod settings;
mod snapshot;
mod status;
mod telemetry;
mod time;

pub use evaluations::Evaluations;
pub use identity::Identity;
pub use limits::{
    DEFAULT_EVENTS_RATE, DEFAULT_SDK_RATE, MAX_EVENTS_BODY_BYTES, MAX_EVENTS_PER_REQUEST,
};
pub use pipeline::{Gateway, Peer, Reply};
pub use repeats::Repeats;
pub use samples::{Pace, Sampling};
pub use sdk::{Crowded, Feed, News, Seat, Seats, asked};
pub use settings::{Deployment, Settings, SettingsError, StatusToken};
pub use snapshot::{Offer, Refusal, SnapshotHolder, SnapshotStatus};
pub use status::Status;
pub use telemetry::{Assignment, Batch, Event, FlagCount, Samples, Verdict, wrongs};

//! Use cases: authorise → decide (domain) → one atomic commit → effects.
//!
//! Knows no runtime, no HTTP framework and no database driver; what it needs
//! from outside are the traits in [`ports`].

mod admission;
mod audit;
pub mod authority;
mod bulk;
mod changes;
pub mod cloudflare;
mod comments;
mod commit;
mod console;
mod controllers;
mod due;
mod effects;
mod environments;
pub mod error;
mod experiments;
mod failpoint;
mod flags;
mod holdouts;
pub mod ingest;
mod layers;
mod lease;
mod members;
mod ops;
mod overview;
mod pending;
pub mod planning;
pub mod ports;
mod qa;
mod recompute;
mod results;
mod saved_groups;
mod sdk;
mod sdk_keys;
mod search;
pub mod sessions;
mod snapshots;
mod sql;
mod targeting;
mod templates;
#[cfg(feature = "testing")]
pub mod testing;
mod tick;
mod tokens;
mod traffic;
pub mod views;
mod waits;
mod why;

pub use admission::Admission;
pub use changes::Changes;
pub use console::{Console, Keys, Settings};
pub use error::{Error, Result};
pub use experiments::Deciding;
pub use failpoint::KILL_POINTS;
pub use flags::{FlagCopy, Take};
pub use lease::LEASE_MS;
pub use pending::PENDING_MS;
pub use results::csv::{TableRow, csv};
pub use sdk::{SdkHost, SdkHostState};
pub use tick::Tick;
pub use views::Confirmed;
pub use why::{Somebody, Versions};

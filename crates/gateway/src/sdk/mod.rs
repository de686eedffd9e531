//! What SDKs ask the gateway, by a key that stands in the snapshot.
//!
//! Under `/__nexus` of a gateway, which is the SDKs' host, and at the root of the console: the payload of GrowthBook's SDKs and its
//! stream, OpenFeature's remote evaluation (OFREP 0.3.0) and its stream, and events. All
//! answers come from one payload and one evaluator, so that whoever evaluates says the
//! same.

mod door;
mod evaluator;
mod exposure;
mod feed;
mod key;
mod ofrep;
mod pages;
mod payload;
mod published;
mod question;
mod rate;
mod seats;
mod view;

pub(crate) use door::{Asker, Door, Refused};
pub(crate) use exposure::Claims;
pub use feed::{Feed, News};
pub use pages::asked;
pub(crate) use pages::{Call, Page};
pub(crate) use published::Published;
pub(crate) use rate::Addresses;
pub use seats::{Crowded, Seat, Seats};

//! The native host with everything around it, over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod events;
mod exposures;
mod feeds;
mod pressure;
mod qa;
mod resilience;
mod routing;
mod sdk;
mod support;
mod targeting;

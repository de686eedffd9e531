//! Who a request comes from.
//!
//! - [`access`]: the assertion Cloudflare Access puts on every request;
//! - [`step_up`] and [`ticket`]: proof of a fresh second factor for one action;
//! - [`api_token`]: tokens for scripts;
//! - `oidc` (feature `oidc`): sign-in for teams without Access.
//!
//! The same code runs natively and in wasm32: time and randomness are arguments,
//! the network is a port. Nothing here decides what somebody may do: roles come
//! from our own database, never from a token.

pub mod access;
pub mod api_token;
mod b64;
pub mod country;
pub mod email;
mod json;
pub mod jwk;
pub mod jws;
pub mod mfa;
#[cfg(feature = "oidc")]
pub mod oidc;
mod roca;
pub mod step_up;
pub mod ticket;
mod transport;

pub use country::Country;
pub use email::Email;
pub use mfa::{AmrMethod, MfaEvidence, MfaSource};
pub use transport::FetchError;

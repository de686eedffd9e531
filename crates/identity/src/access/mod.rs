//! Cloudflare Access: the assertion in `Cf-Access-Jwt-Assertion`.
//!
//! Protocol: <https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/>.
//! Nothing is taken from the `CF_Authorization` cookie, which may be absent and which a
//! browser can be made to send.

mod claims;
mod config;
mod error;
mod identity;
mod keys;
mod verifier;

pub use claims::{Assertion, Person, Subject};
pub use config::{AccessConfig, Application, ConfigError};
pub use error::AssertionError;
pub use identity::{IdentityFetch, MAX_IDENTITY_BYTES, NoIdentity};
pub use keys::{JwksFetch, KeyError};
pub use verifier::AccessVerifier;

/// The header Access sets on every request it lets through.
pub const ASSERTION_HEADER: &str = "cf-access-jwt-assertion";

//! Sign-in with OpenID Connect, for teams without Access: authorization code flow with
//! PKCE S256, state and nonce (OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9207).
//!
//! [`OidcProvider::begin`] gives the address to send the browser to and a
//! [`LoginState`] to keep in the session; [`OidcProvider::finish`] turns the provider's
//! callback and that state into an [`OidcIdentity`].

mod config;
mod error;
mod identity;
mod login;
mod provider;

pub use config::{MAX_ANSWER_BYTES, OidcConfig, OidcHttp};
pub use error::OidcError;
pub use identity::OidcIdentity;
pub use login::{Callback, LOGIN_MS, LoginState, Purpose, RANDOM_BYTES};
pub use provider::OidcProvider;

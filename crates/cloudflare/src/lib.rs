//! A small, typed client of Cloudflare's API over a transport port, so that the
//! same code runs natively and in a Worker, against Cloudflare and the sandbox.

mod client;
mod envelope;
mod error;
mod kv;
#[cfg(feature = "reqwest")]
mod native;
mod retry;
mod token;
mod transport;

pub use client::Client;
pub use error::{ApiError, Error, Result};
pub use kv::Namespace;
#[cfg(feature = "reqwest")]
pub use native::ReqwestTransport;
pub use retry::Retries;
pub use token::{TokenInfo, TokenStatus};
pub use transport::{Method, Request, Response, Transport, TransportError};

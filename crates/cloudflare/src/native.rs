//! The transport of native hosts.

use std::time::Duration;

use async_trait::async_trait;

use crate::transport::{Method, Request, Response, Transport, TransportError};

/// Longest wait for one answer. Short, because every call is repeated anyway.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The largest value KV can hold, with room to spare.
const MAX_BODY: usize = 32 * 1024 * 1024;

#[derive(Clone)]
pub struct ReqwestTransport(reqwest::Client);

impl ReqwestTransport {
    /// # Errors
    /// When TLS can't be set up.
    pub fn new() -> Result<Self, TransportError> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // The API never redirects, and a redirect must not get the token.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("nexus-admin/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(failure)?;
        Ok(Self(client))
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Put => reqwest::Method::PUT,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.0.request(method, &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if !request.body.is_empty() {
            builder = builder.body(request.body);
        }
        let mut response = builder.send().await.map_err(failure)?;
        let headers = response
            .headers()
            .iter()
            .filter_map(|(n, v)| Some((n.as_str().to_owned(), v.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(TransportError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status: response.status().as_u16(),
            headers,
            body,
        })
    }

    async fn sleep(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    fn random(&self) -> u64 {
        // Only jitter: without randomness all wait equally long.
        getrandom::u64().unwrap_or(0)
    }
}

fn failure(error: reqwest::Error) -> TransportError {
    if error.is_timeout() {
        TransportError::Timeout
    } else {
        TransportError::Connection(error.without_url().to_string())
    }
}

//! What the client needs from its host: a way to send a request, to wait, and
//! to draw a number.

use async_trait::async_trait;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Put,
    Post,
    Delete,
}

impl Method {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A whole request. Has no Debug: its headers carry the API token.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// No usable answer. Whether the request was carried out is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    #[error("no answer in time")]
    Timeout,
    #[error("connection: {0}")]
    Connection(String),
    #[error("the answer is larger than allowed")]
    TooLarge,
}

#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends it once; must give up by itself after a few seconds.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;

    /// Waits, in milliseconds.
    async fn sleep(&self, ms: u64);

    /// Any number, for jitter.
    fn random(&self) -> u64;
}

//! The client: address, credentials, and what every call has in common.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use crate::envelope;
use crate::error::Result;
use crate::retry::Retries;
use crate::transport::{Method, Request, Response, Transport};

/// One account's API. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    base_url: Arc<str>,
    token: Arc<SecretString>,
    account: Arc<str>,
    retries: Retries,
}

impl Client {
    /// `base_url` includes `/client/v4`; `account` is the 32-digit account id.
    pub fn new(
        transport: impl Transport + 'static,
        base_url: &str,
        token: SecretString,
        account: &str,
    ) -> Self {
        Self {
            transport: Arc::new(transport),
            base_url: base_url.trim_end_matches('/').into(),
            token: Arc::new(token),
            account: account.into(),
            retries: Retries::default(),
        }
    }

    /// With another patience.
    #[must_use]
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// `/accounts/<account>` and the given path below it.
    pub(crate) fn in_account(&self, path: &str) -> String {
        format!("/accounts/{}{path}", encode(&self.account))
    }

    /// A call that is safe to repeat, repeated as often as allowed. The answer's
    /// status is a success.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Result<Response> {
        let mut made = 0;
        loop {
            made += 1;
            let error = match self.once(method, path, body.clone()).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            match self.retries.wait_ms(made, &error, self.transport.random()) {
                Some(ms) => self.transport.sleep(ms).await,
                None => return Err(error),
            }
        }
    }

    /// A call that is made once, whatever happens.
    pub(crate) async fn once(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Result<Response> {
        let bearer = format!("Bearer {}", self.token.expose_secret());
        let mut headers = vec![("authorization", bearer)];
        let body = body.map(|(kind, bytes)| {
            headers.push(("content-type", kind.to_owned()));
            bytes
        });
        let request = Request {
            method,
            url: format!("{}{path}", self.base_url),
            headers,
            body: body.unwrap_or_default(),
        };
        let response = self.transport.send(request).await?;
        envelope::check(&response)?;
        Ok(response)
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters, so that the
/// text stays one segment of a path or one value of a query.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_one_segment() {
        assert_eq!(encode("snapshot:production"), "snapshot%3Aproduction");
        assert_eq!(encode("../a b/é?#"), "..%2Fa%20b%2F%C3%A9%3F%23");
    }
}

//! Where requests may go: this machine and nowhere else.

use std::str::FromStr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use url::{Host, Url};

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Most that is read of an answer.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

pub(super) type Client = HyperClient<HttpConnector, Full<Bytes>>;

/// `http://` with a loopback host; no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetUrl(String);

impl TargetUrl {
    /// The address of a path at this target; the path starts with a slash.
    pub(super) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl std::fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TargetUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|error| format!("{text}: {error}"))?;
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if url.scheme() != "http" || !loopback {
            return Err(format!(
                "{text}: demo traffic goes only to http:// on this machine's loopback"
            ));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || !url.username().is_empty() {
            return Err(format!("{text}: give scheme, host and port only"));
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

pub(super) fn client() -> Client {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(Duration::from_secs(2)));
    HyperClient::builder(TokioExecutor::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .build(connector)
}

/// An answer that has come to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Sends and reads to the end; `None` without a complete answer in time.
pub(super) async fn send(client: &Client, request: Request<Full<Bytes>>) -> Option<Answer> {
    let answer = async {
        let (head, body) = client.request(request).await.ok()?.into_parts();
        let body = Limited::new(Body::new(body), MAX_ANSWER_BYTES)
            .collect()
            .await
            .ok()?;
        Some(Answer {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes(),
        })
    };
    tokio::time::timeout(TIMEOUT, answer).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::TargetUrl;

    #[test]
    fn only_loopback_is_a_target() {
        for good in [
            "http://127.0.0.1:7820",
            "http://localhost:1/",
            "http://[::1]:2",
            "http://127.9.9.9",
        ] {
            assert!(good.parse::<TargetUrl>().is_ok(), "{good}");
        }
        for bad in [
            "https://127.0.0.1",
            "http://example.com",
            "http://10.0.0.1",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://a@127.0.0.1",
            "http://127.0.0.1/x",
            "127.0.0.1:7820",
            "http://0.0.0.0:80",
            "http://127.0.0.1@example.com",
        ] {
            assert!(bad.parse::<TargetUrl>().is_err(), "{bad}");
        }
    }
}

//! Where load may go: `http://127.0.0.1:<port>/…`, nothing else.

use anyhow::{Context as _, Result, bail};
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// A loopback address with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// With the query, starting with a slash.
    pub(crate) path: String,
}

impl FromStr for Target {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> Result<Self> {
        let uri: hyper::Uri = url.parse().context("not a URL")?;
        if uri.scheme_str() != Some("http") || uri.host() != Some("127.0.0.1") {
            bail!("load is sent to http://127.0.0.1:<port> only, not to {url}");
        }
        let port = uri.port_u16().context("the URL needs a port")?;
        let path = uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        Ok(Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn only_this_machine_is_a_target() {
        let target: Target = "http://127.0.0.1:7810/experiments?q=a".parse().unwrap();
        assert_eq!(
            (target.address.port(), target.path.as_str()),
            (7810, "/experiments?q=a")
        );
        for bad in [
            "http://example.com:80/",
            "https://127.0.0.1:1/",
            "http://127.0.0.1/",
            "http://localhost:80/",
            "x",
        ] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }
}

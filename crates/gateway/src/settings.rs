//! How one gateway is configured, apart from snapshots.

use std::fmt;
use std::time::Duration;

use http::uri::{Authority, Scheme, Uri};
use http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq;

use crate::limits::{DEFAULT_EVENTS_RATE, DEFAULT_SDK_RATE};
use crate::own_pages::OWN_PATHS;

/// Everything a gateway is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Names this gateway in telemetry.
    pub gateway_id: String,
    /// Obeys only snapshots for this environment.
    pub environment: String,
    /// The first is the default.
    pub deployments: Vec<Deployment>,
    /// Where visitors' pages report conversions.
    pub events_path: String,
    /// Web origins besides the gateway's own that may report, such as
    /// `https://shop.example`.
    pub events_origins: Vec<String>,
    /// Whether the visitor's cookie is only sent over TLS; never asked for on
    /// `http://localhost`. False only where a network without TLS is wanted.
    pub secure_cookie: bool,
    /// Largest request body that is forwarded.
    pub max_body_bytes: u64,
    /// Longest wait for the body of a request to the gateway itself, for more of one that is
    /// forwarded, and for a stream to be read on.
    pub body_patience: Duration,
    /// Below this path, which ends with a slash, SDKs' pages are.
    pub sdk_path: &'static str,
    /// Whether events are taken only from who shows an SDK key: the host is no site's own.
    pub events_need_key: bool,
    /// Events a second that one address may report for long without a key; 0 for any number.
    pub events_rate: u32,
    /// Whether events are answered only once they are counted: the host is the console.
    pub counts_at_once: bool,
    /// Streams of changes that are kept open for SDKs. None in a Worker: between requests
    /// it is nobody.
    pub max_streams: usize,
    /// Requests, events and twenties of flags a second that each SDK key may cost for long; 0
    /// for any number.
    pub sdk_rate: u32,
    /// Opens the whole of `/__nexus/status`; without it the page tells the version only.
    pub status_token: Option<StatusToken>,
    /// Opens `POST /__nexus/decide`, which decides contexts without serving them. For
    /// tests only.
    pub test_decide: bool,
}

/// Who shows it may know how the gateway fares. It can't be printed.
#[derive(Clone)]
pub struct StatusToken(Box<str>);

/// A service that answers requests.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    pub(crate) name: Box<str>,
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
    pub(crate) host: HeaderValue,
}

/// What is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("at least one origin is needed, as name=url")]
    NoOrigin,
    #[error("{0:?} is not name=url with an http or https URL that has no path")]
    Origin(String),
    #[error("the origin {0:?} is there twice")]
    DuplicateOrigin(String),
    #[error("the events path {0:?} must start with a slash and lie outside /__nexus/")]
    EventsPath(String),
    #[error("{0:?} is not a web origin such as https://shop.example")]
    EventsOrigin(String),
}

impl Settings {
    /// Usual settings; `origins` is `name=url[,name=url…]`, the first is the default.
    ///
    /// # Errors
    /// When an origin is not usable.
    pub fn new(gateway_id: &str, environment: &str, origins: &str) -> Result<Self, SettingsError> {
        Ok(Self {
            gateway_id: gateway_id.to_owned(),
            environment: environment.to_owned(),
            deployments: parse_deployments(origins)?,
            events_path: "/events".to_owned(),
            events_origins: Vec::new(),
            secure_cookie: true,
            max_body_bytes: 100 * 1024 * 1024,
            body_patience: Duration::from_secs(10),
            sdk_path: OWN_PATHS,
            events_need_key: false,
            events_rate: DEFAULT_EVENTS_RATE,
            counts_at_once: false,
            max_streams: 0,
            sdk_rate: DEFAULT_SDK_RATE,
            status_token: None,
            test_decide: false,
        })
    }

    /// Of a host that has SDKs' pages only, and no origins: they are at its root.
    #[must_use]
    pub fn for_sdks(environment: &str) -> Self {
        Self {
            gateway_id: String::new(),
            environment: environment.to_owned(),
            deployments: Vec::new(),
            events_path: String::new(),
            events_origins: Vec::new(),
            secure_cookie: true,
            max_body_bytes: 0,
            body_patience: Duration::ZERO,
            sdk_path: "/",
            events_need_key: true,
            events_rate: 0,
            counts_at_once: true,
            max_streams: 0,
            sdk_rate: DEFAULT_SDK_RATE,
            status_token: None,
            test_decide: false,
        }
    }

    /// With another events path and with the web origins that may use it.
    ///
    /// # Errors
    /// When one of them is not usable.
    pub fn with_events(
        mut self,
        path: &str,
        origins: impl IntoIterator<Item = String>,
    ) -> Result<Self, SettingsError> {
        if !path.starts_with('/') || path.starts_with("/__nexus/") {
            return Err(SettingsError::EventsPath(path.to_owned()));
        }
        path.clone_into(&mut self.events_path);
        self.events_origins = origins
            .into_iter()
            .filter(|origin| !origin.is_empty())
            .collect();
        match self
            .events_origins
            .iter()
            .find(|origin| !is_web_origin(origin))
        {
            Some(bad) => Err(SettingsError::EventsOrigin(bad.clone())),
            None => Ok(self),
        }
    }

    /// Whether streams are kept at all.
    pub(crate) const fn has_streams(&self) -> bool {
        self.max_streams > 0
    }

    /// The deployment of this name, or the default when there is none.
    pub(crate) fn deployment(&self, name: Option<&str>) -> Option<&Deployment> {
        name.and_then(|name| {
            self.deployments
                .iter()
                .find(|deployment| *deployment.name == *name)
        })
        .or_else(|| self.deployments.first())
    }
}

impl StatusToken {
    #[must_use]
    pub fn new(token: &str) -> Self {
        Self(token.into())
    }

    /// Whether it stands in `Authorization`.
    pub(crate) fn is_shown(&self, headers: &HeaderMap) -> bool {
        let shown = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        shown.is_some_and(|shown| shown.ct_eq(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for StatusToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatusToken")
    }
}

impl Deployment {
    /// Its name, as variants call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn parse(text: &str) -> Option<Self> {
        let (name, url) = text.trim().split_once('=')?;
        let known = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || !name.chars().all(known) {
            return None;
        }
        let parts = url.parse::<Uri>().ok()?.into_parts();
        let path = parts
            .path_and_query
            .as_ref()
            .map_or("/", |path| path.as_str());
        let (scheme, authority) = (parts.scheme?, parts.authority?);
        let http = scheme == Scheme::HTTP || scheme == Scheme::HTTPS;
        if !http || path != "/" || authority.as_str().contains('@') {
            return None;
        }
        let host = HeaderValue::from_str(authority.as_str()).ok()?;
        Some(Self {
            name: name.into(),
            scheme,
            authority,
            host,
        })
    }
}

fn parse_deployments(text: &str) -> Result<Vec<Deployment>, SettingsError> {
    let mut deployments: Vec<Deployment> = Vec::new();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let deployment =
            Deployment::parse(part).ok_or_else(|| SettingsError::Origin(part.to_owned()))?;
        if deployments
            .iter()
            .any(|known| known.name == deployment.name)
        {
            return Err(SettingsError::DuplicateOrigin(deployment.name.into()));
        }
        deployments.push(deployment);
    }
    if deployments.is_empty() {
        return Err(SettingsError::NoOrigin);
    }
    Ok(deployments)
}

fn is_web_origin(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.parse::<Authority>().is_ok() && !rest.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_origin_is_the_default() {
        let settings = Settings::new(
            "g",
            "staging",
            "stable=http://127.0.0.1:7831,canary=https://c.example/",
        )
        .unwrap();
        let name = |wanted| settings.deployment(wanted).unwrap().name();
        assert_eq!(name(None), "stable");
        assert_eq!(name(Some("canary")), "canary");
        assert_eq!(name(Some("unheard-of")), "stable");
    }

    #[test]
    fn unusable_settings_are_named() {
        for bad in [
            "a",
            "=http://x",
            "a=ftp://x",
            "a=http://x/path",
            "a=http://u@x",
            "a b=http://x",
            "a=/x",
        ] {
            assert_eq!(
                Settings::new("g", "e", bad).err(),
                Some(SettingsError::Origin(bad.to_owned()))
            );
        }
        assert_eq!(
            Settings::new("g", "e", " , ").err(),
            Some(SettingsError::NoOrigin)
        );
        let twice = Settings::new("g", "e", "a=http://x,a=http://y").err();
        assert_eq!(twice, Some(SettingsError::DuplicateOrigin("a".to_owned())));
        let good = Settings::new("g", "e", "a=http://x").unwrap();
        assert!(
            good.clone()
                .with_events("/e", ["https://shop.example".to_owned()])
                .is_ok()
        );
        for (path, origin) in [
            ("e", ""),
            ("/__nexus/x", ""),
            ("/e", "shop.example"),
            ("/e", "https://a/b"),
        ] {
            assert!(
                good.clone().with_events(path, [origin.to_owned()]).is_err(),
                "{path} {origin}"
            );
        }
    }
}

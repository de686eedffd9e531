//! Where a request goes, what the origin is told, and what is reported of it.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri, Version, header};
use nexus_flags::{Decisions, Engine};
use uuid::Uuid;

use crate::context::{Attributes, Circumstances, Subdivision};
use crate::decision::{DECISION_HEADER, Decided};
use crate::device;
use crate::headers::{Provenance, REQUEST_ID, forward};
use crate::identity::Identity;
use crate::pipeline::{Gateway, Peer};
use crate::ports::Ports;
use crate::qa::told;
use crate::settings::Deployment;
use crate::telemetry::{Assignment, Event};

/// What was decided about a request, kept until its outcome is known.
pub(crate) struct Exposure {
    pub(crate) unit: String,
    pub(crate) engine: Arc<Engine>,
    pub(crate) decisions: Decisions,
    pub(crate) circumstances: Circumstances,
    colo: Option<String>,
}

/// A request on its way to an origin.
pub(crate) struct Route<'g> {
    pub(crate) deployment: &'g Deployment,
    decision: Option<HeaderValue>,
    /// Whether the answer may depend on who asks.
    pub(crate) is_personal: bool,
    /// To be set, for a visitor who had no id.
    pub(crate) cookie: Option<HeaderValue>,
    /// When the request takes part in an experiment and counts.
    pub(crate) exposure: Option<Exposure>,
    /// What a tester's links force, in words; such a request counts nowhere.
    pub(crate) forced: Option<HeaderValue>,
}

/// What became of a request.
pub(crate) struct Outcome<'a> {
    pub(crate) status: u16,
    pub(crate) duration_us: u64,
    /// As events carry it.
    pub(crate) path: String,
    pub(crate) deployment: &'a str,
}

impl Exposure {
    pub(crate) fn into_event(self, id: Uuid, outcome: Outcome<'_>) -> Event {
        Event::Request {
            id,
            at_ms: self.circumstances.now_ms,
            assignments: assignments(&self.engine, &self.decisions),
            unit: self.unit,
            status: outcome.status,
            duration_ms: outcome.duration_us as f64 / 1000.0,
            country: self
                .circumstances
                .country
                .map(|country| country.as_str().to_owned()),
            colo: self.colo,
            device: self.circumstances.device.as_str().to_owned(),
            browser: self.circumstances.browser.map(str::to_owned),
            path: outcome.path,
            deployment: outcome.deployment.to_owned(),
        }
    }
}

impl Gateway {
    /// Decides; without a snapshot everything goes to the default origin, untouched.
    pub(crate) fn route(
        &self,
        ports: &impl Ports,
        peer: Peer<'_>,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Option<Route<'_>> {
        let current = self.snapshots.current();
        let Some(engine) = current.as_ref() else {
            let deployment = self.settings.deployment(None)?;
            return Some(Route {
                deployment,
                decision: None,
                is_personal: false,
                cookie: None,
                exposure: None,
                forced: None,
            });
        };
        let identity = Identity::of(headers, peer.user).or_new(ports);
        let circumstances = Circumstances::of(headers, country(peer, headers), ports.now_ms());
        let region = region(peer, headers);
        let subdivision = Subdivision::of(circumstances.country, region);
        let attributes = Attributes::of(headers)
            .and("path", Some(uri.path()))
            .and("browser", device::browser(headers))
            .and("region", region)
            .and("subdivision", subdivision.as_ref().map(Subdivision::as_str));
        let context = circumstances.context(&identity.unit, &attributes);
        let mut decisions = Decisions::with_capacity(4);
        engine.decide(&context, &mut decisions);
        let forced = self.forced(engine, headers, circumstances.now_ms);
        let counted = ports.evaluations().filter(|_| forced.is_empty());
        let decided = Decided {
            engine,
            decisions: &decisions,
            deployment: "",
            counted: counted.map(|to| (engine, to)),
            forced: &forced,
        };
        let deployment = self.settings.deployment(decided.wanted_deployment())?;
        let decided = Decided {
            deployment: deployment.name(),
            ..decided
        };
        let (decision, omitted) = decided.header(&context);
        // A tester's requests are forgotten.
        if let Some(sampling) = ports.sampling().filter(|_| forced.is_empty()) {
            sampling.consider(engine, &context);
        }
        let secure = self.settings.secure_cookie && !is_plain_development(peer, headers);
        let cookie = identity.cookie(secure);
        let is_personal = !decisions.is_empty() || engine.flag_count() > 0 || !forced.is_empty();
        let told = told(&forced);
        // Who does not get what a variant sets has not seen it: counting them would make the
        // experiment a comparison of nothing with nothing.
        if !omitted.is_empty() {
            engine.retain(&mut decisions, |decision| {
                !omitted
                    .iter()
                    .any(|name| decision.features().contains_key(name))
            });
        }
        let counts = decision.is_some() && !decisions.is_empty() && forced.is_empty();
        let exposure = counts.then(|| Exposure {
            unit: identity.unit,
            engine: Arc::clone(engine),
            decisions,
            circumstances,
            colo: colo(peer, headers),
        });
        Some(Route {
            deployment,
            decision,
            is_personal,
            cookie,
            exposure,
            forced: told,
        })
    }

    /// Makes the request the origin's.
    pub(crate) fn ready(
        &self,
        parts: &mut Parts,
        peer: Peer<'_>,
        route: &Route<'_>,
        id: Option<&HeaderValue>,
    ) {
        let from = Provenance {
            ip: peer.ip,
            https: peer.https,
            trusted: peer.trusted,
            version: parts.version,
        };
        forward(
            &mut parts.headers,
            &parts.uri,
            &from,
            &route.deployment.host,
        );
        if let Some(id) = id {
            parts.headers.insert(REQUEST_ID, id.clone());
        }
        if let Some(decision) = &route.decision {
            parts.headers.insert(DECISION_HEADER, decision.clone());
        }
        let mut uri = std::mem::take(&mut parts.uri).into_parts();
        uri.scheme = Some(route.deployment.scheme.clone());
        uri.authority = Some(route.deployment.authority.clone());
        parts.uri = Uri::from_parts(uri).unwrap_or_default();
        parts.version = Version::HTTP_11;
    }
}

fn assignments(engine: &Engine, decisions: &Decisions) -> Vec<Assignment> {
    let assigned = engine.decided(decisions).map(|decision| Assignment {
        experiment: decision.experiment_id().to_owned(),
        variant: decision.variant_key().to_owned(),
        version: engine.version(),
    });
    assigned.collect()
}

/// Where the visitor is.
pub(crate) fn country<'a>(peer: Peer<'a>, headers: &'a HeaderMap) -> Option<&'a str> {
    let header = || {
        headers
            .get("cf-ipcountry")
            .and_then(|value| value.to_str().ok())
    };
    peer.country.or_else(|| peer.trusted.then(header).flatten())
}

fn region<'a>(peer: Peer<'a>, headers: &'a HeaderMap) -> Option<&'a str> {
    let header = || headers.get("cf-region-code")?.to_str().ok();
    peer.region.or_else(|| peer.trusted.then(header).flatten())
}

/// The data centre: Cloudflare ends its ray id with it (`…-NRT`).
fn colo(peer: Peer<'_>, headers: &HeaderMap) -> Option<String> {
    let from_ray = || {
        headers
            .get("cf-ray")?
            .to_str()
            .ok()?
            .rsplit_once('-')
            .map(|(_, colo)| colo)
    };
    let colo = peer
        .colo
        .or_else(|| peer.trusted.then(from_ray).flatten())?;
    let is_code =
        (3..=4).contains(&colo.len()) && colo.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| colo.to_ascii_lowercase())
}

/// Whether somebody tries the gateway on their own machine, without TLS.
pub(crate) fn is_plain_development(peer: Peer<'_>, headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .map_or(&[][..], |host| host.as_bytes());
    let is_local = |name: &str| {
        host.strip_prefix(name.as_bytes())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(b":"))
    };
    !peer.https
        && !headers.contains_key("x-forwarded-proto")
        && ["127.0.0.1", "localhost", "[::1]"]
            .into_iter()
            .any(is_local)
}

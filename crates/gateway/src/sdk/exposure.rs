//! Exposures that happen in SDKs.
//!
//! They travel as requests do, without an origin: what the console counts is the unit, its
//! variant and the time.

use std::sync::Arc;

use nexus_flags::Engine;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use uuid::Uuid;

use super::ofrep::Dealt;
use crate::context::Circumstances;
use crate::conversions::{Sent, sent};
use crate::ports::Ports;
use crate::report::record;
use crate::telemetry::{Assignment, Event};

/// What the gateway knows of whoever claims exposures.
pub(crate) struct Claims {
    pub(crate) engine: Arc<Engine>,
    /// Of the request, where a visitor sends it.
    pub(crate) visitor: Option<Circumstances>,
}

/// `{"type":"exposure","id":uuid,"experiment":s,"variant":s,"unit"?:s,"at"?:RFC 3339}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    id: String,
    experiment: String,
    variant: String,
    unit: Option<String>,
    at: Option<String>,
}

impl Claims {
    /// Takes a claim if the engine would have dealt so. What targeting asks for is the
    /// claimant's to know.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn event(&self, item: Value, sender: &str, now_ms: i64) -> Result<Event, String> {
        let claim: Claim = serde_json::from_value(item).map_err(|error| error.to_string())?;
        let Sent { id, unit, at_ms } = sent(&claim.id, claim.unit, claim.at, sender, now_ms)?;
        let dealt = self.engine.dealt(&claim.experiment, &unit, at_ms);
        if dealt != Some(&*claim.variant) {
            return Err(match dealt {
                Some(_) => "the experiment deals this unit another variant".to_owned(),
                None => "no such experiment runs then, or it leaves this unit out".to_owned(),
            });
        }
        let seen = Seen {
            id,
            unit: &unit,
            version: self.engine.version(),
            visitor: self.visitor.as_ref(),
        };
        Ok(seen.event(at_ms, vec![(claim.experiment, claim.variant)]))
    }
}

/// Somebody who was exposed.
pub(super) struct Seen<'a> {
    pub(super) id: Uuid,
    pub(super) unit: &'a str,
    /// Of the snapshot that decided.
    pub(super) version: u64,
    pub(super) visitor: Option<&'a Circumstances>,
}

impl Seen<'_> {
    /// Reports the exposure, unless the same was reported lately.
    pub(super) fn report(&self, ports: &impl Ports, dealt: Vec<Dealt>) {
        if dealt.is_empty() {
            return;
        }
        let pairs = dealt.iter().map(|(one, variant)| (&**one, &**variant));
        let news = ports
            .repeats()
            .map(|repeats| (repeats, repeats.news(self.unit, pairs, false)));
        if news.is_some_and(|(repeats, news)| repeats.counted(news, false)) {
            return;
        }
        let now_ms = ports.now_ms();
        let is_told = record(ports, self.event(now_ms, dealt));
        if let Some((repeats, news)) = news.filter(|_| is_told) {
            repeats.remember(news, now_ms);
        }
    }

    fn event(&self, at_ms: i64, dealt: Vec<Dealt>) -> Event {
        let assignment = |(experiment, variant)| Assignment {
            experiment,
            variant,
            version: self.version,
        };
        let country = self.visitor.and_then(|visitor| visitor.country);
        let device = self.visitor.map(|visitor| visitor.device);
        let browser = self.visitor.and_then(|visitor| visitor.browser);
        Event::Request {
            id: self.id,
            at_ms,
            unit: self.unit.to_owned(),
            assignments: dealt.into_iter().map(assignment).collect(),
            status: 200,
            duration_ms: 0.0,
            country: country.map(|country| country.as_str().to_owned()),
            colo: None,
            device: device.unwrap_or_default().as_str().to_owned(),
            browser: browser.map(str::to_owned),
            path: String::new(),
            deployment: String::new(),
        }
    }
}

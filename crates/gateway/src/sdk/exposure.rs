//! Exposures that happen in SDKs.
//!
//! They travel as requests do, without an origin: what the console counts is the unit, its
//! variant and the time.

use std::sync::Arc;

use nexus_flags::{CountryCode, Device, Engine};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use uuid::Uuid;

use super::ofrep::Dealt;
use crate::context::Circumstances;
use crate::conversions::{Evaluation, Sent, sent};
use crate::device;
use crate::ports::Ports;
use crate::report::record;
use crate::telemetry::{Assignment, Event};

/// How long after a snapshot claims of what it no longer has are passed on: applications hear of
/// it with a delay, and clocks differ.
const LEFT_GRACE_MS: i64 = 60_000;
/// Most that one sum of evaluations stands for.
const MAX_EVALUATIONS: u64 = 10_000;
/// Longest id of an experiment.
const MAX_EXPERIMENT_BYTES: usize = 128;

/// What the gateway knows of whoever claims exposures.
pub(crate) struct Claims {
    pub(crate) engine: Arc<Engine>,
    /// Of the request, where a visitor sends it.
    pub(crate) visitor: Option<Circumstances>,
}

/// `{"type":"exposure","id":uuid,"experiment":s,"variant":s,"unit"?:s,"at"?:RFC 3339,
/// "failed"?:bool}`, and of a service `"country"`, `"device"` and `"browser"`.
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
    /// What the variant showed broke.
    #[serde(default)]
    failed: bool,
    country: Option<String>,
    device: Option<String>,
    browser: Option<String>,
}

impl Claims {
    /// Takes a claim if the engine would have dealt so. What targeting asks for is the
    /// claimant's to know. An experiment that has left the snapshot may have run when the
    /// exposure happened: the console knows.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn event(&self, item: Value, sender: &str, now_ms: i64) -> Result<Event, String> {
        let claim: Claim = serde_json::from_value(item).map_err(|error| error.to_string())?;
        let looks = self.looks(&claim)?;
        let Sent { id, unit, at_ms } = sent(&claim.id, claim.unit, claim.at, sender, now_ms)?;
        let dealt = self.engine.dealt(&claim.experiment, &unit, at_ms);
        let is_of_the_past = self.may_have_run(&claim.experiment, at_ms);
        if !is_of_the_past && dealt != Some(&*claim.variant) {
            return Err(match dealt {
                Some(_) => "the experiment deals this unit another variant".to_owned(),
                None => "no such experiment runs then, or it leaves this unit out".to_owned(),
            });
        }
        let seen = Seen {
            id,
            unit: &unit,
            version: if is_of_the_past {
                0
            } else {
                self.engine.version()
            },
            looks,
            failed: claim.failed,
        };
        Ok(seen.event(at_ms, vec![(claim.experiment, claim.variant)]))
    }

    /// Takes a sum of what a flag gave.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn evaluation(&self, item: Value) -> Result<Evaluation, String> {
        let mut told: Evaluation =
            serde_json::from_value(item).map_err(|error| error.to_string())?;
        if self.engine.flag_value(&told.flag, None).is_none() {
            return Err("there is no such flag".to_owned());
        }
        // Anybody may have a client's key: values that nobody gets would fill the counts.
        let Some(value) = self.engine.possible_value(&told.flag, &told.value) else {
            return Err("the flag gives nobody this value".to_owned());
        };
        if !(1..=MAX_EVALUATIONS).contains(&told.count) {
            return Err(format!("count must be 1 to {MAX_EVALUATIONS}"));
        }
        told.value = value.clone();
        Ok(told)
    }

    /// Whether it was paused or stopped by a newer snapshot than the one in which this happened.
    fn may_have_run(&self, experiment: &str, at_ms: i64) -> bool {
        let until_ms = self.engine.created_ms().saturating_add(LEFT_GRACE_MS);
        let is_name = experiment.len() <= MAX_EXPERIMENT_BYTES;
        is_name && at_ms <= until_ms && !self.engine.has_experiment(experiment)
    }

    fn looks(&self, claim: &Claim) -> Result<Looks, String> {
        let told = [&claim.country, &claim.device, &claim.browser];
        match &self.visitor {
            None => Looks::told(told.map(Option::as_deref)),
            Some(visitor) if told.iter().all(|one| one.is_none()) => Ok(Looks::of(visitor)),
            Some(_) => Err(
                "country, device and browser are read off the request; only a server key says them"
                    .to_owned(),
            ),
        }
    }
}

/// By what the console breaks its counts down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Looks {
    country: Option<CountryCode>,
    device: Option<Device>,
    browser: Option<&'static str>,
}

impl Looks {
    pub(super) const fn of(visitor: &Circumstances) -> Self {
        Self {
            country: visitor.country,
            device: Some(visitor.device),
            browser: visitor.browser,
        }
    }

    /// What somebody says of a user: country, device and browser.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn told([country, device, browser]: [Option<&str>; 3]) -> Result<Self, String> {
        let country = country.map(CountryCode::new).transpose();
        let device = device.map(|device| {
            let mut all = Device::ALL.into_iter();
            let found = all.find(|known| known.as_str() == device);
            found.ok_or("device must be desktop, mobile, tablet, bot or other")
        });
        Ok(Self {
            country: country.map_err(|_| "country must be two letters (ISO 3166)")?,
            device: device.transpose()?,
            browser: browser.map(device::named),
        })
    }

    /// What an SDK's context says, as far as it makes sense.
    pub(super) fn in_context(told: [Option<&str>; 3]) -> Self {
        let [country, device, browser] = told;
        let known = |one| Self::told(one).unwrap_or_default();
        Self {
            country: known([country, None, None]).country,
            device: known([None, device, None]).device,
            browser: known([None, None, browser]).browser,
        }
    }

    pub(super) fn is_bot(self) -> bool {
        self.device == Some(Device::Bot)
    }

    /// With what is not known taken from another. A bot is one whoever says so.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            country: self.country.or(other.country),
            device: if other.is_bot() {
                other.device
            } else {
                self.device.or(other.device)
            },
            browser: self.browser.or(other.browser),
        }
    }
}

/// Somebody who was exposed.
pub(super) struct Seen<'a> {
    pub(super) id: Uuid,
    pub(super) unit: &'a str,
    /// Of the snapshot that decided; 0 where the console is to check.
    pub(super) version: u64,
    pub(super) looks: Looks,
    /// Counts as an error, as a request with the status 500 does.
    pub(super) failed: bool,
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
            .map(|repeats| (repeats, repeats.news(self.unit, pairs, false, 0)));
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
        let Looks {
            country,
            device,
            browser,
        } = self.looks;
        Event::Request {
            id: self.id,
            at_ms,
            unit: self.unit.to_owned(),
            assignments: dealt.into_iter().map(assignment).collect(),
            status: if self.failed { 500 } else { 200 },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_checked_and_a_context_is_taken_as_far_as_it_makes_sense() {
        let told = Looks::told([Some("jp"), Some("mobile"), Some("netscape")]).unwrap();
        let country = told.country.unwrap();
        assert_eq!(
            (country.as_str(), told.device, told.browser),
            ("JP", Some(Device::Mobile), Some("other"))
        );
        assert!(Looks::told([Some("Japan"), None, None]).is_err());
        assert!(Looks::told([None, Some("phone"), None]).is_err());
        let half = Looks::in_context([Some("Japan"), Some("bot"), Some("safari")]);
        assert_eq!((half.country, half.device), (None, Some(Device::Bot)));
        assert_eq!(half.browser, Some("safari"));
    }

    #[test]
    fn gaps_are_filled_and_a_bot_is_one_whoever_says_so() {
        let of = |told| Looks::told(told).unwrap();
        let request = of([None, Some("desktop"), None]);
        let context = of([Some("JP"), Some("mobile"), None]);
        assert_eq!(request.or(context), of([Some("JP"), Some("desktop"), None]));
        let bot = of([None, Some("bot"), None]);
        assert_eq!(request.or(bot).device, Some(Device::Bot));
        assert_eq!(bot.or(request).device, Some(Device::Bot));
    }
}

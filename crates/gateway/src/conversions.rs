//! What visitors' pages and SDKs report: conversions, and by an SDK key exposures and what flags
//! gave.
//!
//! `{"events":[{"id":uuid,"metric":s,"value"?:n,"unit"?:s,"at"?:RFC 3339}]}`: at most 100
//! events in 64 KiB, each of the `"type"` `"conversion"`, which may be left out, `"exposure"` (see
//! [`Claims`]) or `"evaluation"` (`{"type":"evaluation","flag":s,"value":any,"count"?:n}`: a sum,
//! so it has no id, and one that is sent twice counts twice). The unit defaults to the sender's identity, the time to now. Each
//! event stands for itself: a bad one is named in the answer and the others are taken.
//! The id makes sending twice harmless.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::identity::is_unit;
use crate::limits::{MAX_EVENT_AGE_MS, MAX_EVENT_LEAD_MS, MAX_EVENTS_PER_REQUEST};
use crate::ports::Kept;
use crate::sdk::Claims;
use crate::telemetry::Event;
use crate::time::parse_rfc3339;

/// Largest amount of a value, as the console takes it.
const MAX_VALUE: f64 = 1e9;
/// Longest name of a metric.
const MAX_METRIC_BYTES: usize = 64;

#[derive(Deserialize)]
struct Report {
    events: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    #[serde(default, rename = "type")]
    _type: IgnoredAny,
    id: String,
    metric: String,
    value: Option<f64>,
    unit: Option<String>,
    at: Option<String>,
}

/// What became of a report; the body of the answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    /// They wait in the gateway's memory.
    Queued {
        queued: usize,
        rejected: Vec<Rejected>,
    },
    /// The console has them for good.
    Counted {
        accepted: usize,
        rejected: Vec<Rejected>,
    },
}

/// What a report says.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) events: Vec<Event>,
    /// Where in the report each of them stood.
    pub(crate) places: Vec<usize>,
    pub(crate) evaluations: Vec<Evaluation>,
    pub(crate) rejected: Vec<Rejected>,
}

/// How often an SDK that decides by itself gave a value.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evaluation {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    pub(crate) flag: String,
    pub(crate) value: Value,
    #[serde(default = "once")]
    pub(crate) count: u64,
}

const fn once() -> u64 {
    1
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Rejected {
    pub(crate) index: usize,
    pub(crate) problem: String,
}

/// Reads a report sent by `unit` (empty when unknown). Only who shows a key may claim
/// exposures and evaluations.
///
/// # Errors
/// What is wrong with the report as a whole.
pub(crate) fn read(
    body: &[u8],
    unit: &str,
    now_ms: i64,
    claims: Option<&Claims>,
) -> Result<Told, String> {
    let report: Report =
        serde_json::from_slice(body).map_err(|error| format!("not a report: {error}"))?;
    if report.events.len() > MAX_EVENTS_PER_REQUEST {
        return Err(format!(
            "at most {MAX_EVENTS_PER_REQUEST} events are taken at once"
        ));
    }
    let mut told = Told::default();
    for (index, item) in report.events.into_iter().enumerate() {
        let event = match (item.get("type").and_then(Value::as_str), claims) {
            (Some("exposure"), Some(claims)) => claims.event(item, unit, now_ms),
            (Some("evaluation"), Some(claims)) => match claims.evaluation(item) {
                Ok(evaluation) => {
                    told.evaluations.push(evaluation);
                    continue;
                }
                Err(problem) => Err(problem),
            },
            (Some(kind @ ("exposure" | "evaluation")), None) => {
                Err(format!("an {kind} needs an SDK key"))
            }
            _ => conversion(item, unit, now_ms),
        };
        match event {
            Ok(event) => {
                told.events.push(event);
                told.places.push(index);
            }
            Err(problem) => told.rejected.push(Rejected { index, problem }),
        }
    }
    Ok(told)
}

impl Told {
    /// How many events somebody sent.
    pub(crate) fn size(&self) -> u64 {
        (self.events.len() + self.evaluations.len() + self.rejected.len()) as u64
    }
}

impl Outcome {
    /// After the events of a report were kept.
    pub(crate) fn of(kept: Kept, told: Told) -> Self {
        let Told {
            places,
            evaluations,
            mut rejected,
            ..
        } = told;
        let taken = places.len() + evaluations.len();
        let Kept::Counted(wrongs) = kept else {
            return Self::Queued {
                queued: taken,
                rejected,
            };
        };
        let before = rejected.len();
        rejected.extend(wrongs.into_iter().filter_map(|wrong| {
            Some(Rejected {
                index: *places.get(wrong.index)?,
                problem: wrong.problem,
            })
        }));
        let accepted = taken.saturating_sub(rejected.len() - before);
        rejected.sort_by_key(|one| one.index);
        Self::Counted { accepted, rejected }
    }
}

fn conversion(item: Value, sender: &str, now_ms: i64) -> Result<Event, String> {
    if item.get("type").is_some_and(|word| word != "conversion") {
        return Err("type must be conversion, exposure or evaluation".to_owned());
    }
    let item: Item = serde_json::from_value(item).map_err(|error| error.to_string())?;
    if !is_metric(&item.metric) {
        return Err("metric must be 1 to 64 of a-z 0-9 - _ and begin with a letter".to_owned());
    }
    if item.value.is_some_and(|value| value.abs() > MAX_VALUE) {
        return Err("value is too large".to_owned());
    }
    let Sent { id, unit, at_ms } = sent(&item.id, item.unit, item.at, sender, now_ms)?;
    Ok(Event::Conversion {
        id,
        at_ms,
        unit,
        metric: item.metric,
        value: item.value,
    })
}

/// What every event has.
pub(crate) struct Sent {
    pub(crate) id: Uuid,
    pub(crate) unit: String,
    pub(crate) at_ms: i64,
}

/// Reads it; the unit defaults to the sender, the time to now.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn sent(
    id: &str,
    unit: Option<String>,
    at: Option<String>,
    sender: &str,
    now_ms: i64,
) -> Result<Sent, String> {
    let id = Uuid::try_parse(id).map_err(|_| "id is not a UUID")?;
    let unit = unit.unwrap_or_else(|| sender.to_owned());
    if unit.is_empty() {
        return Err("unit is missing and the sender has neither user id nor cookie".to_owned());
    }
    if !is_unit(&unit) {
        return Err("unit must be 1 to 128 visible ASCII characters".to_owned());
    }
    let at_ms = match at {
        Some(at) => time(&at, now_ms)?,
        None => now_ms,
    };
    Ok(Sent { id, unit, at_ms })
}

/// The console's rule for names.
fn is_metric(name: &str) -> bool {
    let known = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    name.len() <= MAX_METRIC_BYTES
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(known)
}

fn time(at: &str, now_ms: i64) -> Result<i64, String> {
    let at_ms = parse_rfc3339(at).ok_or("at is not an RFC 3339 time")?;
    let age_ms = now_ms.saturating_sub(at_ms);
    if !(-MAX_EVENT_LEAD_MS..=MAX_EVENT_AGE_MS).contains(&age_ms) {
        return Err("at lies more than 24 hours in the past or 5 minutes in the future".to_owned());
    }
    Ok(at_ms)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ports::Wrong;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
    /// 2023-06-01T00:00:00Z
    const NOW_MS: i64 = 1_685_577_600_000;

    fn one(item: &Value, unit: &str) -> Result<Event, String> {
        let body = json!({ "events": [item] }).to_string();
        let mut told = read(body.as_bytes(), unit, NOW_MS, None).unwrap();
        match (told.events.pop(), told.rejected.pop()) {
            (Some(event), None) => Ok(event),
            (None, Some(rejected)) => Err(rejected.problem),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn defaults_are_the_sender_and_now() {
        let event = one(&json!({ "id": ID, "metric": "purchase" }), "ann").unwrap();
        let expected = Event::Conversion {
            id: ID.parse().unwrap(),
            at_ms: NOW_MS,
            unit: "ann".to_owned(),
            metric: "purchase".to_owned(),
            value: None,
        };
        assert_eq!(event, expected);
    }

    #[test]
    fn everything_given_counts() {
        let item = json!({ "id": ID, "metric": "m", "value": 12.5, "unit": "bob", "at": "2023-06-01T01:00:00+02:00" });
        let Event::Conversion {
            at_ms, unit, value, ..
        } = one(&item, "ann").unwrap()
        else {
            panic!("not a conversion");
        };
        assert_eq!(
            (at_ms, unit.as_str(), value),
            (NOW_MS - 3_600_000, "bob", Some(12.5))
        );
    }

    #[test]
    fn bad_items_are_named() {
        let bad = [
            (json!({ "metric": "m" }), "missing field `id`"),
            (json!({ "id": "x", "metric": "m" }), "id is not a UUID"),
            (json!({ "id": ID, "metric": "" }), "metric must be"),
            (json!({ "id": ID, "metric": "a b" }), "metric must be"),
            (json!({ "id": ID, "metric": "Purchase" }), "metric must be"),
            (json!({ "id": ID, "metric": "a.b" }), "metric must be"),
            (
                json!({ "id": ID, "metric": "m", "value": 1.1e9 }),
                "too large",
            ),
            (
                json!({ "id": ID, "metric": "m", "unit": "a b" }),
                "visible ASCII",
            ),
            (
                json!({ "id": ID, "metric": "m", "at": "yesterday" }),
                "RFC 3339",
            ),
            (
                json!({ "id": ID, "metric": "m", "at": "2023-05-30T00:00:00Z" }),
                "24 hours",
            ),
            (
                json!({ "id": ID, "metric": "m", "at": "2023-06-01T00:06:00Z" }),
                "24 hours",
            ),
            (
                json!({ "id": ID, "metric": "m", "surprise": 1 }),
                "unknown field",
            ),
            (json!("text"), "invalid type"),
        ];
        for (item, problem) in bad {
            let found = one(&item, "ann").unwrap_err();
            assert!(found.contains(problem), "{item}: {found}");
        }
        assert!(
            one(&json!({ "id": ID, "metric": "m" }), "")
                .unwrap_err()
                .contains("unit is missing")
        );
    }

    #[test]
    fn good_ones_are_taken_beside_bad_ones() {
        let body =
            json!({ "events": [{ "id": ID, "metric": "m" }, {}, { "id": ID, "metric": "n" }] });
        let told = read(body.to_string().as_bytes(), "u", NOW_MS, None).unwrap();
        assert_eq!((told.places, told.rejected[0].index), (vec![0, 2], 1));
    }

    #[test]
    fn what_the_console_finds_wrong_is_named_by_its_place_in_the_report() {
        let wrong = Wrong {
            index: 1,
            problem: "older than 24 h".to_owned(),
        };
        let told = |places: &[usize]| Told {
            places: places.to_vec(),
            rejected: vec![Rejected {
                index: 3,
                problem: "id is not a UUID".to_owned(),
            }],
            ..Told::default()
        };
        let counted = Outcome::of(Kept::Counted(vec![wrong]), told(&[0, 2, 4]));
        let expected = json!({ "accepted": 2, "rejected": [
            { "index": 2, "problem": "older than 24 h" },
            { "index": 3, "problem": "id is not a UUID" },
        ] });
        assert_eq!(json!(counted), expected);
        let queued = Outcome::of(Kept::Queued, told(&[0]));
        assert_eq!(json!(queued)["queued"], 1);
        assert_eq!(json!(queued).get("accepted"), None);
    }

    #[test]
    fn whole_reports_are_refused() {
        assert!(read(b"{", "u", NOW_MS, None).is_err());
        assert!(read(b"[]", "u", NOW_MS, None).is_err());
        let many = json!({ "events": vec![json!({}); 101] }).to_string();
        assert!(read(many.as_bytes(), "u", NOW_MS, None).is_err());
    }

    proptest::proptest! {
        #[test]
        fn metrics_are_those_that_the_console_knows(name in "[a-cA-C0-2._ é-]{0,4}|[a-z]{60,70}") {
            proptest::prop_assert_eq!(is_metric(&name), nexus_domain::ids::is_slug(&name));
        }

        #[test]
        fn a_mutated_report_never_panics(numbers in proptest::collection::vec(proptest::prelude::any::<u64>(), 1..6)) {
            let id = "019aa5b0-7c1e-7e2a-9d0a-3f1b2c4d5e6f";
            let report = json!({ "events": [
                { "id": id, "metric": "order", "value": 3.5, "unit": "u", "at": "2026-01-01T00:00:00Z" },
                { "type": "exposure", "id": id, "experiment": "a", "variant": "b", "unit": "u" },
            ] });
            let _ = read(&nexus_flags::fixtures::mutated(&report, &numbers), "u", NOW_MS, None);
        }

        #[test]
        fn garbage_never_panics(bytes: Vec<u8>, at in ".{0,30}") {
            let _ = read(&bytes, "u", NOW_MS, None);
            let _ = time(&at, NOW_MS);
        }
    }
}

//! What the gateway reports to the console, as it travels (`POST /api/v1/ingest`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits::{MAX_BATCH_BYTES, MAX_EVENT_ASSIGNMENTS};
use crate::ports::Wrong;

/// One thing that happened. Ids make delivery idempotent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A request that took part in at least one experiment: exposure and outcome.
    Request {
        id: Uuid,
        at_ms: i64,
        unit: String,
        assignments: Vec<Assignment>,
        /// What the visitor got.
        status: u16,
        /// To the first byte of the answer.
        duration_ms: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        country: Option<String>,
        /// Data centre, in lower case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        colo: Option<String>,
        device: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        browser: Option<String>,
        /// Without query, cut to 256 bytes; empty when an SDK decided.
        path: String,
        /// Empty when an SDK decided.
        deployment: String,
    },
    /// Requests that say nothing new: of units whose assignments were reported before, and
    /// those that took part in no experiment.
    Repeats {
        id: Uuid,
        at_ms: i64,
        requests: u64,
        /// Those with a status of 500 or above.
        errors: u64,
    },
    /// A visitor did what a metric counts.
    Conversion {
        id: Uuid,
        at_ms: i64,
        unit: String,
        metric: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<f64>,
    },
}

/// One experiment that a request took part in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub experiment: String,
    pub variant: String,
    /// Of the snapshot that decided; 0 when the console is to check a claim.
    pub version: u64,
}

/// One delivery. Without events it is a sign of life.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    pub gateway_id: String,
    pub environment: String,
    /// In force when the batch was closed; 0 when there was none.
    pub snapshot_version: u64,
    pub sent_ms: i64,
    /// Streams that are open for SDKs; none where none are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streams: Option<u32>,
    /// Stays the same when the delivery is tried again.
    pub batch_id: Uuid,
    /// At most 1000.
    pub events: Vec<Event>,
    /// How often flags gave which value since the last such report; at most 2000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<FlagCount>,
    /// Visitors who stand for all since the last such report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<Samples>,
}

/// Visitors of some time, chosen by their ranks; each stands for `RANKS / below` of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Samples {
    /// When the time ended.
    pub at_ms: i64,
    /// Everybody of a smaller rank is among them.
    pub below: u64,
    /// At most 200.
    pub visitors: Vec<SampledVisitor>,
}

/// What rules can ask of a visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampledVisitor {
    pub unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    pub device: String,
    /// Those that the snapshot's rules look at, and path, browser and region.
    pub attributes: BTreeMap<String, String>,
}

/// How often a flag gave a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagCount {
    pub flag: String,
    /// JSON, cut to 200 characters.
    pub value: String,
    pub count: u64,
}

/// The console's answer to a batch that it takes.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    rejected: Vec<Wrong>,
}

/// What the console found wrong with single events of a batch that it took.
#[must_use]
pub fn wrongs(answer: &[u8]) -> Vec<Wrong> {
    serde_json::from_slice::<Answer>(answer).map_or_else(|_| Vec::new(), |answer| answer.rejected)
}

/// What came of one try to deliver a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// But for so many events, in which the console found something wrong.
    Taken { rejected: u64 },
    /// Its halves may be taken.
    TooLarge,
    /// Trying again makes no sense.
    Refused,
    /// It may work later: the console starts or is overloaded, or the token is wrong.
    Later,
}

impl Event {
    /// Takes away the assignments beyond what one event may have; they travel as an event
    /// of their own, under the next id.
    pub(crate) fn split_off(&mut self) -> Option<Self> {
        let Self::Request {
            id, assignments, ..
        } = self
        else {
            return None;
        };
        if assignments.len() <= MAX_EVENT_ASSIGNMENTS {
            return None;
        }
        let next = Uuid::from_u128(id.as_u128().wrapping_add(1));
        let beyond = assignments.split_off(MAX_EVENT_ASSIGNMENTS);
        let mut rest = self.clone();
        if let Self::Request {
            id, assignments, ..
        } = &mut rest
        {
            *id = next;
            *assignments = beyond;
        }
        Some(rest)
    }
}

impl Batch {
    /// As it travels; `None` when it is larger than the console takes.
    #[must_use]
    pub fn to_body(&self) -> Option<Vec<u8>> {
        let body = serde_json::to_vec(self).ok()?;
        (body.len() <= MAX_BATCH_BYTES).then_some(body)
    }

    /// Whether it says nothing but that the gateway lives.
    #[must_use]
    pub fn is_sign_of_life(&self) -> bool {
        self.events.is_empty() && self.flags.is_empty() && self.samples.is_none()
    }

    /// Takes away the second half of its events, as a batch of its own; `None` when there
    /// is nothing to part.
    pub fn split_off(&mut self, batch_id: Uuid) -> Option<Self> {
        if self.events.len() < 2 {
            return None;
        }
        let events = self.events.split_off(self.events.len() / 2);
        Some(Self {
            batch_id,
            gateway_id: self.gateway_id.clone(),
            environment: self.environment.clone(),
            events,
            // They stay with the first half.
            flags: Vec::new(),
            samples: None,
            ..*self
        })
    }
}

impl Verdict {
    /// What the console's answer means.
    #[must_use]
    pub fn of(status: u16, body: &[u8]) -> Self {
        match status {
            200..=299 => Self::Taken {
                rejected: wrongs(body).len() as u64,
            },
            413 => Self::TooLarge,
            400 | 422 => Self::Refused,
            _ => Self::Later,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_look_as_the_console_expects() {
        let conversion = Event::Conversion {
            id: Uuid::nil(),
            at_ms: 5,
            unit: "u".to_owned(),
            metric: "purchase".to_owned(),
            value: None,
        };
        assert_eq!(
            json!(conversion),
            json!({ "type": "conversion", "id": "00000000-0000-0000-0000-000000000000", "at_ms": 5,
                "unit": "u", "metric": "purchase" })
        );
    }

    fn request(assignments: usize) -> Event {
        let assignment = |n| Assignment {
            experiment: format!("experiment-{n}"),
            variant: "v".repeat(64),
            version: 1,
        };
        Event::Request {
            id: Uuid::from_u128(7),
            at_ms: 5,
            unit: "u".to_owned(),
            assignments: (0..assignments).map(assignment).collect(),
            status: 200,
            duration_ms: 1.0,
            country: None,
            colo: None,
            device: "other".to_owned(),
            browser: None,
            path: "/".to_owned(),
            deployment: "stable".to_owned(),
        }
    }

    fn batch(events: Vec<Event>) -> Batch {
        Batch {
            gateway_id: "g".to_owned(),
            environment: "e".to_owned(),
            snapshot_version: 1,
            sent_ms: 5,
            streams: None,
            batch_id: Uuid::from_u128(1),
            events,
            flags: Vec::new(),
            samples: None,
        }
    }

    #[test]
    fn more_assignments_than_the_console_takes_are_more_events() {
        let (mut rest, mut ids, mut experiments) = (Some(request(250)), Vec::new(), Vec::new());
        while let Some(mut event) = rest {
            rest = event.split_off();
            let Event::Request {
                id, assignments, ..
            } = event
            else {
                panic!("not a request")
            };
            assert!((1..=100).contains(&assignments.len()));
            ids.push(id);
            experiments.extend(assignments.into_iter().map(|one| one.experiment));
        }
        assert_eq!(ids, [7, 8, 9].map(Uuid::from_u128));
        assert_eq!(experiments.len(), 250);
        experiments.dedup();
        assert_eq!(experiments.len(), 250);
        assert_eq!(request(100).split_off(), None);
    }

    #[test]
    fn the_consoles_answer_is_read_and_garbage_is_no_rejection() {
        let rejected = br#"{"accepted":1,"rejected":[{"index":0,"problem":"p"}]}"#;
        assert_eq!(Verdict::of(200, rejected), Verdict::Taken { rejected: 1 });
        assert_eq!(Verdict::of(204, b""), Verdict::Taken { rejected: 0 });
        assert_eq!(Verdict::of(413, b""), Verdict::TooLarge);
        assert_eq!(Verdict::of(422, rejected), Verdict::Refused);
        assert_eq!(Verdict::of(401, b""), Verdict::Later);
        assert_eq!(Verdict::of(503, b""), Verdict::Later);
    }

    #[test]
    fn a_batch_that_is_too_large_is_halved_until_it_fits() {
        let mut large = batch(vec![request(100); 500]);
        assert_eq!(large.to_body(), None);
        let mut small = large.split_off(Uuid::from_u128(2)).unwrap();
        assert_eq!((large.events.len(), small.events.len()), (250, 250));
        assert_eq!(small.batch_id, Uuid::from_u128(2));
        while small.to_body().is_none() {
            small.split_off(Uuid::nil()).unwrap();
        }
        assert!(!small.events.is_empty());
        assert_eq!(batch(vec![request(1)]).split_off(Uuid::nil()), None);
    }
}

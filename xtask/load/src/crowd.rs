//! People whose truth is known: what they see and do, as gateways report it. The same seed
//! gives the same people; only the times are the clock's.
//!
//! On purpose the stream is untidy: events of thousands of people are shuffled, one in a
//! hundred is sent twice, people come back, and some act before they have seen anything.

use serde::Serialize;
use std::collections::VecDeque;

/// People whose events are shuffled together.
const SHUFFLED: u64 = 5_000;
const TWICE: f64 = 0.01;
const FAILS: f64 = 0.01;
/// Acts before the first exposure, which counts for nothing.
const EARLY: f64 = 0.05;
const VARIANTS: [&str; 2] = ["control", "treatment"];

/// How likely a person of each variant converts.
pub(crate) const RATES: [f64; 2] = [0.10, 0.11];
/// What each purchase of a person of the treatment is larger by, in percent.
const LARGER: u64 = 3;

/// An event of the ingest API (crates/control/src/ingest/wire.rs).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(crate) enum Event {
    Request {
        id: String,
        at_ms: u64,
        unit: String,
        assignments: [Assignment; 1],
        status: u16,
    },
    Conversion {
        id: String,
        at_ms: u64,
        unit: String,
        metric: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<f64>,
    },
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Assignment {
    experiment: String,
    variant: &'static str,
    version: u64,
}

/// What must be counted of one variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counted {
    pub(crate) users: u64,
    pub(crate) converted: u64,
    /// Thousandths.
    pub(crate) purchases_milli: u64,
}

/// The people and what they have done so far.
pub(crate) struct Crowd {
    experiment: String,
    random: Random,
    people: u64,
    ready: VecDeque<Event>,
    left: u64,
    pub(crate) duplicates: u64,
    /// Control first.
    pub(crate) counted: [Counted; 2],
}

impl Crowd {
    /// A crowd that has said nothing yet and stops after `events` of them.
    pub(crate) fn new(experiment: &str, seed: u64, events: u64) -> Self {
        Self {
            experiment: experiment.to_owned(),
            random: Random(seed),
            people: 0,
            ready: VecDeque::new(),
            left: events,
            duplicates: 0,
            counted: [Counted::default(); 2],
        }
    }

    /// The next events, at most `most`; empty at the end. Whole blocks are sent to the end,
    /// so a few thousand more come than were asked for.
    pub(crate) fn next(&mut self, most: usize, now_ms: u64) -> Vec<Event> {
        if self.ready.is_empty() && self.left > 0 {
            self.block(now_ms);
            self.left = self.left.saturating_sub(self.ready.len() as u64);
        }
        let most = most.min(self.ready.len());
        self.ready.drain(..most).collect()
    }

    fn block(&mut self, now_ms: u64) {
        let mut events = Vec::new();
        for person in self.people..self.people + SHUFFLED {
            self.live(person, now_ms, &mut events);
        }
        self.people += SHUFFLED;
        let copies: Vec<Event> = events
            .iter()
            .filter(|_| self.random.happens(TWICE))
            .cloned()
            .collect();
        self.duplicates += copies.len() as u64;
        events.extend(copies);
        for last in (1..events.len()).rev() {
            let other = self.random.below(last as u64 + 1) as usize;
            events.swap(last, other);
        }
        self.ready.extend(events);
    }

    fn live(&mut self, person: u64, now_ms: u64, events: &mut Vec<Event>) {
        let variant = variant_of(person);
        let fails = self.random.happens(FAILS);
        events.push(self.exposure(person, now_ms, fails));
        let again = now_ms + self.random.below(1_000);
        events.push(self.exposure(person, again, false));
        let earlier = self.random.below(person + 1);
        events.push(self.exposure(earlier, again, false));

        let mut counted = Counted {
            users: 1,
            ..Counted::default()
        };
        if self.random.happens(EARLY) {
            events.push(self.conversion(person, now_ms - 1, "conversion", None));
            events.push(self.conversion(person, now_ms - 1, "purchase", Some(99.0)));
        }
        if self.random.happens(RATES[variant]) {
            counted.converted = 1;
            for _ in 0..=self.random.below(2) {
                events.push(self.conversion(person, again, "conversion", None));
            }
        }
        for _ in 0..self.random.below(3) {
            let cents = 100 + self.random.below(10_000);
            let milli = cents * (100 + LARGER * variant as u64) / 10;
            counted.purchases_milli += milli;
            let value = milli as f64 / 1_000.0;
            events.push(self.conversion(person, again, "purchase", Some(value)));
        }
        let all = &mut self.counted[variant];
        all.users += counted.users;
        all.converted += counted.converted;
        all.purchases_milli += counted.purchases_milli;
    }

    fn exposure(&mut self, person: u64, at_ms: u64, fails: bool) -> Event {
        let assignment = Assignment {
            experiment: self.experiment.clone(),
            variant: VARIANTS[variant_of(person)],
            version: 1,
        };
        Event::Request {
            id: self.id(at_ms),
            at_ms,
            unit: unit(person),
            assignments: [assignment],
            status: if fails { 503 } else { 200 },
        }
    }

    fn conversion(
        &mut self,
        person: u64,
        at_ms: u64,
        metric: &'static str,
        value: Option<f64>,
    ) -> Event {
        Event::Conversion {
            id: self.id(at_ms),
            at_ms,
            unit: unit(person),
            metric,
            value,
        }
    }

    /// A UUIDv7 (RFC 9562 §5.7), as our gateways number events.
    fn id(&mut self, at_ms: u64) -> String {
        let (a, b) = (self.random.next() & 0xfff, self.random.next() >> 2);
        format!("{at_ms:012x}7{a:03x}{:016x}", 0x8000_0000_0000_0000 | b)
    }
}

/// Ids in no order, as users' are.
fn unit(person: u64) -> String {
    format!("{:016x}", mixed(person))
}

const fn variant_of(person: u64) -> usize {
    (mixed(!person) & 1) as usize
}

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// Evenly, but for a bias of one in 2⁴⁰ at the sizes used here.
    const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn happens(&mut self, probability: f64) -> bool {
        (self.next() >> 11) as f64 / ((1_u64 << 53) as f64) < probability
    }
}

const fn mixed(number: u64) -> u64 {
    let a = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    b ^ (b >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Counted, Crowd, Event};
    use std::collections::{BTreeMap, BTreeSet};

    fn all(seed: u64) -> (Crowd, Vec<Event>) {
        let mut crowd = Crowd::new("e", seed, 100_000);
        let mut events = Vec::new();
        loop {
            let some = crowd.next(1_000, 1_764_000_000_000);
            if some.is_empty() {
                return (crowd, events);
            }
            events.extend(some);
        }
    }

    /// Counts by the rules of docs/experiments.md, from the events alone.
    #[test]
    fn the_truth_is_what_the_events_say() {
        let (crowd, events) = all(7);
        let mut ids = BTreeSet::new();
        let mut seen: BTreeMap<String, (usize, u64)> = BTreeMap::new();
        for event in &events {
            if let Event::Request {
                unit,
                at_ms,
                assignments,
                ..
            } = event
            {
                let variant = usize::from(assignments[0].variant == "treatment");
                let first = seen.entry(unit.clone()).or_insert((variant, *at_ms));
                assert_eq!(first.0, variant);
                first.1 = first.1.min(*at_ms);
            }
        }
        let mut counted = [Counted::default(); 2];
        let mut converted = BTreeSet::new();
        for (variant, _) in seen.values() {
            counted[*variant].users += 1;
        }
        let mut duplicates = 0;
        for event in &events {
            let (Event::Request { id, .. } | Event::Conversion { id, .. }) = event;
            if !ids.insert(id.clone()) {
                duplicates += 1;
                continue;
            }
            let Event::Conversion {
                unit,
                at_ms,
                metric,
                value,
                ..
            } = event
            else {
                continue;
            };
            let (variant, from_ms) = seen[unit];
            if *at_ms < from_ms {
                continue;
            }
            match value {
                Some(value) => {
                    counted[variant].purchases_milli += (value * 1_000.0).round() as u64;
                }
                None => {
                    assert_eq!(*metric, "conversion");
                    if converted.insert(unit.clone()) {
                        counted[variant].converted += 1;
                    }
                }
            }
        }
        assert_eq!(counted, crowd.counted);
        assert_eq!(duplicates, crowd.duplicates);
        assert!(duplicates > 500 && counted.iter().all(|c| c.converted > 500));
    }

    #[test]
    fn a_seed_gives_the_same_people() {
        assert_eq!(all(1).0.counted, all(1).0.counted);
        assert_ne!(all(1).0.counted, all(2).0.counted);
    }
}

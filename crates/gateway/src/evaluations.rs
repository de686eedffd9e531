//! How often flags give which value, summed up.
//!
//! Behind the gateway every request gets every flag, and most their off value; so requests are
//! counted once, and flags only where an experiment set them or a rule decided. What is left is
//! the off value. Answers
//! to SDKs (OFREP) are counted flag by flag. SDKs that evaluate by themselves (GrowthBook's)
//! report sums.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nexus_flags::{Engine, FlagDecision, FlagReason};
use serde_json::Value;

use crate::telemetry::FlagCount;

/// Most sums that are sent at once: the console takes no more. The others are next.
const MAX_SENT: usize = 2_000;
/// Most sums that are kept; values beyond are left out.
const MAX_KEPT: usize = 50_000;
/// A value is told up to so many characters of its JSON.
const MAX_VALUE: usize = 200;

/// The sums since they were last taken.
#[derive(Default)]
pub struct Evaluations(Mutex<Sums>);

#[derive(Default)]
struct Sums {
    /// Which decided the requests below.
    engine: Option<Arc<Engine>>,
    requests: u64,
    /// By flag, then by the rule's index.
    switched: HashMap<Box<str>, Vec<u64>>,
    /// By flag, the values that experiments set.
    set: HashMap<Box<str>, Vec<(Value, u64)>>,
    /// By flag and value.
    told: BTreeMap<(String, String), u64>,
    /// The last that was sent.
    sent: (String, String),
    since_ms: i64,
}

impl Evaluations {
    /// A request that got all flags of the engine: what experiments set, each name once, and
    /// the flags whose value a rule decided. What is set stands before what a rule decides.
    pub(crate) fn request(
        &self,
        engine: &Arc<Engine>,
        set: &[(&str, &Value)],
        switched: &[FlagDecision<'_>],
    ) {
        let mut sums = self.sums();
        let is_same = |known: &Arc<Engine>| Arc::ptr_eq(known, engine);
        if !sums.engine.as_ref().is_some_and(is_same) {
            sums.settle();
            sums.engine = Some(Arc::clone(engine));
        }
        sums.requests += 1;
        for (name, value) in set {
            let values = match sums.set.get_mut(*name) {
                Some(values) => values,
                None => sums.set.entry((*name).into()).or_default(),
            };
            match values.iter_mut().find(|(known, _)| known == *value) {
                Some((_, count)) => *count += 1,
                None => values.push(((*value).clone(), 1)),
            }
        }
        for flag in switched {
            let FlagReason::Rule { index } = flag.reason else {
                continue;
            };
            if set.iter().any(|(name, _)| *name == flag.key) {
                continue;
            }
            let rules = match sums.switched.get_mut(flag.key) {
                Some(rules) => rules,
                None => sums.switched.entry(flag.key.into()).or_default(),
            };
            if rules.len() <= index {
                rules.resize(index + 1, 0);
            }
            if let Some(count) = rules.get_mut(index) {
                *count += 1;
            }
        }
    }

    /// Answers to an SDK, or by one.
    pub(crate) fn told(&self, flag: &str, value: &Value, count: u64) {
        self.sums().add(flag, value, count);
    }

    /// Takes the sums, unless they were taken less than `every_ms` ago.
    #[must_use]
    pub fn take(&self, now_ms: i64, every_ms: i64) -> Vec<FlagCount> {
        let mut sums = self.sums();
        let is_due = now_ms.saturating_sub(sums.since_ms) >= every_ms;
        if !is_due || sums.is_empty() {
            return Vec::new();
        }
        sums.since_ms = now_ms;
        sums.settle();
        sums.send()
    }

    /// Whether nothing was counted since.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sums().is_empty()
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sums {
    fn is_empty(&self) -> bool {
        self.requests == 0 && self.told.is_empty()
    }

    /// In turn, so that none is always left over.
    fn send(&mut self) -> Vec<FlagCount> {
        let mut next = self.told.split_off(&self.sent);
        let mut sent: Vec<FlagCount> = Vec::new();
        for from in [&mut next, &mut self.told] {
            while sent.len() < MAX_SENT
                && let Some(((flag, value), count)) = from.pop_first()
            {
                sent.push(FlagCount { flag, value, count });
            }
        }
        self.told.append(&mut next);
        if let Some(FlagCount { flag, value, .. }) = sent.last() {
            self.sent = (flag.clone(), value.clone());
        }
        sent
    }

    fn add(&mut self, flag: &str, value: &Value, count: u64) {
        let text = value.to_string();
        let end = text.char_indices().nth(MAX_VALUE).map(|(end, _)| end);
        let text = end.and_then(|end| text.get(..end)).unwrap_or(&text);
        let place = (flag.to_owned(), text.to_owned());
        if self.told.len() < MAX_KEPT || self.told.contains_key(&place) {
            *self.told.entry(place).or_default() += count;
        }
    }

    /// Turns requests and rules into flags and values.
    fn settle(&mut self) {
        let requests = std::mem::take(&mut self.requests);
        let switched = std::mem::take(&mut self.switched);
        let mut set = std::mem::take(&mut self.set);
        let Some(engine) = self.engine.take().filter(|_| requests > 0) else {
            return;
        };
        for key in engine.flag_keys() {
            let rules = switched.get(key).map(Vec::as_slice).unwrap_or_default();
            let set = set.remove(key).unwrap_or_default();
            let switched: u64 = rules.iter().chain(set.iter().map(|(_, count)| count)).sum();
            for (value, count) in set {
                self.add(key, &value, count);
            }
            let off = (None, requests.saturating_sub(switched));
            let each = rules.iter().enumerate().map(|(i, count)| (Some(i), *count));
            for (rule, count) in std::iter::once(off).chain(each) {
                if let Some(value) = engine.flag_value(key, rule).filter(|_| count > 0) {
                    self.add(key, value, count);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use nexus_flags::{Context, Device, Snapshot};
    use serde_json::json;

    use super::*;

    const MINUTE_MS: i64 = 60_000;

    fn engine(version: u64) -> Arc<Engine> {
        let snapshot: Snapshot = serde_json::from_value(json!({
            "version": version, "environment": "e", "created_ms": 0, "experiments": [],
            "flags": [
                { "key": "plain", "value": "x", "rules": [] },
                { "key": "ruled", "value": false, "rules": [
                    { "targeting": { "attributes": [{ "name": "plan", "operator": "is", "values": ["pro"] }] },
                      "coverage_bp": 10_000, "seed": "s", "value": true },
                ] },
            ],
        }))
        .unwrap();
        Arc::new(Engine::compile(&snapshot).unwrap())
    }

    fn ask(evaluations: &Evaluations, engine: &Arc<Engine>, plan: &str) {
        ask_with(evaluations, engine, plan, &[]);
    }

    fn ask_with(
        evaluations: &Evaluations,
        engine: &Arc<Engine>,
        plan: &str,
        set: &[(&str, Value)],
    ) {
        let context = Context {
            unit: "u",
            country: None,
            device: Device::Other,
            attributes: &[("plan", plan)],
            now_ms: 1,
        };
        let switched: Vec<FlagDecision<'_>> = engine
            .decide_all_flags(&context)
            .filter(|flag| flag.reason != FlagReason::Off)
            .collect();
        let set: Vec<_> = set.iter().map(|(name, value)| (*name, value)).collect();
        evaluations.request(engine, &set, &switched);
    }

    fn sums(evaluations: &Evaluations, now_ms: i64) -> Vec<(String, String, u64)> {
        let counts = evaluations.take(now_ms, MINUTE_MS).into_iter();
        let mut all: Vec<_> = counts.map(|one| (one.flag, one.value, one.count)).collect();
        all.sort();
        all
    }

    #[test]
    fn each_flag_and_value_is_summed_once_a_minute() {
        let evaluations = Evaluations::default();
        let (first, second) = (engine(1), engine(2));
        for plan in ["pro", "free", "pro"] {
            ask(&evaluations, &first, plan);
        }
        // Another snapshot: what the first one decided is kept.
        ask(&evaluations, &second, "free");
        evaluations.told("ruled", &json!(true), 1);
        let of = |flag: &str, value: &str, count| (flag.to_owned(), value.to_owned(), count);
        let expected = [
            of("plain", "\"x\"", 4),
            of("ruled", "false", 2),
            of("ruled", "true", 3),
        ];
        assert_eq!(sums(&evaluations, MINUTE_MS), expected);
        ask(&evaluations, &second, "pro");
        assert_eq!(sums(&evaluations, MINUTE_MS + 1), []);
        assert_eq!(sums(&evaluations, 2 * MINUTE_MS).len(), 2);
    }

    #[test]
    fn what_an_experiment_sets_is_neither_the_off_value_nor_the_rules() {
        let (evaluations, engine) = (Evaluations::default(), engine(1));
        for (plan, set) in [
            ("pro", Some("y")),
            ("free", Some("y")),
            ("free", Some("z")),
            ("free", None),
        ] {
            let values = set.map(|text| ("plain", json!(text)));
            let also = set.map(|_| ("ruled", json!(false)));
            let set: Vec<_> = values.into_iter().chain(also).collect();
            ask_with(&evaluations, &engine, plan, &set);
        }
        // No flag has this name.
        ask_with(&evaluations, &engine, "pro", &[("else", json!(1))]);
        let of = |flag: &str, value: &str, count| (flag.to_owned(), value.to_owned(), count);
        let expected = [
            of("plain", "\"x\"", 2),
            of("plain", "\"y\"", 2),
            of("plain", "\"z\"", 1),
            of("ruled", "false", 4),
            of("ruled", "true", 1),
        ];
        assert_eq!(sums(&evaluations, MINUTE_MS), expected);
    }

    #[test]
    fn sums_are_bounded_and_what_does_not_fit_comes_next() {
        let evaluations = Evaluations::default();
        let tell = || (0..3 * MAX_SENT).for_each(|n| evaluations.told("flag", &json!(n), 1));
        tell();
        evaluations.told("flag", &json!("x".repeat(5_000)), 1);
        let mut counted = HashMap::new();
        for minute in 1..=8 {
            let taken = sums(&evaluations, minute * MINUTE_MS);
            assert!(taken.len() <= MAX_SENT);
            for (_, value, count) in taken {
                assert!(value.len() <= MAX_VALUE);
                *counted.entry(value).or_insert(0) += count;
            }
            // The first ones are always there again, and don't push out the last.
            if minute == 1 {
                tell();
            }
        }
        assert_eq!(counted.len(), 3 * MAX_SENT + 1);
        assert_eq!(counted.values().sum::<u64>(), 6 * MAX_SENT as u64 + 1);
        for n in 0..2 * MAX_KEPT {
            evaluations.told("flag", &json!(n), 1);
        }
        assert_eq!(evaluations.sums().told.len(), MAX_KEPT);
    }
}

//! A sample of the visitors, for the console to try rules on: who sends requests, and for whom
//! SDKs ask.
//!
//! Of the visitors of a minute those with the smallest ranks are kept, so each has the same
//! chance, however many requests they send. Which rank somebody has follows from the unit and
//! the snapshot's seed, so the samples of gateways and minutes merge (`nexus_flags::RANKS`).
//! A request whose rank is too large costs one hash; only who is taken is copied.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nexus_flags::{Context, Device, Engine, RANKS};

use crate::telemetry::{SampledVisitor, Samples};

/// What the gateway knows by itself; told whether or not rules ask for it.
const OWN: [&str; 4] = ["browser", "path", "region", "subdivision"];
/// The console takes no more of one visitor.
pub(crate) const MAX_ATTRIBUTES: usize = 32;
/// What one report may weigh, about; who would make it larger is left out.
const MAX_BYTES: usize = 256 * 1024;

/// Most visitors of one report, and how often there is one.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub most: usize,
    pub every_ms: i64,
}

impl Pace {
    /// Of a gateway that lives long.
    pub const MINUTE: Self = Self {
        most: 200,
        every_ms: 60_000,
    };
}

/// The sample since it was last taken.
pub struct Sampling {
    pace: Pace,
    /// Ranks from here on are not taken now.
    below: AtomicU64,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    visitors: BTreeMap<u64, SampledVisitor>,
    since_ms: i64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self::new(Pace::MINUTE)
    }
}

impl Sampling {
    /// An empty one.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            below: AtomicU64::new(RANKS),
            memory: Mutex::default(),
        }
    }

    /// A request that was decided, or a question that was answered. Bots and who has no id are
    /// not sampled.
    pub(crate) fn consider(&self, engine: &Engine, context: &Context<'_>) {
        let Some(rank) = self.rank(engine, context.unit) else {
            return;
        };
        if context.device == Device::Bot {
            return;
        }
        let mut memory = self.memory();
        let visitors = &mut memory.visitors;
        visitors
            .entry(rank)
            .or_insert_with(|| visitor(engine, context));
        // The one too many says where the sample ends.
        if visitors.len() > self.pace.most
            && let Some((first_left_out, _)) = visitors.pop_last()
        {
            self.below.store(first_left_out, Ordering::Relaxed);
        }
    }

    /// Whether the unit would be taken.
    pub(crate) fn chooses(&self, engine: &Engine, unit: &str) -> bool {
        self.rank(engine, unit).is_some()
    }

    fn rank(&self, engine: &Engine, unit: &str) -> Option<u64> {
        let below = self.below.load(Ordering::Relaxed);
        engine.rank(unit).filter(|rank| *rank < below)
    }

    /// Takes the sample when it is time to; `None` too when nobody came.
    #[must_use]
    pub fn take(&self, now_ms: i64) -> Option<Samples> {
        let mut memory = self.memory();
        let is_due = now_ms.saturating_sub(memory.since_ms) >= self.pace.every_ms;
        if !is_due || memory.visitors.is_empty() {
            return None;
        }
        memory.since_ms = now_ms;
        let visitors = std::mem::take(&mut memory.visitors);
        let mut below = self.below.swap(RANKS, Ordering::Relaxed);
        drop(memory);
        let mut room = MAX_BYTES;
        let mut told = Vec::with_capacity(visitors.len());
        for (rank, visitor) in visitors {
            let Some(left) = room.checked_sub(weight(&visitor)) else {
                below = rank;
                break;
            };
            room = left;
            told.push(visitor);
        }
        (!told.is_empty()).then_some(Samples {
            at_ms: now_ms,
            below,
            visitors: told,
        })
    }

    /// Whether there is anybody to tell of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.memory().visitors.is_empty()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an attribute of that name is told.
pub(crate) fn is_told(engine: &Engine, name: &str) -> bool {
    let asked_for = engine.attribute_names();
    let by_rules = asked_for.binary_search_by(|known| (**known).cmp(name));
    OWN.contains(&name) || by_rules.is_ok()
}

/// What rules can ask of the visitor.
fn visitor(engine: &Engine, context: &Context<'_>) -> SampledVisitor {
    let mut attributes = BTreeMap::new();
    let all = context.attributes.iter();
    for (name, value) in all.filter(|(name, _)| is_told(engine, name)) {
        let first = || (*value).to_owned();
        attributes.entry((*name).to_owned()).or_insert_with(first);
    }
    SampledVisitor {
        unit: context.unit.to_owned(),
        country: context.country.map(|country| country.as_str().to_owned()),
        device: context.device.as_str().to_owned(),
        attributes,
    }
}

/// Bytes as JSON, about.
fn weight(visitor: &SampledVisitor) -> usize {
    let attributes = visitor.attributes.iter();
    let attributes: usize = attributes
        .map(|(name, value)| name.len() + value.len() + 6)
        .sum();
    visitor.unit.len() + attributes + 64
}

#[cfg(test)]
mod tests {
    use nexus_flags::{CountryCode, Snapshot};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn engine(seed: Option<&str>) -> Engine {
        let snapshot: Snapshot = serde_json::from_value(json!({
            "version": 1, "environment": "e", "created_ms": 0, "experiments": [],
            "flags": [{ "key": "f", "value": false, "rules": [{
                "targeting": {
                    "attributes": [{ "name": "plan", "operator": "is", "values": ["pro"] }],
                    "condition": { "$or": [{ "age": { "$gt": 17 } }, { "country": "JP" }] },
                },
                "coverage_bp": 10_000, "seed": "s", "value": true,
            }] }],
            "sampling_seed": seed,
        }))
        .unwrap();
        Engine::compile(&snapshot).unwrap()
    }

    fn seeded(seed: u128) -> Engine {
        engine(Some(&format!("{seed:032x}")))
    }

    fn visit(sampling: &Sampling, engine: &Engine, unit: &str, device: Device) {
        let attributes = [
            ("plan", "pro"),
            ("age", "34"),
            ("email", "secret"),
            ("path", "/cart"),
        ];
        sampling.consider(
            engine,
            &Context {
                unit,
                country: CountryCode::new("JP").ok(),
                device,
                attributes: &attributes,
                now_ms: 1,
            },
        );
    }

    fn sampling(most: usize) -> Sampling {
        Sampling::new(Pace {
            most,
            ..Pace::MINUTE
        })
    }

    #[test]
    fn what_rules_ask_for_is_kept_and_nothing_else() {
        let sampling = sampling(10);
        let engine = seeded(7);
        visit(&sampling, &engine, "ann", Device::Mobile);
        visit(&sampling, &engine, "ann", Device::Mobile);
        visit(&sampling, &engine, "crawler", Device::Bot);
        visit(&sampling, &engine, "", Device::Mobile);
        let taken = sampling.take(60_000).unwrap();
        assert_eq!(
            json!(taken),
            json!({ "at_ms": 60_000, "below": RANKS, "visitors": [{
                "unit": "ann", "country": "JP", "device": "mobile",
                "attributes": { "age": "34", "path": "/cart", "plan": "pro" },
            }] })
        );
        visit(&sampling, &engine, "bob", Device::Mobile);
        assert_eq!(sampling.take(60_001), None, "a minute is not over");
        assert_eq!(sampling.take(120_000).unwrap().visitors.len(), 1);
        assert_eq!(sampling.take(180_000), None, "nobody came");
    }

    #[test]
    fn a_snapshot_that_asks_for_none_gets_none() {
        let sampling = sampling(10);
        visit(&sampling, &engine(None), "ann", Device::Mobile);
        visit(&sampling, &engine(Some("no seed")), "ann", Device::Mobile);
        assert!(sampling.is_empty());
    }

    /// Each of 100 visitors is in a sample of 10 with the chance of a tenth, whatever their
    /// place and however often they come; and the number of all follows. Four standard
    /// errors of 2,000 samples with seeds of their own.
    #[test]
    fn everybody_has_the_same_chance_and_the_number_of_all_follows() {
        const ROUNDS: u32 = 2_000;
        let (mut chosen, mut estimated) = ([0u32; 100], 0.0);
        for round in 0..ROUNDS {
            let engine = seeded(u128::from(round) << 64 | 0x5bd1_e995);
            let sampling = sampling(10);
            for n in 0..100u32 {
                // The last ones come a hundred times as often.
                for _ in 0..if n < 90 { 1 } else { 100 } {
                    visit(&sampling, &engine, &format!("user-{n}"), Device::Other);
                }
            }
            let taken = sampling.take(60_000).unwrap();
            assert_eq!(taken.visitors.len(), 10);
            estimated += 10.0 * RANKS as f64 / taken.below as f64;
            for visitor in taken.visitors {
                let n: usize = visitor.unit.strip_prefix("user-").unwrap().parse().unwrap();
                chosen[n] += 1;
            }
        }
        let rounds = f64::from(ROUNDS);
        let error = (rounds * 0.1 * 0.9).sqrt();
        for (n, times) in chosen.iter().enumerate() {
            let off = (f64::from(*times) - rounds / 10.0).abs();
            assert!(off < 4.0 * error, "user {n} was chosen {times} times");
        }
        let often: u32 = chosen[90..].iter().sum();
        let off = (f64::from(often) - rounds).abs();
        assert!(off < 4.0 * (10.0f64).sqrt() * error, "{often}");
        // The estimate's standard error is n / sqrt(k - 1), k = 10.
        let mean = estimated / rounds;
        assert!(
            (mean - 100.0).abs() < 4.0 * 100.0 / 3.0 / rounds.sqrt(),
            "{mean}"
        );
    }

    proptest! {
        /// Whatever comes: the sample is that of the smallest ranks, bounded, and its limit
        /// is true: all who rank below it are in it.
        #[test]
        fn a_sample_is_bounded_and_true(
            units in prop::collection::vec("[a-z]{1,3}", 0..300),
            most in 1usize..20,
        ) {
            let engine = seeded(99);
            let sampling = sampling(most);
            for unit in &units {
                visit(&sampling, &engine, unit, Device::Other);
            }
            let mut ranked: Vec<(u64, &str)> = units
                .iter()
                .map(|unit| (engine.rank(unit).unwrap(), unit.as_str()))
                .collect();
            ranked.sort_unstable();
            ranked.dedup();
            let taken = sampling.take(60_000);
            prop_assert_eq!(taken.is_none(), units.is_empty());
            if let Some(taken) = taken {
                let expected: Vec<&str> = ranked.iter().take(most).map(|(_, unit)| *unit).collect();
                let found: Vec<&str> = taken.visitors.iter().map(|one| one.unit.as_str()).collect();
                prop_assert_eq!(found, expected);
                prop_assert_eq!(taken.below, ranked.get(most).map_or(RANKS, |(rank, _)| *rank));
            }
        }
    }

    #[test]
    fn a_report_is_no_heavier_than_a_batch_can_be() {
        let sampling = sampling(10_000);
        let engine = seeded(1);
        for n in 0..10_000 {
            visit(&sampling, &engine, &format!("{n:0>100}"), Device::Other);
        }
        let taken = sampling.take(60_000).unwrap();
        assert!(taken.visitors.len() > 500 && taken.below < RANKS);
        let below = |visitor: &SampledVisitor| engine.rank(&visitor.unit).unwrap() < taken.below;
        assert!(taken.visitors.iter().all(below));
        assert!(serde_json::to_vec(&taken).unwrap().len() < 2 * MAX_BYTES);
    }
}

//! The compiled, immutable form of a snapshot, and the decisions it makes.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::bucketing::{Fnv1a, LANES, buckets};
use crate::compile::compile;
use crate::context::Context;
use crate::decision::{Decision, Decisions, FlagDecision, FlagReason};
use crate::error::CompileError;
use crate::growthbook::Lists;
use crate::lookup::Lookup;
use crate::prerequisites::{Asking, Need, Needed};
use crate::qa::Forced;
use crate::sampling::Sampler;
use crate::snapshot::{BASIS_POINTS, RampStep, Snapshot, coverage_at};
use crate::targeting::{Matcher, Names};

/// A snapshot ready to decide. Immutable: share it in an `Arc` and swap the `Arc`.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) version: u64,
    pub(crate) environment: Box<str>,
    pub(crate) created_ms: i64,
    pub(crate) names: Names,
    /// Those that are not paused, in the snapshot's order.
    pub(crate) experiments: Box<[Experiment]>,
    /// Of the experiment at the same index; apart, because deciding needs none of it.
    pub(crate) details: Box<[Details]>,
    /// Sorted by key.
    pub(crate) flags: Box<[Flag]>,
    pub(crate) lookup: Lookup,
    /// Flags that others need.
    pub(crate) needed: Box<[Needed]>,
    /// Saved groups.
    pub(crate) lists: Lists,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) attribute_names: Box<[Box<str>]>,
    /// What links of testers force.
    pub(crate) forced: Box<[Forced]>,
}

#[derive(Debug, Clone)]
pub(crate) struct Experiment {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: Option<i64>,
    /// The hash after the seed.
    pub(crate) seeded: Fnv1a,
    pub(crate) matcher: Matcher,
    pub(crate) slices: Box<[Slice]>,
    pub(crate) needs: Box<[Need]>,
    /// Buckets per variant.
    pub(crate) ranges: Box<[Range<u16>]>,
}

#[derive(Debug, Clone)]
pub(crate) struct Slice {
    pub(crate) seeded: Fnv1a,
    pub(crate) buckets: Range<u16>,
}

#[derive(Debug, Clone)]
pub(crate) struct Details {
    pub(crate) id: Box<str>,
    pub(crate) variants: Box<[Variant]>,
}

#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) key: Box<str>,
    pub(crate) features: Map<String, Value>,
    pub(crate) features_json: Box<str>,
    pub(crate) deployment: Option<Box<str>>,
    pub(crate) reason: Box<str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Flag {
    pub(crate) key: Box<str>,
    pub(crate) value: Value,
    pub(crate) reason: Box<str>,
    pub(crate) needs: Box<[Need]>,
    pub(crate) steps: Box<[Step]>,
}

#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: Option<i64>,
    pub(crate) matcher: Matcher,
    pub(crate) needs: Box<[Need]>,
    pub(crate) slices: Box<[Slice]>,
    pub(crate) seeded: Fnv1a,
    pub(crate) coverage_bp: u16,
    pub(crate) ramp: Box<[RampStep]>,
    pub(crate) value: Value,
    pub(crate) reason: Box<str>,
}

impl Engine {
    /// Checks a snapshot and compiles it.
    ///
    /// # Errors
    /// The first fault found, with its path in the snapshot.
    pub fn compile(snapshot: &Snapshot) -> Result<Self, CompileError> {
        compile(snapshot)
    }

    /// The snapshot's version.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The snapshot's environment.
    #[must_use]
    pub const fn environment(&self) -> &str {
        &self.environment
    }

    /// When the snapshot was made: milliseconds since 1970 UTC.
    #[must_use]
    pub const fn created_ms(&self) -> i64 {
        self.created_ms
    }

    /// Replaces the content of `decisions` by the experiments this request takes part in,
    /// in the snapshot's order. Each entry is an exposure. Experiments that are paused,
    /// not yet started or over, whose targeting does not match or whose coverage leaves the
    /// unit out are absent: the request gets control behaviour and is not counted.
    ///
    /// Allocates only while `decisions` has less room than a request takes part in
    /// experiments, and once where a snapshot has more than 24 flags that others need.
    pub fn decide(&self, context: &Context<'_>, decisions: &mut Decisions) {
        decisions.restart(self.version);
        if context.unit.is_empty() {
            return;
        }
        let asking = Asking::new(self, context);
        let mut batch = Batch::new();
        for (index, experiment) in self.experiments.iter().enumerate() {
            if experiment.takes_part(&asking) {
                batch.push(index, experiment.seeded);
                if batch.len == LANES {
                    self.assign(context.unit, &mut batch, decisions);
                }
            }
        }
        self.assign(context.unit, &mut batch, decisions);
    }

    /// Assigns the unit in a batch of experiments that it may take part in.
    #[inline]
    fn assign(&self, unit: &str, batch: &mut Batch, decisions: &mut Decisions) {
        // Side by side pays from the third on.
        if batch.len <= 2 {
            for index in &batch.experiments[..batch.len] {
                if let Some(variant) = self.experiments[*index].variant_of(unit) {
                    decisions.push(*index, variant);
                }
            }
        } else {
            let buckets = buckets(&batch.seeded, unit);
            for (index, bucket) in batch.experiments.iter().zip(buckets).take(batch.len) {
                if let Some(variant) = self.experiments[*index].holding(bucket) {
                    decisions.push(*index, variant);
                }
            }
        }
        batch.len = 0;
    }

    /// What [`Engine::decide`] decided, resolved. Decisions of another version than this
    /// engine's yield nothing.
    pub fn decided<'e>(
        &'e self,
        decisions: &'e Decisions,
    ) -> impl Iterator<Item = Decision<'e>> + 'e {
        decisions
            .of_version(self.version)
            .filter_map(|(experiment, variant_index)| {
                let details = self.details.get(experiment)?;
                let variant = details.variants.get(variant_index)?;
                Some(Decision {
                    experiment_id: &details.id,
                    variant,
                    variant_index,
                })
            })
    }

    /// Takes out those for which `keep` is false; all of them where another version decided.
    pub fn retain(&self, decisions: &mut Decisions, mut keep: impl FnMut(&Decision<'_>) -> bool) {
        let kept = self.decided(decisions).map(|decision| keep(&decision));
        let kept: Vec<bool> = kept.collect();
        decisions.retain(&kept);
    }

    /// The variant that an experiment deals a unit at that time, whatever its targeting;
    /// `None` where there is no such experiment then or it leaves the unit out.
    #[must_use]
    pub fn dealt(&self, experiment_id: &str, unit: &str, at_ms: i64) -> Option<&str> {
        let mut both = self.details.iter().zip(&self.experiments);
        let (details, experiment) = both.find(|(details, _)| *details.id == *experiment_id)?;
        if unit.is_empty() || !experiment.runs_at(at_ms) || !experiment.is_in_slices(unit) {
            return None;
        }
        let variant = experiment.variant_of(unit)?;
        Some(&details.variants.get(variant)?.key)
    }

    /// Whether the snapshot has an experiment of this id that is not paused.
    #[must_use]
    pub fn has_experiment(&self, id: &str) -> bool {
        self.details.iter().any(|details| *details.id == *id)
    }

    /// The value of one flag for this request; `None` when there is no such flag.
    #[must_use]
    pub fn flag(&self, key: &str, context: &Context<'_>) -> Option<FlagDecision<'_>> {
        let key_at = |index: usize| self.flags.get(index).map(|flag| &*flag.key);
        let flag = self.flags.get(self.lookup.find(key, key_at)?)?;
        Some(flag.decide(&Asking::new(self, context)))
    }

    /// The value of every flag, by key in byte order.
    pub fn decide_all_flags<'e>(
        &'e self,
        context: &'e Context<'e>,
    ) -> impl Iterator<Item = FlagDecision<'e>> + 'e {
        let asking = Asking::new(self, context);
        self.flags.iter().map(move |flag| flag.decide(&asking))
    }

    /// Keys of all flags, in byte order.
    pub fn flag_keys(&self) -> impl Iterator<Item = &str> {
        self.flags.iter().map(|flag| &*flag.key)
    }

    /// What a flag gives by the rule at this index, or by none.
    #[must_use]
    pub fn flag_value(&self, key: &str, rule: Option<usize>) -> Option<&Value> {
        let known = self.flags.binary_search_by(|flag| (*flag.key).cmp(key));
        let flag = self.flags.get(known.ok()?)?;
        match rule {
            None => Some(&flag.value),
            Some(index) => flag.steps.get(index).map(|step| &step.value),
        }
    }

    /// The value that somebody may get of this flag, by its rules or an experiment that sets it,
    /// as it is here; `None` for any other.
    #[must_use]
    pub fn possible_value(&self, key: &str, value: &Value) -> Option<&Value> {
        let known = self.flags.binary_search_by(|flag| (*flag.key).cmp(key));
        let flag = self.flags.get(known.ok()?)?;
        let ruled = flag.steps.iter().map(|step| &step.value);
        let variants = self.details.iter().flat_map(|details| &details.variants);
        let set = variants.filter_map(|variant| variant.features.get(key));
        let mut all = std::iter::once(&flag.value).chain(ruled).chain(set);
        all.find(|known| match (known.as_f64(), value.as_f64()) {
            (Some(known), Some(value)) => known.total_cmp(&value).is_eq(),
            _ => *known == value,
        })
    }

    /// Number of experiments that can decide something (those not paused).
    #[must_use]
    pub const fn experiment_count(&self) -> usize {
        self.experiments.len()
    }

    /// Number of flags.
    #[must_use]
    pub const fn flag_count(&self) -> usize {
        self.flags.len()
    }
}

/// Experiments whose hashes are computed together.
struct Batch {
    len: usize,
    experiments: [usize; LANES],
    seeded: [Fnv1a; LANES],
}

impl Batch {
    const fn new() -> Self {
        Self {
            len: 0,
            experiments: [0; LANES],
            seeded: [Fnv1a::EMPTY; LANES],
        }
    }

    /// Expects room: `len` below [`LANES`].
    fn push(&mut self, experiment: usize, seeded: Fnv1a) {
        self.experiments[self.len] = experiment;
        self.seeded[self.len] = seeded;
        self.len += 1;
    }
}

impl Experiment {
    #[inline]
    pub(crate) fn takes_part(&self, asking: &Asking<'_, '_>) -> bool {
        let context = asking.context;
        self.runs_at(context.now_ms)
            && self.matcher.matches(context, &asking.attributes)
            && self.is_in_slices(context.unit)
            && asking.meets(&self.needs)
    }

    /// Position of the variant that the unit is dealt, whatever the targeting.
    pub(crate) fn variant_of(&self, unit: &str) -> Option<usize> {
        self.holding(self.seeded.text(unit).bucket())
    }

    /// Position of the variant whose buckets hold this one.
    #[inline]
    fn holding(&self, bucket: u16) -> Option<usize> {
        let mut ranges = self.ranges.iter();
        ranges.position(|range| range.contains(&bucket))
    }

    #[inline]
    fn runs_at(&self, at_ms: i64) -> bool {
        at_ms >= self.start_ms && self.end_ms.is_none_or(|end_ms| at_ms < end_ms)
    }

    #[inline]
    fn is_in_slices(&self, unit: &str) -> bool {
        self.slices.iter().all(|slice| slice.holds(unit))
    }
}

impl Slice {
    pub(crate) fn holds(&self, unit: &str) -> bool {
        self.buckets.contains(&self.seeded.text(unit).bucket())
    }
}

impl Flag {
    pub(crate) fn decide(&self, asking: &Asking<'_, '_>) -> FlagDecision<'_> {
        let mut steps = self.steps.iter().enumerate();
        let step = (!self.steps.is_empty() && asking.meets(&self.needs))
            .then(|| steps.find(|(_, step)| step.takes_in(asking)))
            .flatten();
        match step {
            Some((index, step)) => FlagDecision {
                key: &self.key,
                value: &step.value,
                reason: FlagReason::Rule { index },
                reason_text: &step.reason,
            },
            None => FlagDecision {
                key: &self.key,
                value: &self.value,
                reason: FlagReason::Off,
                reason_text: &self.reason,
            },
        }
    }
}

impl Step {
    fn takes_in(&self, asking: &Asking<'_, '_>) -> bool {
        let context = asking.context;
        self.runs_at(context.now_ms)
            && self.matcher.matches(context, &asking.attributes)
            && self.is_in_slices(context.unit)
            && self.covers(context)
            && asking.meets(&self.needs)
    }

    pub(crate) fn runs_at(&self, at_ms: i64) -> bool {
        at_ms >= self.start_ms && self.end_ms.is_none_or(|end_ms| at_ms < end_ms)
    }

    /// Nobody without an id is in a part of all units.
    pub(crate) fn is_in_slices(&self, unit: &str) -> bool {
        self.slices.is_empty()
            || (!unit.is_empty() && self.slices.iter().all(|slice| slice.holds(unit)))
    }

    /// Full coverage needs no unit, a part of it does. The covered part is the half-open
    /// range `[0, coverage)`: in a GrowthBook payload, write it as `range`, since its
    /// `coverage` includes the end.
    pub(crate) fn covers(&self, context: &Context<'_>) -> bool {
        match coverage_at(self.coverage_bp, &self.ramp, context.now_ms) {
            BASIS_POINTS => true,
            0 => false,
            _ if context.unit.is_empty() => false,
            covered => self.seeded.text(context.unit).bucket() < covered,
        }
    }
}

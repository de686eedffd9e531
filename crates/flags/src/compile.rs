//! From snapshot to engine: every rule is checked, everything that can be computed ahead is.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use serde::Serialize;

use crate::bucketing::{Fnv1a, bucket_ranges};
use crate::engine::{Details, Engine, Experiment, Flag, Slice, Step, Variant};
use crate::error::{CompileError, CompileProblem, Path};
use crate::growthbook::{Lists, check_with_lists};
use crate::lookup::Lookup;
use crate::prerequisites::{NeededKeys, check_prerequisites};
use crate::qa::{Forced, ForcedWhat, QaForce, QaLink};
use crate::sampling::{Sampler, names_asked_for};
use crate::snapshot::{
    AttributeRule, BASIS_POINTS, ExperimentRule, FlagRule, FlagRuleStep, RampStep, SliceRule,
    Snapshot, Targeting, VariantRule,
};
use crate::targeting::{Matcher, Names};

/// What one snapshot may hold. Generous; there to bound memory and time, not use.
mod limit {
    pub(super) const EXPERIMENTS: usize = 10_000;
    pub(super) const FLAGS: usize = 1_000_000;
    pub(super) const VARIANTS: usize = 100;
    pub(super) const STEPS: usize = 100;
    pub(super) const SLICES: usize = 10;
    pub(super) const QA_LINKS: usize = 1_000;
    pub(super) const RULES: usize = 50;
    pub(super) const VALUES: usize = 10_000;
    pub(super) const KEY_BYTES: usize = 128;
    pub(super) const TEXT_BYTES: usize = 1_024;
    pub(super) const JSON_BYTES: usize = 65_536;
    pub(super) const GROUPS: usize = 10_000;
    pub(super) const GROUP_VALUES: usize = 1_000_000;
}

pub(crate) type Checked<T = ()> = Result<T, CompileError>;
type Experiments = (Box<[Experiment]>, Box<[Details]>);

pub(crate) fn compile(snapshot: &Snapshot) -> Checked<Engine> {
    check_groups(snapshot)?;
    let lists = Lists::new(&snapshot.saved_groups);
    let names = check_names(snapshot, &lists)?;
    check_prerequisites(&snapshot.flags, &snapshot.experiments)?;
    let means = Means {
        needed: NeededKeys::new(&snapshot.flags, &snapshot.experiments),
        lists,
        names,
    };
    let (experiments, details) = compile_experiments(&snapshot.experiments, &means)?;
    let flags = compile_flags(&snapshot.flags, &means)?;
    let live: Vec<&ExperimentRule> = snapshot.experiments.iter().filter(|e| !e.paused).collect();
    let position = |key: &str| flags.binary_search_by(|flag| (*flag.key).cmp(key)).ok();
    Ok(Engine {
        lookup: Lookup::new(flags.iter().map(|flag| &*flag.key)),
        version: snapshot.version,
        environment: snapshot.environment.as_str().into(),
        created_ms: snapshot.created_ms,
        needed: means.needed.needed(&live, position),
        experiments,
        details,
        flags,
        names: means.names,
        lists: means.lists,
        sampler: snapshot.sampling_seed.as_deref().and_then(Sampler::new),
        attribute_names: names_asked_for(snapshot),
        forced: compile_links(&snapshot.qa_links)?,
    })
}

fn compile_links(links: &[QaLink]) -> Checked<Box<[Forced]>> {
    let root = Path::root("qa_links");
    at_most(&root, links.len(), limit::QA_LINKS)?;
    let mut seen = HashSet::new();
    let mut forced = Vec::with_capacity(links.len());
    for (i, link) in links.iter().enumerate() {
        let path = root.index(i);
        check_key(&path.field("id"), &link.id, &mut seen)?;
        forced.push(Forced {
            link: link.id.as_str().into(),
            expires_ms: link.expires_ms,
            feature: link.forces.feature().into(),
            value: link.forces.value().into(),
            what: compile_force(&path, &link.forces)?,
        });
    }
    Ok(forced.into())
}

fn compile_force(path: &Path<'_>, forces: &QaForce) -> Checked<ForcedWhat> {
    let mut seen = HashSet::new();
    Ok(match forces {
        QaForce::Variant {
            experiment,
            variant,
            position,
        } => {
            check_key(&path.field("experiment"), experiment, &mut HashSet::new())?;
            ForcedWhat::Variant {
                experiment: experiment.as_str().into(),
                variant: Variant {
                    reason: format!("qa_{experiment}_{}", variant.key).into(),
                    ..compile_variant(&path.field("variant"), experiment, variant, &mut seen)?
                },
                position: *position as usize,
            }
        }
        QaForce::Value { flag, value } => {
            check_key(&path.field("flag"), flag, &mut seen)?;
            check_json(&path.field("value"), value)?;
            ForcedWhat::Value {
                flag: flag.as_str().into(),
                value: value.clone(),
                reason: format!("flag_{flag}_qa").into(),
            }
        }
    })
}

/// What rules are compiled with.
struct Means<'s> {
    names: Names,
    lists: Lists,
    needed: NeededKeys<'s>,
}

/// Whether one experiment by itself makes sense.
pub(crate) fn check_experiment(rule: &ExperimentRule, lists: &Lists) -> Checked {
    let (path, mut names) = (Path::root("experiment"), BTreeSet::new());
    check_targeting(&path, &rule.targeting, lists, &mut names)?;
    let means = Means {
        names: names_of(&rule.targeting),
        lists: lists.clone(),
        needed: NeededKeys::new(&[], std::slice::from_ref(rule)),
    };
    compile_experiment(&path, rule, &means).map(drop)
}

/// Whether one flag by itself makes sense.
pub(crate) fn check_flag(rule: &FlagRule, lists: &Lists) -> Checked {
    let (path, mut names) = (Path::root("rules"), BTreeSet::new());
    for (index, step) in rule.rules.iter().enumerate() {
        check_targeting(&path.index(index), &step.targeting, lists, &mut names)?;
    }
    let rules = std::slice::from_ref(rule);
    let means = Means {
        names: Names::new(names.into_iter().map(Into::into).collect()),
        lists: lists.clone(),
        needed: NeededKeys::new(rules, &[]),
    };
    compile_flags(rules, &means).map(drop)
}

fn check_groups(snapshot: &Snapshot) -> Checked {
    let path = Path::root("saved_groups");
    at_most(&path, snapshot.saved_groups.len(), limit::GROUPS)?;
    for (name, values) in &snapshot.saved_groups {
        let path = path.field(name);
        at_most(&path, values.len(), limit::GROUP_VALUES)?;
        let mut values = values.iter().enumerate();
        values.try_for_each(|(i, value)| {
            not_longer(&path.index(i), value.len(), limit::TEXT_BYTES)
        })?;
    }
    Ok(())
}

/// The attribute names of one targeting.
pub(crate) fn names_of(targeting: &Targeting) -> Names {
    let rules = targeting.attributes.iter();
    let names: BTreeSet<&str> = rules.map(|rule| rule.name.as_str()).collect();
    Names::new(names.into_iter().map(Into::into).collect())
}

/// Checks all targeting and collects the attribute names it uses.
fn check_names(snapshot: &Snapshot, lists: &Lists) -> Checked<Names> {
    let mut names = BTreeSet::new();
    let root = Path::root("experiments");
    at_most(&root, snapshot.experiments.len(), limit::EXPERIMENTS)?;
    for (i, experiment) in snapshot.experiments.iter().enumerate() {
        check_targeting(&root.index(i), &experiment.targeting, lists, &mut names)?;
    }
    let root = Path::root("flags");
    at_most(&root, snapshot.flags.len(), limit::FLAGS)?;
    for (i, flag) in snapshot.flags.iter().enumerate() {
        let path = root.index(i);
        let path = path.field("rules");
        at_most(&path, flag.rules.len(), limit::STEPS)?;
        for (j, step) in flag.rules.iter().enumerate() {
            check_targeting(&path.index(j), &step.targeting, lists, &mut names)?;
        }
    }
    at_most(&Path::root("attribute names"), names.len(), Names::MAX)?;
    Ok(Names::new(names.into_iter().map(Into::into).collect()))
}

fn check_targeting<'s>(
    path: &Path<'_>,
    targeting: &'s Targeting,
    lists: &Lists,
    names: &mut BTreeSet<&'s str>,
) -> Checked {
    let path = path.field("targeting");
    if let Some(condition) = &targeting.condition {
        check_json(&path.field("condition"), condition)?;
        check_with_lists(condition, lists).map_err(|fault| CompileError {
            path: format!("{path}.{}", fault.path),
            problem: fault.problem.into(),
        })?;
    }
    let path = path.field("attributes");
    at_most(&path, targeting.attributes.len(), limit::RULES)?;
    for (i, rule) in targeting.attributes.iter().enumerate() {
        check_rule(&path.index(i), rule)?;
        names.insert(&rule.name);
    }
    Ok(())
}

fn check_rule(path: &Path<'_>, rule: &AttributeRule) -> Checked {
    check_text(&path.field("name"), &rule.name)?;
    let values = path.field("values");
    if rule.values.is_empty() {
        return Err(values.fault(CompileProblem::Empty));
    }
    at_most(&values, rule.values.len(), limit::VALUES)?;
    rule.values
        .iter()
        .enumerate()
        .try_for_each(|(i, value)| not_longer(&values.index(i), value.len(), limit::TEXT_BYTES))
}

fn compile_experiments(rules: &[ExperimentRule], means: &Means<'_>) -> Checked<Experiments> {
    let root = Path::root("experiments");
    let mut seen = HashSet::new();
    let mut experiments = Vec::with_capacity(rules.len());
    let mut details = Vec::with_capacity(rules.len());
    for (i, rule) in rules.iter().enumerate() {
        let path = root.index(i);
        check_key(&path.field("id"), &rule.id, &mut seen)?;
        let (experiment, detail) = compile_experiment(&path, rule, means)?;
        // Checked all the same, so that resuming one can't bring up an old mistake.
        if !rule.paused {
            experiments.push(experiment);
            details.push(detail);
        }
    }
    Ok((experiments.into(), details.into()))
}

fn compile_experiment(
    path: &Path<'_>,
    rule: &ExperimentRule,
    means: &Means<'_>,
) -> Checked<(Experiment, Details)> {
    check_text(&path.field("seed"), &rule.seed)?;
    check_share(&path.field("coverage_bp"), rule.coverage_bp)?;
    check_times(path, rule.start_ms, rule.end_ms)?;
    let variants = compile_variants(&path.field("variants"), rule)?;
    let experiment = Experiment {
        start_ms: rule.start_ms.unwrap_or(i64::MIN),
        end_ms: rule.end_ms,
        seeded: Fnv1a::EMPTY.text(&rule.seed),
        matcher: Matcher::new(&rule.targeting, &means.names, &means.lists),
        needs: means.needed.compile(&rule.prerequisites),
        slices: compile_slices(&path.field("slices"), &rule.slices)?,
        ranges: ranges(rule).collect(),
    };
    Ok((
        experiment,
        Details {
            id: rule.id.as_str().into(),
            variants,
        },
    ))
}

fn compile_slices(path: &Path<'_>, rules: &[SliceRule]) -> Checked<Box<[Slice]>> {
    at_most(path, rules.len(), limit::SLICES)?;
    let slices = rules.iter().enumerate().map(|(i, rule)| {
        let path = path.index(i);
        check_text(&path.field("seed"), &rule.seed)?;
        check_share(&path.field("to_bp"), rule.to_bp)?;
        if rule.from_bp >= rule.to_bp {
            return Err(path.field("from_bp").fault(CompileProblem::Empty));
        }
        // A bucket is a basis point.
        Ok(Slice {
            seeded: Fnv1a::EMPTY.text(&rule.seed),
            buckets: rule.from_bp..rule.to_bp,
        })
    });
    slices.collect()
}

/// The buckets of each variant.
pub(crate) fn ranges(rule: &ExperimentRule) -> impl Iterator<Item = Range<u16>> {
    let weights: Vec<f64> = rule.variants.iter().map(|v| share(v.weight_bp)).collect();
    let ranges = bucket_ranges(weights.len(), share(rule.coverage_bp), Some(&weights));
    ranges.into_iter().map(|range| range.buckets())
}

impl ExperimentRule {
    /// How many of the [`BUCKETS`](crate::bucketing::BUCKETS) each variant really gets.
    /// Test for sample ratio mismatch against these, not against the weights: at small
    /// coverage a variant has few buckets and rounding is a large part of them.
    #[must_use]
    pub fn buckets_per_variant(&self) -> Vec<u16> {
        ranges(self).map(|range| range.end - range.start).collect()
    }
}

fn compile_variants(path: &Path<'_>, rule: &ExperimentRule) -> Checked<Box<[Variant]>> {
    let found = rule.variants.len();
    if found < 2 {
        return Err(path.fault(CompileProblem::TooFew { found, limit: 2 }));
    }
    at_most(path, found, limit::VARIANTS)?;
    let sum: u64 = rule.variants.iter().map(|v| u64::from(v.weight_bp)).sum();
    if sum != u64::from(BASIS_POINTS) {
        return Err(path.fault(CompileProblem::WeightSum { sum }));
    }
    let mut seen = HashSet::new();
    let variants = rule.variants.iter().enumerate();
    variants
        .map(|(i, v)| compile_variant(&path.index(i), &rule.id, v, &mut seen))
        .collect()
}

fn compile_variant<'s>(
    path: &Path<'_>,
    id: &str,
    rule: &'s VariantRule,
    seen: &mut HashSet<&'s str>,
) -> Checked<Variant> {
    check_key(&path.field("key"), &rule.key, seen)?;
    if let Some(deployment) = &rule.deployment {
        check_text(&path.field("deployment"), deployment)?;
    }
    let key = &rule.key;
    Ok(Variant {
        key: key.as_str().into(),
        features_json: check_json(&path.field("features"), &rule.features)?.into(),
        features: rule.features.clone(),
        deployment: rule.deployment.as_deref().map(Into::into),
        reason: format!("ab_test_{id}_{key}").into(),
    })
}

fn compile_flags(rules: &[FlagRule], means: &Means<'_>) -> Checked<Box<[Flag]>> {
    let root = Path::root("flags");
    let mut seen = HashSet::new();
    let mut flags = Vec::with_capacity(rules.len());
    for (i, rule) in rules.iter().enumerate() {
        let path = root.index(i);
        check_key(&path.field("key"), &rule.key, &mut seen)?;
        check_json(&path.field("value"), &rule.value)?;
        let path = path.field("rules");
        let steps = rule.rules.iter().enumerate();
        let steps = steps.map(|(j, step)| compile_step(&path.index(j), &rule.key, j, step, means));
        flags.push(Flag {
            key: rule.key.as_str().into(),
            value: rule.value.clone(),
            reason: format!("flag_{}_off", rule.key).into(),
            needs: means.needed.compile(&rule.prerequisites),
            steps: steps.collect::<Checked<_>>()?,
        });
    }
    flags.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    Ok(flags.into())
}

fn compile_step(
    path: &Path<'_>,
    key: &str,
    index: usize,
    step: &FlagRuleStep,
    means: &Means<'_>,
) -> Checked<Step> {
    check_text(&path.field("seed"), &step.seed)?;
    check_share(&path.field("coverage_bp"), step.coverage_bp)?;
    check_json(&path.field("value"), &step.value)?;
    check_times(path, step.start_ms, step.end_ms)?;
    check_ramp(&path.field("ramp"), &step.ramp)?;
    Ok(Step {
        start_ms: step.start_ms.unwrap_or(i64::MIN),
        end_ms: step.end_ms,
        matcher: Matcher::new(&step.targeting, &means.names, &means.lists),
        needs: means.needed.compile(&step.prerequisites),
        slices: compile_slices(&path.field("slices"), &step.slices)?,
        seeded: Fnv1a::EMPTY.text(&step.seed),
        coverage_bp: step.coverage_bp,
        ramp: step.ramp.as_slice().into(),
        value: step.value.clone(),
        reason: format!("flag_{key}_rule_{index}").into(),
    })
}

/// More is a plan nobody reads.
const MAX_RAMP_STEPS: usize = 20;

fn check_ramp(path: &Path<'_>, ramp: &[RampStep]) -> Checked {
    at_most(path, ramp.len(), MAX_RAMP_STEPS)?;
    let mut before_ms = None;
    for (i, step) in ramp.iter().enumerate() {
        let path = path.index(i);
        check_share(&path.field("coverage_bp"), step.coverage_bp)?;
        if before_ms >= Some(step.from_ms) {
            return Err(path.field("from_ms").fault(CompileProblem::NotLater));
        }
        before_ms = Some(step.from_ms);
    }
    Ok(())
}

fn check_times(path: &Path<'_>, start_ms: Option<i64>, end_ms: Option<i64>) -> Checked {
    match (start_ms, end_ms) {
        (Some(start_ms), Some(end_ms)) if end_ms <= start_ms => {
            Err(path.field("end_ms").fault(CompileProblem::EndsBeforeStart))
        }
        _ => Ok(()),
    }
}

fn share(basis_points: u16) -> f64 {
    f64::from(basis_points) / f64::from(BASIS_POINTS)
}

fn at_most(path: &Path<'_>, found: usize, limit: usize) -> Checked {
    if found > limit {
        return Err(path.fault(CompileProblem::TooMany { found, limit }));
    }
    Ok(())
}

fn not_longer(path: &Path<'_>, bytes: usize, limit: usize) -> Checked {
    if bytes > limit {
        return Err(path.fault(CompileProblem::TooLong { bytes, limit }));
    }
    Ok(())
}

fn check_share(path: &Path<'_>, found: u16) -> Checked {
    if found > BASIS_POINTS {
        return Err(path.fault(CompileProblem::AboveWhole { found }));
    }
    Ok(())
}

fn check_text(path: &Path<'_>, text: &str) -> Checked {
    if text.is_empty() {
        return Err(path.fault(CompileProblem::Empty));
    }
    not_longer(path, text.len(), limit::TEXT_BYTES)
}

/// Keys end up in header values and log lines, hence the narrow alphabet.
fn check_key<'s>(path: &Path<'_>, key: &'s str, seen: &mut HashSet<&'s str>) -> Checked {
    check_text(path, key)?;
    not_longer(path, key.len(), limit::KEY_BYTES)?;
    if !key
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._-:/".contains(&b))
    {
        return Err(path.fault(CompileProblem::BadKey));
    }
    if !seen.insert(key) {
        return Err(path.fault(CompileProblem::Duplicate(key.to_owned())));
    }
    Ok(())
}

fn check_json(path: &Path<'_>, value: &impl Serialize) -> Checked<String> {
    // A `Value` always has a text; an empty one would only make the value look short.
    let text = serde_json::to_string(value).unwrap_or_default();
    not_longer(path, text.len(), limit::JSON_BYTES)?;
    Ok(text)
}

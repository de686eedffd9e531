//! What flags and experiments need of other flags: checked, compiled, asked.
//!
//! What counts is the value that the request gets, so an experiment that sets the feature
//! decides before the flag does. Which flags need each other, directly or through such an
//! experiment, may therefore form no circle.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::compile::Checked;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{CompileProblem, Path};
use crate::snapshot::{ExperimentRule, FlagRule, Prerequisite};
use crate::targeting::Attributes;

/// Longest chain of flags that need each other: SDKs ask for each anew.
const MAX_LEVELS: usize = 10;
/// An unknown name is told up to here.
const MAX_NAME: usize = 100;
/// Up to so many flags that others need, what a request was found to get of them takes no memory
/// but the stack's.
const FEW: usize = 24;
/// Of one flag, one step or one experiment.
const MAX_PREREQUISITES: usize = 10;

/// Whether every prerequisite names a flag and a value that can be compared, and no flag
/// needs itself through others.
///
/// # Errors
/// The first fault with its place; of a circle the flags on it, in order.
pub fn check_prerequisites(flags: &[FlagRule], experiments: &[ExperimentRule]) -> Checked {
    if NeededKeys::new(flags, experiments).0.is_empty() {
        return Ok(());
    }
    let mut needs = Needs::default();
    for flag in flags {
        needs.0.entry(&flag.key).or_default();
    }
    let root = Path::root("flags");
    for (i, flag) in flags.iter().enumerate() {
        let path = root.index(i);
        needs.check(&path, &flag.prerequisites)?;
        let path = path.field("rules");
        for (j, step) in flag.rules.iter().enumerate() {
            needs.check(&path.index(j), &step.prerequisites)?;
        }
        let steps = flag.rules.iter().flat_map(|step| &step.prerequisites);
        let all = flag.prerequisites.iter().chain(steps);
        needs.add(&flag.key, all);
    }
    let root = Path::root("experiments");
    for (i, experiment) in experiments.iter().enumerate() {
        needs.check(&root.index(i), &experiment.prerequisites)?;
        let features = experiment.variants.iter().flat_map(|v| v.features.keys());
        for feature in features.filter(|_| !experiment.prerequisites.is_empty()) {
            needs.add(feature, experiment.prerequisites.iter());
        }
    }
    needs.check_chains()
}

/// The flags that each flag needs.
#[derive(Default)]
struct Needs<'s>(BTreeMap<&'s str, Vec<&'s str>>);

impl<'s> Needs<'s> {
    fn add(&mut self, flag: &'s str, prerequisites: impl Iterator<Item = &'s Prerequisite>) {
        // What is no flag can be no prerequisite either.
        if let Some(needed) = self.0.get_mut(flag) {
            needed.extend(prerequisites.map(|p| p.flag.as_str()));
        }
    }

    fn check(&self, path: &Path<'_>, prerequisites: &[Prerequisite]) -> Checked {
        let path = path.field("prerequisites");
        let (found, limit) = (prerequisites.len(), MAX_PREREQUISITES);
        if found > limit {
            return Err(path.fault(CompileProblem::TooMany { found, limit }));
        }
        for (i, prerequisite) in prerequisites.iter().enumerate() {
            let path = path.index(i);
            if !self.0.contains_key(prerequisite.flag.as_str()) {
                let name = prerequisite.flag.chars().take(MAX_NAME).collect();
                return Err(path.field("flag").fault(CompileProblem::UnknownFlag(name)));
            }
            let value = &prerequisite.value;
            if !(value.is_boolean() || value.is_number() || value.is_string()) {
                return Err(path.field("value").fault(CompileProblem::NotScalar));
            }
        }
        Ok(())
    }

    fn check_chains(&self) -> Checked {
        let mut done = BTreeMap::new();
        let mut flags = self.0.keys();
        flags.try_for_each(|flag| self.levels(flag, &mut Vec::new(), &mut done).map(drop))
    }

    /// Levels of flags below one, itself included.
    fn levels(
        &self,
        flag: &'s str,
        above: &mut Vec<&'s str>,
        done: &mut BTreeMap<&'s str, usize>,
    ) -> Checked<usize> {
        let fault = |problem| Path::root("prerequisites").fault(problem);
        if let Some(begin) = above.iter().position(|one| *one == flag) {
            let circle = above.iter().skip(begin).chain([&flag]);
            let circle: Vec<&str> = circle.copied().collect();
            return Err(fault(CompileProblem::Circle(circle.join(" → "))));
        }
        if let Some(levels) = done.get(flag) {
            return Ok(*levels);
        }
        let too_many = |needed: &str| {
            let (limit, path) = (MAX_LEVELS, format!("{flag} → {needed} → …"));
            fault(CompileProblem::TooManyLevels { limit, path })
        };
        // Room for every circle that people make, and none for the stack to run out.
        if above.len() > 100 * MAX_LEVELS {
            return Err(too_many(flag));
        }
        above.push(flag);
        let mut levels = 1;
        for needed in self.0.get(flag).into_iter().flatten() {
            levels = levels.max(1 + self.levels(needed, above, done)?);
            if levels > MAX_LEVELS {
                return Err(too_many(needed));
            }
        }
        above.pop();
        done.insert(flag, levels);
        Ok(levels)
    }
}

/// A flag that others need.
#[derive(Debug, Clone)]
pub(crate) struct Needed {
    /// Position of the flag.
    flag: usize,
    /// Positions of the experiments that set its value, in order.
    setters: Box<[usize]>,
}

/// A compiled [`Prerequisite`].
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// Position among the engine's needed flags.
    needed: usize,
    wanted: Prerequisite,
}

/// Keys of the flags that others need, sorted: a flag's position is its place among the
/// engine's needed flags.
pub(crate) struct NeededKeys<'s>(Vec<&'s str>);

impl<'s> NeededKeys<'s> {
    pub(crate) fn new(flags: &'s [FlagRule], experiments: &'s [ExperimentRule]) -> Self {
        let steps = flags.iter().flat_map(|flag| &flag.rules);
        let steps = steps.flat_map(|step| &step.prerequisites);
        let all = flags.iter().flat_map(|flag| &flag.prerequisites);
        let all = all.chain(steps);
        let all = all.chain(experiments.iter().flat_map(|e| &e.prerequisites));
        let mut keys: Vec<&str> = all.map(|p| p.flag.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        Self(keys)
    }

    /// Those of flags that are not known are left out: they are checked first.
    pub(crate) fn compile(&self, prerequisites: &[Prerequisite]) -> Box<[Need]> {
        let needs = prerequisites.iter().filter_map(|wanted| {
            Some(Need {
                needed: self.0.binary_search(&wanted.flag.as_str()).ok()?,
                wanted: wanted.clone(),
            })
        });
        needs.collect()
    }

    /// `experiments` are those of the engine, in its order; `flag` finds a flag's position.
    pub(crate) fn needed(
        &self,
        experiments: &[&ExperimentRule],
        flag: impl Fn(&str) -> Option<usize>,
    ) -> Box<[Needed]> {
        let needed = self.0.iter().filter_map(|key| {
            let sets =
                |e: &&ExperimentRule| e.variants.iter().any(|v| v.features.contains_key(*key));
            let setters = experiments.iter().enumerate();
            let setters = setters.filter(|(_, e)| sets(e)).map(|(index, _)| index);
            Some(Needed {
                flag: flag(key)?,
                setters: setters.collect(),
            })
        });
        needed.collect()
    }
}

/// One request, asked about with what was found out so far.
pub(crate) struct Asking<'e, 'c> {
    pub(crate) engine: &'e Engine,
    pub(crate) context: &'c Context<'c>,
    pub(crate) attributes: Attributes<'c>,
    known: RefCell<Known<'e>>,
}

/// Values of needed flags, by position.
enum Known<'e> {
    /// None was asked for.
    Nothing,
    Few([Option<&'e Value>; FEW]),
    Many(Vec<Option<&'e Value>>),
}

impl<'e> Known<'e> {
    fn get(&self, index: usize) -> Option<&'e Value> {
        let all: &[Option<&'e Value>] = match self {
            Self::Nothing => &[],
            Self::Few(all) => all,
            Self::Many(all) => all,
        };
        all.get(index).copied().flatten()
    }

    /// Of `count` that the engine has.
    fn set(&mut self, index: usize, value: &'e Value, count: usize) {
        if matches!(self, Self::Nothing) {
            *self = match count {
                ..=FEW => Self::Few([None; FEW]),
                _ => Self::Many(vec![None; count]),
            };
        }
        let all: &mut [Option<&'e Value>] = match self {
            Self::Nothing => &mut [],
            Self::Few(all) => all,
            Self::Many(all) => all,
        };
        if let Some(known) = all.get_mut(index) {
            *known = Some(value);
        }
    }
}

impl<'e, 'c> Asking<'e, 'c> {
    pub(crate) fn new(engine: &'e Engine, context: &'c Context<'c>) -> Self {
        Self {
            engine,
            context,
            attributes: Attributes::resolve(&engine.names, context.attributes),
            known: RefCell::new(Known::Nothing),
        }
    }

    #[inline]
    pub(crate) fn meets(&self, needs: &[Need]) -> bool {
        needs.iter().all(|need| {
            let found = self.needed(need.needed);
            found.is_some_and(|found| need.wanted.holds(found))
        })
    }

    /// The value of a needed flag, found out once.
    fn needed(&self, index: usize) -> Option<&'e Value> {
        if let Some(known) = self.known.borrow().get(index) {
            return Some(known);
        }
        let needed = self.engine.needed.get(index)?;
        let flag = self.engine.flags.get(needed.flag)?;
        let mut setters = needed.setters.iter();
        let set = setters.find_map(|experiment| self.set_by(*experiment, &flag.key));
        let value = set.unwrap_or_else(|| flag.decide(self).value);
        let count = self.engine.needed.len();
        self.known.borrow_mut().set(index, value, count);
        Some(value)
    }

    /// What an experiment that the request takes part in sets a feature to.
    fn set_by(&self, index: usize, feature: &str) -> Option<&'e Value> {
        let unit = self.context.unit;
        let experiment = self.engine.experiments.get(index)?;
        if unit.is_empty() || !experiment.takes_part(self) {
            return None;
        }
        let variant = experiment.variant_of(unit)?;
        let details = self.engine.details.get(index)?;
        details.variants.get(variant)?.features.get(feature)
    }

    /// The value of a flag that something needs, by its key.
    pub(crate) fn value(&self, flag: &str) -> Option<&'e Value> {
        let flags = &self.engine.flags;
        let flag = flags
            .binary_search_by(|known| (*known.key).cmp(flag))
            .ok()?;
        let mut needed = self.engine.needed.iter();
        let index = needed.position(|needed| needed.flag == flag)?;
        self.needed(index)
    }
}

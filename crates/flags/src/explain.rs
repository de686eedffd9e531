//! Why an experiment or a flag treats somebody as it does.
//!
//! The same pieces that the engine is compiled of are asked one by one, all of them, so that
//! a reader sees everything that keeps a user out and not only the first.

mod condition;
mod draw;

use serde::Serialize;
use serde_json::Value;

pub use self::condition::{Asks, ConditionLine, NamedConditions};
pub use self::draw::{Buckets, Draw};
use crate::compile::{check_experiment, check_flag, names_of, ranges};
use crate::context::{Context, CountryCode, Device};
use crate::engine::Engine;
use crate::error::CompileError;
use crate::prerequisites::Asking;
use crate::snapshot::{
    BASIS_POINTS, ExperimentRule, FlagRule, FlagRuleStep, Prerequisite, SliceRule, Targeting,
};
use crate::targeting::{Attributes, Matcher};

/// Every condition in the order in which the engine asks, and what comes of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    pub steps: Vec<Step>,
    /// Position of the variant; none when the user takes no part.
    pub variant: Option<u32>,
}

/// Every rule of a flag in order, and which of them decides.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagExplanation {
    /// What the flag needs of others before any rule is asked.
    pub prerequisites: Vec<Step>,
    pub rules: Vec<RuleExplanation>,
    /// Position of the first rule that takes the user in; none: the off value.
    pub decided: Option<u32>,
}

/// One rule of a flag, asked whether or not an earlier one has decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleExplanation {
    pub steps: Vec<Step>,
    /// It would take the user in.
    pub passed: bool,
}

/// One condition and its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    pub check: Check,
    pub passed: bool,
}

/// What a step looks at, with what it found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "check")]
pub enum Check {
    /// The experiment is not paused.
    Running,
    /// Somebody is known by an id.
    Unit,
    /// Now lies within the schedule.
    Schedule,
    Country {
        found: Option<CountryCode>,
    },
    Device {
        found: Device,
    },
    /// The attribute rule at this position.
    Attribute {
        index: u32,
        found: Option<String>,
    },
    /// The condition, line by line.
    Condition {
        lines: Vec<ConditionLine>,
    },
    /// The slice at this position, and how the user is drawn in it.
    Slice {
        index: u32,
        draw: Draw,
    },
    /// The prerequisite at this position, and the other flag's value for the user; none when
    /// there is no such flag.
    Prerequisite {
        index: u32,
        found: Option<Value>,
    },
    /// The user's bucket lies in a variant's covered range; of a flag's rule in the only one.
    Coverage {
        draw: Draw,
    },
}

impl ExperimentRule {
    /// Explains what [`Engine::decide`] says for this context. The engine is that of the
    /// snapshot which the rule stands in.
    ///
    /// # Errors
    /// When the rule does not compile.
    pub fn explain(
        &self,
        context: &Context<'_>,
        engine: &Engine,
    ) -> Result<Explanation, CompileError> {
        self.explain_naming(context, engine, &NamedConditions::default())
    }

    /// The same; parts of the condition that have a name are called by it.
    ///
    /// # Errors
    /// When the rule does not compile.
    pub fn explain_naming(
        &self,
        context: &Context<'_>,
        engine: &Engine,
        named: &NamedConditions,
    ) -> Result<Explanation, CompileError> {
        check_experiment(self, &engine.lists)?;
        let asking = Asking::new(engine, context);
        let draw = Draw::new(&self.seed, context.unit, ranges(self));
        let variant = draw.holder();
        let mut steps = vec![
            step(Check::Running, !self.paused),
            step(Check::Unit, !context.unit.is_empty()),
            schedule_step(self.start_ms, self.end_ms, context.now_ms),
        ];
        steps.extend(targeting_steps(&self.targeting, &asking, named));
        steps.extend(prerequisite_steps(&self.prerequisites, &asking));
        steps.extend(slice_steps(&self.slices, context.unit));
        steps.push(step(Check::Coverage { draw }, variant.is_some()));
        let takes_part = steps.iter().all(|step| step.passed);
        Ok(Explanation {
            steps,
            variant: variant.filter(|_| takes_part),
        })
    }
}

impl FlagRule {
    /// Explains what [`Engine::flag`] says for this context. The engine is that of the
    /// snapshot which the flag stands in.
    ///
    /// # Errors
    /// When the rule does not compile.
    pub fn explain(
        &self,
        context: &Context<'_>,
        engine: &Engine,
    ) -> Result<FlagExplanation, CompileError> {
        self.explain_naming(context, engine, &NamedConditions::default())
    }

    /// The same; parts of conditions that have a name are called by it.
    ///
    /// # Errors
    /// When the rule does not compile.
    pub fn explain_naming(
        &self,
        context: &Context<'_>,
        engine: &Engine,
        named: &NamedConditions,
    ) -> Result<FlagExplanation, CompileError> {
        check_flag(self, &engine.lists)?;
        let asking = Asking::new(engine, context);
        let prerequisites = prerequisite_steps(&self.prerequisites, &asking);
        let rules = self.rules.iter().map(|rule| rule.explain(&asking, named));
        let rules: Vec<RuleExplanation> = rules.collect();
        let open = prerequisites.iter().all(|step| step.passed);
        let decided = (0..).zip(&rules).find(|(_, rule)| open && rule.passed);
        Ok(FlagExplanation {
            decided: decided.map(|(index, _)| index),
            prerequisites,
            rules,
        })
    }
}

impl FlagRuleStep {
    fn explain(&self, asking: &Asking<'_, '_>, named: &NamedConditions) -> RuleExplanation {
        let context = asking.context;
        let mut steps = vec![schedule_step(self.start_ms, self.end_ms, context.now_ms)];
        steps.extend(targeting_steps(&self.targeting, asking, named));
        steps.extend(prerequisite_steps(&self.prerequisites, asking));
        let in_slices = slice_steps(&self.slices, context.unit);
        // Nobody without an id is in a part of all units.
        steps.extend(in_slices.map(|found| Step {
            passed: found.passed && !context.unit.is_empty(),
            ..found
        }));
        let coverage_bp = self.coverage_at(context.now_ms);
        let draw = Draw::new(&self.seed, context.unit, std::iter::once(0..coverage_bp));
        // All of them need no id, a part of them does.
        let covered = match coverage_bp {
            BASIS_POINTS => true,
            _ => !context.unit.is_empty() && draw.holder().is_some(),
        };
        steps.push(step(Check::Coverage { draw }, covered));
        RuleExplanation {
            passed: steps.iter().all(|step| step.passed),
            steps,
        }
    }
}

fn slice_steps<'s>(slices: &'s [SliceRule], unit: &'s str) -> impl Iterator<Item = Step> + 's {
    (0..).zip(slices).map(move |(index, slice)| {
        // A bucket is a basis point.
        let range = slice.from_bp..slice.to_bp;
        let draw = Draw::new(&slice.seed, unit, std::iter::once(range));
        let passed = draw.holder().is_some();
        step(Check::Slice { index, draw }, passed)
    })
}

fn schedule_step(start_ms: Option<i64>, end_ms: Option<i64>, now_ms: i64) -> Step {
    let runs = start_ms.is_none_or(|start_ms| now_ms >= start_ms)
        && end_ms.is_none_or(|end_ms| now_ms < end_ms);
    step(Check::Schedule, runs)
}

fn prerequisite_steps(prerequisites: &[Prerequisite], asking: &Asking<'_, '_>) -> Vec<Step> {
    let steps = (0..).zip(prerequisites).map(|(index, prerequisite)| {
        let found = asking.value(&prerequisite.flag).cloned();
        let passed = found
            .as_ref()
            .is_some_and(|found| prerequisite.holds(found));
        step(Check::Prerequisite { index, found }, passed)
    });
    steps.collect()
}

/// One step for each part of the targeting that asks for anything.
fn targeting_steps(
    targeting: &Targeting,
    asking: &Asking<'_, '_>,
    named: &NamedConditions,
) -> Vec<Step> {
    let (context, lists) = (asking.context, &asking.engine.lists);
    let names = names_of(targeting);
    let attributes = Attributes::resolve(&names, context.attributes);
    let matches =
        |part: &Targeting| Matcher::new(part, &names, lists).matches(context, &attributes);
    let none = Targeting::default;
    let mut steps = Vec::new();
    if !targeting.countries.is_empty() {
        let countries = targeting.countries.clone();
        let found = context.country;
        let passed = matches(&Targeting {
            countries,
            ..none()
        });
        steps.push(step(Check::Country { found }, passed));
    }
    if !targeting.devices.is_empty() {
        let devices = targeting.devices.clone();
        let found = context.device;
        let passed = matches(&Targeting { devices, ..none() });
        steps.push(step(Check::Device { found }, passed));
    }
    for (index, rule) in (0..).zip(&targeting.attributes) {
        let mut pairs = context.attributes.iter();
        let found = pairs.find(|(name, _)| *name == rule.name);
        let found = found.map(|(_, value)| (*value).to_owned());
        let passed = matches(&Targeting {
            attributes: vec![rule.clone()],
            ..none()
        });
        steps.push(step(Check::Attribute { index, found }, passed));
    }
    if let Some(condition) = &targeting.condition {
        let passed = matches(&Targeting {
            condition: Some(condition.clone()),
            ..none()
        });
        let lines = condition::lines(condition, context, lists, named);
        steps.push(step(Check::Condition { lines }, passed));
    }
    steps
}

const fn step(check: Check, passed: bool) -> Step {
    Step { check, passed }
}

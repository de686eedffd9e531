//! How far somebody gets: the first thing that keeps a context out.
//!
//! The engine's own pieces in the order in which an estimate tells of them. Schedules are left
//! out: an estimate is about who would be taken in while it runs.

use crate::context::Context;
use crate::engine::{Engine, Experiment, Flag};
use crate::prerequisites::Asking;

/// Where a context ends up in an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The targeting does not match.
    Targeting,
    /// Not in the slice at this position.
    Slice(usize),
    /// A prerequisite does not hold.
    Prerequisites,
    /// Matches, but the coverage leaves the unit out.
    Coverage,
    /// Gets the variant at this position.
    Variant(usize),
}

/// Where a context ends up at one rule of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleReach {
    /// The targeting does not match.
    Targeting,
    /// A rule above takes it in.
    Above,
    /// A holdout that the rule respects has the unit, or there is no unit to tell.
    Holdout,
    /// A prerequisite of the flag or the rule does not hold.
    Prerequisites,
    /// Matches, but the coverage leaves the unit out.
    Coverage,
    /// Gets the rule's value.
    Taken,
}

impl Engine {
    /// How far the context gets in an experiment; `None` when there is no such one, or it is
    /// paused.
    #[must_use]
    pub fn reach(&self, experiment_id: &str, context: &Context<'_>) -> Option<Reach> {
        let mut both = self.details.iter().zip(&self.experiments);
        let (_, experiment) = both.find(|(details, _)| *details.id == *experiment_id)?;
        Some(experiment.reach(&Asking::new(self, context)))
    }

    /// How far the context gets at each rule of a flag; `None` when there is no such one.
    #[must_use]
    pub fn rule_reaches(&self, key: &str, context: &Context<'_>) -> Option<Vec<RuleReach>> {
        let known = self.flags.binary_search_by(|flag| (*flag.key).cmp(key));
        let flag = self.flags.get(known.ok()?)?;
        Some(flag.reaches(&Asking::new(self, context)))
    }
}

impl Experiment {
    fn reach(&self, asking: &Asking<'_, '_>) -> Reach {
        let context = asking.context;
        if context.unit.is_empty() || !self.matcher.matches(context, &asking.attributes) {
            return Reach::Targeting;
        }
        let mut slices = self.slices.iter();
        if let Some(outside) = slices.position(|slice| !slice.holds(context.unit)) {
            return Reach::Slice(outside);
        }
        if !asking.meets(&self.needs) {
            return Reach::Prerequisites;
        }
        self.variant_of(context.unit)
            .map_or(Reach::Coverage, Reach::Variant)
    }
}

impl Flag {
    fn reaches(&self, asking: &Asking<'_, '_>) -> Vec<RuleReach> {
        let context = asking.context;
        let open = asking.meets(&self.needs);
        let mut taken = false;
        let steps = self.steps.iter().map(|step| {
            let reach = if !step.matcher.matches(context, &asking.attributes) {
                RuleReach::Targeting
            } else if taken {
                RuleReach::Above
            } else if !step.is_in_slices(context.unit) {
                RuleReach::Holdout
            } else if !open || !asking.meets(&step.needs) {
                RuleReach::Prerequisites
            } else if step.covers(context) {
                RuleReach::Taken
            } else {
                RuleReach::Coverage
            };
            taken |= reach == RuleReach::Taken && step.runs_at(context.now_ms);
            reach
        });
        steps.collect()
    }
}

//! What no edit may change once users have been dealt.

use super::{Draft, Experiment, LayerShare};
use crate::{Field, FieldProblem, Problem};

impl Draft {
    /// Whatever would deal users anew, or move the goal.
    pub(super) fn changes_after_start(&self, to: &Experiment) -> Vec<FieldProblem> {
        let old = Self::of(to);
        let (who, whom) = (&self.targeting, &old.targeting);
        let (plan, planned) = (&self.plan, &old.plan);
        let (time, timed) = (&self.schedule, &old.schedule);
        let fixed = [
            (self.environment != old.environment, Field::Environment),
            (self.variants != old.variants, Field::Variants),
            (self.coverage_bp != old.coverage_bp, Field::Coverage),
            (self.ramp != old.ramp, Field::Ramp),
            (who.countries != whom.countries, Field::Countries),
            (who.devices != whom.devices, Field::Devices),
            (who.attributes != whom.attributes, Field::Attributes),
            (who.condition != whom.condition, Field::Condition),
            (
                self.layer.clone().map(LayerShare::unplaced) != old.layer.map(LayerShare::unplaced),
                Field::Layer,
            ),
            (
                self.prerequisites != old.prerequisites,
                Field::Prerequisites,
            ),
            (self.team != old.team, Field::Team),
            (self.holdout != old.holdout, Field::Holdout),
            (time.start_ms != timed.start_ms, Field::StartAt),
            (time.end_ms != timed.end_ms, Field::EndAt),
            (self.goal != old.goal, Field::Goal),
            (
                self.goal_window_hours != old.goal_window_hours,
                Field::GoalWindow,
            ),
            (self.goal_pre_days != old.goal_pre_days, Field::GoalPreDays),
            (self.guardrail != old.guardrail, Field::Safeguards),
            (
                self.significance.to_bits() != old.significance.to_bits(),
                Field::Significance,
            ),
            (plan.baseline_bp != planned.baseline_bp, Field::Baseline),
            (
                plan.minimum_effect_bp != planned.minimum_effect_bp,
                Field::MinimumEffect,
            ),
            (self.method != old.method, Field::Method),
            (self.correction != old.correction, Field::Correction),
            (self.metrics != old.metrics, Field::Metrics),
        ];
        fixed
            .into_iter()
            .filter(|(changed, _)| *changed)
            .map(|(_, field)| FieldProblem::new(field, Problem::FixedAfterStart))
            .collect()
    }
}

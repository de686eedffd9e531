//! What the gateway is told of a flag.

use std::collections::BTreeSet;

use nexus_flags::{ExperimentRule, FlagRule, FlagRuleStep};

use super::{Flag, FlagStatus, Rule};
use crate::holdout::Holdout;

/// The rule for the snapshot: without steps while it is switched off, `None` when archived.
/// `holdouts` are those of the environment.
#[must_use]
pub fn flag_rule_of(flag: &Flag, holdouts: &[Holdout]) -> Option<FlagRule> {
    if flag.archived {
        return None;
    }
    let mut rule = flag_rule_as_planned(flag, holdouts);
    if !flag.enabled {
        rule.rules.clear();
        rule.prerequisites.clear();
        rule.is_off = true;
    }
    Some(rule)
}

/// The kill switch reaches experiments too: none of their variants sets a flag that is off.
/// Who takes part stays in the same variant. An archived flag is unknown at the edge, so a
/// feature of that name is the experiment's alone.
pub fn leave_out_those_off(experiments: &mut [ExperimentRule], flags: &[Flag]) {
    let off = flags.iter().filter(|flag| flag.status() == FlagStatus::Off);
    let off: BTreeSet<&str> = off.map(|flag| flag.key.as_str()).collect();
    let variants = experiments.iter_mut().flat_map(|one| &mut one.variants);
    for variant in variants {
        variant
            .features
            .retain(|key, _| !off.contains(key.as_str()));
    }
}

/// The rule as it is or would be while switched on. A rule that is off keeps its place, so
/// that the gateway's reasons count as people do.
#[must_use]
pub fn flag_rule_as_planned(flag: &Flag, holdouts: &[Holdout]) -> FlagRule {
    FlagRule {
        is_off: false,
        key: flag.key.to_string(),
        value: flag.value.clone(),
        rules: flag
            .rules
            .iter()
            .map(|rule| step(flag, rule, holdouts))
            .collect(),
        prerequisites: flag.prerequisites.clone(),
    }
}

fn step(flag: &Flag, rule: &Rule, holdouts: &[Holdout]) -> FlagRuleStep {
    FlagRuleStep {
        targeting: rule.targeting.clone(),
        coverage_bp: if rule.enabled { rule.coverage_bp } else { 0 },
        ramp: match rule.enabled {
            true => rule.ramp.clone(),
            false => Vec::new(),
        },
        // Neither place nor environment: a rule takes in the same users wherever it stands.
        seed: format!("flag:{}:{}", flag.key, rule.id),
        value: rule.value.clone(),
        start_ms: rule.schedule.start_ms,
        end_ms: rule.schedule.end_ms,
        prerequisites: rule.prerequisites.clone(),
        slices: holdouts
            .iter()
            .filter(|holdout| rule.is_bound_by(holdout) && holdout.environment == flag.environment)
            .map(|holdout| holdout.held_back().slice())
            .collect(),
    }
}

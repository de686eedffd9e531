//! Drafts as far as they say whom they are for. An estimate is asked for while somebody still
//! types: what is missing or wrong elsewhere does not matter to it.

use crate::experiment::{Draft, Plan, Safeguards, Schedule};
use crate::flag::{FlagDraft, Rule};
use crate::ids::{is_flag_key, is_slug};

/// In place of names that are missing or wrong.
const STAND_IN: &str = "estimate";

impl Draft {
    /// The same audience, with the usual in place of everything else.
    #[must_use]
    pub fn only_audience(&self) -> Self {
        let usual = Self::starter(self.environment);
        Self {
            id: stand_in(&self.id, is_slug),
            name: STAND_IN.to_owned(),
            coverage_bp: self.coverage_bp,
            targeting: self.targeting.clone(),
            layer: self.layer.clone(),
            prerequisites: self.prerequisites.clone(),
            holdout: self.holdout.clone(),
            team: self.team.clone().filter(|team| is_slug(team)),
            schedule: Schedule::default(),
            guardrail: Safeguards::default(),
            plan: Plan::default(),
            ..usual
        }
    }
}

impl FlagDraft {
    /// The same rules, with the usual in place of words, schema and lifetime.
    #[must_use]
    pub fn only_audience(&self) -> Self {
        let rules = self.rules.iter().map(|rule| Rule {
            name: String::new(),
            description: String::new(),
            ..rule.clone()
        });
        Self {
            key: stand_in(&self.key, is_flag_key),
            name: STAND_IN.to_owned(),
            kind: self.kind,
            value: self.value.clone(),
            rules: rules.collect(),
            prerequisites: self.prerequisites.clone(),
            ..Self::starter(self.environment)
        }
    }
}

fn stand_in(id: &str, is_one: impl Fn(&str) -> bool) -> String {
    let id = if is_one(id) { id } else { STAND_IN };
    id.to_owned()
}

//! Flags, and each of their rules by itself.

use nexus_domain::Environment;
use nexus_domain::flag::{Flag, FlagCommand, FlagDraft, FlagKind, MAX_RULES, Rule, flag_rule_of};
use nexus_domain::holdout::Holdout;
use nexus_flags::FlagRule;
use serde_json::json;

use crate::life::Dice;

/// Flags with every revision of theirs.
pub(crate) struct Flags {
    pub(crate) now: Vec<Flag>,
    revisions: Vec<Vec<FlagDraft>>,
    /// Values given so far: no two rules have one in common.
    given: u64,
    pub(crate) moved: usize,
}

impl Flags {
    pub(crate) fn new() -> Self {
        let flag = |key: &&str| {
            let draft = FlagDraft {
                key: (*key).into(),
                name: (*key).into(),
                kind: FlagKind::Number,
                value: json!(0),
                ..FlagDraft::starter(Environment::Production)
            };
            let made = draft.create("ann", 1).unwrap();
            made.after(FlagCommand::Enable, "ann", 2).unwrap().unwrap()
        };
        let now: Vec<Flag> = ["theme", "checkout-flow"].iter().map(flag).collect();
        Self {
            revisions: now.iter().map(|flag| vec![FlagDraft::of(flag)]).collect(),
            now,
            given: 0,
            moved: 0,
        }
    }

    pub(crate) fn edit(&mut self, dice: &mut Dice, holdouts: &[Holdout]) {
        let place = dice.below(self.now.len());
        let mut draft = FlagDraft::of(&self.now[place]);
        let count = draft.rules.len();
        match dice.below(8) {
            0 | 1 if count < MAX_RULES / 2 => {
                self.given += 1;
                let in_force = holdouts.iter().filter(|h| h.stopped_ms.is_none());
                let rule = Rule {
                    coverage_bp: dice.basis_points(0, 9_999),
                    holdouts: in_force.take(1).map(|h| h.id.to_string()).collect(),
                    ..Rule::for_everybody(json!(self.given))
                };
                draft.rules.insert(dice.below(count + 1), rule);
            }
            2 if count > 4 => drop(draft.rules.remove(dice.below(count))),
            3 | 4 if count > 1 => {
                draft.rules.swap(dice.below(count), dice.below(count));
                self.moved += 1;
            }
            5 => {
                let revisions = &self.revisions[place];
                draft
                    .rules
                    .clone_from(&revisions[dice.below(revisions.len())].rules);
            }
            6 => return self.switch(place),
            _ if count > 0 => {
                draft.rules[dice.below(count)].coverage_bp = dice.basis_points(0, 10_000);
            }
            _ => return,
        }
        let edited = draft.apply(&self.now[place], "ben", 3).unwrap();
        self.revisions[place].push(FlagDraft::of(&edited));
        self.now[place] = edited;
    }

    fn switch(&mut self, place: usize) {
        for command in [FlagCommand::Disable, FlagCommand::Enable] {
            let next = self.now[place].after(command, "ben", 3).unwrap();
            self.now[place] = next.unwrap();
        }
    }

    /// The flags as gateways get them, and each rule as a flag of its own, [`alone`].
    pub(crate) fn rules(&self, holdouts: &[Holdout]) -> Vec<FlagRule> {
        let mut all = Vec::new();
        for flag in &self.now {
            let whole = flag_rule_of(flag, holdouts).unwrap();
            for (rule, step) in flag.rules.iter().zip(&whole.rules) {
                all.push(FlagRule {
                    is_off: false,
                    key: alone(flag, rule),
                    rules: vec![step.clone()],
                    ..whole.clone()
                });
            }
            all.push(whole);
        }
        all
    }
}

/// Key of a rule as a flag of its own.
pub(crate) fn alone(flag: &Flag, rule: &Rule) -> String {
    format!("{}--{}", flag.key, rule.id)
}

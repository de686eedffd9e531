//! Rules of flags and the holdouts that bind them.

use super::{Flag, FlagDraft, Rule};
use crate::holdout::Holdout;

impl Rule {
    /// Leaves out whom the holdout holds out.
    #[must_use]
    pub fn is_bound_by(&self, holdout: &Holdout) -> bool {
        self.names(holdout) && holdout.stopped_ms.is_none()
    }

    fn names(&self, holdout: &Holdout) -> bool {
        self.holdouts.iter().any(|id| id == holdout.id.as_str())
    }
}

impl Flag {
    /// With its rules bound by the holdouts in force that bind the flags of its environment:
    /// those rules that are new, were bound before, or lost the reason that kept them out. A
    /// rule that gives a reason is out, and one that was stored without either stays as it is.
    /// A permanent flag's new rules stay free: a kill switch is nothing to hold anybody out of.
    #[must_use]
    pub fn joined(mut self, old: Option<&Self>, in_force: &[Holdout]) -> Self {
        let (here, permanent) = (self.environment, self.permanent);
        let binds = |holdout: &&Holdout| holdout.environment == here && holdout.binds_flags_now();
        for holdout in in_force.iter().filter(binds) {
            for rule in &mut self.rules {
                let before = old.and_then(|old| old.rule(&rule.id));
                let joins =
                    before.is_none_or(|old| old.holdout_exemption.is_some() || old.names(holdout));
                if rule.holdout_exemption.is_some() {
                    rule.holdouts.retain(|id| id != holdout.id.as_str());
                } else if joins && !permanent && !rule.names(holdout) {
                    rule.holdouts.push(holdout.id.to_string());
                }
            }
        }
        self
    }

    /// Rules that could take in whom the holdout holds out.
    pub fn unbound_by<'a>(&'a self, holdout: &'a Holdout) -> impl Iterator<Item = &'a Rule> {
        let rules = self.rules.iter();
        rules.filter(move |rule| rule.enabled && !rule.is_bound_by(holdout))
    }

    fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

impl FlagDraft {
    /// From elsewhere: its rules are bound as those of the same ids are here, if they are.
    #[must_use]
    pub fn bound_as(mut self, here: Option<&Flag>) -> Self {
        for rule in &mut self.rules {
            let known = here.and_then(|here| here.rule(&rule.id));
            rule.holdouts = known.map(|rule| rule.holdouts.clone()).unwrap_or_default();
            rule.holdout_exemption = known.and_then(|rule| rule.holdout_exemption.clone());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;
    use crate::holdout::HoldoutDraft;

    fn holdout(id: &str, binds_flags: bool) -> Holdout {
        let draft = HoldoutDraft {
            id: id.to_owned(),
            name: id.to_owned(),
            binds_flags,
            ..HoldoutDraft::starter(Environment::Production)
        };
        draft.create("ann", 1).unwrap()
    }

    fn flag(rules: Vec<Rule>) -> Flag {
        let draft = FlagDraft {
            key: "cta".to_owned(),
            name: "cta".to_owned(),
            rules,
            ..FlagDraft::starter(Environment::Production)
        };
        draft.create("ann", 1).unwrap()
    }

    fn rule(holdouts: &[&str], exemption: Option<&str>) -> Rule {
        Rule {
            holdouts: holdouts.iter().map(|id| (*id).to_owned()).collect(),
            holdout_exemption: exemption.map(str::to_owned),
            ..Rule::for_everybody(true.into())
        }
    }

    fn bound(flag: &Flag) -> Vec<bool> {
        let names = |rule: &Rule| rule.holdouts.iter().any(|id| id == "year");
        flag.rules.iter().map(names).collect()
    }

    #[test]
    fn new_rules_join_unless_a_reason_is_given() {
        let all = [holdout("year", true), holdout("other", false)];
        let new = flag(vec![
            rule(&[], None),
            rule(&["year"], Some("a fix for everybody")),
            rule(&["other"], None),
        ]);
        let made = new.joined(None, &all);
        assert_eq!(bound(&made), [true, false, true]);
        assert_eq!(made.rules[2].holdouts, ["other", "year"]);
        let out: Vec<&str> = made.unbound_by(&all[0]).map(|r| r.id.as_str()).collect();
        assert_eq!(out, ["r2"]);
        assert_eq!(made.clone().joined(Some(&made), &all), made, "once");
    }

    #[test]
    fn what_is_stored_stays_and_who_is_bound_stays_bound() {
        let all = [holdout("year", true)];
        let old = flag(vec![
            rule(&[], None),
            rule(&["year"], None),
            rule(&[], Some("urgent")),
        ]);
        let mut edited = old.clone();
        for rule in &mut edited.rules {
            (rule.holdouts, rule.holdout_exemption) = (Vec::new(), None);
        }
        assert_eq!(bound(&edited.joined(Some(&old), &all)), [false, true, true]);
    }

    #[test]
    fn a_permanent_flag_and_other_places_are_left_alone() {
        let kill_switch = Flag {
            permanent: true,
            ..flag(vec![rule(&[], None)])
        };
        let all = [holdout("year", true)];
        assert_eq!(bound(&kill_switch.joined(None, &all)), [false]);
        let elsewhere = Flag {
            environment: Environment::Staging,
            ..flag(vec![rule(&[], None)])
        };
        assert_eq!(bound(&elsewhere.joined(None, &all)), [false]);
        let gone = all[0].stopped("ann", 2).unwrap();
        let late = flag(vec![rule(&[], None)]).joined(None, &[gone]);
        assert_eq!(bound(&late), [false]);
    }

    #[test]
    fn a_copy_is_bound_as_what_is_there() {
        let here = flag(vec![rule(&["year"], None)]);
        let from = FlagDraft::of(&flag(vec![
            rule(&["theirs"], Some("x")),
            rule(&["y"], None),
        ]));
        let copied = from.bound_as(Some(&here));
        assert_eq!(copied.rules[0].holdouts, ["year"]);
        assert_eq!(copied.rules[0].holdout_exemption, None);
        assert!(copied.rules[1].holdouts.is_empty());
    }
}

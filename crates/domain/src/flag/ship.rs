//! The winner of an experiment as flags: what its variant sets, for everybody it was meant for.

use nexus_flags::BASIS_POINTS;
use serde_json::Value;

use super::{Flag, FlagDraft, FlagKind, Rule};
use crate::experiment::{Experiment, Variant};
use crate::ids::FlagKey;
use crate::{Field, FieldProblem, Problem};

const MAX_NAME: usize = 120;

/// One flag before and after; none before where it is new.
pub type Shipped = (Option<Flag>, Flag);

impl FlagKind {
    /// The kind that a value is of; what is no boolean, text or number is JSON.
    #[must_use]
    pub const fn of(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Boolean,
            Value::String(_) => Self::String,
            Value::Number(_) => Self::Number,
            Value::Null | Value::Array(_) | Value::Object(_) => Self::Json,
        }
    }

    /// What stands for nothing.
    fn nothing(self) -> Value {
        match self {
            Self::Boolean => Value::Bool(false),
            Self::String => Value::from(""),
            Self::Number => Value::from(0),
            Self::Json => Value::Null,
        }
    }
}

/// Each feature of the variant as a flag of that key. A new one is on, with one rule that
/// gives the variant's value to everybody whom the experiment was for, without the held-out of
/// its holdouts while these are in force; its off value is the control's. One that exists gets the
/// rule before its others and stays on or off as it is; where the rule is the first already,
/// nothing is left to do.
///
/// # Errors
/// All problems, each with the place of the variant: a name that no flag can have, a flag that
/// is archived, of another kind or full.
pub fn ship(
    experiment: &Experiment,
    variant: &str,
    flags: &[Flag],
    by: &str,
    now_ms: i64,
) -> Result<Vec<Shipped>, Vec<FieldProblem>> {
    let found = (0u16..)
        .zip(&experiment.variants)
        .find(|(_, one)| one.key == variant);
    let Some((index, variant)) = found else {
        let value = variant.chars().take(64).collect();
        let unknown = Problem::Unknown { value };
        return Err(vec![FieldProblem::new(Field::Variants, unknown)]);
    };
    let mut shipped = Vec::new();
    let mut problems = Vec::new();
    for (name, value) in &variant.features {
        let old = flags.iter().find(|flag| flag.key.as_str() == name);
        match with_rule(experiment, variant, (name, value), old, by, now_ms) {
            Ok(Some(new)) => shipped.push((old.cloned(), new)),
            Ok(None) => {}
            Err(problem) => {
                problems.push(FieldProblem::new(Field::VariantFeatures(index), problem));
            }
        }
    }
    match problems.is_empty() {
        true => Ok(shipped),
        false => Err(problems),
    }
}

fn with_rule(
    experiment: &Experiment,
    variant: &Variant,
    (name, value): (&str, &Value),
    old: Option<&Flag>,
    by: &str,
    now_ms: i64,
) -> Result<Option<Flag>, Problem> {
    if FlagKey::parse(name).is_none() {
        return Err(Problem::NotFlagKey);
    }
    let title = format!("{}: {}", experiment.id, variant.key);
    let rule = Rule {
        name: title.chars().take(MAX_NAME).collect(),
        targeting: experiment.targeting.clone(),
        prerequisites: experiment.prerequisites.clone(),
        coverage_bp: BASIS_POINTS,
        // Whom the experiment left out is to go on without what it found.
        holdouts: experiment
            .held
            .iter()
            .map(|held| held.holdout.to_string())
            .collect(),
        ..Rule::for_everybody(value.clone())
    };
    let made = match old {
        Some(old) if old.archived => return Err(Problem::Taken),
        Some(old) if starts_with(old, &rule) => return Ok(None),
        Some(old) => {
            let mut draft = FlagDraft::of(old);
            draft.rules.insert(0, rule);
            draft.apply(old, by, now_ms)
        }
        None => {
            let kind = FlagKind::of(value);
            let control = experiment.control().and_then(|c| c.features.get(name));
            let control = control.filter(|value| kind.fits(value));
            let draft = FlagDraft {
                key: name.to_owned(),
                name: name.to_owned(),
                kind,
                value: control.cloned().unwrap_or_else(|| kind.nothing()),
                rules: vec![rule],
                ..FlagDraft::starter(experiment.environment)
            };
            draft.create(by, now_ms).map(|made| Flag {
                enabled: true,
                ..made
            })
        }
    };
    // What the experiment's own check let through a flag's may not: the first of it.
    made.map(Some)
        .map_err(|problems| match problems.into_iter().next() {
            Some(found) => found.problem,
            None => Problem::Required,
        })
}

/// Whether its first rule is this one, which has no id yet.
fn starts_with(flag: &Flag, rule: &Rule) -> bool {
    let same = |first: &Rule| {
        let id = rule.id.clone();
        Rule {
            id,
            ..first.clone()
        } == *rule
    };
    flag.rules.first().is_some_and(same)
}

#[cfg(test)]
mod tests {
    use nexus_flags::{Context, CountryCode, Device, Engine, Snapshot};
    use serde_json::json;

    use super::*;
    use crate::Environment;
    use crate::experiment::{Draft, DraftVariant};
    use crate::flag::flag_rule_of;

    fn experiment(features: Value) -> Experiment {
        let mut draft = Draft::starter(Environment::Production);
        draft.id = "checkout".to_owned();
        draft.name = "Checkout".to_owned();
        draft.targeting.countries = vec![CountryCode::new("JP").unwrap()];
        let maps = [json!({ "steps": 4, "cta": "Go" }), features];
        draft.variants = ["control", "short"]
            .into_iter()
            .zip(maps)
            .map(|(key, features)| DraftVariant {
                key: key.to_owned(),
                name: key.to_owned(),
                weight_bp: 5_000,
                features: features.as_object().cloned().unwrap_or_default(),
                deployment: None,
            })
            .collect();
        draft.goal = "purchase".to_owned();
        draft
            .create("seed".to_owned(), "ann".to_owned(), 0)
            .unwrap()
    }

    /// What somebody in that country gets of a flag at the edge.
    fn gets(flags: &[Flag], key: &str, country: &str) -> Option<Value> {
        let snapshot = Snapshot {
            version: 1,
            environment: "production".to_owned(),
            created_ms: 0,
            experiments: Vec::new(),
            flags: flags
                .iter()
                .filter_map(|flag| flag_rule_of(flag, &[]))
                .collect(),
            sdk_keys: Vec::new(),
            qa_links: Vec::new(),
            saved_groups: std::collections::BTreeMap::new(),
            sampling_seed: None,
        };
        let engine = Engine::compile(&snapshot).unwrap();
        let context = Context {
            unit: "ada",
            country: CountryCode::new(country).ok(),
            device: Device::Desktop,
            attributes: &[],
            now_ms: 5,
        };
        engine.flag(key, &context).map(|flag| flag.value.clone())
    }

    #[test]
    fn everybody_it_was_for_gets_what_the_winner_got_and_the_others_the_controls() {
        let e = experiment(json!({ "steps": 2, "cta": "Buy", "theme": { "dark": true } }));
        let made = ship(&e, "short", &[], "ann", 5).unwrap();
        let flags: Vec<Flag> = made.into_iter().map(|(_, flag)| flag).collect();
        assert_eq!(flags.len(), 3);
        for (key, there, elsewhere) in [
            ("steps", json!(2), json!(4)),
            ("cta", json!("Buy"), json!("Go")),
            ("theme", json!({ "dark": true }), Value::Null),
        ] {
            assert_eq!(gets(&flags, key, "JP"), Some(there));
            assert_eq!(gets(&flags, key, "US"), Some(elsewhere));
        }
    }

    #[test]
    fn a_flag_that_exists_keeps_its_rules_behind_and_its_switch() {
        let e = experiment(json!({ "steps": 2 }));
        let before = ship(&e, "control", &[], "ann", 1).unwrap();
        let mut old = before[1].1.clone();
        assert_eq!(old.key.as_str(), "steps");
        old.enabled = false;
        let after = ship(&e, "short", &[old.clone()], "bob", 2).unwrap();
        let (was, new) = &after[0];
        assert_eq!(was.as_ref(), Some(&old));
        assert_eq!((new.enabled, new.version, new.rules.len()), (false, 2, 2));
        assert_eq!(
            (&new.rules[0].value, new.rules[0].id.as_str()),
            (&json!(2), "r2")
        );
        assert_eq!(new.rules[1], old.rules[0]);
        let again = ship(&e, "short", std::slice::from_ref(new), "bob", 3).unwrap();
        assert_eq!(again, [], "its first rule is there");
    }

    #[test]
    fn what_no_flag_can_be_is_told_and_nothing_is_shipped() {
        let e = experiment(json!({ "Steps!": 2, "cta": "Buy", "steps": "two" }));
        let mut flags: Vec<Flag> = ship(&e, "control", &[], "ann", 1)
            .unwrap()
            .into_iter()
            .map(|(_, flag)| flag)
            .collect();
        flags[0].archived = true;
        let problems = ship(&e, "short", &flags, "ann", 2).unwrap_err();
        let problems: Vec<Problem> = problems.into_iter().map(|p| p.problem).collect();
        let kind = "number".to_owned();
        assert_eq!(
            problems,
            [
                Problem::NotFlagKey,
                Problem::Taken,
                Problem::NotOfKind { kind }
            ]
        );
        assert!(ship(&e, "nobody", &[], "ann", 1).is_err());
    }
}

//! Conditions that people write, checked before anything obeys them.
//!
//! SDKs read a malformed condition as one that nobody satisfies. Whoever writes one wants to
//! know what is wrong and where, instead of an experiment that nobody takes part in.

use std::cell::Cell;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::audience::Lists;
use super::parse::{COMBINING, MAX_LEVELS};
use super::pattern::Patterns;
use crate::error::Path;

/// What is wrong in a condition, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{path}: {problem}")]
pub struct ConditionFault {
    /// From the condition on: `condition.$or[0].plan.$in`.
    pub path: String,
    pub problem: ConditionProblem,
}

/// What is wrong in a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum ConditionProblem {
    #[error("a condition is an object such as {{\"country\": \"JP\"}}")]
    NotAnObject,
    #[error("a list of conditions is expected")]
    NotConditions,
    #[error("there is no operator {name}")]
    UnknownOperator { name: String },
    #[error("operators and other fields do not mix in one object")]
    Mixed,
    #[error("{expected} is expected")]
    Operand { expected: Operand },
    #[error("a regular expression without look-around and back-references is expected")]
    Pattern,
    #[error("there is no saved group {name}")]
    UnknownGroup { name: String },
    #[error("saved groups are about the user, so they cannot stand within $elemMatch")]
    GroupOfElement,
    #[error("it is nested too deeply")]
    TooDeep,
    #[error("there are too many regular expressions")]
    TooManyPatterns,
}

/// What an operator asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    Scalar,
    NumberOrText,
    Version,
    Boolean,
    TypeName,
    List,
    Pattern,
    SavedGroup,
    SavedGroups,
}

impl fmt::Display for Operand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Scalar => "a text, number, boolean or null",
            Self::NumberOrText => "a number or text",
            Self::Version => "a version such as \"1.2.3\"",
            Self::Boolean => "true or false",
            Self::TypeName => "the name of a JSON type",
            Self::List => "a list",
            Self::Pattern => "a regular expression",
            Self::SavedGroup => "the id of a saved group, as \"beta-users\",",
            Self::SavedGroups => "a list of saved groups, as [\"beta-users\"],",
        })
    }
}

/// Whether every part of a condition means something: known operators with operands of the
/// right kind. Saved groups may be named by `$inGroup`, `$notInGroup` and, in conditions on
/// the user, by `$savedGroups`; whether there are such groups is another question.
///
/// # Errors
/// The first fault.
pub fn check_condition(condition: &Value) -> Result<(), ConditionFault> {
    Check::default().condition(&Path::root("condition"), condition, MAX_LEVELS / 2)
}

/// The same for a condition as gateways get it: `$savedGroups` are spelled out, and every
/// list that is named is there.
///
/// # Errors
/// The first fault.
pub fn check_with_lists(condition: &Value, lists: &Lists) -> Result<(), ConditionFault> {
    let check = Check {
        lists: Some(lists),
        ..Check::default()
    };
    check.condition(&Path::root("condition"), condition, MAX_LEVELS - 4)
}

#[derive(Default)]
struct Check<'l> {
    patterns: Patterns,
    /// None: any group may be named.
    lists: Option<&'l Lists>,
    /// Within `$elemMatch`.
    element: Cell<bool>,
}

type Checked = Result<(), ConditionFault>;

/// The words of `$type`.
const KINDS: [&str; 6] = ["null", "boolean", "number", "string", "array", "object"];

impl Check<'_> {
    fn condition(&self, at: &Path<'_>, json: &Value, levels: usize) -> Checked {
        let Some(fields) = json.as_object() else {
            return fault(at, ConditionProblem::NotAnObject);
        };
        let levels = deeper(at, levels)?;
        fields.iter().try_for_each(|(name, value)| {
            let at = &at.field(name);
            match name.as_str() {
                "$or" | "$nor" | "$and" => self.conditions(at, value, levels),
                "$not" => self.condition(at, value, levels),
                "$savedGroups" => self.saved_groups(at, value),
                name if name.starts_with('$') => unknown(at, name),
                _ => self.value(at, value, levels),
            }
        })
    }

    fn conditions(&self, at: &Path<'_>, json: &Value, levels: usize) -> Checked {
        let Some(list) = json.as_array() else {
            return fault(at, ConditionProblem::NotConditions);
        };
        let mut items = list.iter().enumerate();
        items.try_for_each(|(index, item)| self.condition(&at.index(index), item, levels))
    }

    /// Operators, or a value to be equal to.
    fn value(&self, at: &Path<'_>, json: &Value, levels: usize) -> Checked {
        let Some(fields) = json.as_object() else {
            return Ok(());
        };
        match fields.keys().filter(|name| name.starts_with('$')).count() {
            0 => Ok(()),
            operators if operators == fields.len() => self.operators(at, fields, levels),
            _ => fault(at, ConditionProblem::Mixed),
        }
    }

    fn operators(&self, at: &Path<'_>, fields: &Map<String, Value>, levels: usize) -> Checked {
        let levels = deeper(at, levels)?;
        let mut fields = fields.iter();
        fields.try_for_each(|(name, operand)| self.operator(&at.field(name), name, operand, levels))
    }

    fn operator(&self, at: &Path<'_>, name: &str, operand: &Value, levels: usize) -> Checked {
        let wants = |right: bool, expected| match right {
            true => Ok(()),
            false => fault(at, ConditionProblem::Operand { expected }),
        };
        let is_scalar = !operand.is_array() && !operand.is_object();
        let has_order = operand.is_number() || operand.is_string();
        let is_kind = operand.as_str().is_some_and(|kind| KINDS.contains(&kind));
        match name {
            "$eq" | "$ne" => wants(is_scalar, Operand::Scalar),
            "$lt" | "$lte" | "$gt" | "$gte" => wants(has_order, Operand::NumberOrText),
            "$veq" | "$vne" | "$vlt" | "$vlte" | "$vgt" | "$vgte" => {
                wants(operand.is_string(), Operand::Version)
            }
            "$exists" => wants(operand.is_boolean(), Operand::Boolean),
            "$type" => wants(is_kind, Operand::TypeName),
            "$in" | "$nin" | "$ini" | "$nini" => wants(operand.is_array(), Operand::List),
            "$all" | "$alli" => match operand.as_array() {
                Some(items) => items
                    .iter()
                    .enumerate()
                    .try_for_each(|(index, item)| self.value(&at.index(index), item, levels)),
                None => wants(false, Operand::List),
            },
            "$size" | "$not" => self.value(at, operand, levels),
            "$elemMatch" => self.element(at, operand, levels),
            "$regex" | "$regexi" | "$notRegex" | "$notRegexi" => self.pattern(at, operand),
            "$inGroup" | "$notInGroup" => self.in_group(at, operand),
            name => unknown(at, name),
        }
    }

    /// Operators on each element, or a condition on its fields.
    fn element(&self, at: &Path<'_>, operand: &Value, levels: usize) -> Checked {
        let is_test = |name: &String| name.starts_with('$') && !COMBINING.contains(&name.as_str());
        let outside = self.element.replace(true);
        let checked = match operand.as_object() {
            Some(fields) if fields.keys().all(is_test) => self.operators(at, fields, levels),
            _ => self.condition(at, operand, levels),
        };
        self.element.set(outside);
        checked
    }

    /// Groups that the user must be in, all of them.
    fn saved_groups(&self, at: &Path<'_>, operand: &Value) -> Checked {
        if self.lists.is_some() {
            return unknown(at, "$savedGroups");
        }
        if self.element.get() {
            return fault(at, ConditionProblem::GroupOfElement);
        }
        let names = operand.as_array().filter(|names| !names.is_empty());
        let names = names.filter(|names| names.iter().all(Value::is_string));
        names.map_or_else(
            || {
                let expected = Operand::SavedGroups;
                fault(at, ConditionProblem::Operand { expected })
            },
            |_| Ok(()),
        )
    }

    fn in_group(&self, at: &Path<'_>, operand: &Value) -> Checked {
        let Some(name) = operand.as_str() else {
            let expected = Operand::SavedGroup;
            return fault(at, ConditionProblem::Operand { expected });
        };
        match self.lists {
            Some(lists) if !lists.has(name) => {
                let name = name.chars().take(64).collect();
                fault(at, ConditionProblem::UnknownGroup { name })
            }
            _ => Ok(()),
        }
    }

    fn pattern(&self, at: &Path<'_>, operand: &Value) -> Checked {
        let Some(expression) = operand.as_str() else {
            let expected = Operand::Pattern;
            return fault(at, ConditionProblem::Operand { expected });
        };
        match self.patterns.compile(expression, false) {
            Some(_) => Ok(()),
            None if self.patterns.too_many() => fault(at, ConditionProblem::TooManyPatterns),
            None => fault(at, ConditionProblem::Pattern),
        }
    }
}

fn deeper(at: &Path<'_>, levels: usize) -> Result<usize, ConditionFault> {
    levels.checked_sub(1).ok_or_else(|| ConditionFault {
        path: at.to_string(),
        problem: ConditionProblem::TooDeep,
    })
}

fn unknown(at: &Path<'_>, name: &str) -> Checked {
    let name = name.chars().take(32).collect();
    fault(at, ConditionProblem::UnknownOperator { name })
}

fn fault(at: &Path<'_>, problem: ConditionProblem) -> Checked {
    let path = at.to_string();
    Err(ConditionFault { path, problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growthbook::Audience;
    use serde_json::json;

    fn found(condition: &Value) -> Option<(String, ConditionProblem)> {
        check_condition(condition)
            .err()
            .map(|f| (f.path, f.problem))
    }

    #[test]
    fn what_means_something_passes() {
        for good in [
            json!({}),
            json!({ "country": "JP", "plan": { "$in": ["pro", "team"] } }),
            json!({ "$or": [{ "age": { "$gte": 18 } }, { "$not": { "beta": "no" } }] }),
            json!({ "$and": [{ "app": { "$vgt": "1.2.3" } }], "$nor": [{ "a.b": null }] }),
            json!({ "tags": { "$elemMatch": { "$regex": "^a" } } }),
            json!({ "tags": { "$elemMatch": { "kind": { "$ne": 1 } } } }),
            json!({ "tags": { "$size": { "$gt": 2 }, "$all": ["a", { "$regexi": "B" }] } }),
            json!({ "x": { "$not": { "$exists": true } }, "y": { "z": 1 }, "w": ["a"] }),
            json!({ "t": { "$type": "string" }, "n": { "$nini": ["A"] } }),
            json!({ "id": { "$inGroup": "g" }, "c": { "$notInGroup": "h" } }),
            json!({ "$or": [{ "$savedGroups": ["g", "h"], "plan": "pro" }, {}] }),
        ] {
            assert_eq!(found(&good), None, "{good}");
        }
    }

    #[test]
    fn what_does_not_is_named_with_its_place() {
        use ConditionProblem as P;
        let operand = |expected| P::Operand { expected };
        for (bad, path, problem) in [
            (json!([]), "condition", P::NotAnObject),
            (json!({ "$or": {} }), "condition.$or", P::NotConditions),
            (
                json!({ "$or": [{}, 1] }),
                "condition.$or[1]",
                P::NotAnObject,
            ),
            (
                json!({ "$where": "x" }),
                "condition.$where",
                P::UnknownOperator {
                    name: "$where".into(),
                },
            ),
            (
                json!({ "a": { "$gt": 1, "b": 2 } }),
                "condition.a",
                P::Mixed,
            ),
            (
                json!({ "a": { "$in": "x" } }),
                "condition.a.$in",
                operand(Operand::List),
            ),
            (
                json!({ "a": { "$exists": 1 } }),
                "condition.a.$exists",
                operand(Operand::Boolean),
            ),
            (
                json!({ "a": { "$regex": "(?=x)" } }),
                "condition.a.$regex",
                P::Pattern,
            ),
            (
                json!({ "a": { "$inGroup": ["g"] } }),
                "condition.a.$inGroup",
                operand(Operand::SavedGroup),
            ),
            (
                json!({ "$savedGroups": "g" }),
                "condition.$savedGroups",
                operand(Operand::SavedGroups),
            ),
            (
                json!({ "a": { "$elemMatch": { "$savedGroups": ["g"], "b": 1 } } }),
                "condition.a.$elemMatch.$savedGroups",
                P::GroupOfElement,
            ),
            (
                json!({ "$not": { "a": { "$like": "x" } } }),
                "condition.$not.a.$like",
                P::UnknownOperator {
                    name: "$like".into(),
                },
            ),
        ] {
            assert_eq!(found(&bad), Some((path.to_owned(), problem)), "{bad}");
        }
    }

    #[test]
    fn a_gateway_knows_every_list_that_is_named() {
        let lists = [("g".to_owned(), vec!["ann".to_owned()])];
        let lists = Lists::new(&lists.into());
        let found = |condition: Value| check_with_lists(&condition, &lists).map_err(|f| f.problem);
        let named = |name: &str| json!({ "$not": { "id": { "$inGroup": name } } });
        assert_eq!(found(named("g")), Ok(()));
        let problem = ConditionProblem::UnknownGroup { name: "h".into() };
        assert_eq!(found(named("h")), Err(problem));
        assert!(found(json!({ "$savedGroups": ["g"] })).is_err());
    }

    #[test]
    fn depth_is_bounded_before_the_stack_is() {
        let mut deep = json!({ "a": 1 });
        for _ in 0..200 {
            deep = json!({ "$not": deep });
        }
        assert_eq!(found(&deep).map(|f| f.1), Some(ConditionProblem::TooDeep));
    }

    fn json_value() -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;
        let name = proptest::sample::select(vec![
            "$or",
            "$and",
            "$not",
            "$nor",
            "$in",
            "$gt",
            "$regex",
            "$elemMatch",
            "$size",
            "$all",
            "$exists",
            "$type",
            "$vgt",
            "a",
            "b.c",
            "$x",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-c(\\[*]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((name.clone(), inner), 0..4).prop_map(|fields| {
                    Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
                }),
            ]
        })
    }

    proptest::proptest! {
        /// What passes is understood whole: it is for somebody or its opposite is.
        #[test]
        fn a_condition_that_passes_is_never_unknown(condition in json_value()) {
            if check_condition(&condition).is_ok() {
                let nobody = serde_json::Map::new();
                let says = |condition: &Value| {
                    Audience::new(condition, &Value::Null).contains(&nobody)
                };
                let opposite = json!({ "$not": condition });
                proptest::prop_assert_ne!(says(&condition), says(&opposite), "{}", condition);
            }
        }
    }
}

//! Conditions, evaluated as far as what is known decides them.
//!
//! Source: `pruneCondition` of the GrowthBook SDK specification 0.12.0. A server knows some
//! attributes of a visitor and leaves the rest of a condition to the client's SDK.

use serde_json::{Map, Value};

use super::condition::{Budget, Scope, Trail};
use super::group_ids::GroupForm;
use super::groups::Groups;
use super::outcome::Outcome;
use super::parse::{MAX_LEVELS, Parser};
use super::path::Subject;

/// What is left of a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Pruned {
    /// It does not depend on anything unknown.
    Decided(bool),
    /// The branches that do.
    Rest(Value),
}

/// Prunes a condition by the attributes that are known. One that is malformed stays as
/// written, for whoever evaluates it to reject.
#[must_use]
pub fn prune_condition(
    condition: &Value,
    known: &Map<String, Value>,
    saved_groups: &Value,
) -> Pruned {
    Pruner::new(known, saved_groups).condition(condition)
}

/// Prunes many conditions of one payload.
pub(super) struct Pruner<'v> {
    known: &'v Map<String, Value>,
    parser: Parser<'v>,
    groups: Groups,
}

/// The condition is malformed, or too much to follow.
pub(super) struct Broken;

type Attempt = Result<Pruned, Broken>;

/// Where pruning stands.
#[derive(Clone, Copy)]
struct Place<'s> {
    levels: usize,
    trail: Option<&'s Trail<'s>>,
    budget: &'s Budget,
}

impl<'v> Pruner<'v> {
    pub(super) fn new(known: &'v Map<String, Value>, saved_groups: &'v Value) -> Self {
        let parser = Parser::new(saved_groups);
        Self {
            known,
            groups: Groups::compile(&parser),
            parser,
        }
    }

    pub(super) fn condition(&self, json: &Value) -> Pruned {
        let place = Place {
            levels: MAX_LEVELS,
            trail: None,
            budget: &Budget::new(),
        };
        let attempt = self.entries(json, place);
        attempt.unwrap_or_else(|Broken| Pruned::Rest(json.clone()))
    }

    /// What is left of a condition group's own condition; nothing for other groups and
    /// for one that is to stay as it is written.
    pub(super) fn group(&self, id: &str) -> Option<Value> {
        let index = self.parser.groups.index(id)?;
        let place = Place {
            levels: MAX_LEVELS,
            trail: None,
            budget: &Budget::new(),
        };
        match (self.parser.groups.form(index), self.enter(index, place)) {
            (GroupForm::Condition(_), Ok(Pruned::Rest(rest))) => Some(rest),
            _ => None,
        }
    }

    fn entries(&self, json: &Value, place: Place<'_>) -> Attempt {
        let entries = json.as_object().ok_or(Broken)?;
        let levels = place.levels.checked_sub(1).ok_or(Broken)?;
        let place = Place { levels, ..place };
        let mut rest = Map::new();
        for (key, value) in entries {
            match self.entry(key, value, place)? {
                Pruned::Decided(true) => {}
                Pruned::Decided(false) => return Ok(Pruned::Decided(false)),
                Pruned::Rest(value) => {
                    rest.insert(key.clone(), value);
                }
            }
        }
        Ok(if rest.is_empty() {
            Pruned::Decided(true)
        } else {
            Pruned::Rest(Value::Object(rest))
        })
    }

    fn entry(&self, key: &str, value: &Value, place: Place<'_>) -> Attempt {
        match key {
            "$and" => self.list(value, false, place),
            "$or" => self.list(value, true, place),
            "$nor" => self.list(value, true, place).map(Pruned::opposite),
            "$not" => self.entries(value, place).map(Pruned::opposite),
            "$savedGroup" => self.reference(value, place),
            path if path.contains('.') || !self.known.contains_key(path) => {
                Ok(Pruned::Rest(value.clone()))
            }
            _ => self.evaluate(key, value, place),
        }
    }

    /// Prunes the conditions of a list that one of decides with `deciding`.
    fn list(&self, value: &Value, deciding: bool, place: Place<'_>) -> Attempt {
        let conditions = value.as_array().ok_or(Broken)?;
        let mut rest = Vec::new();
        for condition in conditions {
            match self.entries(condition, place)? {
                Pruned::Decided(decided) if decided == deciding => {
                    return Ok(Pruned::Decided(deciding));
                }
                Pruned::Decided(_) => {}
                Pruned::Rest(condition) => rest.push(condition),
            }
        }
        Ok(if rest.is_empty() {
            Pruned::Decided(!deciding || conditions.is_empty())
        } else {
            Pruned::Rest(Value::Array(rest))
        })
    }

    /// A reference stays one until it is decided: its group is pruned on its own.
    fn reference(&self, value: &Value, place: Place<'_>) -> Attempt {
        let Some(test) = self.parser.groups.reference(value) else {
            return Ok(Pruned::Decided(false));
        };
        let decided = match self.parser.groups.form(test.group()) {
            GroupForm::Condition(_) => self.enter(test.group(), place)?,
            GroupForm::Attribute(own) => match test.attribute().or(own) {
                Some(name) if !self.is_known(name) => Pruned::Rest(Value::Null),
                _ => self.evaluate("$savedGroup", value, place)?,
            },
            GroupForm::Unknown => Pruned::Rest(Value::Null),
            GroupForm::Nobody => Pruned::Decided(false),
        };
        Ok(match decided {
            Pruned::Rest(_) => Pruned::Rest(value.clone()),
            decided => decided,
        })
    }

    /// The condition of a group, unless we are inside of it already.
    fn enter(&self, group: u32, place: Place<'_>) -> Attempt {
        if place.trail.is_some_and(|trail| trail.holds(group)) {
            return Ok(Pruned::Decided(false));
        }
        let GroupForm::Condition(condition) = self.parser.groups.form(group) else {
            return Ok(Pruned::Decided(false));
        };
        if !place.budget.spend() {
            return Err(Broken);
        }
        let trail = Trail {
            group,
            levels: MAX_LEVELS - place.levels,
            parent: place.trail,
        };
        self.entries(
            condition,
            Place {
                trail: Some(&trail),
                ..place
            },
        )
    }

    fn is_known(&self, name: &str) -> bool {
        !name.contains('.') && self.known.contains_key(name)
    }

    /// One entry, about something known.
    fn evaluate(&self, key: &str, value: &Value, place: Place<'_>) -> Attempt {
        let clause = self.parser.clause(key, value, place.levels);
        let outcome = clause.evaluate(&Scope {
            groups: &self.groups,
            subject: Subject::User {
                attributes: self.known,
                remote_group_ids: None,
            },
            trail: place.trail,
            budget: place.budget,
        });
        match outcome {
            Outcome::Pass => Ok(Pruned::Decided(true)),
            Outcome::Fail => Ok(Pruned::Decided(false)),
            // The client's SDK may know what we do not.
            Outcome::Unknown => Ok(Pruned::Rest(value.clone())),
            Outcome::Broken => Err(Broken),
        }
    }
}

impl Pruned {
    fn opposite(self) -> Self {
        match self {
            Self::Decided(decided) => Self::Decided(!decided),
            rest => rest,
        }
    }
}

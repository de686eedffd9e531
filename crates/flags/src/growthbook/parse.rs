//! From a condition's JSON to its compiled form.

use serde_json::{Map, Value};

use super::condition::{Clause, Condition};
use super::group_ids::GroupIds;
use super::path::Path;
use super::pattern::Patterns;

/// Levels of nesting in one condition; deeper ones let nobody in.
pub(super) const MAX_LEVELS: usize = 64;

/// Everything a condition's meaning depends on.
pub(super) struct Parser<'v> {
    pub(super) groups: GroupIds<'v>,
    pub(super) patterns: Patterns,
}

/// Keys that combine conditions, and so are not operators on a value. `$not` is both.
pub(super) const COMBINING: [&str; 4] = ["$or", "$nor", "$and", "$savedGroup"];

impl<'v> Parser<'v> {
    pub(super) fn new(saved_groups: &'v Value) -> Self {
        Self {
            groups: GroupIds::new(saved_groups),
            patterns: Patterns::default(),
        }
    }

    pub(super) fn condition(&self, json: &Value) -> Condition {
        self.nested(json, MAX_LEVELS)
    }

    /// A condition that may be missing.
    pub(super) fn optional(&self, json: Option<&Value>) -> Option<Condition> {
        json.map(|json| self.condition(json))
    }

    pub(super) fn nested(&self, json: &Value, levels: usize) -> Condition {
        match (json, levels.checked_sub(1)) {
            (Value::Object(entries), Some(levels)) => self.entries(entries, levels),
            _ => Condition::broken(),
        }
    }

    fn entries(&self, entries: &Map<String, Value>, levels: usize) -> Condition {
        let clause = |(key, value): (&String, &Value)| self.clause(key, value, levels);
        Condition(entries.iter().map(clause).collect())
    }

    pub(super) fn clause(&self, key: &str, value: &Value, levels: usize) -> Clause {
        match key {
            "$or" => self.any(value, levels),
            "$nor" => Clause::Not(Box::new(self.any(value, levels))),
            "$and" => match self.list(value, levels) {
                Some(conditions) => Clause::All(conditions),
                None => Clause::Broken,
            },
            "$not" => {
                let condition = self.nested(value, levels);
                Clause::Not(Box::new(Clause::All([condition].into())))
            }
            "$savedGroup" => self
                .groups
                .reference(value)
                .map_or(Clause::Fails, Clause::Group),
            path => Clause::Attribute(Path::new(path), self.value(value, levels)),
        }
    }

    /// An empty `$or` passes, and so an empty `$nor` fails.
    fn any(&self, value: &Value, levels: usize) -> Clause {
        match self.list(value, levels) {
            Some(conditions) if conditions.is_empty() => Clause::All(conditions),
            Some(conditions) => Clause::Any(conditions),
            None => Clause::Broken,
        }
    }

    fn list(&self, value: &Value, levels: usize) -> Option<Box<[Condition]>> {
        let conditions = value.as_array()?.iter();
        Some(conditions.map(|json| self.nested(json, levels)).collect())
    }
}

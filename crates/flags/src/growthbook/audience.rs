//! One condition on its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::attribute::{Attribute, Attributes};
use super::condition::{Budget, Condition, Scope};
use super::groups::Groups;
use super::parse::Parser;
use super::path::{Path, Subject};

/// A condition with the saved groups it refers to: GrowthBook's `evalCondition`, compiled.
#[derive(Debug, Clone)]
pub struct Audience {
    condition: Condition,
    groups: Arc<Groups>,
}

/// Lists of values by name, compiled once for all conditions that refer to them with
/// `$inGroup` and `$notInGroup`.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// The names, as conditions are parsed with: an object.
    names: Value,
    groups: Arc<Groups>,
}

impl Lists {
    /// Compiles. A list's texts also stand for the numbers and truth values that are written
    /// so.
    #[must_use]
    pub fn new(lists: &BTreeMap<String, Vec<String>>) -> Self {
        let names = lists.keys().map(|name| (name.clone(), Value::Null));
        let lists = Value::Object(crate::payload::saved_groups(lists));
        Self {
            names: Value::Object(Map::from_iter(names)),
            groups: Arc::new(Groups::compile(&Parser::new(&lists))),
        }
    }

    /// Whether there is a list of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.get(name).is_some()
    }
}

impl Audience {
    /// Compiles. A malformed condition is an audience of nobody.
    #[must_use]
    pub fn new(condition: &Value, saved_groups: &Value) -> Self {
        let parser = Parser::new(saved_groups);
        Self {
            condition: parser.condition(condition),
            groups: Arc::new(Groups::compile(&parser)),
        }
    }

    /// Compiles a condition that may refer to lists.
    #[must_use]
    pub fn with_lists(condition: &Value, lists: &Lists) -> Self {
        Self {
            condition: Parser::new(&lists.names).condition(condition),
            groups: Arc::clone(&lists.groups),
        }
    }

    /// Whether somebody with these attributes is meant.
    #[must_use]
    pub fn contains(&self, attributes: &dyn Attributes) -> bool {
        self.condition.passes(&Scope {
            groups: &self.groups,
            subject: Subject::User {
                attributes,
                remote_group_ids: None,
            },
            trail: None,
            budget: &Budget::new(),
        })
    }
}

/// What a condition finds of somebody at a path such as `address.city`.
pub(crate) fn find<'a>(path: &str, attributes: &'a dyn Attributes) -> Attribute<'a> {
    Path::new(path).find(&Subject::User {
        attributes,
        remote_group_ids: None,
    })
}

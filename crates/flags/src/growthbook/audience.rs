//! One condition on its own.

use serde_json::Value;

use super::attribute::Attributes;
use super::condition::{Budget, Condition, Scope};
use super::groups::Groups;
use super::parse::Parser;
use super::path::Subject;

/// A condition with the saved groups it refers to: GrowthBook's `evalCondition`, compiled.
#[derive(Debug, Clone)]
pub struct Audience {
    condition: Condition,
    groups: Groups,
}

impl Audience {
    /// Compiles. A malformed condition is an audience of nobody.
    #[must_use]
    pub fn new(condition: &Value, saved_groups: &Value) -> Self {
        let parser = Parser::new(saved_groups);
        Self {
            condition: parser.condition(condition),
            groups: Groups::compile(&parser),
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

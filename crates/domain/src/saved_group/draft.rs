//! What a person or script may set, and the check that turns it into a saved group.

use std::collections::HashSet;

use nexus_flags::growthbook::check_condition;
use serde::{Deserialize, Serialize};

use super::{GroupContent, SavedGroup};
use crate::ids::{SavedGroupId, is_slug};
use crate::problem::slug_problem;
use crate::{Environment, Field, FieldProblem, Problem};

/// Values of one list.
pub const MAX_VALUES: usize = 100_000;
/// Of one list, and of all lists together that an environment's conditions name: its
/// snapshot must fit into one row of D1 (2 MB) and one value of Workers KV, whole and signed.
pub const MAX_BYTES: usize = 1_000_000;
const MAX_NAME: usize = 120;
const MAX_TEXT: usize = 2_000;
const MAX_VALUE: usize = 120;
const MAX_CONDITION_BYTES: usize = 16 * 1024;

/// The settable part of a saved group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedGroupDraft {
    /// Slug by which conditions name it; fixed at creation.
    pub id: String,
    /// Fixed at creation.
    pub environment: Environment,
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Of a list, white space around values and values that come again are dropped.
    #[serde(flatten)]
    pub content: GroupContent,
}

impl SavedGroupDraft {
    /// A sensible beginning: a list of users without any.
    #[must_use]
    pub fn starter(environment: Environment) -> Self {
        Self {
            id: String::new(),
            environment,
            name: String::new(),
            description: String::new(),
            content: GroupContent::List {
                attribute: "id".to_owned(),
                values: Vec::new(),
            },
        }
    }

    /// The settable part of an existing group.
    #[must_use]
    pub fn of(group: &SavedGroup) -> Self {
        Self {
            id: group.id.to_string(),
            environment: group.environment,
            name: group.name.clone(),
            description: group.description.clone(),
            content: group.content.clone(),
        }
    }

    /// Every problem of the draft by itself; whether the groups that it names are there is
    /// asked with them at hand.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
        if !is_slug(&self.id) {
            note(Field::Id, slug_problem(&self.id));
        }
        if self.name.trim().is_empty() {
            note(Field::Name, Problem::Required);
        } else if self.name.chars().count() > MAX_NAME {
            let max = MAX_NAME as u32;
            note(Field::Name, Problem::TooLong { max });
        }
        if self.description.chars().count() > MAX_TEXT {
            let max = MAX_TEXT as u32;
            note(Field::Description, Problem::TooLong { max });
        }
        match &self.content {
            GroupContent::List { attribute, values } => {
                if let Some(problem) = attribute_problem(attribute) {
                    note(Field::GroupAttribute, problem);
                }
                if let Some(problem) = values_problem(values) {
                    note(Field::GroupValues, problem);
                }
            }
            GroupContent::Condition { condition } => {
                if condition.to_string().len() > MAX_CONDITION_BYTES {
                    let max = MAX_CONDITION_BYTES as u32;
                    note(Field::Condition, Problem::TooLong { max });
                } else if let Err(fault) = check_condition(condition) {
                    note(Field::Condition, Problem::bad_condition(fault));
                }
            }
        }
        found
    }

    /// The new group.
    ///
    /// # Errors
    /// All problems of the draft.
    pub fn create(self, by: &str, now_ms: i64) -> Result<SavedGroup, Vec<FieldProblem>> {
        let draft = self.tidied();
        let problems = draft.problems();
        let Some(id) = SavedGroupId::parse(&draft.id).filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        Ok(SavedGroup {
            id,
            environment: draft.environment,
            name: draft.name,
            description: draft.description,
            content: draft.content,
            archived: false,
            version: 1,
            created_ms: now_ms,
            created_by: by.to_owned(),
            updated_ms: now_ms,
            updated_by: by.to_owned(),
        })
    }

    /// The group after an edit.
    ///
    /// # Errors
    /// All problems, each with its field.
    pub fn apply(
        self,
        to: &SavedGroup,
        by: &str,
        now_ms: i64,
    ) -> Result<SavedGroup, Vec<FieldProblem>> {
        let draft = self.tidied();
        let mut problems = draft.problems();
        let fixed = [
            (draft.id != to.id.as_str(), Field::Id),
            (draft.environment != to.environment, Field::Environment),
            (draft.content.kind() != to.content.kind(), Field::Kind),
        ];
        let changed = fixed.into_iter().filter(|(changed, _)| *changed);
        problems.extend(changed.map(|(_, field)| FieldProblem::new(field, Problem::Fixed)));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(SavedGroup {
            name: draft.name,
            description: draft.description,
            content: draft.content,
            version: to.version + 1,
            updated_ms: now_ms,
            updated_by: by.to_owned(),
            ..to.clone()
        })
    }

    /// Without white space around words and without values that say nothing new.
    fn tidied(mut self) -> Self {
        self.name = self.name.trim().to_owned();
        self.description = self.description.trim().to_owned();
        if let GroupContent::List { attribute, values } = &mut self.content {
            *attribute = attribute.trim().to_owned();
            for value in values.iter_mut() {
                let trimmed = value.trim();
                if trimmed.len() < value.len() {
                    *value = trimmed.to_owned();
                }
            }
            let mut seen = HashSet::new();
            let new: Vec<bool> = values
                .iter()
                .map(|value| !value.is_empty() && seen.insert(value.as_str()))
                .collect();
            let mut new = new.into_iter();
            values.retain(|_| new.next().unwrap_or_default());
        }
        self
    }
}

fn attribute_problem(attribute: &str) -> Option<Problem> {
    match attribute.trim() {
        "" => Some(Problem::Required),
        long if long.chars().count() > MAX_VALUE => Some(Problem::TooLong {
            max: MAX_VALUE as u32,
        }),
        // A condition would read it as an operator.
        operator if operator.starts_with('$') => Some(Problem::Unknown {
            value: operator.to_owned(),
        }),
        _ => None,
    }
}

/// An empty list is fine: nobody is in it yet.
fn values_problem(values: &[String]) -> Option<Problem> {
    if values.len() > MAX_VALUES {
        let max = MAX_VALUES as u32;
        return Some(Problem::TooMany { max });
    }
    let bad =
        |value: &String| value.chars().count() > MAX_VALUE || value.chars().any(char::is_control);
    if let Some(line) = values.iter().position(bad) {
        let (line, max) = (line as u32 + 1, MAX_VALUE as u32);
        return Some(Problem::NotAValue { line, max });
    }
    too_large(values.iter())
}

/// Whether the lists that conditions name fit into one snapshot together.
///
/// # Errors
/// How many bytes they take and may take.
pub fn check_room<'v>(lists: impl Iterator<Item = &'v Vec<String>>) -> Result<(), Problem> {
    too_large(lists.flatten()).map_or(Ok(()), Err)
}

/// Bytes as JSON: each value with its quotes and its comma.
fn too_large<'v>(values: impl Iterator<Item = &'v String>) -> Option<Problem> {
    let bytes: usize = values.map(|value| written(value)).sum();
    let (bytes, max) = (u32::try_from(bytes).unwrap_or(u32::MAX), MAX_BYTES as u32);
    (bytes > max).then_some(Problem::TooLarge { bytes, max })
}

fn written(value: &str) -> usize {
    let escapes = value.bytes().filter(|b| matches!(b, b'"' | b'\\')).count();
    value.len() + escapes + 3
}

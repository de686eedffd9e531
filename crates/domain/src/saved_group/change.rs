//! What differs between two states of a saved group.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;

use super::{GroupContent, SavedGroupDraft};

/// Most values that a difference lists; it counts them all.
pub const MOST_SHOWN: usize = 100;

/// Every part that differs; what does not is none or zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedGroupChanges {
    /// Before and after.
    pub name: Option<(String, String)>,
    pub description: Option<(String, String)>,
    pub attribute: Option<(String, String)>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Object>>))]
    pub condition: Option<(Value, Value)>,
    /// Values that came, in order, at most 100.
    pub added: Vec<String>,
    /// How many came.
    pub added_count: u32,
    /// Values that went, in order, at most 100.
    pub removed: Vec<String>,
    /// How many went.
    pub removed_count: u32,
}

impl SavedGroupChanges {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What differs in the settable parts.
#[must_use]
pub fn changes(from: &SavedGroupDraft, to: &SavedGroupDraft) -> SavedGroupChanges {
    let text = |a: &str, b: &str| (a != b).then(|| (a.to_owned(), b.to_owned()));
    let mut found = SavedGroupChanges {
        name: text(&from.name, &to.name),
        description: text(&from.description, &to.description),
        ..SavedGroupChanges::default()
    };
    match (&from.content, &to.content) {
        (
            GroupContent::List { attribute, values },
            GroupContent::List {
                attribute: new_attribute,
                values: new_values,
            },
        ) => {
            found.attribute = text(attribute, new_attribute);
            (found.added, found.added_count) = beyond(new_values, values);
            (found.removed, found.removed_count) = beyond(values, new_values);
        }
        (GroupContent::Condition { condition }, GroupContent::Condition { condition: new }) => {
            found.condition = (condition != new).then(|| (condition.clone(), new.clone()));
        }
        // The kind is fixed, so two states of one group never differ in it.
        _ => {}
    }
    found
}

/// The values that the others lack, and how many they are.
fn beyond(values: &[String], others: &[String]) -> (Vec<String>, u32) {
    let others: HashSet<&String> = others.iter().collect();
    let new: Vec<&String> = values.iter().filter(|v| !others.contains(v)).collect();
    let count = u32::try_from(new.len()).unwrap_or(u32::MAX);
    (new.into_iter().take(MOST_SHOWN).cloned().collect(), count)
}

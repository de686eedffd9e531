//! Saved groups by name, before they are compiled: conditions refer to a group by its index.

use serde_json::Value;

use super::attribute::text_field;
use super::groups::GroupTest;
use super::path::{Path, REMOTE_GROUP_IDS};

/// What `$inGroup` names.
pub(super) enum Listing {
    Group(u32),
    Absent,
}

/// What has to be known to say who is in a group.
pub(super) enum GroupForm<'v> {
    Condition(&'v Value),
    /// The attribute that the group names, if it names one.
    Attribute(Option<&'v str>),
    /// A type of a later specification.
    Unknown,
    Nobody,
}

/// The ids of all groups, sorted: a group's position is its index.
pub(super) struct GroupIds<'v>(Vec<(&'v str, &'v Value)>);

impl<'v> GroupIds<'v> {
    /// Anything but an object holds no groups.
    pub(super) fn new(saved_groups: &'v Value) -> Self {
        let entries = saved_groups.as_object().into_iter().flatten();
        let mut ids: Vec<_> = entries.map(|(id, entry)| (id.as_str(), entry)).collect();
        ids.sort_unstable_by_key(|(id, _)| *id);
        Self(ids)
    }

    pub(super) fn index(&self, id: &str) -> Option<u32> {
        let position = self.0.binary_search_by_key(&id, |(known, _)| known).ok()?;
        u32::try_from(position).ok()
    }

    pub(super) fn listing(&self, operand: &Value) -> Listing {
        let index = operand.as_str().and_then(|id| self.index(id));
        index.map_or(Listing::Absent, Listing::Group)
    }

    /// Nothing when the reference is malformed or the group absent: nobody is in it.
    pub(super) fn reference(&self, operand: &Value) -> Option<GroupTest> {
        let operand = operand.as_object()?;
        let group = self.index(operand.get("id")?.as_str()?)?;
        let attribute = match operand.get("attributeKey") {
            // Another attribute than the one asked for would be another population.
            Some(key) => Some(key.as_str().map(|key| (key.into(), Path::new(key)))?),
            None => None,
        };
        Some(GroupTest::new(group, attribute))
    }

    /// The ids and their JSON, in the order of their indexes.
    pub(super) fn entries(&self) -> &[(&'v str, &'v Value)] {
        &self.0
    }

    pub(super) fn form(&self, index: u32) -> GroupForm<'v> {
        let position = usize::try_from(index).ok();
        let entry = position.and_then(|position| self.0.get(position));
        let Some(entry) = entry.and_then(|(_, entry)| entry.as_object()) else {
            return GroupForm::Nobody;
        };
        match entry.get("type").and_then(Value::as_str) {
            Some("list") if entry.get("values").is_some_and(Value::is_array) => {
                GroupForm::Attribute(text_field(entry, "attributeKey"))
            }
            Some("remote") => GroupForm::Attribute(Some(REMOTE_GROUP_IDS)),
            Some("condition") => match entry.get("condition") {
                Some(condition) if condition.is_object() => GroupForm::Condition(condition),
                _ => GroupForm::Nobody,
            },
            Some("list") => GroupForm::Nobody,
            _ => GroupForm::Unknown,
        }
    }
}

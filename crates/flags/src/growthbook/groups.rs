//! Saved groups: lists and conditions that many rules share by name.
//!
//! Source: "savedGroupReferencesV2" and "savedGroupReferencesRemote" of the specification
//! 0.12.0. A group is a bare list (the older form), a typed list, a condition, or remote: a
//! server says in `__gb_remoteGroupIds` which remote groups a user is in.

use serde_json::{Map, Value};

use super::attribute::{Attribute, text_field};
use super::condition::{Condition, Scope, Trail};
use super::outcome::Outcome;
use super::parse::{MAX_LEVELS, Parser};
use super::path::{Path, REMOTE_GROUP_IDS};
use super::set::ValueSet;

/// Levels of nested conditions one question may put on the stack through groups.
const MAX_NESTED_LEVELS: usize = 4 * MAX_LEVELS;

/// All groups of a payload, compiled.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups(Box<[Group]>);

#[derive(Debug, Clone)]
struct Group {
    id: Box<str>,
    kind: GroupKind,
    /// Levels of nesting in its JSON, at least those of its compiled condition.
    levels: usize,
}

#[derive(Debug, Clone)]
enum GroupKind {
    /// Only `$inGroup` and `$notInGroup` see it.
    BareList(ValueSet),
    List {
        attribute: Option<Path>,
        values: Option<ValueSet>,
    },
    Condition(Option<Condition>),
    Remote {
        attribute: Option<Box<str>>,
    },
    /// A type of a later specification.
    Unknown,
    Malformed,
}

/// A `$savedGroup` whose group is in the payload.
#[derive(Debug, Clone)]
pub(super) struct GroupTest {
    group: u32,
    /// Asked about instead of the attribute that the group names.
    attribute: Option<(Box<str>, Path)>,
}

impl Groups {
    pub(super) fn compile(parser: &Parser<'_>) -> Self {
        let groups = parser.groups.entries().iter();
        let group = |(id, entry): &(&str, &Value)| Group {
            id: (*id).into(),
            kind: GroupKind::compile(parser, entry),
            levels: levels(entry, MAX_NESTED_LEVELS),
        };
        Self(groups.map(group).collect())
    }

    fn get(&self, index: u32) -> Option<&Group> {
        self.0.get(usize::try_from(index).ok()?)
    }

    /// `$inGroup`.
    pub(super) fn member(&self, index: u32, value: Attribute<'_>) -> Outcome {
        match self.get(index).map(|group| &group.kind) {
            Some(
                GroupKind::BareList(set)
                | GroupKind::List {
                    values: Some(set), ..
                },
            ) => set.contains(value).into(),
            Some(GroupKind::Unknown) => Outcome::Unknown,
            _ => Outcome::Fail,
        }
    }

    /// `$notInGroup`. Not the opposite: a group without a list has no strangers either.
    pub(super) fn stranger(&self, index: u32, value: Attribute<'_>) -> Outcome {
        match self.get(index).map(|group| &group.kind) {
            Some(
                GroupKind::BareList(_)
                | GroupKind::List {
                    values: Some(_), ..
                },
            ) => self.member(index, value).opposite(),
            Some(GroupKind::Unknown) => Outcome::Unknown,
            _ => Outcome::Fail,
        }
    }
}

impl GroupKind {
    fn compile(parser: &Parser<'_>, entry: &Value) -> Self {
        match entry {
            Value::Array(values) => Self::BareList(ValueSet::new(values)),
            Value::Object(entry) => Self::typed(parser, entry),
            _ => Self::Malformed,
        }
    }

    fn typed(parser: &Parser<'_>, entry: &Map<String, Value>) -> Self {
        match entry.get("type").and_then(Value::as_str) {
            Some("list") => Self::List {
                attribute: text_field(entry, "attributeKey").map(Path::new),
                values: entry
                    .get("values")
                    .and_then(Value::as_array)
                    .map(|v| ValueSet::new(v)),
            },
            Some("condition") => {
                let condition = entry.get("condition").filter(|json| json.is_object());
                Self::Condition(parser.optional(condition))
            }
            Some("remote") => Self::Remote {
                attribute: text_field(entry, "attributeKey").map(Box::from),
            },
            _ => Self::Unknown,
        }
    }
}

impl GroupTest {
    pub(super) const fn new(group: u32, attribute: Option<(Box<str>, Path)>) -> Self {
        Self { group, attribute }
    }

    pub(super) const fn group(&self) -> u32 {
        self.group
    }

    /// The name of the attribute that is asked about instead of the group's.
    pub(super) fn attribute(&self) -> Option<&str> {
        self.attribute.as_ref().map(|(name, _)| &**name)
    }

    pub(super) fn evaluate(&self, scope: &Scope<'_, '_>) -> Outcome {
        if scope.trail.is_some_and(|trail| trail.holds(self.group)) {
            return Outcome::Fail;
        }
        let Some(group) = scope.groups.get(self.group) else {
            return Outcome::Fail;
        };
        let levels = scope.trail.map_or(0, |trail| trail.levels) + group.levels;
        if levels > MAX_NESTED_LEVELS || !scope.budget.spend() {
            return Outcome::Broken;
        }
        match &group.kind {
            GroupKind::Condition(Some(condition)) => {
                let trail = Trail {
                    group: self.group,
                    levels,
                    parent: scope.trail,
                };
                condition.evaluate(&Scope {
                    trail: Some(&trail),
                    ..*scope
                })
            }
            GroupKind::List {
                attribute,
                values: Some(values),
            } => {
                let own = attribute.as_ref();
                let path = self.attribute.as_ref().map(|(_, path)| path).or(own);
                path.is_some_and(|path| values.contains(path.find(&scope.subject)))
                    .into()
            }
            GroupKind::Remote { attribute } => self.remote(group, attribute.as_deref(), scope),
            GroupKind::Unknown => Outcome::Unknown,
            _ => Outcome::Fail,
        }
    }

    fn remote(&self, group: &Group, own: Option<&str>, scope: &Scope<'_, '_>) -> Outcome {
        let asked = self.attribute();
        if asked.is_some() && asked != own {
            return Outcome::Fail;
        }
        match scope.subject.field(REMOTE_GROUP_IDS) {
            Some(Attribute::List(ids)) => {
                ids.iter().any(|id| id.as_str() == Some(&group.id)).into()
            }
            _ => Outcome::Fail,
        }
    }
}

/// Levels of nesting in a value, counted up to `limit`.
fn levels(value: &Value, limit: usize) -> usize {
    let Some(below) = limit.checked_sub(1) else {
        return 0;
    };
    let deepest = match value {
        Value::Array(items) => items.iter().map(|item| levels(item, below)).max(),
        Value::Object(fields) => fields.values().map(|field| levels(field, below)).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}

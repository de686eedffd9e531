//! Conditions as gateways and SDKs get them: `$savedGroups` are spelled out, and only lists
//! are left to be named, by `$inGroup` and `$notInGroup`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{GroupContent, SavedGroup};
use crate::Problem;
use crate::problem::GroupFault;

/// Bytes of one condition once its groups are spelled out; the engine takes no more.
const MAX_EXPANDED_BYTES: usize = 65_536;
/// How often one condition may name groups, with the groups that they name.
const MAX_NAMED: usize = 200;

/// A condition without `$savedGroups`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expanded {
    pub condition: Value,
    /// The lists that it names.
    pub lists: BTreeSet<String>,
}

/// Saved groups of one environment, by id.
#[derive(Clone, Debug, Default)]
pub struct Groups<'g>(BTreeMap<&'g str, &'g SavedGroup>);

/// The ids of all groups that a condition names.
#[must_use]
pub fn groups_named(condition: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    collect(condition, &mut found);
    found
}

fn collect<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), field) {
                    ("$inGroup" | "$notInGroup", Value::String(id)) => {
                        found.insert(id);
                    }
                    ("$savedGroups", Value::Array(ids)) => {
                        found.extend(ids.iter().filter_map(Value::as_str));
                    }
                    _ => collect(field, found),
                }
            }
        }
        _ => {}
    }
}

impl<'g> Groups<'g> {
    pub fn new(groups: impl IntoIterator<Item = &'g SavedGroup>) -> Self {
        let by_id = groups.into_iter().map(|group| (group.id.as_str(), group));
        Self(by_id.collect())
    }

    #[must_use]
    pub fn get(&self, id: &str) -> Option<&'g SavedGroup> {
        self.0.get(id).copied()
    }

    /// Spells a condition out.
    ///
    /// # Errors
    /// [`Problem::Group`] with the place of the first group that is not there, archived, of
    /// the wrong kind or within itself; [`Problem::TooLarge`] when it becomes too large.
    pub fn expand(&self, condition: &Value) -> Result<Expanded, Problem> {
        let mut work = Work {
            groups: self,
            lists: BTreeSet::new(),
            within: Vec::new(),
            named: 0,
        };
        let condition = work.object("condition", condition)?;
        let (bytes, max) = (condition.to_string().len(), MAX_EXPANDED_BYTES);
        if bytes > max {
            let (bytes, max) = (bytes as u32, max as u32);
            return Err(Problem::TooLarge { bytes, max });
        }
        Ok(Expanded {
            condition,
            lists: work.lists,
        })
    }
}

struct Work<'w, 'g> {
    groups: &'w Groups<'g>,
    lists: BTreeSet<String>,
    /// The groups that are being spelled out.
    within: Vec<&'g str>,
    named: usize,
}

impl<'g> Work<'_, 'g> {
    fn value(&mut self, at: &str, value: &Value) -> Result<Value, Problem> {
        match value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(i, item)| self.value(&format!("{at}[{i}]"), item));
                items.collect()
            }
            Value::Object(_) => self.object(at, value),
            plain => Ok(plain.clone()),
        }
    }

    fn object(&mut self, at: &str, value: &Value) -> Result<Value, Problem> {
        let Some(fields) = value.as_object() else {
            return Ok(value.clone());
        };
        let mut rest = Map::new();
        let mut parts = Vec::new();
        for (name, field) in fields {
            let at = format!("{at}.{name}");
            match (name.as_str(), field) {
                ("$savedGroups", Value::Array(ids)) => {
                    for (i, id) in ids.iter().enumerate() {
                        let id = id.as_str().unwrap_or_default();
                        parts.push(self.group(&format!("{at}[{i}]"), id)?);
                    }
                }
                ("$inGroup" | "$notInGroup", Value::String(id)) => {
                    self.list(&at, id)?;
                    rest.insert(name.clone(), field.clone());
                }
                _ => {
                    rest.insert(name.clone(), self.value(&at, field)?);
                }
            }
        }
        if parts.is_empty() {
            return Ok(Value::Object(rest));
        }
        if !rest.is_empty() {
            parts.insert(0, Value::Object(rest));
        }
        Ok(json!({ "$and": parts }))
    }

    /// The condition that somebody in the group fits.
    fn group(&mut self, at: &str, id: &str) -> Result<Value, Problem> {
        let group = self.known(at, id)?;
        if self.within.contains(&group.id.as_str()) {
            let circle = self.within.iter().copied().chain([id]);
            let circle: Vec<&str> = circle.skip_while(|one| *one != id).collect();
            return Err(fault(at, &circle.join(" → "), GroupFault::Circle));
        }
        match &group.content {
            GroupContent::List { attribute, .. } => {
                self.lists.insert(id.to_owned());
                Ok(json!({ attribute: { "$inGroup": id } }))
            }
            GroupContent::Condition { condition } => {
                self.within.push(group.id.as_str());
                let spelled = self.object(&format!("{at} ({id})"), condition);
                self.within.pop();
                spelled
            }
        }
    }

    fn list(&mut self, at: &str, id: &str) -> Result<(), Problem> {
        match self.known(at, id)?.content {
            GroupContent::List { .. } => {
                self.lists.insert(id.to_owned());
                Ok(())
            }
            GroupContent::Condition { .. } => Err(fault(at, id, GroupFault::NotAList)),
        }
    }

    fn known(&mut self, at: &str, id: &str) -> Result<&'g SavedGroup, Problem> {
        self.named += 1;
        if self.named > MAX_NAMED {
            return Err(fault(at, id, GroupFault::TooMany));
        }
        match self.groups.get(id) {
            None => Err(fault(at, id, GroupFault::Missing)),
            Some(group) if group.archived => Err(fault(at, id, GroupFault::Archived)),
            Some(group) => Ok(group),
        }
    }
}

fn fault(at: &str, group: &str, fault: GroupFault) -> Problem {
    Problem::Group {
        place: at.chars().take(200).collect(),
        group: group.chars().take(200).collect(),
        fault,
    }
}

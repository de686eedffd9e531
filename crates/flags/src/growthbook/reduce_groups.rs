//! The saved groups that a reduced payload still needs.
//!
//! A group is needed when its id is a text anywhere in what is kept. That takes no list of
//! the operators that name groups, so it holds for operators of later specifications too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::prune::Pruner;

/// A group that something names.
struct Reference<'v> {
    group: &'v str,
    /// What is asked about is the user, and not an element of a list or a prerequisite's
    /// value: only then may the group be reduced by what is known of the user.
    about_user: bool,
}

/// Who names whom.
type Edges<'v> = BTreeSet<(&'v str, &'v str)>;

/// Which groups name which.
struct References<'v>(BTreeMap<&'v str, Vec<Reference<'v>>>);

/// The groups named by `kept` or by groups that are, with conditions pruned where that is
/// right.
pub(super) fn keep_groups(kept: &Value, groups: &Value, pruner: &Pruner<'_>) -> Value {
    let Some(groups) = groups.as_object() else {
        return Value::Object(Map::new());
    };
    let references = References::new(groups);
    let mut as_written = references.on_cycles();
    as_written.extend(references.about_others(kept, groups));
    let mut left = Map::new();
    let mut wanted = named_in(kept, groups);
    while let Some(Reference { group: id, .. }) = wanted.pop() {
        if left.contains_key(id) {
            continue;
        }
        let Some((id, group)) = groups.get_key_value(id) else {
            continue;
        };
        let pruned = (!as_written.contains(id.as_str()))
            .then(|| pruner.group(id))
            .flatten();
        let mut group = group.clone();
        if let (Some(condition), Some(fields)) = (pruned, group.as_object_mut()) {
            fields.insert("condition".to_owned(), condition);
        }
        // Found by their names in `groups`, which outlives the copy.
        wanted.extend(
            named_by(&group)
                .into_iter()
                .flat_map(|group| named_in(group, groups)),
        );
        left.insert(id.clone(), group);
    }
    Value::Object(left)
}

impl<'v> References<'v> {
    fn new(groups: &'v Map<String, Value>) -> Self {
        let named = |group: &'v Value| {
            let naming = named_by(group).into_iter();
            naming.flat_map(|group| named_in(group, groups)).collect()
        };
        Self(
            groups
                .iter()
                .map(|(id, group)| (id.as_str(), named(group)))
                .collect(),
        )
    }

    /// Groups on a cycle, or between two: what they say depends on where one enters, so they
    /// cannot be reduced on their own.
    fn on_cycles(&self) -> BTreeSet<&'v str> {
        let mut edges = Edges::new();
        for (from, named) in &self.0 {
            edges.extend(named.iter().map(|reference| (*from, reference.group)));
        }
        let reversed = edges.iter().map(|(from, to)| (*to, *from)).collect();
        &leading_to_cycles(&edges) & &leading_to_cycles(&reversed)
    }

    /// Groups asked about something else than the user, directly or through a group.
    fn about_others(&self, kept: &'v Value, groups: &'v Map<String, Value>) -> BTreeSet<&'v str> {
        let mut others = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut wanted = named_in(kept, groups);
        while let Some(Reference { group, about_user }) = wanted.pop() {
            let new = if about_user {
                seen.insert(group)
            } else {
                others.insert(group)
            };
            let named = self.0.get(group).into_iter().flatten();
            wanted.extend(named.filter(|_| new).map(|reference| Reference {
                group: reference.group,
                about_user: about_user && reference.about_user,
            }));
        }
        others
    }
}

/// What remains when whoever names nobody (any more) is taken away again and again.
fn leading_to_cycles<'v>(edges: &Edges<'v>) -> BTreeSet<&'v str> {
    let mut naming: BTreeMap<&str, Vec<&'v str>> = BTreeMap::new();
    let mut open: BTreeMap<&'v str, usize> = BTreeMap::new();
    for (from, to) in edges {
        naming.entry(to).or_default().push(from);
        open.entry(to).or_default();
        *open.entry(from).or_default() += 1;
    }
    let ends = open.iter().filter(|(_, count)| **count == 0);
    let mut ends: Vec<&str> = ends.map(|(id, _)| *id).collect();
    while let Some(end) = ends.pop() {
        for from in naming.get(end).into_iter().flatten() {
            let count = open.entry(from).or_default();
            *count = count.saturating_sub(1);
            if *count == 0 {
                ends.push(from);
            }
        }
    }
    open.retain(|_, count| *count > 0);
    open.into_keys().collect()
}

/// A group, if it can name others. The values of a list are attributes, never names.
fn named_by(group: &Value) -> Option<&Value> {
    let is_list = group.get("type").and_then(Value::as_str) == Some("list");
    (group.is_object() && !is_list).then_some(group)
}

/// The groups whose id is a text anywhere in `value`.
fn named_in<'v>(value: &Value, groups: &'v Map<String, Value>) -> Vec<Reference<'v>> {
    let mut found = Vec::new();
    collect(value, groups, true, &mut found);
    found
}

fn collect<'v>(
    value: &Value,
    groups: &'v Map<String, Value>,
    about_user: bool,
    found: &mut Vec<Reference<'v>>,
) {
    match value {
        Value::String(text) => {
            let group = groups.get_key_value(text).map(|(id, _)| id.as_str());
            found.extend(group.map(|group| Reference { group, about_user }));
        }
        Value::Array(items) => {
            for item in items {
                collect(item, groups, about_user, found);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                let other = key == "$elemMatch" || key == "parentConditions";
                collect(field, groups, about_user && !other, found);
            }
        }
        _ => {}
    }
}

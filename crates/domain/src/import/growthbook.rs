//! GrowthBook: the payload of its SDKs, and answers of its REST API.

use std::collections::BTreeSet;

use nexus_flags::Targeting;
use nexus_flags::growthbook::check_condition;
use serde_json::{Map, Value, json};

use super::{Import, ImportFormat, ImportTo, Imported, Note, basis_points, chosen, draft, rule_id};
use crate::flag::{FlagKind, Rule};

/// `{"features": {key: {"defaultValue": …, "rules": […]}}, "savedGroups": {…}}`
pub(super) fn payload(features: &Map<String, Value>, groups: &Value, to: ImportTo<'_>) -> Import {
    let flags = features.iter().map(|(key, feature)| {
        let value = &feature["defaultValue"];
        let rules = feature["rules"].as_array().map(Vec::as_slice);
        let rules = rules.unwrap_or_default();
        let given = rules.iter().filter_map(|rule| rule.get("force"));
        let kind = kind_of(std::iter::once(value).chain(given));
        let mut flag = Imported {
            key: key.clone(),
            draft: Some(draft(key, to, "", kind, value.clone())),
            enabled: true,
            notes: Vec::new(),
        };
        for (position, rule) in rules.iter().enumerate() {
            add(&mut flag, position, &Read::of_payload(rule), groups);
        }
        flag
    });
    Import {
        format: ImportFormat::GrowthbookPayload,
        environments: Vec::new(),
        flags: flags.collect(),
    }
}

/// `[{"id": …, "valueType": …, "defaultValue": "…", "environments": {…}}]`
pub(super) fn api(features: &[Value], to: ImportTo<'_>) -> Import {
    let environments: BTreeSet<String> = features
        .iter()
        .filter_map(|feature| feature["environments"].as_object())
        .flat_map(|environments| environments.keys().cloned())
        .collect();
    let environments: Vec<String> = environments.into_iter().collect();
    let from = chosen(to, &environments).unwrap_or(to.environment.as_str());
    let live = features
        .iter()
        .filter(|feature| feature["archived"] != json!(true));
    let flags = live.map(|feature| of_api(feature, from, to)).collect();
    Import {
        format: ImportFormat::GrowthbookApi,
        environments,
        flags,
    }
}

fn of_api(feature: &Value, from: &str, to: ImportTo<'_>) -> Imported {
    let text = |name: &str| feature[name].as_str().unwrap_or_default();
    let kind = FlagKind::parse(text("valueType")).unwrap_or(FlagKind::Json);
    let there = feature["environments"].get(from);
    let own = there.and_then(|there| there["defaultValue"].as_str());
    let value = typed(kind, own.unwrap_or_else(|| text("defaultValue")));
    let key = text("id");
    let mut flag = Imported {
        key: key.to_owned(),
        draft: Some(draft(key, to, text("description"), kind, value)),
        enabled: there.is_some_and(|there| there["enabled"] == json!(true)),
        notes: Vec::new(),
    };
    let Some(there) = there else {
        let environment = from.to_owned();
        flag.note(None, Note::Absent { environment });
        return flag;
    };
    if feature["prerequisites"]
        .as_array()
        .is_some_and(|all| !all.is_empty())
    {
        flag.note(None, Note::Prerequisite);
    }
    let rules = there["rules"].as_array().into_iter().flatten();
    for (position, rule) in rules.enumerate() {
        add(&mut flag, position, &Read::of_api(rule, kind), &Value::Null);
    }
    flag
}

/// Values of the REST API are texts.
fn typed(kind: FlagKind, text: &str) -> Value {
    match kind {
        FlagKind::String => Value::from(text),
        _ => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    }
}

/// The kind that all of the values are of.
fn kind_of<'v>(values: impl Iterator<Item = &'v Value>) -> FlagKind {
    let kinds: Vec<FlagKind> = values.map(FlagKind::of).collect();
    match &kinds[..] {
        [first, rest @ ..] if rest.iter().all(|kind| kind == first) => *first,
        _ => FlagKind::Json,
    }
}

/// A rule of either form.
struct Read<'r> {
    id: &'r str,
    description: &'r str,
    enabled: bool,
    condition: Value,
    /// None: it deals users into several values.
    value: Option<Value>,
    coverage: f64,
    hashed_by: &'r str,
    has_schedule: bool,
    has_prerequisite: bool,
    /// By which its groups are named, if they are not part of the condition.
    groups: Option<&'r Value>,
    kind: &'r str,
}

impl<'r> Read<'r> {
    fn of_payload(rule: &'r Value) -> Self {
        let text = |name: &str| rule[name].as_str().unwrap_or_default();
        let is_filled = |name: &str| rule[name].as_array().is_some_and(|all| !all.is_empty());
        Self {
            id: text("id"),
            description: text("name"),
            enabled: true,
            condition: rule["condition"].clone(),
            value: rule.get("force").cloned(),
            coverage: rule["coverage"].as_f64().unwrap_or(1.0),
            hashed_by: rule["hashAttribute"].as_str().unwrap_or("id"),
            has_schedule: false,
            has_prerequisite: is_filled("parentConditions"),
            groups: None,
            kind: match is_filled("variations") {
                true => "experiment",
                false => "force",
            },
        }
    }

    fn of_api(rule: &'r Value, kind: FlagKind) -> Self {
        let text = |name: &str| rule[name].as_str().unwrap_or_default();
        let is_filled = |name: &str| rule[name].as_array().is_some_and(|all| !all.is_empty());
        // The condition is JSON in a text.
        let condition = match text("condition") {
            "" => Value::Null,
            typed => serde_json::from_str(typed).unwrap_or_else(|_| Value::from(typed)),
        };
        Self {
            id: text("id"),
            description: text("description"),
            enabled: rule["enabled"] != json!(false),
            condition,
            value: rule["value"].as_str().map(|value| typed(kind, value)),
            coverage: match text("type") {
                "rollout" => rule["coverage"].as_f64().unwrap_or(1.0),
                _ => 1.0,
            },
            hashed_by: rule["hashAttribute"].as_str().unwrap_or("id"),
            has_schedule: is_filled("scheduleRules"),
            has_prerequisite: is_filled("prerequisites"),
            groups: rule
                .get("savedGroupTargeting")
                .filter(|_| is_filled("savedGroupTargeting")),
            kind: text("type"),
        }
    }

    fn loss(&self) -> Option<Note> {
        if matches!(self.kind, "experiment" | "experiment-ref" | "safe-rollout") {
            return Some(Note::Experiment);
        }
        if !matches!(self.kind, "force" | "rollout") || self.value.is_none() {
            let name = self.kind.chars().take(40).collect();
            return Some(Note::Kind { name });
        }
        if self.has_prerequisite {
            return Some(Note::Prerequisite);
        }
        if let Some(groups) = self.groups {
            let name = groups[0]["savedGroups"][0].as_str().unwrap_or_default();
            let name = name.chars().take(64).collect();
            return Some(Note::Group { name });
        }
        if self.has_schedule {
            return Some(Note::Schedule);
        }
        let is_all = self.coverage >= 1.0;
        (!is_all && self.hashed_by != "id").then(|| Note::Share {
            of: self.hashed_by.chars().take(64).collect(),
        })
    }
}

fn add(flag: &mut Imported, position: usize, read: &Read<'_>, groups: &Value) {
    let number = format!("#{}", position + 1);
    let named = [read.description, read.id]
        .into_iter()
        .find(|name| !name.is_empty());
    let named = named.unwrap_or(&number);
    if let Some(loss) = read.loss() {
        flag.note(Some(named), loss);
        return;
    }
    let mut condition = read.condition.clone();
    if let Err(name) = with_groups(&mut condition, groups) {
        flag.note(Some(named), Note::Group { name });
        return;
    }
    let is_empty = condition.is_null() || condition == json!({});
    if !is_empty && let Err(fault) = check_condition(&condition) {
        let name = fault.path;
        flag.note(Some(named), Note::Comparison { name });
        return;
    }
    if read.coverage < 1.0 {
        flag.note(Some(named), Note::DealtAnew);
    }
    let rule = Rule {
        id: rule_id(read.id, position),
        name: read.description.chars().take(120).collect(),
        enabled: read.enabled,
        targeting: Targeting {
            condition: (!is_empty).then_some(condition),
            ..Targeting::default()
        },
        coverage_bp: basis_points(read.coverage),
        ..Rule::for_everybody(read.value.clone().unwrap_or_default())
    };
    if let Some(draft) = &mut flag.draft {
        draft.rules.push(rule);
    }
}

/// Puts the lists of saved groups in their places; the name of one that is not there.
fn with_groups(condition: &mut Value, groups: &Value) -> Result<(), String> {
    match condition {
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| with_groups(item, groups)),
        Value::Object(fields) => {
            for (from, to) in [("$inGroup", "$in"), ("$notInGroup", "$nin")] {
                if let Some(name) = fields.remove(from) {
                    let name = name.as_str().unwrap_or_default().to_owned();
                    let list = groups.get(&name).filter(|list| list.is_array());
                    fields.insert(to.to_owned(), list.cloned().ok_or(name)?);
                }
            }
            fields
                .values_mut()
                .try_for_each(|value| with_groups(value, groups))
        }
        _ => Ok(()),
    }
}

//! GrowthBook: the payload of its SDKs, and answers of its REST API.

use std::collections::BTreeSet;

use nexus_flags::growthbook::check_condition;
use nexus_flags::{Prerequisite, Targeting, ValueOperator};
use serde_json::{Map, Value, json};

use super::{
    EVERYBODY, Import, ImportFormat, Imported, Note, Reading, TimeMs, basis_points, chosen, draft,
    everybody, rule_id,
};
use crate::experiment::Schedule;
use crate::flag::{FlagKind, MAX_RULES, Rule};
use crate::ids::FlagKey;

/// `{"features": {key: {"defaultValue": …, "rules": […]}}, "savedGroups": {…}}`
pub(super) fn payload(features: &Map<String, Value>, groups: &Value, to: Reading<'_>) -> Import {
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
        if feature.get("defaultValue").is_none() {
            flag.note(None, Note::NoDefault);
        }
        for (position, rule) in rules.iter().enumerate() {
            if let Some(gates) = gates(rule) {
                flag.need(gates);
            } else {
                add(
                    &mut flag,
                    position,
                    &Read::of_payload(rule),
                    groups,
                    to.time_ms,
                );
            }
        }
        flag.off_when_off();
        flag
    });
    Import {
        format: ImportFormat::GrowthbookPayload,
        environments: Vec::new(),
        flags: flags.collect(),
    }
}

/// `[{"id": …, "valueType": …, "defaultValue": "…", "environments": {…}}]`
pub(super) fn api(features: &[Value], to: Reading<'_>) -> Import {
    let environments: BTreeSet<String> = features
        .iter()
        .filter_map(|feature| feature["environments"].as_object())
        .flat_map(|environments| environments.keys().cloned())
        .collect();
    let environments: Vec<String> = environments.into_iter().collect();
    let from = chosen(to, &environments).unwrap_or(to.to.environment.as_str());
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

fn of_api(feature: &Value, from: &str, to: Reading<'_>) -> Imported {
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
    flag.need(&feature["prerequisites"]);
    let rules = there["rules"].as_array().into_iter().flatten();
    for (position, rule) in rules.enumerate() {
        add(
            &mut flag,
            position,
            &Read::of_api(rule, kind),
            &Value::Null,
            to.time_ms,
        );
    }
    flag.off_when_off();
    flag
}

/// What the payload has in place of a feature's own prerequisites: a rule that gives nothing
/// and stops where they do not hold.
fn gates(rule: &Value) -> Option<&Value> {
    let parents = rule.get("parentConditions")?;
    let parent = parents.as_array()?.first()?;
    let gives = rule.get("force").is_some() || rule.get("variations").is_some();
    (!gives && parent["gate"] == json!(true)).then_some(parents)
}

impl Imported {
    fn need(&mut self, parents: &Value) {
        for parent in parents.as_array().into_iter().flatten() {
            match (prerequisite(parent), &mut self.draft) {
                (Ok(needs), Some(draft)) => draft.prerequisites.extend(needs),
                (Ok(_), None) => {}
                (Err(note), _) => self.note(None, note),
            }
        }
    }

    /// There a feature that is off gives nothing, which code reads as false; here it gives its
    /// off value. So a default that is true becomes a rule for everybody.
    fn off_when_off(&mut self) {
        if let Some(draft) = &mut self.draft
            && draft.value == json!(true)
            && draft.kind == FlagKind::Boolean
            && draft.rules.len() < MAX_RULES
            && draft.rules.iter().all(|rule| rule.id != EVERYBODY)
        {
            draft.value = json!(false);
            draft.rules.push(everybody(json!(true)));
        }
    }
}

fn prerequisites(parents: &Value) -> Result<Vec<Prerequisite>, Note> {
    let parents = parents.as_array().into_iter().flatten();
    let all: Result<Vec<_>, Note> = parents.map(prerequisite).collect();
    Ok(all?.concat())
}

/// `{"id": key, "condition": {"value": …}}`, the condition also as JSON in a text. Comparisons of
/// the value with one other are what can be said here.
fn prerequisite(parent: &Value) -> Result<Vec<Prerequisite>, Note> {
    let id = parent["id"].as_str().unwrap_or_default();
    let flag: String = id.chars().take(FlagKey::MAX_LEN).collect();
    let typed = parent["condition"].as_str();
    let typed = typed.and_then(|typed| serde_json::from_str(typed).ok());
    let condition = typed.unwrap_or_else(|| parent["condition"].clone());
    let tests = condition.as_object().filter(|tests| tests.len() == 1);
    let test = tests.and_then(|tests| tests.get("value"));
    let Some(found) = test.and_then(compared) else {
        return Err(Note::Prerequisite { flag });
    };
    let needed = found.into_iter().map(|(operator, value)| Prerequisite {
        flag: flag.clone(),
        operator,
        value,
    });
    Ok(needed.collect())
}

fn compared(test: &Value) -> Option<Vec<(ValueOperator, Value)>> {
    use ValueOperator::{Is, IsNot};
    let is_plain = |value: &Value| value.is_boolean() || value.is_number() || value.is_string();
    let found: Vec<(ValueOperator, Value)> = match test {
        Value::Object(fields) => match fields.iter().next().filter(|_| fields.len() == 1)? {
            (name, value) if name == "$eq" => vec![(Is, value.clone())],
            (name, value) if name == "$ne" => vec![(IsNot, value.clone())],
            (name, Value::Array(values)) if name == "$nin" => {
                let values = values.iter().cloned();
                values.map(|value| (IsNot, value)).collect()
            }
            (name, Value::Array(values)) if name == "$in" && values.len() == 1 => {
                let values = values.iter().cloned();
                values.map(|value| (Is, value)).collect()
            }
            _ => return None,
        },
        plain => vec![(Is, plain.clone())],
    };
    found
        .iter()
        .all(|(_, value)| is_plain(value))
        .then_some(found)
}

/// `[{"timestamp": time, "enabled": true}, {"timestamp": time, "enabled": false}]`, where one
/// may have no time; none where it is on more than once.
fn schedule(rules: &Value, time_ms: TimeMs) -> Option<Schedule> {
    let mut found = Rule::for_everybody(Value::Null).schedule;
    for rule in rules.as_array().into_iter().flatten() {
        let Some(timestamp) = rule.get("timestamp").filter(|at| !at.is_null()) else {
            continue;
        };
        let at_ms = time_ms(timestamp.as_str()?)?;
        let end = match rule["enabled"].as_bool()? {
            true => &mut found.start_ms,
            false => &mut found.end_ms,
        };
        if end.replace(at_ms).is_some() {
            return None;
        }
    }
    match (found.start_ms, found.end_ms) {
        (Some(start_ms), Some(end_ms)) if end_ms <= start_ms => None,
        _ => Some(found),
    }
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
    /// What else leaves users out, that a rule of ours can't say.
    narrowed_by: Option<&'static str>,
    schedule: &'r Value,
    prerequisites: &'r Value,
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
            coverage: match rule["range"][1].as_f64() {
                Some(end) => end,
                None => rule["coverage"].as_f64().unwrap_or(1.0),
            },
            hashed_by: rule["hashAttribute"].as_str().unwrap_or("id"),
            narrowed_by: narrowed_by(rule),
            schedule: &Value::Null,
            prerequisites: &rule["parentConditions"],
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
            narrowed_by: narrowed_by(rule),
            schedule: &rule["scheduleRules"],
            prerequisites: &rule["prerequisites"],
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
        if let Some(field) = self.narrowed_by {
            let name = field.to_owned();
            return Some(Note::Field { name });
        }
        if let Some(groups) = self.groups {
            let name = groups[0]["savedGroups"][0].as_str().unwrap_or_default();
            let name = name.chars().take(64).collect();
            return Some(Note::Group { name });
        }
        let is_all = self.coverage >= 1.0;
        (!is_all && self.hashed_by != "id").then(|| Note::Share {
            of: self.hashed_by.chars().take(64).collect(),
        })
    }
}

/// A field that leaves users out. A range from 0 on is a share.
fn narrowed_by(rule: &Value) -> Option<&'static str> {
    let is_there = |name: &&str| match &rule[*name] {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.get("enabled") != Some(&json!(false)),
        _ => true,
    };
    let is_share = rule["range"].is_null() || rule["range"][0].as_f64() == Some(0.0);
    let others = ["filters", "namespace", "ranges"]
        .into_iter()
        .find(is_there);
    others.or((!is_share).then_some("range"))
}

fn add(flag: &mut Imported, position: usize, read: &Read<'_>, groups: &Value, time_ms: TimeMs) {
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
    let needs = match prerequisites(read.prerequisites) {
        Ok(needs) => needs,
        Err(note) => return flag.note(Some(named), note),
    };
    let Some(schedule) = schedule(read.schedule, time_ms) else {
        return flag.note(Some(named), Note::Schedule);
    };
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
        schedule,
        prerequisites: needs,
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
                    let group = groups.get(&name);
                    let list = group.map(|group| group.get("values").unwrap_or(group));
                    let list = list.filter(|list| list.is_array());
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

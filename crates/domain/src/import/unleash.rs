//! Unleash: its batch export, and what its server SDKs read.
//!
//! A feature is on for whoever any of its strategies takes in, so each strategy becomes a rule
//! that gives `true`. One without strategies is on for everybody.

use std::collections::BTreeSet;

use nexus_flags::{Prerequisite, Targeting, ValueOperator};
use serde_json::{Map, Value, json};

use super::{
    Import, ImportFormat, Imported, Note, Reading, TimeMs, basis_points, chosen, draft, everybody,
    rule_id,
};
use crate::experiment::Schedule;
use crate::flag::{FlagKind, Rule};
use crate::ids::FlagKey;

/// `{"features": […], "featureStrategies": […], "featureEnvironments": […], "segments": […]}`
pub(super) fn export(file: &Value, to: Reading<'_>) -> Import {
    let list = |name: &str| file[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let states = list("featureEnvironments");
    let environments: BTreeSet<String> = states
        .iter()
        .filter_map(|state| state["environment"].as_str())
        .map(str::to_owned)
        .collect();
    let environments: Vec<String> = environments.into_iter().collect();
    let from = chosen(to, &environments).unwrap_or_default();
    let flags = list("features").iter().map(|feature| {
        let name = &feature["name"];
        let mut strategies: Vec<&Value> = list("featureStrategies")
            .iter()
            .filter(|strategy| strategy["featureName"] == *name)
            .collect();
        strategies.sort_by_key(|strategy| strategy["sortOrder"].as_i64().unwrap_or(0));
        let state = states.iter().find(|state| {
            state["featureName"] == *name && state["environment"].as_str() == Some(from)
        });
        let mut flag = of_feature(feature, &strategies, list("segments"), to);
        flag.enabled = state.is_some_and(|state| state["enabled"] == json!(true));
        for one in list("dependencies")
            .iter()
            .filter(|one| one["feature"] == *name)
        {
            flag.depend(&one["dependencies"]);
        }
        let variants = state.map(|state| &state["variants"]);
        if variants.is_some_and(is_filled) {
            flag.note(None, Note::Experiment);
        }
        if state.is_none() {
            let environment = from.to_owned();
            flag.note(None, Note::Absent { environment });
        }
        flag
    });
    Import {
        format: ImportFormat::Unleash,
        flags: flags.collect(),
        environments,
    }
}

/// `{"features": [{"name": …, "enabled": …, "strategies": […]}], "segments": […]}`
pub(super) fn client(file: &Value, to: Reading<'_>) -> Import {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let segments = list(&file["segments"]);
    let features = list(&file["features"]);
    let flags = features.iter().map(|feature| {
        let strategies = list(&feature["strategies"]);
        let strategies: Vec<&Value> = strategies.iter().collect();
        let mut flag = of_feature(feature, &strategies, &segments, to);
        flag.enabled = feature["enabled"] == json!(true);
        if is_filled(&feature["variants"]) {
            flag.note(None, Note::Experiment);
        }
        flag.depend(&feature["dependencies"]);
        flag
    });
    Import {
        format: ImportFormat::Unleash,
        flags: flags.collect(),
        environments: Vec::new(),
    }
}

impl Imported {
    /// `[{"feature": parent, "enabled": true, "variants": []}]`
    fn depend(&mut self, parents: &Value) {
        for parent in parents.as_array().into_iter().flatten() {
            let name = parent["feature"].as_str().unwrap_or_default();
            let flag: String = name.chars().take(FlagKey::MAX_LEN).collect();
            match &mut self.draft {
                Some(draft) if !is_filled(&parent["variants"]) => {
                    draft.prerequisites.push(Prerequisite {
                        flag,
                        operator: ValueOperator::Is,
                        value: json!(parent["enabled"] != json!(false)),
                    });
                }
                _ => self.note(None, Note::Prerequisite { flag }),
            }
        }
    }
}

fn is_filled(value: &Value) -> bool {
    value.as_array().is_some_and(|all| !all.is_empty())
}

fn of_feature(
    feature: &Value,
    strategies: &[&Value],
    segments: &[Value],
    to: Reading<'_>,
) -> Imported {
    let text = |name: &str| feature[name].as_str().unwrap_or_default();
    let key = text("name");
    let mut made = draft(
        key,
        to,
        text("description"),
        FlagKind::Boolean,
        json!(false),
    );
    // Its types of flags that are not to go.
    made.permanent = matches!(text("type"), "kill-switch" | "permission");
    let mut flag = Imported {
        key: key.to_owned(),
        draft: None,
        enabled: false,
        notes: Vec::new(),
    };
    if strategies.is_empty() {
        made.rules.push(everybody(json!(true)));
    }
    for (position, strategy) in strategies.iter().enumerate() {
        let title = ["title", "id", "name"].map(|name| strategy[name].as_str());
        let title = title.into_iter().flatten().find(|text| !text.is_empty());
        let title = title.unwrap_or_default();
        match rule(strategy, position, segments, to.time_ms) {
            Ok(rule) => {
                if rule.coverage_bp < 10_000 {
                    flag.note(Some(title), Note::DealtAnew);
                }
                made.rules.push(rule);
            }
            Err(loss) => flag.note(Some(title), loss),
        }
    }
    flag.draft = Some(made);
    flag
}

fn rule(
    strategy: &Value,
    position: usize,
    segments: &[Value],
    time_ms: TimeMs,
) -> Result<Rule, Note> {
    if is_filled(&strategy["variants"]) {
        return Err(Note::Experiment);
    }
    let parameter = |name: &str| strategy["parameters"][name].as_str().unwrap_or_default();
    let mut parts = Vec::new();
    let mut share = 1.0;
    match strategy["name"].as_str().unwrap_or_default() {
        "default" => {}
        "flexibleRollout" => {
            share = percent(parameter("rollout"));
            // By default the user's id, where there is one.
            let by = parameter("stickiness");
            if share < 1.0 && !matches!(by, "" | "default" | "userId") {
                let of = by.chars().take(64).collect();
                return Err(Note::Share { of });
            }
        }
        "gradualRolloutUserId" => share = percent(parameter("percentage")),
        "userWithId" => {
            let ids = parameter("userIds").split(',').map(str::trim);
            let ids: Vec<&str> = ids.filter(|id| !id.is_empty()).collect();
            parts.push(json!({ "id": { "$in": ids } }));
        }
        name => {
            let name = name.chars().take(40).collect();
            return Err(Note::Kind { name });
        }
    }
    let mut schedule = Rule::for_everybody(Value::Null).schedule;
    for constraint in strategy["constraints"].as_array().into_iter().flatten() {
        if !is_of_time(constraint) {
            parts.push(compared(constraint)?);
        } else if !narrow(&mut schedule, constraint, time_ms) {
            return Err(Note::Schedule);
        }
    }
    for id in strategy["segments"].as_array().into_iter().flatten() {
        let segment = segments.iter().find(|segment| segment["id"] == *id);
        let constraints = segment.and_then(|segment| segment["constraints"].as_array());
        // The batch export names segments only; what the SDKs read has them whole.
        let Some(constraints) = constraints else {
            let name = segment.and_then(|segment| segment["name"].as_str());
            let name = name.map_or_else(|| id.to_string(), str::to_owned);
            return Err(Note::Group { name });
        };
        for constraint in constraints {
            parts.push(compared(constraint)?);
        }
    }
    let title = strategy["title"].as_str().unwrap_or_default();
    Ok(Rule {
        id: rule_id(strategy["id"].as_str().unwrap_or_default(), position),
        name: title.chars().take(120).collect(),
        enabled: strategy["disabled"] != json!(true),
        targeting: Targeting {
            condition: together(parts),
            ..Targeting::default()
        },
        coverage_bp: basis_points(share),
        schedule,
        ..Rule::for_everybody(json!(true))
    })
}

/// A constraint on the moment of the request is a schedule here.
fn is_of_time(constraint: &Value) -> bool {
    let operator = constraint["operator"].as_str().unwrap_or_default();
    constraint["contextName"] == json!("currentTime") && operator.starts_with("DATE_")
}

/// Leaves of the span what the constraint does; false where that is none.
fn narrow(schedule: &mut Schedule, constraint: &Value, time_ms: TimeMs) -> bool {
    let Some(at_ms) = constraint["value"].as_str().and_then(time_ms) else {
        return false;
    };
    let after = constraint["operator"] == json!("DATE_AFTER");
    match after == (constraint["inverted"] != json!(true)) {
        true => schedule.start_ms = schedule.start_ms.max(Some(at_ms)),
        false => schedule.end_ms = Some(schedule.end_ms.map_or(at_ms, |end| end.min(at_ms))),
    }
    let (start_ms, end_ms) = (schedule.start_ms, schedule.end_ms);
    start_ms.is_none_or(|start| end_ms.is_none_or(|end| start < end))
}

fn percent(text: &str) -> f64 {
    text.trim().parse().unwrap_or(0.0) / 100.0
}

/// Parts about different attributes fit into one object.
fn together(mut parts: Vec<Value>) -> Option<Value> {
    if parts.len() < 2 {
        return parts.pop();
    }
    let mut all = Map::new();
    let fields = parts.iter().filter_map(Value::as_object).flatten();
    for (name, value) in fields {
        if all.insert(name.clone(), value.clone()).is_some() {
            return Some(json!({ "$and": parts }));
        }
    }
    Some(Value::Object(all))
}

fn compared(constraint: &Value) -> Result<Value, Note> {
    let operator = constraint["operator"].as_str().unwrap_or_default();
    let unknown = || Note::Comparison {
        name: operator.chars().take(40).collect(),
    };
    let name = match constraint["contextName"].as_str().unwrap_or_default() {
        "userId" => "id",
        "" => return Err(unknown()),
        name => name,
    };
    let values = constraint["values"].as_array();
    let values: Vec<&str> = values
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let value = constraint["value"].as_str().unwrap_or_default();
    let number = || {
        let number: f64 = value.trim().parse().map_err(|_| unknown())?;
        Ok::<Value, Note>(match number.fract() == 0.0 && number.abs() < 1e15 {
            true => json!(number as i64),
            false => json!(number),
        })
    };
    let found = |begin: &str, end: &str| {
        let any: Vec<String> = values.iter().map(|value| escaped(value)).collect();
        let pattern = match &any[..] {
            [only] => format!("{begin}{only}{end}"),
            any => format!("{begin}(?:{}){end}", any.join("|")),
        };
        match constraint["caseInsensitive"] == json!(true) {
            true => json!({ "$regexi": pattern }),
            false => json!({ "$regex": pattern }),
        }
    };
    let test = match operator {
        "IN" => json!({ "$in": values }),
        "NOT_IN" => json!({ "$nin": values }),
        "STR_CONTAINS" => found("", ""),
        "STR_STARTS_WITH" => found("^", ""),
        "STR_ENDS_WITH" => found("", "$"),
        "NUM_EQ" => json!({ "$eq": number()? }),
        "NUM_GT" => json!({ "$gt": number()? }),
        "NUM_GTE" => json!({ "$gte": number()? }),
        "NUM_LT" => json!({ "$lt": number()? }),
        "NUM_LTE" => json!({ "$lte": number()? }),
        "SEMVER_EQ" => json!({ "$veq": value }),
        "SEMVER_GT" => json!({ "$vgt": value }),
        "SEMVER_GTE" => json!({ "$vgte": value }),
        "SEMVER_LT" => json!({ "$vlt": value }),
        "SEMVER_LTE" => json!({ "$vlte": value }),
        _ => return Err(unknown()),
    };
    Ok(match constraint["inverted"] == json!(true) {
        true => json!({ "$not": { name: test } }),
        false => json!({ name: test }),
    })
}

fn escaped(plain: &str) -> String {
    let mut escaped = String::new();
    for c in plain.chars() {
        if r"\^$.|?*+()[]{}".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

//! What differs between two states of a flag, part by part.

use serde::Serialize;
use serde_json::Value;

use super::{FlagDraft, Rule};

/// One part that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagChange {
    pub at: FlagPlace,
    /// Id of the rule it is about.
    pub rule: Option<String>,
    /// None where there was nothing, as before a rule was added.
    pub before: Option<Value>,
    pub after: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlagPlace {
    Name,
    Description,
    Value,
    Schema,
    Permanent,
    Due,
    Prerequisites,
    /// The order of the rules that both have, by id.
    Order,
    /// A whole rule, added or removed.
    Rule,
    RuleName,
    RuleDescription,
    RuleEnabled,
    RuleTargeting,
    RuleCoverage,
    RuleRamp,
    RuleValue,
    RuleSchedule,
    RulePrerequisites,
    RuleHoldouts,
    RuleHoldoutExemption,
}

/// Everything that differs in the settable parts: the flag's own first, then rule by rule in
/// the order of the newer one, removed ones last.
#[must_use]
pub fn changes(from: &FlagDraft, to: &FlagDraft) -> Vec<FlagChange> {
    let mut found = Vec::new();
    let text = |text: &str| Value::from(text);
    note(
        &mut found,
        FlagPlace::Name,
        None,
        text(&from.name),
        text(&to.name),
    );
    let (before, after) = (text(&from.description), text(&to.description));
    note(&mut found, FlagPlace::Description, None, before, after);
    let (before, after) = (from.value.clone(), to.value.clone());
    note(&mut found, FlagPlace::Value, None, before, after);
    note(
        &mut found,
        FlagPlace::Schema,
        None,
        json(&from.schema),
        json(&to.schema),
    );
    let (before, after) = (from.permanent.into(), to.permanent.into());
    note(&mut found, FlagPlace::Permanent, None, before, after);
    let (before, after) = (json(&from.due_ms), json(&to.due_ms));
    note(&mut found, FlagPlace::Due, None, before, after);
    let (before, after) = (json(&from.prerequisites), json(&to.prerequisites));
    note(&mut found, FlagPlace::Prerequisites, None, before, after);
    let (before, after) = (
        shared(&from.rules, &to.rules),
        shared(&to.rules, &from.rules),
    );
    note(&mut found, FlagPlace::Order, None, before, after);
    for rule in &to.rules {
        match by_id(&from.rules, &rule.id) {
            Some(old) => rule_changes(&mut found, old, rule),
            None => found.push(whole(rule, None, Some(json(rule)))),
        }
    }
    let gone = from
        .rules
        .iter()
        .filter(|r| by_id(&to.rules, &r.id).is_none());
    found.extend(gone.map(|rule| whole(rule, Some(json(rule)), None)));
    found
}

/// What stands at one place of a rule.
type Part = fn(&Rule) -> Value;

fn rule_changes(found: &mut Vec<FlagChange>, from: &Rule, to: &Rule) {
    let parts: [(FlagPlace, Part); 11] = [
        (FlagPlace::RuleName, |r| r.name.as_str().into()),
        (FlagPlace::RuleDescription, |r| {
            r.description.as_str().into()
        }),
        (FlagPlace::RuleEnabled, |r| r.enabled.into()),
        (FlagPlace::RuleTargeting, |r| json(&r.targeting)),
        (FlagPlace::RuleCoverage, |r| r.coverage_bp.into()),
        (FlagPlace::RuleRamp, |r| json(&r.ramp)),
        (FlagPlace::RuleValue, |r| r.value.clone()),
        (FlagPlace::RuleSchedule, |r| json(&r.schedule)),
        (FlagPlace::RulePrerequisites, |r| json(&r.prerequisites)),
        (FlagPlace::RuleHoldouts, |r| json(&r.holdouts)),
        (FlagPlace::RuleHoldoutExemption, |r| {
            json(&r.holdout_exemption)
        }),
    ];
    for (place, part) in parts {
        note(found, place, Some(&to.id), part(from), part(to));
    }
}

fn note(
    found: &mut Vec<FlagChange>,
    at: FlagPlace,
    rule: Option<&str>,
    before: Value,
    after: Value,
) {
    if before != after {
        found.push(FlagChange {
            at,
            rule: rule.map(str::to_owned),
            before: Some(before),
            after: Some(after),
        });
    }
}

fn whole(rule: &Rule, before: Option<Value>, after: Option<Value>) -> FlagChange {
    FlagChange {
        at: FlagPlace::Rule,
        rule: Some(rule.id.clone()),
        before,
        after,
    }
}

fn by_id<'r>(rules: &'r [Rule], id: &str) -> Option<&'r Rule> {
    rules.iter().find(|rule| rule.id == id)
}

/// Ids of the rules that the others have too.
fn shared(rules: &[Rule], others: &[Rule]) -> Value {
    let shared = rules.iter().filter(|r| by_id(others, &r.id).is_some());
    shared.map(|rule| rule.id.as_str()).collect()
}

/// Parts of a flag have text keys only, so writing can't fail.
fn json(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

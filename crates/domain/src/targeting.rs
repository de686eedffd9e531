//! What may stand in a targeting, of experiments and of whatever else has one.

use nexus_flags::growthbook::check_condition;
use nexus_flags::{AttributeRule, Targeting};
use serde_json::Value;

use crate::{Field, FieldProblem, Problem};

const MAX_COUNTRIES: usize = 300;
const MAX_DEVICES: usize = 10;
const MAX_ATTRIBUTES: usize = 20;
const MAX_VALUES: usize = 200;
const MAX_TEXT: usize = 120;
const MAX_CONDITION_BYTES: usize = 16 * 1024;

/// Every problem of a targeting, each at its field.
pub(crate) fn targeting_problems(targeting: &Targeting) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
    for (field, entries, max) in [
        (Field::Countries, targeting.countries.len(), MAX_COUNTRIES),
        (Field::Devices, targeting.devices.len(), MAX_DEVICES),
        (
            Field::Attributes,
            targeting.attributes.len(),
            MAX_ATTRIBUTES,
        ),
    ] {
        if entries > max {
            note(field, Problem::TooMany { max: max as u32 });
        }
    }
    for (i, rule) in (0u16..).zip(targeting.attributes.iter().take(MAX_ATTRIBUTES)) {
        if let Some(problem) = attribute_problem(rule) {
            note(Field::Attribute(i), problem);
        }
    }
    let condition = targeting.condition.as_ref();
    if let Some(problem) = condition.and_then(condition_problem) {
        note(Field::Condition, problem);
    }
    found
}

fn attribute_problem(rule: &AttributeRule) -> Option<Problem> {
    let too_long = |s: &String| s.chars().count() > MAX_TEXT;
    if rule.name.trim().is_empty() || rule.values.iter().all(|v| v.trim().is_empty()) {
        Some(Problem::Required)
    } else if too_long(&rule.name) || rule.values.iter().any(too_long) {
        Some(Problem::TooLong {
            max: MAX_TEXT as u32,
        })
    } else if rule.values.len() > MAX_VALUES {
        Some(Problem::TooMany {
            max: MAX_VALUES as u32,
        })
    } else {
        None
    }
}

fn condition_problem(condition: &Value) -> Option<Problem> {
    if condition.to_string().len() > MAX_CONDITION_BYTES {
        let max = MAX_CONDITION_BYTES as u32;
        return Some(Problem::TooLong { max });
    }
    check_condition(condition).err().map(Problem::bad_condition)
}

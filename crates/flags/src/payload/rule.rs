//! Rules of features.

use serde_json::{Map, Value, json};

use super::condition::{Condition, condition};
use crate::snapshot::{
    BASIS_POINTS, ExperimentRule, FlagRule, FlagRuleStep, Prerequisite, SliceRule, ValueOperator,
};

/// An experiment as a rule of one feature, `value` being what the variant at that position
/// sets it to. `None` where nobody can take part.
pub(super) fn experiment_rule(
    experiment: &ExperimentRule,
    value: impl Fn(usize) -> Option<Value>,
) -> Option<Value> {
    let values: Vec<Option<Value>> = (0..experiment.variants.len()).map(value).collect();
    let weights: Vec<f64> = experiment
        .variants
        .iter()
        .map(|variant| share(variant.weight_bp))
        .collect();
    let meta: Vec<Value> = experiment
        .variants
        .iter()
        .zip(&values)
        .map(|(variant, value)| match value {
            Some(_) => json!({ "key": variant.key, "name": variant.key }),
            None => json!({ "key": variant.key, "name": variant.key, "passthrough": true }),
        })
        .collect();
    let mut rule = json!({
        "id": format!("ab_test_{}", experiment.id),
        "key": experiment.id,
        "name": experiment.id,
        "seed": experiment.seed,
        "hashAttribute": "id",
        "hashVersion": 2,
        "coverage": share(experiment.coverage_bp),
        "weights": weights,
        "variations": values,
        "meta": meta,
    });
    keep_to(&mut rule, &experiment.slices);
    require(&mut rule, experiment.prerequisites.iter());
    aimed(rule, condition(&experiment.targeting))
}

/// SDKs ask the filters of a rule first, whatever it gives.
fn keep_to(rule: &mut Value, slices: &[SliceRule]) {
    let filters: Vec<Value> = slices.iter().map(filter).collect();
    if let Some(fields) = rule.as_object_mut().filter(|_| !filters.is_empty()) {
        fields.insert("filters".to_owned(), filters.into());
    }
}

fn filter(slice: &SliceRule) -> Value {
    json!({
        "seed": slice.seed,
        "attribute": "id",
        "hashVersion": 2,
        "ranges": [[share(slice.from_bp), share(slice.to_bp)]],
    })
}

/// A step of a flag at this moment. `None` where it can take nobody in.
pub(super) fn flag_rule(
    flag: &FlagRule,
    index: usize,
    step: &FlagRuleStep,
    now_ms: i64,
) -> Option<Value> {
    let coverage_bp = step.coverage_at(now_ms);
    if coverage_bp == 0 {
        return None;
    }
    let mut rule = json!({
        "id": format!("flag_{}_rule_{index}", flag.key),
        "force": step.value,
    });
    // As a range, because GrowthBook's coverage includes its end.
    if coverage_bp < BASIS_POINTS {
        let fields = rule.as_object_mut()?;
        fields.insert("range".to_owned(), json!([0, share(coverage_bp)]));
        fields.insert("seed".to_owned(), step.seed.as_str().into());
        fields.insert("hashAttribute".to_owned(), "id".into());
        fields.insert("hashVersion".to_owned(), 2.into());
    }
    keep_to(&mut rule, &step.slices);
    let prerequisites = flag.prerequisites.iter();
    require(&mut rule, prerequisites.chain(&step.prerequisites));
    aimed(rule, condition(&step.targeting))
}

/// Strict comparisons, because SDKs read a bare `true` as anything that is not empty.
fn require<'p>(rule: &mut Value, prerequisites: impl Iterator<Item = &'p Prerequisite>) {
    let parents = prerequisites.map(|prerequisite| {
        let operator = match prerequisite.operator {
            ValueOperator::Is => "$eq",
            ValueOperator::IsNot => "$ne",
        };
        let condition = json!({ "value": { operator: prerequisite.value } });
        json!({ "id": prerequisite.flag, "condition": condition })
    });
    let parents: Vec<Value> = parents.collect();
    if let Some(fields) = rule.as_object_mut().filter(|_| !parents.is_empty()) {
        fields.insert("parentConditions".to_owned(), parents.into());
    }
}

fn aimed(mut rule: Value, condition: Condition) -> Option<Value> {
    match condition {
        Condition::Everybody => Some(rule),
        Condition::Nobody => None,
        Condition::Who(condition) => {
            let fields: &mut Map<String, Value> = rule.as_object_mut()?;
            fields.insert("condition".to_owned(), condition);
            Some(rule)
        }
    }
}

fn share(basis_points: u16) -> f64 {
    f64::from(basis_points) / f64::from(BASIS_POINTS)
}

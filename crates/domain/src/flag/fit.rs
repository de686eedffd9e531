//! Variants of experiments and the schemas of the flags of the same name.

use serde_json::{Map, Value};

use super::Flag;
use super::draft::value_breaks;
use crate::experiment::Experiment;
use crate::{Field, FieldProblem, Problem};

/// Features of variants that break the schema of the flag of their name.
#[must_use]
pub fn variants_that_do_not_fit<'v>(
    variants: impl Iterator<Item = &'v Map<String, Value>>,
    flags: &[Flag],
) -> Vec<FieldProblem> {
    let broken = (0u16..).zip(variants).flat_map(|(i, features)| {
        features.iter().filter_map(move |(name, value)| {
            let flag = flags.iter().find(|flag| flag.key.as_str() == name)?;
            let problem = value_breaks(flag.schema.as_ref()?, value)?;
            Some(FieldProblem::new(Field::VariantFeatures(i), problem))
        })
    });
    broken.collect()
}

/// What of a flag's new schema the variants of experiments at the edge break.
#[must_use]
pub fn schema_breaks_experiments(
    key: &str,
    schema: &Value,
    experiments: &[Experiment],
) -> Option<FieldProblem> {
    experiments.iter().find_map(|experiment| {
        let mut variants = experiment.variants.iter();
        let (variant, problem) = variants.find_map(|variant| {
            let problem = value_breaks(schema, variant.features.get(key)?)?;
            Some((variant, problem))
        })?;
        let problem = match problem {
            Problem::BreaksSchema { faults, more, .. } => {
                let variant = format!("{}/{}", experiment.id, variant.key);
                Problem::of_schema(Some(variant), faults, more)
            }
            other => other,
        };
        Some(FieldProblem::new(Field::Schema, problem))
    })
}

//! Between which numbers a field lies, as people read them.

use crate::{Field, Problem};

impl Field {
    /// In the field's own unit; none of what is no number, or depends on something else.
    #[must_use]
    pub const fn range(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Coverage | Self::VariantWeight(_) | Self::RuleCoverage(_) => ("0", "100"),
            Self::LayerShare | Self::MaxErrorRate => ("0.01", "100"),
            Self::Baseline | Self::SlowShare | Self::MinConversion => ("0.01", "99.99"),
            Self::HoldoutShare => ("0.01", "50"),
            Self::MinimumEffect => ("0.01", "655"),
            Self::Significance => ("0.001", "0.2"),
            Self::Power => ("50", "99.9"),
            Self::VarianceReduction => ("0", "99"),
            Self::PriorSd => ("1", "100"),
            Self::Mean | Self::StandardDeviation => ("0.000000001", "1e12"),
            Self::MaxLatency => ("1", "60000"),
            Self::ConversionHours | Self::QaHours => ("1", "720"),
            Self::MinHours => ("0", "2160"),
            Self::Variants | Self::Looks => ("2", "20"),
            Self::UsersPerDay => ("1", "1e12"),
            Self::RawDays => ("0", "90"),
            _ => return None,
        })
    }
}

impl Problem {
    /// Of what is typed where a number is asked for.
    #[must_use]
    pub fn not_a_number(field: Field) -> Self {
        match field.range() {
            Some((min, max)) => out_of_range(min, max),
            None => Self::NotANumber,
        }
    }

    /// Of what is typed where a whole number is asked for.
    #[must_use]
    pub fn not_whole(field: Field) -> Self {
        match field.range() {
            Some((min, max)) => Self::NotWhole {
                min: min.to_owned(),
                max: max.to_owned(),
            },
            None => Self::NotANumber,
        }
    }
}

pub(crate) fn out_of_range(min: &str, max: &str) -> Problem {
    Problem::OutOfRange {
        min: min.to_owned(),
        max: max.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::MAX_RAW_DAYS;
    use crate::experiment::{
        Draft, LayerShare, MAX_VARIANTS, MaxLatency, Method, MinConversion, Safeguards,
    };
    use crate::{Environment, FieldProblem};

    fn too_much() -> Draft {
        let mut draft = Draft::starter(Environment::Production);
        draft.coverage_bp = u16::MAX;
        draft.variants[0].weight_bp = u16::MAX;
        draft.significance = 1.0;
        draft.plan.baseline_bp = 0;
        draft.plan.minimum_effect_bp = 0;
        draft.layer = Some(LayerShare {
            layer: "one".to_owned(),
            share_bp: 0,
            from_bp: None,
        });
        draft.guardrail = Safeguards {
            max_error_rate_bp: 0,
            max_latency: Some(MaxLatency {
                limit_ms: 0,
                share_bp: 0,
            }),
            min_conversion: Some(MinConversion {
                rate_bp: 0,
                within_hours: 0,
            }),
            min_hours: u16::MAX,
            ..draft.guardrail
        };
        draft
    }

    /// What is no number is told the range that the check of the number tells.
    #[test]
    fn the_ranges_are_those_that_are_checked() {
        let mut found = too_much().problems();
        for method in [
            Method::Bayesian { prior_sd_bp: 1 },
            Method::GroupSequential {
                looks: 1,
                planned_users: 10_000,
            },
        ] {
            let draft = Draft {
                method,
                ..too_much()
            };
            found.extend(draft.problems());
        }
        let ranged = |found: &&FieldProblem| matches!(found.problem, Problem::OutOfRange { .. });
        let ranged: Vec<&FieldProblem> = found.iter().filter(ranged).collect();
        assert!(ranged.len() > 12, "{ranged:?}");
        for found in ranged {
            let field = found.field;
            assert_eq!(found.problem, Problem::not_a_number(field), "{field:?}");
        }
        let most = |field: Field| field.range().map(|(_, max)| max.to_owned());
        assert_eq!(most(Field::RawDays), Some(MAX_RAW_DAYS.to_string()));
        assert_eq!(most(Field::Variants), Some(MAX_VARIANTS.to_string()));
    }

    #[test]
    fn what_has_no_range_of_its_own_is_only_no_number() {
        let field = Field::PlannedUsers;
        assert_eq!(Problem::not_a_number(field), Problem::NotANumber);
        assert_eq!(Problem::not_whole(field), Problem::NotANumber);
    }
}

//! How an origin hurts its visitors.

use serde::{Deserialize, Serialize};

use super::Decision;

/// Longest delay that can be asked for.
const MAX_DELAY_MS: u64 = 60_000;

/// What an origin was told to do. The default is to behave well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// Share of the requests that are answered 500, in 0..=1.
    #[serde(default)]
    pub error_rate: f64,
    /// Extra time before every answer.
    #[serde(default)]
    pub delay_ms: u64,
    /// Only for requests with this decision; for all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
}

/// Which decisions a behaviour is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Experiment id; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Variant key.
    pub variant: String,
}

impl Behaviour {
    pub(crate) fn validated(self) -> Result<Self, &'static str> {
        if !(0.0..=1.0).contains(&self.error_rate) {
            return Err("error_rate must be between 0 and 1");
        }
        if self.delay_ms > MAX_DELAY_MS {
            return Err("delay_ms must be at most 60000");
        }
        Ok(self)
    }

    pub(crate) fn applies_to(&self, decision: &Decision) -> bool {
        let Some(when) = &self.when else { return true };
        decision.assignments.iter().any(|(experiment, variant)| {
            *variant == when.variant && when.experiment.as_ref().is_none_or(|id| id == experiment)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_names_experiment_and_variant() {
        let decision = Decision {
            assignments: [("exp".to_owned(), "b".to_owned())].into(),
            ..Decision::default()
        };
        let with = |experiment: Option<&str>, variant: &str| Behaviour {
            when: Some(When {
                experiment: experiment.map(str::to_owned),
                variant: variant.to_owned(),
            }),
            ..Behaviour::default()
        };
        assert!(Behaviour::default().applies_to(&decision));
        assert!(with(None, "b").applies_to(&decision));
        assert!(with(Some("exp"), "b").applies_to(&decision));
        assert!(!with(Some("exp"), "a").applies_to(&decision));
        assert!(!with(Some("other"), "b").applies_to(&decision));
        assert!(!with(None, "b").applies_to(&Decision::default()));
    }

    #[test]
    fn nonsense_is_refused() {
        for error_rate in [-0.1, 1.1, f64::NAN] {
            assert!(
                Behaviour {
                    error_rate,
                    ..Behaviour::default()
                }
                .validated()
                .is_err()
            );
        }
        assert!(
            Behaviour {
                delay_ms: 60_001,
                ..Behaviour::default()
            }
            .validated()
            .is_err()
        );
        assert!(serde_json::from_str::<Behaviour>(r#"{"error_rat":1}"#).is_err());
    }
}

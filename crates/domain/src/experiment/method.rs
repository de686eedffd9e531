//! How the result is judged: chosen with the draft, fixed at the start, because
//! changing it afterwards is another way of peeking.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::{Field, FieldProblem, Problem};

/// Users of a variant without whom no method says anything.
const FEWEST_PER_VARIANT: u64 = 100;
const MOST_USERS: u64 = 10_000_000_000;
const PRIOR_BP: RangeInclusive<u16> = 100..=10_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Method {
    /// Asymptotic confidence sequences: look whenever and as often as you like.
    #[default]
    AlwaysValid,
    /// `looks` evenly spaced looks on the way to a planned end, paid for from one
    /// significance level.
    GroupSequential {
        looks: u16,
        /// Exposed users of all variants together at the planned end.
        planned_users: u64,
    },
    /// One look, when the planned users have been exposed.
    FixedHorizon { planned_users: u64 },
    /// A posterior from a normal prior of the relative lift around zero.
    Bayesian {
        /// Standard deviation of the prior in basis points (3,000 = 30 %).
        prior_sd_bp: u16,
    },
}

/// The planned end of a method that has one, and the looks on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    pub looks: u16,
    /// Exposed users of all variants together.
    pub planned_users: u64,
}

impl Horizon {
    /// Users at which the look (from 1) is due.
    #[must_use]
    pub fn users_at(self, look: u16) -> u64 {
        let whole = u128::from(self.planned_users) * u128::from(look);
        u64::try_from(whole.div_ceil(u128::from(self.looks.max(1)))).unwrap_or(u64::MAX)
    }

    /// The newest look that so many users make due; 0 before the first.
    #[must_use]
    pub fn due(self, users: u64) -> u16 {
        let passed = u128::from(users) * u128::from(self.looks);
        let look = passed / u128::from(self.planned_users.max(1));
        u16::try_from(look).unwrap_or(u16::MAX).min(self.looks)
    }
}

impl Method {
    /// Standard deviation that GrowthBook proposes for a prior of the lift.
    pub const USUAL_PRIOR_BP: u16 = 3_000;
    pub const USUAL_LOOKS: u16 = 5;
    /// How many a group-sequential plan may have.
    pub const LOOKS: RangeInclusive<u16> = 2..=20;

    /// The kind's name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlwaysValid => "always_valid",
            Self::GroupSequential { .. } => "group_sequential",
            Self::FixedHorizon { .. } => "fixed_horizon",
            Self::Bayesian { .. } => "bayesian",
        }
    }

    #[must_use]
    pub const fn horizon(self) -> Option<Horizon> {
        match self {
            Self::GroupSequential {
                looks,
                planned_users,
            } => Some(Horizon {
                looks,
                planned_users,
            }),
            Self::FixedHorizon { planned_users } => Some(Horizon {
                looks: 1,
                planned_users,
            }),
            Self::AlwaysValid | Self::Bayesian { .. } => None,
        }
    }

    /// Whether an experiment may end when its answer is there: not one whose level is for a
    /// single look.
    #[must_use]
    pub const fn may_stop_early(self) -> bool {
        !matches!(self, Self::FixedHorizon { .. })
    }

    /// Whether its results have p-values, which can be corrected.
    #[must_use]
    pub const fn has_p_values(self) -> bool {
        matches!(self, Self::AlwaysValid | Self::FixedHorizon { .. })
    }

    /// The default is left out of stored documents, so that those from before
    /// there was a choice keep their digest.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with its numbers, in an experiment of so many variants.
    pub(super) fn problems(self, variants: usize) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut check = |fits: bool, field, min: String, max: String| {
            if !fits {
                found.push(FieldProblem::new(field, Problem::OutOfRange { min, max }));
            }
        };
        if let Self::GroupSequential { looks, .. } = self {
            let (min, max) = (
                Self::LOOKS.start().to_string(),
                Self::LOOKS.end().to_string(),
            );
            check(Self::LOOKS.contains(&looks), Field::Looks, min, max);
        }
        if let Some(Horizon { planned_users, .. }) = self.horizon() {
            let fewest = FEWEST_PER_VARIANT * variants.max(2) as u64;
            let fits = (fewest..=MOST_USERS).contains(&planned_users);
            let (min, max) = (fewest.to_string(), MOST_USERS.to_string());
            check(fits, Field::PlannedUsers, min, max);
        }
        if let Self::Bayesian { prior_sd_bp } = self {
            let fits = PRIOR_BP.contains(&prior_sd_bp);
            check(fits, Field::PriorSd, "1".to_owned(), "100".to_owned());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_look_is_due_exactly_from_its_users_on(looks in 1u16..=20, planned in 200u64..=10_000_000_000) {
            let horizon = Horizon { looks, planned_users: planned };
            for look in 1..=looks {
                let users = horizon.users_at(look);
                prop_assert!(horizon.due(users) >= look);
                prop_assert!(horizon.due(users - 1) < look);
            }
            prop_assert_eq!(horizon.users_at(looks), planned);
            prop_assert_eq!(horizon.due(u64::MAX), looks);
            prop_assert_eq!(horizon.due(0), 0);
        }
    }

    #[test]
    fn each_number_out_of_range_is_named() {
        let fields = |method: Method| -> Vec<Field> {
            method.problems(3).into_iter().map(|p| p.field).collect()
        };
        assert!(fields(Method::AlwaysValid).is_empty());
        let bad = Method::GroupSequential {
            looks: 1,
            planned_users: 299,
        };
        assert_eq!(fields(bad), [Field::Looks, Field::PlannedUsers]);
        let good = Method::GroupSequential {
            looks: 2,
            planned_users: 300,
        };
        assert!(fields(good).is_empty());
        assert_eq!(
            fields(Method::Bayesian { prior_sd_bp: 99 }),
            [Field::PriorSd]
        );
    }

    #[test]
    fn a_document_without_a_method_is_always_valid() {
        assert_eq!(
            serde_json::to_string(&Method::FixedHorizon { planned_users: 400 }).unwrap(),
            r#"{"kind":"fixed_horizon","planned_users":400}"#
        );
        assert!(Method::default().is_default());
    }
}

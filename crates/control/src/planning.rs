//! How many users a comparison takes, and what so many can find.

mod question;

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::Better;
use nexus_domain::{Field, FieldProblem, Problem};
use nexus_stats::{Alpha, Design, Outcome, Watching};

pub(crate) use question::question;

use crate::views::{Detectable, Expected, PlanQuery, PlannedSize, PowerPoint, SizePlan};
use crate::{Console, Error, Result};

/// The old rule of thumb; the answer says what it is worth.
const RULE_OF_THUMB: u64 = 1_000;
/// Steps of the power curve, to one and a half times the larger size.
const CURVE_POINTS: u64 = 30;
const MOST_VARIANTS: u32 = nexus_domain::experiment::MAX_VARIANTS as u32;

impl Console {
    /// The size of a comparison that may never be made: nothing is stored.
    ///
    /// # Errors
    /// `Invalid` with every number that makes no sense; `Forbidden`.
    pub fn plan(&self, actor: &Actor, query: &PlanQuery) -> Result<SizePlan> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        size(query).map_err(Error::Invalid)
    }
}

/// Sample sizes, what 1,000 users per variant find, and the power curve.
///
/// # Errors
/// Every number that makes no sense, with its field.
pub fn size(query: &PlanQuery) -> std::result::Result<SizePlan, Vec<FieldProblem>> {
    let problems = problems(query);
    if !problems.is_empty() {
        return Err(problems);
    }
    let impossible = |_| vec![effect_problem(query)];
    let designs = designs(query).ok_or_else(|| vec![effect_problem(query)])?;
    let lift = lift(query);
    let planned = |design: &Design| {
        design.units(lift, query.power).map(|units| PlannedSize {
            per_variant: units.variant,
            total: units.total,
            days: query
                .users_per_day
                .and_then(|users| units.days(users as f64)),
        })
    };
    let fixed = planned(&designs.once).map_err(impossible)?;
    let always_valid = planned(&designs.always).map_err(impossible)?;
    let (rising, scale) = rising(query).ok_or_else(|| vec![effect_problem(query)])?;
    let found = |design: &Design| {
        let lift = design.detectable(RULE_OF_THUMB, query.power);
        lift.map(|lift| lift.map(|lift| lift * scale))
    };
    Ok(SizePlan {
        fixed,
        always_valid,
        rule_of_thumb: Detectable {
            users_per_variant: RULE_OF_THUMB,
            fixed: found(&rising.once).map_err(impossible)?,
            always_valid: found(&rising.always).map_err(impossible)?,
        },
        curve: curve(&designs, lift, always_valid.per_variant).map_err(impossible)?,
    })
}

/// The users of each arm, control first, when they are split by these weights: as many as it
/// takes for every treatment to be found with the power asked for. None when no number of users
/// is enough.
pub(crate) fn users_of_arms(query: &PlanQuery, watched: bool, weights: &[u16]) -> Option<Vec<u64>> {
    let designs = designs(query)?;
    let design = if watched {
        designs.always
    } else {
        designs.once
    };
    let lift = lift(query);
    let (control, treatments) = weights.split_first()?;
    let whole: u128 = weights.iter().map(|w| u128::from(*w)).sum();
    // Of all arms, when control and one treatment have theirs.
    let total = |treatment: &u16| {
        let ratio = f64::from(*control) / f64::from(*treatment);
        let design = design.with_control_ratio(ratio).ok()?;
        let units = design.units(lift, query.power).ok()?;
        let all = |units: u64, weight: u16| (u128::from(units) * whole).div_ceil(weight.into());
        Some(all(units.control, *control).max(all(units.variant, *treatment)))
    };
    let with_share = treatments.iter().filter(|weight| **weight > 0);
    let totals: Option<Vec<u128>> = with_share.map(total).collect();
    let total = totals?.into_iter().max()?;
    let of = |weight: &u16| u64::try_from((total * u128::from(*weight)).div_ceil(whole)).ok();
    weights.iter().map(of).collect()
}

/// Relative, below zero where lower is better.
fn lift(query: &PlanQuery) -> f64 {
    let size = f64::from(query.minimum_effect_bp) / 10_000.0;
    match query.better {
        Better::Higher => size,
        Better::Lower => -size,
    }
}

/// Designs that are asked for the smallest rise, and by what that is multiplied: a share falls
/// as what is left of it rises.
fn rising(query: &PlanQuery) -> Option<(Designs, f64)> {
    match (query.expected, query.better) {
        (Expected::Proportion { baseline_bp }, Better::Lower) => {
            let rest_bp = 10_000_u16.checked_sub(baseline_bp)?;
            let expected = Expected::Proportion {
                baseline_bp: rest_bp,
            };
            let rest = PlanQuery {
                expected,
                ..query.clone()
            };
            let scale = f64::from(rest_bp) / f64::from(baseline_bp.max(1));
            Some((designs(&rest)?, scale))
        }
        _ => Some((designs(query)?, 1.0)),
    }
}

struct Designs {
    once: Design,
    always: Design,
}

fn designs(query: &PlanQuery) -> Option<Designs> {
    let outcome = match query.expected {
        Expected::Proportion { baseline_bp } => Outcome::Proportion {
            rate: f64::from(baseline_bp) / 10_000.0,
        },
        Expected::Mean {
            mean,
            standard_deviation,
        } => Outcome::Mean {
            mean,
            standard_deviation,
        },
    };
    let alpha = Alpha::new(query.significance).ok()?;
    // Each treatment is compared with the control at its share of the level.
    let once = Design::new(outcome, alpha)
        .ok()?
        .among(query.variants.saturating_sub(1))
        .with_variance_reduced(f64::from(query.variance_reduction_bp) / 10_000.0)
        .ok()?;
    let always = once.watched(Watching::Always).ok()?;
    Some(Designs { once, always })
}

fn curve(
    designs: &Designs,
    lift: f64,
    largest: u64,
) -> std::result::Result<Vec<PowerPoint>, nexus_stats::OutOfRange> {
    let step = |i: u64| largest.saturating_mul(3 * i) / (2 * CURVE_POINTS);
    let mut users: Vec<u64> = (1..=CURVE_POINTS).map(|i| step(i).max(1)).collect();
    users.dedup();
    users
        .into_iter()
        .map(|users_per_variant| {
            Ok(PowerPoint {
                users_per_variant,
                fixed: designs.once.power(lift, users_per_variant)?,
                always_valid: designs.always.power(lift, users_per_variant)?,
            })
        })
        .collect()
}

fn problems(query: &PlanQuery) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    let mut check = |fits: bool, field, min: &str, max: &str| {
        if !fits {
            found.push(out_of_range(field, min, max));
        }
    };
    match query.expected {
        Expected::Proportion { baseline_bp } => {
            check(
                (1..10_000).contains(&baseline_bp),
                Field::Baseline,
                "0.01",
                "99.99",
            );
        }
        Expected::Mean {
            mean,
            standard_deviation,
        } => {
            let usual = 1e-9..=1e12;
            check(usual.contains(&mean), Field::Mean, "0.000000001", "1e12");
            check(
                usual.contains(&standard_deviation),
                Field::StandardDeviation,
                "0.000000001",
                "1e12",
            );
        }
    }
    check(
        query.minimum_effect_bp > 0,
        Field::MinimumEffect,
        "0.01",
        "655",
    );
    check(
        (0.001..=0.2).contains(&query.significance),
        Field::Significance,
        "0.001",
        "0.2",
    );
    check(
        (0.5..=0.999).contains(&query.power),
        Field::Power,
        "50",
        "99.9",
    );
    let variants = (2..=MOST_VARIANTS).contains(&query.variants);
    check(variants, Field::Variants, "2", &MOST_VARIANTS.to_string());
    let traffic = query.users_per_day.is_none_or(|n| n > 0);
    check(traffic, Field::UsersPerDay, "1", "1e12");
    let reduction = query.variance_reduction_bp <= 9_900;
    check(reduction, Field::VarianceReduction, "0", "99");
    found
}

/// The effect leads beyond 100 %, or is too small for any number of users.
fn effect_problem(query: &PlanQuery) -> FieldProblem {
    let largest_bp = match query.expected {
        _ if query.better == Better::Lower => 9_999,
        Expected::Proportion { baseline_bp } => {
            let room = u64::from(10_000 - baseline_bp.min(9_999)) * 10_000;
            (room.saturating_sub(1)) / u64::from(baseline_bp.max(1))
        }
        Expected::Mean { .. } => u64::from(u16::MAX),
    };
    let max = format!("{}.{:02}", largest_bp / 100, largest_bp % 100);
    out_of_range(Field::MinimumEffect, "0.01", &max)
}

fn out_of_range(field: Field, min: &str, max: &str) -> FieldProblem {
    let (min, max) = (min.to_owned(), max.to_owned());
    FieldProblem::new(field, Problem::OutOfRange { min, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query() -> PlanQuery {
        PlanQuery::default()
    }

    /// Ten percent, +10 %, level 5 %, power 80 %: the textbook's example, with each arm's
    /// own variance (Fleiss, Levin and Paik).
    #[test]
    fn the_textbook_size_comes_out() {
        let plan = size(&query()).unwrap();
        let z = 1.959_963_985 + 0.841_621_234;
        let by_hand = z * z * (0.1 * 0.9 + 0.11 * 0.89) / (0.01 * 0.01);
        assert!((plan.fixed.per_variant as f64 - by_hand).abs() <= 1.0);
        assert_eq!(plan.fixed.total, 2 * plan.fixed.per_variant);
        assert!(plan.always_valid.total > plan.fixed.total);
        assert_eq!(plan.fixed.days, None);
    }

    #[test]
    fn the_curve_meets_the_sizes_and_the_rule_of_thumb_finds_less() {
        let plan = size(&PlanQuery {
            users_per_day: Some(1_000),
            ..query()
        })
        .unwrap();
        assert_eq!(plan.fixed.days, Some(plan.fixed.total.div_ceil(1_000)));
        let at = |users| {
            let point = plan.curve.iter().find(|p| p.users_per_variant >= users);
            point.copied().unwrap()
        };
        assert!(at(plan.fixed.per_variant).fixed >= 0.8);
        assert!(at(plan.always_valid.per_variant).always_valid >= 0.8);
        assert!(plan.curve.windows(2).all(|w| w[0].fixed <= w[1].fixed));
        // 1,000 users per variant find nothing as small as 10 %.
        let found = plan.rule_of_thumb;
        assert!(found.fixed.unwrap() > 0.3 && found.always_valid > found.fixed);
    }

    #[test]
    fn more_variants_share_the_level_and_cost_more_each() {
        let three = size(&PlanQuery {
            variants: 3,
            ..query()
        });
        let (two, three) = (size(&query()).unwrap(), three.unwrap());
        assert!(three.fixed.per_variant > two.fixed.per_variant);
        assert_eq!(three.fixed.total, 3 * three.fixed.per_variant);
    }

    #[test]
    fn a_mean_is_sized_by_its_deviation() {
        let of = |standard_deviation| {
            let expected = Expected::Mean {
                mean: 20.0,
                standard_deviation,
            };
            size(&PlanQuery {
                expected,
                ..query()
            })
            .unwrap()
            .fixed
            .per_variant as f64
        };
        // n = 2 (z s / d)²: twice the deviation takes four times the users.
        assert!((of(80.0) / of(40.0) - 4.0).abs() < 1e-3);
    }

    #[test]
    fn a_fall_of_a_share_is_a_rise_of_what_is_left_of_it() {
        let of = |baseline_bp, minimum_effect_bp, better| PlanQuery {
            expected: Expected::Proportion { baseline_bp },
            minimum_effect_bp,
            better,
            ..query()
        };
        // From 80 % to 72 % as from 20 % to 28 %: the same gap and the same variances.
        let falls = size(&of(8_000, 1_000, Better::Lower)).unwrap();
        let rises = size(&of(2_000, 4_000, Better::Higher)).unwrap();
        assert_eq!(falls.fixed, rises.fixed);
        assert_eq!(falls.always_valid, rises.always_valid);
        let [found, other] = [&falls, &rises].map(|plan| plan.rule_of_thumb.fixed.unwrap());
        assert!((found * 0.8 - other * 0.2).abs() < 1e-9, "{found} {other}");
        let all = size(&of(8_000, 10_000, Better::Lower)).unwrap_err();
        assert_eq!(all[0].field, Field::MinimumEffect);
    }

    #[test]
    fn arms_have_the_sizes_of_their_weights() {
        let even = size(&query()).unwrap().fixed.per_variant;
        let of = |weights: &[u16]| users_of_arms(&query(), false, weights);
        assert_eq!(of(&[5_000, 5_000]), Some(vec![even, even]));
        let lopsided = of(&[1_000, 9_000]).unwrap();
        // 1/n + 1/9n instead of 1/n + 1/n, nearly: each arm has its own variance.
        let expected = even as f64 * 10.0 / 18.0;
        assert!(
            (lopsided[0] as f64 / expected - 1.0).abs() < 0.05,
            "{lopsided:?}"
        );
        assert_eq!(lopsided[1].div_ceil(9), lopsided[0]);
        // The smaller treatment decides for all, and one without a share asks for nothing.
        let three = of(&[5_000, 4_000, 1_000]).unwrap();
        assert_eq!(of(&[5_000, 5_000, 0]).unwrap()[2], 0);
        assert!(
            three[2] > 5_000 && three[1].abs_diff(4 * three[2]) <= 4,
            "{three:?}"
        );
        assert_eq!(of(&[0, 10_000]), None);
    }

    #[test]
    fn half_the_variance_takes_half_the_users() {
        let halved = |variance_reduction_bp| {
            let query = PlanQuery {
                variance_reduction_bp,
                ..query()
            };
            size(&query).unwrap()
        };
        let (whole, half) = (halved(0), halved(5_000));
        assert!(
            whole
                .fixed
                .per_variant
                .div_ceil(2)
                .abs_diff(half.fixed.per_variant)
                <= 1
        );
        assert!(half.always_valid.per_variant < whole.always_valid.per_variant);
        assert!(half.rule_of_thumb.fixed < whole.rule_of_thumb.fixed);
        let last = |plan: &SizePlan| plan.curve.last().unwrap().users_per_variant;
        assert!(last(&half) < last(&whole));
    }

    #[test]
    fn every_wrong_number_is_named_at_once() {
        let bad = PlanQuery {
            expected: Expected::Mean {
                mean: f64::NAN,
                standard_deviation: 0.0,
            },
            minimum_effect_bp: 0,
            power: 1.0,
            significance: 0.5,
            variants: 1,
            users_per_day: Some(0),
            variance_reduction_bp: 10_000,
            better: Better::Higher,
        };
        let fields: Vec<Field> = size(&bad)
            .unwrap_err()
            .into_iter()
            .map(|p| p.field)
            .collect();
        assert_eq!(
            fields,
            [
                Field::Mean,
                Field::StandardDeviation,
                Field::MinimumEffect,
                Field::Significance,
                Field::Power,
                Field::Variants,
                Field::UsersPerDay,
                Field::VarianceReduction
            ]
        );
    }

    #[test]
    fn an_effect_beyond_everybody_names_the_largest_possible() {
        let of = |effect| {
            size(&PlanQuery {
                expected: Expected::Proportion { baseline_bp: 8_000 },
                minimum_effect_bp: effect,
                ..query()
            })
        };
        let max = match &of(2_500).unwrap_err()[0].problem {
            Problem::OutOfRange { max, .. } => max.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(max, "24.99");
        assert!(of(2_499).is_ok());
    }
}

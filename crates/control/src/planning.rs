//! How many users a comparison takes, and what so many can find.

mod compared;
mod problems;
mod question;

use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_stats::{Alpha, Design, Outcome, PlannedUnits, Watching};

use self::compared::Compared;
use self::problems::{effect_problem, problems};
pub use self::problems::{parse_weights, problems as plan_problems};
pub(crate) use self::question::question;
use crate::views::{Direction, Expected, GroupedSize, PlanQuery, PlannedSize, SizePlan};
use crate::{Console, Error, Result};

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
    sized(query).ok_or_else(|| vec![effect_problem(query)])
}

fn sized(query: &PlanQuery) -> Option<SizePlan> {
    let designs = designs(query)?;
    let looks = designs.once.looks(query.looks).ok()?;
    let (lift, power, weights) = (lift(query), query.power, weights(query));
    let once = |design: Design| design.units(lift, power).ok();
    let in_looks = |design: Design| design.units_in_looks(lift, power, &looks).ok();
    let planned = |users: Vec<u64>| planned(query, users);

    let fixed = planned(split(designs.once, &weights, once)?);
    let maximum = planned(split(designs.once, &weights, in_looks)?);
    let share = looks.expected_share(looks.drift(power).ok()?);
    let on_average = |users: &u64| (*users as f64 * share).ceil() as u64;
    let expected = planned(maximum.by_variant.iter().map(on_average).collect());
    let always_valid = planned(split(designs.always, &weights, once)?);
    let compared = Compared::new(&designs, looks, &weights)?;
    Some(SizePlan {
        rule_of_thumb: compared.found(query)?,
        curve: compared.curve(lift, always_valid.total)?,
        fixed,
        group_sequential: GroupedSize {
            looks: query.looks,
            maximum,
            expected,
        },
        always_valid,
    })
}

/// The change itself, with its sign.
fn lift(query: &PlanQuery) -> f64 {
    let size = f64::from(query.minimum_effect_bp) / 10_000.0;
    match query.direction {
        Direction::Increase => size,
        Direction::Decrease => -size,
    }
}

fn weights(query: &PlanQuery) -> Vec<u16> {
    match query.weights.as_slice() {
        [] => vec![1; query.variants as usize],
        weights => weights.to_vec(),
    }
}

fn planned(query: &PlanQuery, by_variant: Vec<u64>) -> PlannedSize {
    let users = by_variant.iter().copied();
    let total = users.reduce(u64::saturating_add).unwrap_or(0);
    let a_day = query.users_per_day.filter(|users| *users > 0);
    PlannedSize {
        per_variant: by_variant.iter().copied().min().unwrap_or(0),
        total,
        days: a_day.map(|users| total.div_ceil(users)),
        by_variant,
    }
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
    split(design, weights, |design| {
        design.units(lift(query), query.power).ok()
    })
}

/// The same by what `units` says of a design with the ratio of control and one treatment.
fn split(
    design: Design,
    weights: &[u16],
    units: impl Fn(Design) -> Option<PlannedUnits>,
) -> Option<Vec<u64>> {
    let (control, treatments) = weights.split_first()?;
    let whole: u128 = weights.iter().map(|w| u128::from(*w)).sum();
    // Of all arms, when control and one treatment have theirs.
    let total = |treatment: &u16| {
        let ratio = f64::from(*control) / f64::from(*treatment);
        let units = units(design.with_control_ratio(ratio).ok()?)?;
        let all = |units: u64, weight: u16| (u128::from(units) * whole).div_ceil(weight.into());
        Some(all(units.control, *control).max(all(units.variant, *treatment)))
    };
    let with_share = treatments.iter().filter(|weight| **weight > 0);
    let totals: Option<Vec<u128>> = with_share.map(total).collect();
    let total = totals?.into_iter().max()?;
    let of = |weight: &u16| u64::try_from((total * u128::from(*weight)).div_ceil(whole)).ok();
    weights.iter().map(of).collect()
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

#[cfg(test)]
mod tests {
    use nexus_domain::experiment::Plan;
    use nexus_domain::{Field, Problem};

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
        let of = |baseline_bp, minimum_effect_bp, direction| PlanQuery {
            expected: Expected::Proportion { baseline_bp },
            minimum_effect_bp,
            direction,
            ..query()
        };
        // From 80 % to 72 % as from 20 % to 28 %: the same gap and the same variances.
        let falls = size(&of(8_000, 1_000, Direction::Decrease)).unwrap();
        let rises = size(&of(2_000, 4_000, Direction::Increase)).unwrap();
        assert_eq!(falls.fixed, rises.fixed);
        assert_eq!(falls.always_valid, rises.always_valid);
        let [found, other] = [&falls, &rises].map(|plan| plan.rule_of_thumb.fixed.unwrap());
        assert!((found * 0.8 - other * 0.2).abs() < 1e-9, "{found} {other}");
        let all = size(&of(8_000, 10_000, Direction::Decrease)).unwrap_err();
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
    fn a_decrease_of_a_rate_takes_fewer_users_than_an_increase() {
        let of = |direction| {
            let query = PlanQuery {
                direction,
                minimum_effect_bp: 2_000,
                ..query()
            };
            size(&query).unwrap()
        };
        let (up, down) = (of(Direction::Increase), of(Direction::Decrease));
        assert_eq!(
            (up.fixed.per_variant, down.fixed.per_variant),
            (3_839, 3_211)
        );
        assert!(down.group_sequential.maximum.total < up.group_sequential.maximum.total);
        assert!(down.rule_of_thumb.fixed < up.rule_of_thumb.fixed);
        let all = PlanQuery {
            direction: Direction::Decrease,
            minimum_effect_bp: 10_000,
            ..query()
        };
        let max = match &size(&all).unwrap_err()[0].problem {
            Problem::OutOfRange { max, .. } => max.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(max, "99.99");
    }

    #[test]
    fn looks_on_the_way_cost_little_and_save_on_average() {
        let of = |looks| size(&PlanQuery { looks, ..query() }).unwrap();
        for looks in [2, 5, 20] {
            let plan = of(looks);
            let grouped = &plan.group_sequential;
            assert!(plan.fixed.total < grouped.maximum.total, "{looks}");
            assert!(grouped.maximum.total < plan.always_valid.total, "{looks}");
            assert!(grouped.expected.total < plan.fixed.total, "{looks}");
            let reached = plan.curve.iter().find(|p| p.users >= grouped.maximum.total);
            assert!(reached.unwrap().group_sequential >= 0.8, "{looks}");
        }
    }

    #[test]
    fn weights_are_those_of_arms_and_only_their_ratios_count() {
        let of = |weights: &[u16]| {
            let query = PlanQuery {
                weights: weights.to_vec(),
                variants: weights.len() as u32,
                ..query()
            };
            size(&query)
        };
        let lopsided = of(&[9_000, 1_000]).unwrap();
        let arms = users_of_arms(&query(), false, &[9_000, 1_000]).unwrap();
        assert_eq!(lopsided.fixed.by_variant, arms);
        assert_eq!(lopsided.fixed.per_variant, arms[1]);
        assert_eq!(lopsided, of(&[90, 10]).unwrap());
        assert_eq!(of(&[1, 1]).unwrap(), size(&query()).unwrap());
        let at = |plan: &SizePlan| {
            let reached = plan.curve.iter().find(|p| p.users >= plan.fixed.total);
            reached.unwrap().fixed
        };
        assert!(at(&lopsided) >= 0.8 && at(&lopsided) < 0.85);
        // The smallest variant may be the control.
        let small_control = of(&[10, 90]).unwrap();
        let thousand = small_control.rule_of_thumb;
        assert!(thousand.fixed < size(&query()).unwrap().rule_of_thumb.fixed);
        for (wrong, variants) in [
            (vec![1], 2),
            (vec![1, 1, 1], 2),
            (vec![0, 1], 2),
            (vec![1, 2_000], 2),
        ] {
            let query = PlanQuery {
                weights: wrong,
                variants,
                ..query()
            };
            assert_eq!(size(&query).unwrap_err()[0].field, Field::Weights);
        }
        assert_eq!(parse_weights("90, 10.5"), Ok(vec![9_000, 1_050]));
        assert_eq!(parse_weights(" "), Ok(Vec::new()));
        assert!(parse_weights("90/10").is_err());
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
            weights: Vec::new(),
            looks: 1,
            direction: Direction::Increase,
            users_per_day: Some(0),
            variance_reduction_bp: 10_000,
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
                Field::Looks,
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

    #[test]
    fn an_effect_that_does_not_fit_is_no_smaller_one() {
        let of = |effect| {
            size(&PlanQuery {
                expected: Expected::Proportion { baseline_bp: 100 },
                minimum_effect_bp: effect,
                ..query()
            })
        };
        assert!(of(*Plan::EFFECTS_BP.end()).is_ok());
        let problems = of(u16::MAX).unwrap_err();
        let said = Problem::OutOfRange {
            min: "0.01".to_owned(),
            max: "655".to_owned(),
        };
        assert_eq!(problems, [FieldProblem::new(Field::MinimumEffect, said)]);
    }
}

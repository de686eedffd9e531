//! Numbers that make no sense, all at once.

use std::cmp::Ordering;

use nexus_domain::experiment::{MAX_VARIANTS, Method, Plan};
use nexus_domain::{Field, FieldProblem, Problem};

use crate::views::{Direction, Expected, PlanQuery};

const MOST_VARIANTS: u32 = MAX_VARIANTS as u32;
/// Of two weights.
const MOST_RATIO: u16 = 1_000;

/// Every number that makes no sense, with its field.
#[must_use]
pub fn problems(query: &PlanQuery) -> Vec<FieldProblem> {
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
        Plan::EFFECTS_BP.contains(&query.minimum_effect_bp),
        Field::MinimumEffect,
        "0.01",
        &largest_effect(query),
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
    let (fewest, most) = (Method::LOOKS.start(), Method::LOOKS.end());
    let looks = Method::LOOKS.contains(&query.looks);
    check(looks, Field::Looks, &fewest.to_string(), &most.to_string());
    let traffic = query.users_per_day.is_none_or(|n| n > 0);
    check(traffic, Field::UsersPerDay, "1", "1e12");
    let reduction = query.variance_reduction_bp <= 9_900;
    check(reduction, Field::VarianceReduction, "0", "99");
    found.extend(weights_problem(query));
    found
}

/// Weights as they are typed, in percent with at most two decimals, between commas: `90,10`.
///
/// # Errors
/// When a part is not a number.
pub fn parse_weights(typed: &str) -> Result<Vec<u16>, FieldProblem> {
    if typed.trim().is_empty() {
        return Ok(Vec::new());
    }
    let weight = |part: &str| {
        let percent: f64 = part.trim().parse().ok()?;
        // Out of what fits it saturates; the check names what is wrong.
        (!percent.is_nan())
            .then(|| (percent * 100.0).round().clamp(0.0, f64::from(u16::MAX)) as u16)
    };
    let parts: Option<Vec<u16>> = typed.split(',').map(weight).collect();
    parts.ok_or(FieldProblem::new(Field::Weights, Problem::NotANumber))
}

/// There are as many as variants, and none is less than a thousandth of another.
fn weights_problem(query: &PlanQuery) -> Option<FieldProblem> {
    let largest = *query.weights.iter().max()?;
    let (given, variants) = (query.weights.len(), query.variants as usize);
    let smallest = largest.div_ceil(MOST_RATIO).max(1);
    let problem = match given.cmp(&variants) {
        Ordering::Less => Problem::TooFew {
            min: query.variants,
        },
        Ordering::Greater => Problem::TooMany {
            max: query.variants,
        },
        Ordering::Equal if query.weights.iter().all(|w| *w >= smallest) => return None,
        Ordering::Equal => {
            let percent = |bp: u16| format!("{}.{:02}", bp / 100, bp % 100);
            let (min, max) = (percent(smallest), percent(largest.max(smallest)));
            Problem::OutOfRange { min, max }
        }
    };
    Some(FieldProblem::new(Field::Weights, problem))
}

/// The effect leads beyond 100 %, or is too small for any number of users.
pub(super) fn effect_problem(query: &PlanQuery) -> FieldProblem {
    out_of_range(Field::MinimumEffect, "0.01", &largest_effect(query))
}

/// In percent: what does not lead beyond 100 %, or below 0.
fn largest_effect(query: &PlanQuery) -> String {
    let most = u64::from(*Plan::EFFECTS_BP.end());
    let largest_bp = match query.expected {
        Expected::Proportion { .. } if query.direction == Direction::Decrease => 9_999,
        Expected::Proportion { baseline_bp } => {
            let room = u64::from(10_000 - baseline_bp.min(9_999)) * 10_000;
            (room.saturating_sub(1)) / u64::from(baseline_bp.max(1))
        }
        Expected::Mean { .. } => most,
    };
    let largest_bp = largest_bp.min(most);
    match (largest_bp / 100, largest_bp % 100) {
        (whole, 0) => whole.to_string(),
        (whole, rest) => format!("{whole}.{rest:02}"),
    }
}

fn out_of_range(field: Field, min: &str, max: &str) -> FieldProblem {
    let (min, max) = (min.to_owned(), max.to_owned());
    FieldProblem::new(field, Problem::OutOfRange { min, max })
}

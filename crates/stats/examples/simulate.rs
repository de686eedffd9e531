//! The Monte Carlo of the tests in full, as JSON: `simulate [runs] [looks] [step] [ratio]`.
//! By default 10,000 runs of 28 looks with 500 units of the variant between two looks and
//! control of the same size; `ratio` makes control so many times as large.
//!
//! ```text
//! cargo run --release -p nexus-stats --example simulate
//! ```

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/common/simulate.rs"]
mod simulate;

use std::io::{Error, Write as _};

use common::Random;
use nexus_stats::Watching;
use serde_json::{Value, json};
use simulate::{Judge, MODELS, Model, Runs, all_experiments, assignments, power};

const JUDGES: [Judge; 11] = [
    Judge::AlwaysValid,
    Judge::AlwaysValidOneSided,
    Judge::AlwaysValidVerdict,
    Judge::Decision,
    Judge::Guardrail,
    Judge::GroupSequential,
    Judge::GroupSequentialVerdict,
    Judge::Fixed,
    Judge::FixedVerdict,
    Judge::Bayesian,
    Judge::Peeking,
];

/// Points of the power curve.
const POWERS: [f64; 3] = [0.5, 0.8, 0.95];

/// Users whose split between two variants is checked.
const ASSIGNED: u64 = 100_000;

fn main() -> Result<(), Error> {
    let of = Runs {
        runs: argument(1, 10_000),
        looks: argument(2, 28),
        step: argument(3, 500),
        ratio: argument(4, 1),
    };
    let mut results: Vec<Value> = Vec::new();
    for model in MODELS.into_iter().chain([Model::RareRevenue]) {
        for lift in [0.0, model.visible_lift()] {
            let outcomes = all_experiments(JUDGES, model, lift, of);
            let of_judges = JUDGES.iter().zip(outcomes).map(|(judge, outcome)| {
                json!({"model": model, "lift": lift, "judge": judge, "outcome": outcome})
            });
            results.extend(of_judges);
        }
    }
    let users = Runs {
        step: ASSIGNED / (2 * of.looks),
        ..of
    };
    let mismatches: Vec<Value> = [0.5, 0.51]
        .iter()
        .map(|share| json!({"share": share, "alarms": assignments(*share, users)}))
        .collect();
    let report = json!({
        "of": of,
        "experiments": results,
        "powers": powers(of.runs),
        "assigned": ASSIGNED,
        "assignments": mismatches,
    });
    writeln!(std::io::stdout(), "{report:#}")
}

/// Each plan at each point of its curve.
fn powers(runs: u64) -> Vec<Value> {
    let tuned = Watching::AlwaysTuned { units: 5_000.0 };
    let mut powers = Vec::new();
    for (method, watching) in [("fixed", Watching::Once), ("always_valid", tuned)] {
        for model in [Model::Conversion, Model::Revenue] {
            let found = POWERS
                .iter()
                .filter_map(|wanted| power(model, watching, *wanted, runs).ok());
            powers.extend(
                found.map(|power| json!({"method": method, "model": model, "power": power})),
            );
        }
    }
    powers
}

fn argument(index: usize, default: u64) -> u64 {
    std::env::args()
        .nth(index)
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

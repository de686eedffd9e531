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
use serde_json::{Value, json};
use simulate::{Judge, MODELS, Model, Runs, assignments, experiments};

const JUDGES: [Judge; 6] = [
    Judge::AlwaysValid,
    Judge::AlwaysValidOneSided,
    Judge::Decision,
    Judge::Guardrail,
    Judge::Peeking,
    Judge::GroupSequential,
];

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
            for judge in JUDGES {
                let outcome = experiments(judge, model, lift, of);
                results.push(
                    json!({"model": model, "lift": lift, "judge": judge, "outcome": outcome}),
                );
            }
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
        "assigned": ASSIGNED,
        "assignments": mismatches,
    });
    writeln!(std::io::stdout(), "{report:#}")
}

fn argument(index: usize, default: u64) -> u64 {
    std::env::args()
        .nth(index)
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

//! Agreement with other people's implementations on generated inputs: `gbstats` 0.8.0,
//! `ssrm-test` 0.1.5, `spotify-confidence` 4.1.0 (with `statsmodels`). They run in Python,
//! named by `NEXUS_PYTHON`, with the packages of `oracle/requirements.txt`; without it
//! nothing is compared and the test says so.
//!
//! Estimates, standard errors and ends of intervals agree to 1e-9 relative to the larger of
//! the value and the standard error (an end may be near zero by cancellation); probabilities
//! to 1e-9 absolutely. Where a reference is wrong or less exact, the comparison says why.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;
#[path = "parity/gbstats.rs"]
mod gbstats;
#[path = "parity/generate.rs"]
mod generate;
#[path = "parity/oracle.rs"]
mod oracle;
#[path = "parity/others.rs"]
mod others;
#[path = "parity/tally.rs"]
mod tally;

use std::io::Write as _;

use serde_json::Value;
use tally::Tally;

/// A question with the comparison of our answer to the one that comes back.
type Case = (Value, Box<dyn FnOnce(&Value, &mut Tally)>);

#[test]
fn references_agree() {
    // Written past the test harness, which shows nothing of tests that pass.
    let mut aloud = std::io::stderr();
    let Ok(python) = std::env::var("NEXUS_PYTHON") else {
        let _ = writeln!(
            aloud,
            "skipped: parity with the references, NEXUS_PYTHON is not set"
        );
        return;
    };
    let mut cases = gbstats::cases();
    let of_gbstats = cases.len();
    assert!(of_gbstats >= 5_000, "{of_gbstats}");
    cases.extend(others::cases());
    let (questions, checks): (Vec<Value>, Vec<_>) = cases.into_iter().unzip();
    let answers = oracle::ask(&python, &questions).expect("the oracle answers");
    let mut tally = Tally::default();
    for (check, answer) in checks.into_iter().zip(&answers) {
        check(answer, &mut tally);
    }
    let _ = writeln!(aloud, "{}", tally.table());
    let failures = tally.failures();
    let first: Vec<&String> = failures.iter().take(20).collect();
    assert!(
        failures.is_empty(),
        "{} of them: {first:#?}",
        failures.len()
    );
    assert!(tally.total() >= 5_000, "{}", tally.total());
}

//! Where the cases are, and that every one of them passes.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::cases::{PUBLISHED, check};

/// The whole suite, or nothing (said aloud) where it is not there.
pub(crate) fn suite(wanted_by: &str) -> Option<Value> {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites");
    let suites = std::env::var_os("NEXUS_SUITES").map_or(default, PathBuf::from);
    let path = suites.join("growthbook/cases.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        // Not `println!`, which is hidden when a test passes.
        writeln!(
            std::io::stderr(),
            "skipped {wanted_by}: no {}",
            path.display()
        )
        .expect("it is open");
        return None;
    };
    Some(serde_json::from_str(&text).expect("the suite is JSON"))
}

#[test]
fn every_published_case_passes() {
    let Some(suite) = suite("the published cases") else {
        return;
    };
    assert_eq!(suite["specVersion"], "0.12.0");
    let report = check(&suite);
    assert!(
        report.wrong.is_empty(),
        "{} wrong:\n{}",
        report.wrong.len(),
        report.wrong.join("\n")
    );
    assert_eq!(report.passed, PUBLISHED);
}

/// The check itself: an answer that is expected otherwise is found, and so is a part that
/// nobody knows.
#[test]
fn a_case_that_does_not_hold_is_wrong() {
    let suite = serde_json::json!({
        "specVersion": "0.12.0",
        "hash": [["", "a", 1, 0.22], ["", "a", 1, 0.23]],
        "later": { "part": [["a case"]] },
    });
    let report = check(&suite);
    assert_eq!((report.passed, report.wrong.len()), (1, 2), "{report:?}");
}

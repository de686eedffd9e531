//! Largest disagreement of each class of comparisons.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

/// What agreement means: relative to the expected value or to the scale given with it.
pub(crate) const TOLERANCE: f64 = 1e-9;

#[derive(Default)]
struct Class {
    compared: usize,
    refused: usize,
    largest: f64,
    tolerance: f64,
}

#[derive(Default)]
pub(crate) struct Tally {
    classes: BTreeMap<String, Class>,
    failures: Vec<String>,
}

impl Tally {
    /// One input agreed on so far; the numbers come with [`Self::near`].
    pub(crate) fn count(&mut self, class: &str) {
        self.class(class).compared += 1;
    }

    /// One input both sides refuse.
    pub(crate) fn refuse(&mut self, class: &str) {
        self.class(class).refused += 1;
    }

    pub(crate) fn fail(&mut self, failure: String) {
        self.failures.push(failure);
    }

    /// Holds `found` to `expected`: the difference is at most `tolerance` times the larger
    /// of `expected` and `scale`. With scale 1 a probability is compared absolutely.
    pub(crate) fn near(&mut self, class: &str, found: f64, expected: f64, scale: f64) {
        self.within(class, found, expected, scale, TOLERANCE);
    }

    pub(crate) fn within(
        &mut self,
        class: &str,
        found: f64,
        expected: f64,
        scale: f64,
        tolerance: f64,
    ) {
        let error = (found - expected).abs() / expected.abs().max(scale.abs()).max(1e-300);
        if error.is_nan() || error > tolerance {
            let line = format!("{class}: {found:e} for {expected:e}, off by {error:e}");
            self.failures.push(line);
            return;
        }
        let class = self.class(class);
        class.largest = class.largest.max(error);
        class.tolerance = class.tolerance.max(tolerance);
    }

    fn class(&mut self, name: &str) -> &mut Class {
        self.classes.entry(name.to_owned()).or_default()
    }

    pub(crate) fn total(&self) -> usize {
        self.classes.values().map(|class| class.compared).sum()
    }

    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }

    pub(crate) fn table(&self) -> String {
        let mut table = String::from("parity: class, compared, both refuse, largest error\n");
        for (name, class) in &self.classes {
            let (compared, refused, largest) = (class.compared, class.refused, class.largest);
            let tolerance = class.tolerance;
            let row =
                format!("{name:44} {compared:6} {refused:5} {largest:9.1e} (<= {tolerance:.0e})");
            let _ = writeln!(table, "{row}");
        }
        let _ = writeln!(table, "{} inputs compared", self.total());
        table
    }
}

/// A number of the answer; NaN when it is not there or infinite.
pub(crate) fn number(answer: &Value, key: &str) -> f64 {
    answer["ok"][key].as_f64().unwrap_or(f64::NAN)
}

pub(crate) fn numbers(answer: &Value, key: &str) -> Vec<f64> {
    let list = answer["ok"][key].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|value| value.as_f64().unwrap_or(f64::NAN))
        .collect()
}

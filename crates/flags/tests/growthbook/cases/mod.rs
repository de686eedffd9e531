//! GrowthBook's published cases (SDK specification 0.12.0) and what answers each. No I/O: it is
//! also compiled into a Worker, `edge/gateway/examples/proofs.rs`.

mod bucketing;
mod conditions;
mod evaluation;
mod payloads;

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Cases of the specification's version that this is written for.
pub(crate) const PUBLISHED: usize = 1_035;

/// How one part of the suite is checked.
struct Part {
    name: &'static str,
    /// Our answers to a case.
    answers: fn(&Value) -> Vec<Value>,
    /// Where in the case the expected ones stand.
    expected: &'static [usize],
    /// How far a number may be off.
    within: f64,
}

const fn part(
    name: &'static str,
    answers: fn(&Value) -> Vec<Value>,
    expected: &'static [usize],
) -> Part {
    Part {
        name,
        answers,
        expected,
        within: 0.0,
    }
}

/// The suite writes the ends of ranges with up to eight digits.
const fn rounded(part: Part) -> Part {
    Part {
        within: 1e-8,
        ..part
    }
}

const PARTS: [Part; 20] = [
    part("chooseVariation", bucketing::choice, &[3]),
    part("contextualBandit", evaluation::feature, &[3]),
    part("decrypt", payloads::decrypted, &[3]),
    part("evalCondition", conditions::whole, &[3]),
    part("feature", evaluation::feature, &[3]),
    rounded(part("getBucketRange", bucketing::ranges, &[2])),
    rounded(part("getEqualWeights", bucketing::weights, &[1])),
    part("getQueryStringOverride", bucketing::query, &[4]),
    part("hash", bucketing::hashed, &[3]),
    part("inNamespace", bucketing::namespace, &[3]),
    part("pruneCondition", conditions::pruned, &[3]),
    part("reducePayload", payloads::reduced, &[2]),
    part("run", evaluation::run, &[3, 4, 5]),
    part(
        "savedGroupReferencesRemote/evalCondition",
        conditions::whole,
        &[3],
    ),
    part(
        "savedGroupReferencesRemote/feature",
        evaluation::feature,
        &[3],
    ),
    part(
        "savedGroupReferencesV2/evalCondition",
        conditions::whole,
        &[3],
    ),
    part("savedGroupReferencesV2/feature", evaluation::feature, &[3]),
    part("savedGroupReferencesV2/run", evaluation::run, &[3, 4, 5]),
    part("stickyBucket", evaluation::sticky, &[4, 5]),
    part("urlRedirect", evaluation::redirect, &[2]),
];

/// What came of the cases.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) passed: usize,
    /// Each case that did not pass, with what was found, and each part that nothing checks.
    pub(crate) wrong: Vec<String>,
}

/// Checks every case of the suite; none is skipped, whatever the suite's sections are.
pub(crate) fn check(suite: &Value) -> Report {
    let mut report = Report::default();
    for (name, cases) in parts_of(suite) {
        let Some(part) = PARTS.iter().find(|part| part.name == name) else {
            report.wrong.push(format!("nothing checks {name}"));
            continue;
        };
        for case in cases {
            match part.check(case) {
                Ok(()) => report.passed += 1,
                Err(difference) => report.wrong.push(difference),
            }
        }
    }
    report
}

/// The lists of cases by name; those of a section with parts as `section/part`.
fn parts_of(suite: &Value) -> Vec<(String, &[Value])> {
    let mut parts = Vec::new();
    for (name, section) in suite.as_object().into_iter().flatten() {
        match section {
            Value::Array(cases) => parts.push((name.clone(), cases.as_slice())),
            Value::Object(inner) => {
                let inner = inner.iter().filter_map(|(part, cases)| {
                    Some((format!("{name}/{part}"), cases.as_array()?.as_slice()))
                });
                parts.extend(inner);
            }
            _ => {}
        }
    }
    parts
}

impl Part {
    fn check(&self, case: &Value) -> Result<(), String> {
        let found = (self.answers)(case);
        let pairs = self.expected.iter().zip(&found);
        let right = found.len() == self.expected.len()
            && pairs
                .into_iter()
                .all(|(at, found)| self.same(found, &case[*at]));
        if right {
            return Ok(());
        }
        let mut difference = format!("{} {case}\nfound", self.name);
        for found in found {
            let _ = write!(difference, " {found}");
        }
        Err(difference)
    }

    /// Equal as JavaScript sees it: 1 and 1.0 are one number.
    fn same(&self, a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
                (Some(a), Some(b)) => (a - b).abs() <= self.within,
                _ => false,
            },
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.same(a, b))
            }
            (Value::Object(a), Value::Object(b)) => {
                let same = |(k, a): (&String, _)| b.get(k).is_some_and(|b| self.same(a, b));
                a.len() == b.len() && a.iter().all(same)
            }
            (a, b) => a == b,
        }
    }
}

/// An object, or an empty one where there is nothing.
fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A text that a case has there.
fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().expect("a list");
    numbers.iter().map(number).collect()
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_i64().expect("a count")).unwrap_or(0)
}

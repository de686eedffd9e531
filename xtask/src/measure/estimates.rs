//! Reading what criterion found.

use crate::stamp;
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Nanoseconds of one benchmark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Times {
    pub(super) median_ns: f64,
    /// Of the fastest sample.
    pub(super) least_ns: f64,
}

#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// How long each sample took, and how many iterations it had.
#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// Every benchmark below criterion's folder by its full id.
///
/// # Errors
/// When there is none, or a file is not as criterion writes it.
pub(super) fn below(folder: &Path) -> Result<BTreeMap<String, Times>> {
    let mut found = BTreeMap::new();
    for file in stamp::files_below(folder)? {
        if file.ends_with("new/benchmark.json") {
            let (name, times) = of(file.parent().unwrap_or(folder))
                .with_context(|| format!("criterion's {}", file.display()))?;
            found.insert(name, times);
        }
    }
    if found.is_empty() {
        bail!("no estimates in {}", folder.display());
    }
    Ok(found)
}

fn of(folder: &Path) -> Result<(String, Times)> {
    let read = |name| std::fs::read_to_string(folder.join(name));
    let benchmark: Benchmark = serde_json::from_str(&read("benchmark.json")?)?;
    let estimates: Estimates = serde_json::from_str(&read("estimates.json")?)?;
    let sample: Sample = serde_json::from_str(&read("sample.json")?)?;
    let each = sample.times.iter().zip(&sample.iters);
    let times = Times {
        median_ns: estimates.median.point_estimate,
        least_ns: each
            .map(|(time, iterations)| time / iterations)
            .fold(f64::INFINITY, f64::min),
    };
    Ok((benchmark.full_id, times))
}

#[cfg(test)]
mod tests {
    use super::{Times, below};

    #[test]
    fn median_and_fastest_sample_are_read() {
        let folder = std::env::temp_dir().join(format!("nexus-estimates-{}", std::process::id()));
        let new = folder.join("group_a/new");
        std::fs::create_dir_all(&new).unwrap();
        let write = |name, text| std::fs::write(new.join(name), text).unwrap();
        write("benchmark.json", r#"{"full_id":"group/a/1"}"#);
        write("estimates.json", r#"{"median":{"point_estimate":30.5}}"#);
        write(
            "sample.json",
            r#"{"iters":[10.0,20.0],"times":[300.0,580.0]}"#,
        );
        let found = below(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let times = Times {
            median_ns: 30.5,
            least_ns: 29.0,
        };
        assert_eq!(found.get("group/a/1"), Some(&times));
        assert!(below(&folder).is_err(), "nothing is there");
    }
}

//! Observations and what is said about them.

use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// One answered request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) status: u16,
    /// From sending (or, in an open loop, from when it should have been sent) to the
    /// response's head.
    pub(crate) first_byte: Duration,
    /// As above, to the end of the body.
    pub(crate) whole: Duration,
    pub(crate) bytes: u64,
}

/// What a worker saw.
#[derive(Default)]
pub(crate) struct Observed {
    pub(crate) samples: Vec<Sample>,
    /// Connections refused or cut, answers out of time.
    pub(crate) errors: u64,
}

/// The result of a run. Times in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    requests: u64,
    errors: u64,
    statuses: BTreeMap<u16, u64>,
    seconds: f64,
    requests_per_s: f64,
    /// Mean size of a body as it came over the wire.
    body_bytes: u64,
    first_byte_ms: Percentiles,
    whole_ms: Percentiles,
}

#[derive(Debug, Serialize)]
pub(crate) struct Percentiles {
    p50: f64,
    p90: f64,
    p99: f64,
    max: f64,
}

impl Report {
    pub(crate) fn of(observed: &Observed, elapsed: Duration) -> Self {
        let samples = &observed.samples;
        let mut statuses = BTreeMap::new();
        for sample in samples {
            *statuses.entry(sample.status).or_default() += 1;
        }
        let requests = samples.len() as u64;
        let bytes: u64 = samples.iter().map(|sample| sample.bytes).sum();
        Self {
            requests,
            errors: observed.errors,
            statuses,
            seconds: elapsed.as_secs_f64(),
            requests_per_s: requests as f64 / elapsed.as_secs_f64().max(f64::EPSILON),
            body_bytes: bytes.checked_div(requests).unwrap_or(0),
            first_byte_ms: Percentiles::of(samples.iter().map(|sample| sample.first_byte)),
            whole_ms: Percentiles::of(samples.iter().map(|sample| sample.whole)),
        }
    }
}

impl Percentiles {
    /// By the nearest rank: the smallest value that at least p % are not above.
    pub(crate) fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut sorted: Vec<Duration> = times.collect();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            let time = sorted
                .get(rank.saturating_sub(1))
                .copied()
                .unwrap_or_default();
            time.as_secs_f64() * 1_000.0
        };
        Self {
            p50: at(50),
            p90: at(90),
            p99: at(99),
            max: at(100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Observed, Percentiles, Report, Sample};
    use std::time::Duration;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let times = (1..=200).rev().map(Duration::from_millis);
        let found = Percentiles::of(times);
        assert_eq!(
            [found.p50, found.p90, found.p99, found.max],
            [100.0, 180.0, 198.0, 200.0]
        );
        assert_eq!(Percentiles::of(std::iter::empty()).p99, 0.0);
    }

    #[test]
    fn a_run_is_summed_up() {
        let sample = |status| Sample {
            status,
            first_byte: Duration::from_millis(1),
            whole: Duration::from_millis(2),
            bytes: 10,
        };
        let observed = Observed {
            samples: vec![sample(200), sample(200), sample(503)],
            errors: 1,
        };
        let report = Report::of(&observed, Duration::from_secs(2));
        assert_eq!(
            (report.requests, report.errors, report.body_bytes),
            (3, 1, 10)
        );
        assert_eq!(report.requests_per_s, 1.5);
        assert_eq!((report.statuses[&200], report.statuses[&503]), (2, 1));
    }
}

//! The shape of the JSON file. Times in milliseconds unless the name says otherwise,
//! sizes in bytes as they come over the wire.

use super::load::Load;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Serialize)]
pub(crate) struct Numbers {
    pub(crate) machine: Machine,
    /// Drafts and running experiments the console held.
    pub(crate) experiments: u32,
    pub(crate) connections: u32,
    pub(crate) seconds_per_load: u64,
    pub(crate) console: Console,
    pub(crate) transfer: BTreeMap<String, Transfer>,
    /// With one experiment that takes every visitor.
    pub(crate) gateway: Gateway,
    /// With a hundred that all do, while the console on the same machine counts them all.
    pub(crate) gateway_crowded: Gateway,
    pub(crate) worker: Option<Worker>,
    pub(crate) decision: Decision,
    pub(crate) memory: BTreeMap<String, Memory>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) rustc: String,
    pub(crate) node: String,
    /// Of the measured source; `+` when it had changes.
    pub(crate) commit: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Console {
    /// Requests per second at the fixed rate.
    pub(crate) rate_per_s: u32,
    /// A bare axum server that answers `hello`.
    pub(crate) hello: Page,
    /// By the name of the page.
    pub(crate) pages: BTreeMap<String, Page>,
}

/// One address asked in two ways, because each answers one question only.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    /// At a fixed rate far below the limit: what one visitor waits.
    pub(crate) at_rate: Load,
    /// As often as it is answered: how many requests per second. Its times are mostly queue.
    pub(crate) most: Load,
}

#[derive(Debug, Serialize)]
pub(crate) struct Transfer {
    /// The page and every asset it names.
    pub(crate) first_visit_bytes: u64,
    /// The page alone: assets are immutable.
    pub(crate) repeat_visit_bytes: u64,
    pub(crate) parts: BTreeMap<String, u64>,
}

/// The gateway beside a bare axum reverse proxy, both in front of the same origin.
#[derive(Debug, Serialize)]
pub(crate) struct Gateway {
    /// The origin itself at a fixed rate: what is below both.
    pub(crate) origin_at_rate: Load,
    pub(crate) bare_at_rate: Load,
    pub(crate) gateway_at_rate: Load,
    /// As many requests as are answered, of visitors who come again and again: the median
    /// of runs in turns.
    pub(crate) bare_most: Load,
    pub(crate) gateway_most: Load,
    /// The same when nobody ever comes again: every request is a new exposure, which the
    /// console counts on the same cores.
    pub(crate) strangers_most: Load,
    /// Median and 99th percentile above the origin's own.
    pub(crate) added_p50_ms: f64,
    pub(crate) added_p99_ms: f64,
    /// Requests per second of the gateway to those of the bare proxy just before: the median
    /// of the rounds.
    pub(crate) throughput_ratio: f64,
}

/// The gateway as a Worker beside a Worker that only passes on, both on workerd.
#[derive(Debug, Serialize)]
pub(crate) struct Worker {
    pub(crate) pass_through: Load,
    pub(crate) gateway: Load,
    pub(crate) throughput_ratio: f64,
}

/// Means from the benchmark of `nexus-flags`, in nanoseconds, by the benchmark's name.
#[derive(Debug, Serialize)]
pub(crate) struct Decision {
    pub(crate) mean_ns: BTreeMap<String, f64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident_kb: u64,
    /// Resident at most.
    pub(crate) peak_kb: u64,
}

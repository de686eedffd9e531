//! The gateway beside a bare reverse proxy, in front of the same origin.

use super::load::{Load, Loader};
use super::numbers::Gateway;
use crate::stack::{Settings, local};
use anyhow::{Context as _, Result};

/// A machine's speed changes while others use it: what is compared is measured in turns,
/// and the run in the middle counts.
const ROUNDS: usize = 3;
/// Far below what either can do, so that latency is latency and not a queue.
const QUIET_RATE: u32 = 500;

/// Measures latency at a quiet rate and throughput at the limit, in turns.
///
/// # Errors
/// When one of them answers anything but 200.
pub(super) fn measure(loader: &Loader, settings: &Settings) -> Result<Gateway> {
    // The one page of the origin that looks at no decision: it costs the same for all.
    let page = |port| format!("{}/health", local(port));
    let origin = page(settings.ports.stable);
    let gateway = page(settings.ports.gateway);
    let (bare_process, bare_port) = loader.bare_proxy(settings.ports.stable)?;
    let bare = page(bare_port);
    let origin_at_rate = loader.returning("origin, quiet", &origin, Some(QUIET_RATE))?;
    let bare_at_rate = loader.returning("bare proxy, quiet", &bare, Some(QUIET_RATE))?;
    let gateway_at_rate = loader.returning("gateway, quiet", &gateway, Some(QUIET_RATE))?;
    let mut bare_most = Vec::new();
    let mut gateway_most = Vec::new();
    let mut strangers_most = Vec::new();
    for _ in 0..ROUNDS {
        bare_most.push(loader.returning("bare proxy, limit", &bare, None)?);
        gateway_most.push(loader.returning("gateway, limit", &gateway, None)?);
        strangers_most.push(loader.most("gateway, strangers, limit", &gateway, &[])?);
    }
    drop(bare_process);
    let mut ratios: Vec<f64> = std::iter::zip(&gateway_most, &bare_most)
        .map(|(gateway, bare)| gateway.requests_per_s / bare.requests_per_s)
        .collect();
    ratios.sort_by(f64::total_cmp);
    let added = |of: fn(&Load) -> f64| of(&gateway_at_rate) - of(&origin_at_rate);
    Ok(Gateway {
        added_p50_ms: added(|load| load.first_byte_ms.p50),
        added_p99_ms: added(|load| load.first_byte_ms.p99),
        throughput_ratio: *ratios.get(ROUNDS / 2).context("no run")?,
        origin_at_rate,
        bare_at_rate,
        gateway_at_rate,
        bare_most: median(bare_most)?,
        gateway_most: median(gateway_most)?,
        strangers_most: median(strangers_most)?,
    })
}

/// The run in the middle by requests per second.
fn median(mut runs: Vec<Load>) -> Result<Load> {
    runs.sort_by(|a, b| a.requests_per_s.total_cmp(&b.requests_per_s));
    runs.into_iter().nth(ROUNDS / 2).context("no run")
}

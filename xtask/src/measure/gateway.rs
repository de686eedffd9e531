//! The gateway beside a bare reverse proxy, in front of the same origin.

use super::load::{Load, Loader};
use super::numbers::Gateway;
use crate::stack::{Settings, local};
use anyhow::Result;

/// Far below what either can do, so that latency is latency and not a queue.
const QUIET_RATE: u32 = 500;

/// Measures latency at a quiet rate and throughput at the limit.
///
/// # Errors
/// When one of them answers anything but 200.
pub(super) fn measure(loader: &Loader, settings: &Settings) -> Result<Gateway> {
    let origin = local(settings.ports.stable);
    let gateway = local(settings.ports.gateway);
    let (bare_process, bare_port) = loader.bare_proxy(settings.ports.stable)?;
    let bare = local(bare_port);
    let origin_at_rate = loader.returning("origin, quiet", &origin, Some(QUIET_RATE))?;
    let bare_at_rate = loader.returning("bare proxy, quiet", &bare, Some(QUIET_RATE))?;
    let gateway_at_rate = loader.returning("gateway, quiet", &gateway, Some(QUIET_RATE))?;
    let bare_most = loader.returning("bare proxy, limit", &bare, None)?;
    let gateway_most = loader.returning("gateway, limit", &gateway, None)?;
    let strangers_most = loader.most("gateway, strangers, limit", &gateway, &[])?;
    drop(bare_process);
    let added = |of: fn(&Load) -> f64| of(&gateway_at_rate) - of(&origin_at_rate);
    Ok(Gateway {
        added_p50_ms: added(|load| load.first_byte_ms.p50),
        added_p99_ms: added(|load| load.first_byte_ms.p99),
        throughput_ratio: gateway_most.requests_per_s / bare_most.requests_per_s,
        origin_at_rate,
        bare_at_rate,
        gateway_at_rate,
        bare_most,
        gateway_most,
        strangers_most,
    })
}

//! When controllers run: by the cron trigger every minute, after every change so that a
//! snapshot is published at once, and every few seconds while gateways report, so that a
//! guardrail need not wait for the minute to end.

use std::cell::Cell;
use std::time::Duration;

use http::{Method, Request, StatusCode};
use nexus_control::ports::Clock as _;
use worker::{Delay, Env};

use crate::host::Host;
use crate::machine::Machine;

/// Longer than a lease lasts: a round that died is followed all the same.
const WAITS: u8 = 10;
const WAIT: Duration = Duration::from_secs(1);
/// Between two rounds that gateways' reports cause in one isolate.
const REPORTS_MS: i64 = 5_000;

thread_local! {
    static REPORTED_MS: Cell<i64> = const { Cell::new(0) };
}

/// Whether a request is followed by a round.
#[derive(Clone, Copy)]
pub(crate) enum Trigger {
    None,
    Change,
    Report,
}

impl Trigger {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        match *request.method() {
            Method::GET | Method::HEAD | Method::OPTIONS => Self::None,
            _ if request.uri().path() == "/api/v1/ingest" => Self::Report,
            // A question or report of an SDK.
            _ if request.uri().path().starts_with("/ofrep/") => Self::None,
            _ if request.uri().path() == "/events" => Self::None,
            _ => Self::Change,
        }
    }

    /// Refused requests changed nothing.
    pub(crate) fn is_pulled(self, status: StatusCode) -> bool {
        if status.is_client_error() || status.is_server_error() {
            return false;
        }
        match self {
            Self::None => false,
            Self::Change => true,
            Self::Report => {
                let now_ms = Machine.now_ms();
                let due = now_ms - REPORTED_MS.get() >= REPORTS_MS;
                if due {
                    REPORTED_MS.set(now_ms);
                }
                due
            }
        }
    }
}

/// One round of everything that is driven by time. Each is a holder of the lease of its own
/// and waits for the one before it, so that no older snapshot is written over a newer one.
pub(crate) async fn round(env: Env) {
    let host = match Host::take(&env).await {
        Ok(host) => host,
        Err(error) => return tracing::error!(%error, "controllers"),
    };
    let holder = format!("edge-{}", host.console.request_id());
    for _ in 0..WAITS {
        match host.console.tick(&holder).await {
            Ok(tick) if !tick.leader => Delay::from(WAIT).await,
            Ok(_) => break,
            Err(error) => {
                tracing::error!(%error, "controllers");
                break;
            }
        }
    }
    if let Err(error) = host.console.resign(&holder).await {
        tracing::warn!(%error, "the lease stays until it expires");
    }
    host.give_back();
}

//! Snapshots from the KV binding.
//!
//! An isolate asks at most once a second. While it has a snapshot, asking costs the
//! visitor nothing: the answer comes after the response. Only an isolate without one, or
//! one that slept, waits, and not for long.

use std::rc::Rc;
use std::time::Duration;

use futures::future::select;
use nexus_gateway::ports::{Clock, SnapshotSource, SourceError};
use worker::{Delay, Env, KvStore};

use crate::host::{EdgeHost, now_ms};
use crate::isolate::Isolate;

/// A snapshot this fresh is not asked about again.
const FRESH_MS: i64 = 1_000;
/// After this long without a question the visitor waits for the answer.
const ASLEEP_MS: i64 = 30_000;
/// Longest wait.
const PATIENCE: Duration = Duration::from_millis(1_000);

/// The value of a key in the namespace.
struct KvBinding {
    store: KvStore,
    key: String,
}

impl SnapshotSource for KvBinding {
    async fn fetch(&self) -> Result<Option<bytes::Bytes>, SourceError> {
        let value = self.store.get(&self.key).bytes().await;
        value
            .map(|value| value.map(Into::into))
            .map_err(|error| SourceError(format!("KV: {error}")))
    }
}

/// Looks for a newer snapshot when it is time to.
pub(crate) async fn refresh(host: &EdgeHost, env: &Env) {
    let isolate = &host.isolate;
    let now_ms = host.now_ms();
    let since_ms = now_ms.saturating_sub(isolate.asked_ms.get());
    if since_ms < FRESH_MS {
        return;
    }
    let Some(look) = question(isolate, env, now_ms) else {
        return;
    };
    if isolate.gateway.snapshots.version().is_none() || since_ms > ASLEEP_MS {
        select(Box::pin(look), Delay::from(PATIENCE)).await;
    } else {
        host.context.wait_until(look);
    }
}

/// Looks however fresh the snapshot is; waits, but not for long.
pub(crate) async fn look_now(isolate: &Rc<Isolate>, env: &Env) {
    if let Some(look) = question(isolate, env, now_ms()) {
        select(Box::pin(look), Delay::from(PATIENCE)).await;
    }
}

fn question(
    isolate: &Rc<Isolate>,
    env: &Env,
    now_ms: i64,
) -> Option<impl Future<Output = ()> + use<>> {
    let Ok(store) = env.kv("NEXUS_CONFIG") else {
        isolate
            .gateway
            .snapshots
            .source_failed("there is no KV binding NEXUS_CONFIG".to_owned(), now_ms);
        return None;
    };
    isolate.asked_ms.set(now_ms);
    let key = format!("snapshot:{}", isolate.gateway.settings.environment);
    Some(look(Rc::clone(isolate), KvBinding { store, key }))
}

async fn look(isolate: Rc<Isolate>, source: KvBinding) {
    let fetched = source.fetch().await;
    let now_ms = now_ms();
    let snapshots = &isolate.gateway.snapshots;
    match fetched {
        Ok(Some(envelope)) => {
            if let Err(refusal) = snapshots.offer(&envelope, now_ms) {
                worker::console_warn!("a snapshot was refused: {refusal}");
            }
        }
        Ok(None) => snapshots.nothing_published(now_ms),
        Err(problem) => snapshots.source_failed(problem.0, now_ms),
    }
}

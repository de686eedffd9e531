//! What is done while no visitor comes by, started by the cron trigger once a minute.

use std::rc::Rc;
use std::time::Duration;

use worker::{Delay, Env};

use crate::isolate::Isolate;
use crate::reporting::{Ingest, flush_and_greet};
use crate::snapshots;

/// Rounds in the minute until the next trigger. The console misses a gateway that it has
/// not heard of for 15 s.
const ROUNDS: u32 = 6;
const EVERY: Duration = Duration::from_secs(10);

/// A minute's worth of rounds.
pub(crate) async fn minute(isolate: &Rc<Isolate>, env: &Env) {
    for number in 0..ROUNDS {
        if number > 0 {
            Delay::from(EVERY).await;
        }
        round(isolate, env).await;
    }
}

/// Looks for a newer snapshot, delivers what waits, and tells the console that this
/// gateway lives.
async fn round(isolate: &Rc<Isolate>, env: &Env) {
    snapshots::look_now(isolate, env).await;
    if let Some(ingest) = Ingest::of(env) {
        flush_and_greet(isolate, &ingest).await;
    }
}

//! Points between command, commit and effect at which a test kills the process.
//!
//! Compiled only with the feature `kill-points`: then `NEXUS_KILL_AT=<name>`, or
//! `<name>:<n>` for the n-th time it is passed, kills the process right there with
//! SIGKILL: nothing is unwound, flushed or closed.

/// All of them, in the order of this crate's sources.
pub const KILL_POINTS: &[&str] = &[
    "commit.before_head",
    "commit.after_head",
    "commit.before_batch",
    "commit.after_batch",
    "experiment.decided",
    "experiment.committed",
    "snapshot.staged",
    "flag.decided",
    "flag.committed",
    "sdk_key.decided",
    "sdk_key.committed",
    "saved_group.decided",
    "saved_group.committed",
    "holdout.decided",
    "holdout.committed",
    "lease.before_take",
    "lease.after_take",
    "intent.before_supersede",
    "intent.after_supersede",
    "intent.before_running",
    "intent.after_running",
    "publish.before_get",
    "publish.after_get",
    "publish.before_put",
    "publish.after_put",
    "publish.before_verify",
    "publish.after_verify",
    "intent.before_done",
    "intent.after_done",
    "intent.before_retry",
    "intent.after_retry",
    "reconcile.before_plan",
    "reconcile.after_plan",
    "ingest.before_read",
    "ingest.before_batch",
    "ingest.after_batch",
    "guardrail.before_record",
    "guardrail.after_record",
    "guardrail.before_stop",
    "guardrail.after_stop",
    "schedule.before_start",
    "schedule.after_start",
    "ramp.before_step",
    "ramp.after_step",
    "schedule.before_stop",
    "schedule.after_stop",
    "checkpoint.before_sign",
    "checkpoint.before_batch",
    "checkpoint.after_batch",
    "recompute.before_step",
    "recompute.after_step",
    "recompute.before_exchange",
    "recompute.after_exchange",
    "recompute.before_retry",
    "recompute.after_retry",
    "recompute.before_fail",
    "recompute.after_fail",
    "pending.before_batch",
    "pending.after_batch",
    "confirm.before_commit",
    "confirm.after_commit",
    "purge.before_batch",
    "purge.after_batch",
];

/// Dies here when the environment says so.
#[cfg(feature = "kill-points")]
pub(crate) fn failpoint(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};

    static PASSED: AtomicU32 = AtomicU32::new(0);
    debug_assert!(KILL_POINTS.contains(&name), "{name} is not listed");
    let Ok(wanted) = std::env::var("NEXUS_KILL_AT") else {
        return;
    };
    let (at, times) = match wanted.split_once(':') {
        Some((at, times)) => (at, times.parse().unwrap_or(1)),
        None => (wanted.as_str(), 1),
    };
    if at == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == times {
        let own_pid = std::process::id().to_string();
        drop(
            std::process::Command::new("kill")
                .args(["-KILL", &own_pid])
                .status(),
        );
        std::process::abort();
    }
}

#[cfg(not(feature = "kill-points"))]
#[inline(always)]
pub(crate) const fn failpoint(_name: &str) {}

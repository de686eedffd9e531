//! How long users wait, in experiments with a limit.
//!
//! A user counts once: as slow when any request reported of them took longer than the limit
//! to its first byte. What an SDK decided has no waiting. Neither depends on the order in
//! which events arrive.

use super::tally::{Key, Tally};
use super::{Assignment, RequestEvent};
use crate::ports::Statement;
use crate::sql::sql;

/// What the batch adds to one variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Waited {
    measured_users: u64,
    slow_users: u64,
}

impl Tally {
    /// After the exposure was counted: its variant is the unit's.
    pub(super) fn waited(&mut self, e: &RequestEvent, a: &Assignment) {
        let Some(limit_ms) = self.known.limits.get(&a.experiment) else {
            return;
        };
        let is_measured = e.deployment.as_deref().is_some_and(|d| !d.is_empty());
        let key: Key = (e.unit.clone(), a.experiment.clone());
        let is_ours = (self.known.units.get(&key)).is_some_and(|unit| unit.variant == a.variant);
        if !(is_measured && is_ours) {
            return;
        }
        let is_slow = e.duration_ms > *limit_ms;
        let before = self.known.waits.get(&key).copied();
        let now = is_slow || before == Some(true);
        if before == Some(now) {
            return;
        }
        let place = (a.experiment.clone(), a.variant.clone());
        let waited = self.waited.entry(place).or_default();
        waited.measured_users += u64::from(before.is_none());
        waited.slow_users += u64::from(now);
        self.known.waits.insert(key.clone(), now);
        self.changed_waits.insert(key);
    }
}

/// Sums per variant.
pub(super) fn sums(tally: &Tally) -> impl Iterator<Item = Statement> {
    tally.waited.iter().map(|((experiment, variant), added)| {
        sql!(
            "INSERT INTO latency_stats (experiment_id, variant, measured_users, slow_users) \
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (experiment_id, variant) DO UPDATE SET \
             measured_users = latency_stats.measured_users + excluded.measured_users, \
             slow_users = latency_stats.slow_users + excluded.slow_users",
            experiment.as_str(),
            variant.as_str(),
            added.measured_users,
            added.slow_users
        )
    })
}

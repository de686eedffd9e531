//! One attempt at an intent: note that it begins, act, note how it went.
//!
//! Dying in between is safe: an intent left `running` is tried again at once by
//! the next holder of the lease, and publishing looks before it writes.

use super::publish::Publication;
use super::{Effects, Intent, Stored};
use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::ports::StoreError;
use crate::sql::sql;
use crate::{Console, Result};

const FIRST_DELAY_MS: u64 = 500;
const MAX_DELAY_MS: u64 = 30_000;
/// Longest that the other side may make us wait.
const MAX_RETRY_AFTER_MS: u64 = 300_000;
const MAX_PROBLEM: usize = 500;

impl Console {
    pub(super) async fn attempt(
        &self,
        lease: &Lease,
        intent: &Intent,
        snapshot: &Stored,
        done: &mut Effects,
    ) -> Result<()> {
        failpoint("intent.before_running");
        let begun = vec![
            lease.guard(),
            sql!(
                "UPDATE intents SET status = 'running', attempts = attempts + 1 WHERE id = ?1",
                intent.id.as_str()
            ),
        ];
        if !self.fenced(begun).await? {
            return Ok(());
        }
        failpoint("intent.after_running");
        let outcome = match self.publish(intent.environment, snapshot).await {
            Ok(Publication::Written) => "published",
            Ok(Publication::AlreadyThere) => "already_there",
            Ok(Publication::Ahead(ahead)) => {
                return self.overtake(lease, intent.environment, &ahead).await;
            }
            Ok(Publication::NotYetVisible) => {
                done.failing += 1;
                let problem = StoreError::Unavailable {
                    problem: "written, but not visible yet".to_owned(),
                    retry_after_ms: None,
                };
                return self.postpone(lease, intent, &problem).await;
            }
            Err(error) => {
                done.failing += 1;
                return self.postpone(lease, intent, &error).await;
            }
        };
        failpoint("intent.before_done");
        let mut ended = vec![lease.guard()];
        ended.extend(self.finish(lease, intent, outcome));
        ended.push(sql!(
            "UPDATE snapshots SET published_ms = ?3 WHERE environment = ?1 AND version = ?2",
            intent.environment.as_str(),
            snapshot.version,
            self.now_ms()
        ));
        if self.fenced(ended).await? {
            done.published += 1;
        }
        failpoint("intent.after_done");
        Ok(())
    }

    /// Tries again later, and never gives up: the newest snapshot has to get out.
    /// The page shows the problem meanwhile.
    async fn postpone(&self, lease: &Lease, intent: &Intent, error: &StoreError) -> Result<()> {
        let asked_ms = match error {
            StoreError::Unavailable { retry_after_ms, .. } => retry_after_ms.unwrap_or(0),
            StoreError::Denied(_) | StoreError::Other(_) => 0,
        };
        let delay_ms =
            backoff_ms(intent.attempts, self.random_u64()).max(asked_ms.min(MAX_RETRY_AFTER_MS));
        let problem: String = error.to_string().chars().take(MAX_PROBLEM).collect();
        tracing::warn!(intent = %intent.id, delay_ms, problem, "publishing failed, trying again");
        failpoint("intent.before_retry");
        self.fenced(vec![
            lease.guard(),
            sql!(
                "UPDATE intents SET status = 'planned', next_ms = ?2, problem = ?3 WHERE id = ?1",
                intent.id.as_str(),
                self.now_ms() + i64::try_from(delay_ms).unwrap_or(0),
                problem
            ),
        ])
        .await?;
        failpoint("intent.after_retry");
        Ok(())
    }
}

/// Exponential with full jitter: anything up to the doubled limit, so that many
/// that failed together don't come back together.
pub(crate) fn backoff_ms(attempts: u64, random: u64) -> u64 {
    let doubled = FIRST_DELAY_MS.saturating_mul(1 << attempts.min(10));
    random % (doubled.min(MAX_DELAY_MS) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn delays_stay_within_their_limits(attempts: u64, random: u64) {
            let delay_ms = backoff_ms(attempts, random);
            proptest::prop_assert!(delay_ms <= MAX_DELAY_MS);
            proptest::prop_assert!(attempts > 0 || delay_ms <= FIRST_DELAY_MS);
        }
    }
}

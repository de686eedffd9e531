//! Who may act: one process at a time carries out effects and runs controllers.
//!
//! The lease has an epoch that grows with every change of holder. A process that
//! was asleep may still believe to be the holder; every batch it writes as such
//! carries [`Lease::guard`], which refuses the batch when the epoch has moved on.

use crate::failpoint::failpoint;
use crate::ports::Statement;
use crate::sql::sql;
use crate::{Console, Result};

const NAME: &str = "controllers";
/// How long a silent holder keeps the lease, in milliseconds.
pub const LEASE_MS: i64 = 8_000;

/// Proof of having held the lease when it was last looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) holder: String,
    pub(crate) epoch: u64,
}

impl Lease {
    /// Refuses its batch (by the check constraint) unless this is the lease.
    pub(crate) fn guard(&self) -> Statement {
        sql!(
            "UPDATE leases SET epoch = CASE WHEN holder = ?2 AND epoch = ?3 \
             THEN epoch ELSE -1 END WHERE name = ?1",
            NAME,
            self.holder.as_str(),
            self.epoch
        )
    }
}

impl Console {
    /// Takes or keeps the lease; `None` while another process holds it.
    pub(crate) async fn lease(&self, holder: &str) -> Result<Option<Lease>> {
        let Some(mut row) = self
            .row(sql!(
                "SELECT holder, epoch, expires_ms FROM leases WHERE name = ?1",
                NAME
            ))
            .await?
        else {
            return Ok(None);
        };
        let (current, epoch, expires_ms) = (row.text()?, row.u64()?, row.i64()?);
        let now_ms = self.now_ms();
        let mine = current == holder && self.held_epoch() == Some(epoch);
        // The same name with an epoch this process did not take is a process
        // that is gone: it is safe to follow it at once, and its late writes
        // are fenced off like anybody's.
        if !mine && current != holder && expires_ms > now_ms {
            return Ok(None);
        }
        if mine && expires_ms - now_ms > LEASE_MS / 2 {
            return Ok(Some(lease(holder, epoch)));
        }
        let next = if mine { epoch } else { epoch + 1 };
        failpoint("lease.before_take");
        let changed = self
            .inner
            .db
            .batch(vec![sql!(
                "UPDATE leases SET holder = ?2, epoch = ?3, expires_ms = ?4 \
                 WHERE name = ?1 AND epoch = ?5",
                NAME,
                holder,
                next,
                now_ms + LEASE_MS,
                epoch
            )])
            .await?;
        failpoint("lease.after_take");
        if changed.first() != Some(&1) {
            return Ok(None);
        }
        self.hold_epoch(Some(next));
        Ok(Some(lease(holder, next)))
    }

    /// Gives the lease back, so that a successor need not wait for it to expire.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn resign(&self, holder: &str) -> Result<()> {
        let Some(epoch) = self.held_epoch() else {
            return Ok(());
        };
        self.hold_epoch(None);
        self.inner
            .db
            .batch(vec![sql!(
                "UPDATE leases SET expires_ms = 0 WHERE name = ?1 AND holder = ?2 AND epoch = ?3",
                NAME,
                holder,
                epoch
            )])
            .await?;
        Ok(())
    }

    pub(crate) async fn still_holds(&self, lease: &Lease) -> Result<bool> {
        let held = self
            .number(sql!(
                "SELECT COUNT(*) FROM leases WHERE name = ?1 AND holder = ?2 AND epoch = ?3",
                NAME,
                lease.holder.as_str(),
                lease.epoch
            ))
            .await?;
        Ok(held == 1)
    }
}

fn lease(holder: &str, epoch: u64) -> Lease {
    Lease {
        holder: holder.to_owned(),
        epoch,
    }
}

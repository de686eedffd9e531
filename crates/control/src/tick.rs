//! One round of everything that is driven by time.

use crate::{Console, Result};

/// What one round did; all zero when another process holds the lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// Whether this process holds the lease.
    pub leader: bool,
    /// Experiments that started at their planned time.
    pub started: u32,
    /// Experiments that a controller stopped.
    pub stopped: u32,
    /// Snapshots that reached the edge.
    pub published: u32,
    /// Effects that failed and will be tried again.
    pub failing: u32,
    /// Rows removed because their time was over.
    pub purged: u64,
}

impl Console {
    /// One round of everything; a host calls it about every second. A host that
    /// can run two tasks calls [`Console::tick_controllers`] and
    /// [`Console::tick_effects`] instead, each in its own loop with the same
    /// holder, so that a slow Cloudflare never delays a guardrail.
    ///
    /// # Errors
    /// Those of the database; the next round goes on where this one stopped.
    pub async fn tick(&self, holder: &str) -> Result<Tick> {
        let first = self.tick_controllers(holder).await?;
        if !first.leader {
            return Ok(first);
        }
        let second = self.tick_effects(holder).await?;
        Ok(Tick {
            published: second.published,
            failing: second.failing,
            ..first
        })
    }

    /// Guardrails, schedules, checkpoints and purges: only the database.
    ///
    /// # Errors
    /// As [`Console::tick`].
    pub async fn tick_controllers(&self, holder: &str) -> Result<Tick> {
        let Some(lease) = self.lease(holder).await? else {
            return Ok(Tick::default());
        };
        let acted = self.controllers(&lease).await?;
        self.checkpoint_if_due().await?;
        self.retain(&lease).await?;
        let purged = self.purge(&lease).await?;
        // Last, because it takes as long as it may.
        self.recompute(&lease).await?;
        Ok(Tick {
            leader: true,
            started: acted.started,
            stopped: acted.stopped,
            purged,
            ..Tick::default()
        })
    }

    /// Carries out what was planned: calls to Cloudflare.
    ///
    /// # Errors
    /// As [`Console::tick`].
    pub async fn tick_effects(&self, holder: &str) -> Result<Tick> {
        let Some(lease) = self.lease(holder).await? else {
            return Ok(Tick::default());
        };
        let effects = self.effects(&lease).await?;
        Ok(Tick {
            leader: true,
            published: effects.published,
            failing: effects.failing,
            ..Tick::default()
        })
    }
}

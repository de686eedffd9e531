//! What gateways report, and how it is counted: each user once per experiment,
//! however often, in whatever order and by whatever detours events arrive.
//!
//! Batches that wait while others are counted are counted together (`queue`): read
//! against the stored state, counted in memory (`tally`, a pure function), and written
//! in one atomic batch whose guard fails when another process's ingest has been
//! committed in between; then it starts again.

mod bounds;
mod countable;
mod distributions;
mod flags;
mod holdouts;
mod known;
mod measure;
mod numbers;
mod queue;
pub(crate) mod raw;
pub(crate) mod replay;
mod samples;
mod settle;
mod slices;
mod store;
mod sums;
mod tally;
mod validate;
mod waits;
mod wire;

use std::pin::pin;
use std::sync::Arc;

use futures::future::{Either, select};
use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;

pub(crate) use queue::Queue;
pub use wire::{
    Assignment, ConversionEvent, FlagCount, IngestBatch, IngestEvent, IngestReply, MAX_EVENTS,
    Rejected, RepeatsEvent, RequestEvent, SampledVisitor, Samples,
};

use crate::commit::Attempts;
use crate::failpoint::failpoint;
use crate::ports::DatabaseError;
use crate::{Console, Result};

impl Console {
    /// Counts what is new in the batch. Sending it again changes nothing.
    ///
    /// # Errors
    /// `Invalid` when the batch as a whole makes no sense, `Forbidden`, or the
    /// database's. Single bad events are named in the reply.
    pub async fn ingest(&self, actor: &Actor, batch: IngestBatch) -> Result<IngestReply> {
        self.authorise(actor, Action::Ingest, Some(batch.environment), None)?;
        validate::batch(&batch)?;
        if batch.events.is_empty() && batch.flags.is_empty() && batch.samples.is_none() {
            self.heartbeat(&batch).await?;
            return Ok(IngestReply::default());
        }
        self.count_in_turn(batch).await
    }

    /// Counts what this console's own pages for SDKs saw. It comes from no gateway, so its id
    /// is empty, which none of a gateway's can be.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_own(&self, batch: IngestBatch) -> Result<IngestReply> {
        let own = IngestBatch {
            gateway_id: String::new(),
            ..batch
        };
        self.count_in_turn(own).await
    }

    async fn count_in_turn(&self, batch: IngestBatch) -> Result<IngestReply> {
        let queue = &self.inner.ingests;
        let batch = Arc::new(batch);
        let mut place = queue.enter(&batch);
        loop {
            // Whoever was counted by another does not wait for a turn as well: those who
            // come again and again would be before it for ever.
            let turn = match select(&mut place, pin!(queue.turn())).await {
                Either::Left((Ok(reply), _)) => return Ok(reply),
                Either::Left((Err(_), _)) => {
                    place = queue.enter(&batch);
                    continue;
                }
                Either::Right((turn, _)) => turn,
            };
            match place.try_recv() {
                Ok(Some(reply)) => return Ok(reply),
                // Whoever took the batch along failed, or went away.
                Err(_) => place = queue.enter(&batch),
                Ok(None) => {
                    let group = queue.leave_with_others(&batch, self.inner.db.capacity().rows);
                    let replies = self.count(batch.environment, group.batches()).await?;
                    // The next are counted while the disk writes these; nobody is told
                    // that it was counted before it is safe.
                    drop(turn);
                    self.inner.db.synced().await?;
                    group.tell(replies);
                }
            }
        }
    }

    /// Counts batches of one environment in one commit; their replies in the same order.
    async fn count(
        &self,
        environment: Environment,
        batches: &[Arc<IngestBatch>],
    ) -> Result<Vec<IngestReply>> {
        let mut attempts = Attempts::new();
        loop {
            failpoint("ingest.before_read");
            let known = self.known(environment, batches).await?;
            let sample_end = self.sample_end(environment, batches).await?;
            let (tally, replies) = tally::count(batches, known, self.now_ms());
            let capacity = self.inner.db.capacity();
            let mut statements =
                store::statements(environment, batches, &tally, self.now_ms(), capacity)?;
            statements.extend(self.sample_statements(environment, batches, sample_end, capacity));
            failpoint("ingest.before_batch");
            match self.inner.db.batch_unsynced(statements).await {
                Ok(_) => {
                    failpoint("ingest.after_batch");
                    self.inner.changes.bump();
                    return Ok(replies);
                }
                Err(cause @ DatabaseError::Constraint(_)) => attempts.raced(cause)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The gateway lives and has this version; pages hear of it when it changes.
    async fn heartbeat(&self, batch: &IngestBatch) -> Result<()> {
        let before = self.gateway_version(batch).await?;
        self.inner
            .db
            .batch(vec![store::gateway(batch, self.now_ms())])
            .await?;
        if before != Some(batch.snapshot_version) {
            self.inner.changes.bump();
        }
        Ok(())
    }
}

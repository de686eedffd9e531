//! What gateways report, and how it is counted: each user once per experiment,
//! however often, in whatever order and by whatever detours events arrive.
//!
//! A batch is read against the stored state, counted in memory (`tally`, a
//! pure function), and written in one atomic batch whose guard fails when
//! another ingest has been committed in between; then it starts again.

mod known;
mod measure;
mod settle;
mod slices;
mod store;
mod sums;
mod tally;
mod validate;
mod wire;

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;

pub use wire::{
    Assignment, ConversionEvent, IngestBatch, IngestEvent, IngestReply, MAX_EVENTS, Rejected,
    RepeatsEvent, RequestEvent,
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
        if batch.events.is_empty() {
            self.heartbeat(&batch).await?;
            return Ok(IngestReply::default());
        }
        let _turn = self.inner.ingests.lock().await;
        let mut attempts = Attempts::new();
        loop {
            failpoint("ingest.before_read");
            let known = self.known(&batch).await?;
            let (tally, reply) = tally::count(&batch, known, self.now_ms());
            let statements = store::statements(&batch, &tally, self.now_ms());
            failpoint("ingest.before_batch");
            match self.inner.db.batch(statements).await {
                Ok(_) => {
                    failpoint("ingest.after_batch");
                    self.inner.changes.bump();
                    return Ok(reply);
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

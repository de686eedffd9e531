//! One step after the other, by whoever holds the lease.

use std::collections::BTreeMap;

use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, RecomputeFailure, Recount};
use nexus_domain::experiment::Experiment;

use super::rows::{Job, end_ms};
use super::{entry, swap, with_metrics};
use crate::commit::Committed;
use crate::failpoint::failpoint;
use crate::ingest::raw;
use crate::ingest::replay::{Again, Block, SPAN_MS};
use crate::lease::Lease;
use crate::ports::{DatabaseError, Statement};
use crate::sql::sql;
use crate::views::Recounted;
use crate::{Console, Error, Result};

/// Most steps of one round.
const STEPS: u32 = 64;
/// After how long no step begins any more: the next round of safeguards is due a second later,
/// in a Worker a minute later.
const ROUND_MS: i64 = 400;
const WORKER_ROUND_MS: i64 = 20_000;
/// Ingests of one step, as a part of the rows that a batch takes: each makes some statements
/// of its own.
const ROWS_OF_BLOCK: usize = 32;

/// What a step has read and counted.
struct Step {
    experiment: Experiment,
    /// Number of the next ingest when it began.
    seq: u64,
    replayed: i64,
    events_so_far: u64,
    statements: Vec<Statement>,
    /// Exposures and conversions that it adds, by variant.
    added: BTreeMap<String, (u64, i64)>,
    /// Whether nothing is left.
    is_last: bool,
}

/// What became of a step.
pub(super) enum Advance {
    Done,
    /// Cancelled meanwhile, another process has the lease, or an ingest or a command came in
    /// between.
    Overtaken,
    /// By no guard.
    Refused(DatabaseError),
    /// It can't be done any more.
    Never(RecomputeFailure),
}

/// Ingests to count in one step.
struct Range {
    until_seq: i64,
    events_so_far: u64,
    blocks: Vec<Block>,
    is_last: bool,
}

impl Console {
    /// Goes on with the oldest re-computation, for a while.
    pub(crate) async fn recompute(&self, lease: &Lease) -> Result<()> {
        let began_ms = self.now_ms();
        let round_ms = match self.inner.db.capacity().is_near() {
            true => ROUND_MS,
            false => WORKER_ROUND_MS,
        };
        for _ in 0..STEPS {
            let Some(job) = self.next_job().await? else {
                return Ok(());
            };
            let goes_on = match self.advance(lease, &job).await {
                Ok(Advance::Done) => {
                    self.inner.changes.bump();
                    true
                }
                Ok(Advance::Overtaken) => false,
                other => self.stumble(lease, &job, other).await?,
            };
            if !goes_on {
                return Ok(());
            }
            if self.now_ms() - began_ms > round_ms {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn advance(&self, lease: &Lease, job: &Job) -> Result<Advance> {
        let step = match self.step(job).await? {
            Some(step) if step.is_last => return self.conclude(lease, job).await,
            Some(step) => step,
            None => return Ok(Advance::Never(RecomputeFailure::Gone)),
        };
        failpoint("recompute.before_step");
        let done = self.apply(lease, job, step).await?;
        failpoint("recompute.after_step");
        Ok(done)
    }

    async fn apply(&self, lease: &Lease, job: &Job, step: Step) -> Result<Advance> {
        let mut statements = vec![lease.guard(), moved(job, &step)];
        statements.extend(step.statements);
        match self.inner.db.batch(statements).await {
            Ok(_) => Ok(Advance::Done),
            Err(error @ DatabaseError::Constraint(_)) => self.why_not(lease, job, error).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a guard refused the batch, or something that will refuse it again.
    async fn why_not(&self, lease: &Lease, job: &Job, error: DatabaseError) -> Result<Advance> {
        let here = sql!(
            "SELECT COUNT(*) FROM recomputations \
             WHERE name = ?1 AND replayed = ?2 AND status = 'running'",
            job.name.as_str(),
            job.replayed
        );
        if self.number(here).await? == 1 && self.still_holds(lease).await? {
            return Ok(Advance::Refused(error));
        }
        Ok(Advance::Overtaken)
    }

    /// Counts what is left and exchanges the counts, unless an ingest or a command comes in
    /// between. Those of this process wait.
    async fn conclude(&self, lease: &Lease, job: &Job) -> Result<Advance> {
        let _turn = self.inner.commands.lock().await;
        let _ingests = self.inner.ingests.turn().await;
        let head = self.head().await?;
        let Some(mut step) = self.step(job).await? else {
            return Ok(Advance::Never(RecomputeFailure::Gone));
        };
        if !step.is_last {
            return self.apply(lease, job, step).await;
        }
        let (old, by) = (&step.experiment, job.asked_by.as_str());
        let new = match &job.metrics {
            Some(metrics) => with_metrics(old, Some(metrics.clone()), by, self.now_ms()),
            None => Ok(old.clone()),
        };
        let Ok(new) = new else {
            return Ok(Advance::Never(RecomputeFailure::Metrics));
        };
        let outcome = self.outcome(job, &step.added).await?;
        let mut state = vec![
            lease.guard(),
            moved(job, &step),
            swap::next_ingest(step.seq),
        ];
        state.append(&mut step.statements);
        state.extend(swap::exchange(job, old, &new, &outcome, self.now_ms())?);
        let actor = Actor::system("recompute", self.request_id());
        let cause = Some(recomputed(by, &outcome));
        let entry = entry("experiment.recomputed", old, &new, cause);
        failpoint("recompute.before_exchange");
        let done = self.commit(&head, &actor, vec![entry], state).await?;
        failpoint("recompute.after_exchange");
        match done {
            Committed::Done => Ok(Advance::Done),
            Committed::Raced(_) if self.next_seq().await? != step.seq => Ok(Advance::Overtaken),
            Committed::Raced(_) if self.audit_size().await? != head.size => Ok(Advance::Overtaken),
            Committed::Raced(error) => self.why_not(lease, job, error).await,
        }
    }

    /// The number of the next ingest.
    async fn next_seq(&self) -> Result<u64> {
        self.number(sql!("SELECT seq FROM ingest_head WHERE id = 1"))
            .await
    }

    /// None where the raw events are not kept any more. The number of the next ingest is read
    /// first: whatever changes afterwards moves it on.
    async fn step(&self, job: &Job) -> Result<Option<Step>> {
        let experiment = self.stored(&job.experiment_id).await?;
        let experiment = experiment.ok_or_else(|| Error::internal("no such experiment"))?;
        let environment = experiment.environment;
        let seq = self.next_seq().await?;
        let kept = self.kept(environment).await?;
        if kept.since_ms.is_none_or(|since_ms| since_ms > job.from_ms) {
            return Ok(None);
        }
        let range = self.range(environment, job, end_ms(&experiment)).await?;
        let measured = Experiment {
            metrics: job
                .metrics
                .clone()
                .unwrap_or_else(|| experiment.metrics.clone()),
            ..experiment.clone()
        };
        let remembered = self.remembered_of(&measured).await?.into_iter();
        let again = Again {
            name: job.name.clone(),
            experiment: job.experiment_id.clone(),
            environment,
            stopped_ms: experiment.stopped_ms,
            remembered: remembered.map(|(event, _, since)| (event, since)).collect(),
        };
        let replayed = self.replay(&again, &range.blocks).await?;
        let whole = replayed.blocks == range.blocks.len();
        let last = range.blocks.get(..replayed.blocks).and_then(<[_]>::last);
        Ok(Some(Step {
            experiment,
            seq,
            replayed: last.map_or(range.until_seq, |block| block.seq as i64),
            events_so_far: last.map_or(range.events_so_far, |block| block.events_so_far),
            statements: replayed.statements,
            added: replayed.added,
            is_last: range.is_last && whole,
        }))
    }

    /// As many ingests as the database should count at once, but at least one.
    async fn range(&self, environment: Environment, job: &Job, end_ms: i64) -> Result<Range> {
        let capacity = self.inner.db.capacity();
        let most = (capacity.rows / ROWS_OF_BLOCK).max(1);
        let heads = self
            .rows(sql!(
                "SELECT seq, MIN(at_ms), CAST(SUM(events) AS BIGINT) FROM raw_events \
                 WHERE environment = ?1 AND seq > ?2 AND at_ms < ?3 \
                 GROUP BY seq ORDER BY seq LIMIT ?4",
                environment.as_str(),
                job.replayed,
                end_ms,
                most as u64
            ))
            .await?;
        let mut range = Range {
            until_seq: job.replayed,
            events_so_far: job.events_so_far,
            blocks: Vec::new(),
            is_last: heads.len() < most,
        };
        let (mut first_ms, mut events) = (None, 0);
        for mut row in heads {
            let (seq, at_ms) = (row.i64()?, row.i64()?);
            events += row.u64()?;
            let first_ms = *first_ms.get_or_insert(at_ms);
            let is_first = range.until_seq == job.replayed;
            if !is_first && (events > capacity.rows as u64 || at_ms - first_ms > SPAN_MS) {
                range.is_last = false;
                break;
            }
            range.until_seq = seq;
        }
        let seqs = (job.replayed, range.until_seq);
        range.blocks = self.blocks(environment, seqs, end_ms).await?;
        if let Some(last) = range.blocks.last() {
            range.events_so_far = last.events_so_far;
        }
        Ok(range)
    }

    /// Those after the one number and up to the other, each of all its parts.
    async fn blocks(
        &self,
        environment: Environment,
        (after_seq, until_seq): (i64, i64),
        end_ms: i64,
    ) -> Result<Vec<Block>> {
        let parts = self
            .rows(sql!(
                "SELECT seq, at_ms, events_so_far, block FROM raw_events WHERE environment = ?1 \
                 AND seq > ?2 AND seq <= ?3 AND at_ms < ?4 ORDER BY seq, part",
                environment.as_str(),
                after_seq,
                until_seq,
                end_ms
            ))
            .await?;
        let mut blocks: Vec<Block> = Vec::new();
        for mut row in parts {
            let (seq, at_ms, events_so_far) = (row.u64()?, row.i64()?, row.u64()?);
            let events = raw::events(&row.text()?)?;
            match blocks.last_mut().filter(|block| block.seq == seq) {
                Some(block) => {
                    block.events.extend(events);
                    block.events_so_far = events_so_far;
                }
                None => blocks.push(Block {
                    seq,
                    at_ms,
                    events,
                    events_so_far,
                }),
            }
        }
        Ok(blocks)
    }

    /// Counts before, and as they will be.
    async fn outcome(
        &self,
        job: &Job,
        added: &BTreeMap<String, (u64, i64)>,
    ) -> Result<Vec<Recounted>> {
        let rows = self
            .rows(sql!(
                "SELECT s.variant, s.exposures, s.conversions, n.exposures, n.conversions \
                 FROM variant_stats s JOIN variant_stats n ON n.variant = s.variant \
                 WHERE s.experiment_id = ?1 AND n.experiment_id = ?2 ORDER BY s.variant",
                job.experiment_id.as_str(),
                job.name.as_str()
            ))
            .await?;
        let read = |mut row: crate::sql::Cells| {
            let variant = row.text()?;
            let (exposures, conversions) = added.get(&variant).copied().unwrap_or_default();
            Ok(Recounted {
                variant,
                exposures_before: row.u64()?,
                conversions_before: row.u64()?,
                exposures: row.u64()? + exposures,
                conversions: row.u64()?.saturating_add_signed(conversions),
            })
        };
        rows.into_iter().map(read).collect()
    }
}

/// Notes how far it is; refuses the batch when somebody else has moved on or given up.
fn moved(job: &Job, step: &Step) -> Statement {
    sql!(
        "UPDATE recomputations SET replayed = CASE WHEN replayed = ?2 AND status = 'running' \
         THEN CAST(?3 AS BIGINT) ELSE -2 END, events_so_far = ?4, attempts = 0 WHERE name = ?1",
        job.name.as_str(),
        job.replayed,
        step.replayed,
        step.events_so_far
    )
}

/// Who asked, and what became of the counts.
fn recomputed(by: &str, outcome: &[Recounted]) -> Cause {
    let of = |r: &Recounted| Recount {
        variant: r.variant.clone(),
        exposures_before: r.exposures_before,
        conversions_before: r.conversions_before,
        exposures: r.exposures,
        conversions: r.conversions,
    };
    Cause::Recomputed {
        by: by.to_owned(),
        counts: outcome.iter().map(of).collect(),
    }
}

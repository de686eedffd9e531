//! A re-computation as rows.

use nexus_domain::Environment;
use nexus_domain::audit::RecomputeFailure;
use nexus_domain::experiment::{Experiment, Metric};
use serde::de::DeserializeOwned;

use crate::controllers::ENDED_MS;
use crate::experiments::counters;
use crate::ports::Statement;
use crate::sql::{Cells, json, sql};
use crate::views::{Recomputation, RecomputeStatus, Recounted};
use crate::{Console, Error, Result};

/// Counting one experiment anew.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) name: String,
    pub(super) experiment_id: String,
    pub(super) status: String,
    pub(super) from_ms: i64,
    /// The last ingest that was counted; -1: none.
    pub(super) replayed: i64,
    /// Raw events of the environment before the first one, and up to the last one.
    pub(super) events_before: u64,
    pub(super) events_so_far: u64,
    pub(super) asked_by: String,
    pub(super) asked_ms: i64,
    pub(super) ended_ms: Option<i64>,
    /// What it has beside the goal from then on; none: what it had.
    pub(super) metrics: Option<Vec<Metric>>,
    pub(super) outcome: Option<Vec<Recounted>>,
    /// How often in a row the next step has failed by now.
    pub(super) attempts: u64,
    pub(super) failure: Option<RecomputeFailure>,
}

/// With one row per variant and metric, as at a start, of the experiment under the new name.
pub(super) fn begin(job: &Job, new: &Experiment) -> Result<Vec<Statement>> {
    let mut all = vec![sql!(
        "INSERT INTO recomputations (name, experiment_id, status, holds_units, from_ms, replayed, \
         events_before, events_so_far, asked_by, asked_ms, metrics) \
         VALUES (?1, ?2, 'running', 0, ?3, ?4, ?5, ?5, ?6, ?7, ?8)",
        job.name.as_str(),
        job.experiment_id.as_str(),
        job.from_ms,
        job.replayed,
        job.events_before,
        job.asked_by.as_str(),
        job.asked_ms,
        job.metrics.as_ref().map(json).transpose()?
    )];
    all.extend(counters(new));
    Ok(all)
}

impl Job {
    pub(super) fn is_running(&self) -> bool {
        self.status == "running"
    }

    fn read(mut row: Cells) -> Result<Self> {
        Ok(Self {
            name: row.text()?,
            experiment_id: row.text()?,
            status: row.text()?,
            from_ms: row.i64()?,
            replayed: row.i64()?,
            events_before: row.u64()?,
            events_so_far: row.u64()?,
            asked_by: row.text()?,
            asked_ms: row.i64()?,
            ended_ms: row.maybe_i64()?,
            metrics: parse(row.maybe_text()?)?,
            outcome: parse(row.maybe_text()?)?,
            attempts: row.u64()?,
            failure: parse(row.maybe_text()?)?,
        })
    }
}

fn parse<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>> {
    let value = text.map(|text| serde_json::from_str(&text)).transpose();
    value.map_err(Error::internal)
}

impl Console {
    pub(super) async fn newest_job(&self, experiment: &str) -> Result<Option<Job>> {
        let row = self
            .row(sql!(
                "SELECT name, experiment_id, status, from_ms, replayed, events_before, \
                 events_so_far, asked_by, asked_ms, ended_ms, metrics, outcome, attempts, \
                 failure FROM recomputations WHERE experiment_id = ?1 \
                 ORDER BY asked_ms DESC, name DESC LIMIT 1",
                experiment
            ))
            .await?;
        row.map(Job::read).transpose()
    }

    /// The one that was asked for first, of those whose turn it is.
    pub(super) async fn next_job(&self) -> Result<Option<Job>> {
        let row = self
            .row(sql!(
                "SELECT name, experiment_id, status, from_ms, replayed, events_before, \
                 events_so_far, asked_by, asked_ms, ended_ms, metrics, outcome, attempts, \
                 failure FROM recomputations WHERE status = 'running' AND next_ms <= ?1 \
                 ORDER BY asked_ms, name LIMIT 1",
                self.now_ms()
            ))
            .await?;
        row.map(Job::read).transpose()
    }

    /// The last ingest before that time, and how many raw events there were up to it.
    pub(super) async fn before(&self, environment: Environment, at_ms: i64) -> Result<(i64, u64)> {
        let row = self
            .row(sql!(
                "SELECT seq, events_so_far FROM raw_events WHERE environment = ?1 AND at_ms < ?2 \
                 ORDER BY at_ms DESC, seq DESC, part DESC LIMIT 1",
                environment.as_str(),
                at_ms
            ))
            .await?;
        if let Some(mut row) = row {
            return Ok((row.i64()?, row.u64()?));
        }
        // What there is begins later: it may have been removed.
        let first = sql!(
            "SELECT events_so_far - events FROM raw_events WHERE environment = ?1 \
             ORDER BY seq, part LIMIT 1",
            environment.as_str()
        );
        Ok((-1, self.number(first).await?))
    }

    pub(super) async fn view(&self, experiment: &Experiment, job: Job) -> Result<Recomputation> {
        let done = job.events_so_far.saturating_sub(job.events_before);
        let end_ms = end_ms(experiment);
        let all = if job.is_running() {
            let (_, all) = self.before(experiment.environment, end_ms).await?;
            all.saturating_sub(job.events_before)
        } else {
            done
        };
        Ok(Recomputation {
            status: RecomputeStatus::parse(&job.status)
                .ok_or_else(|| Error::internal("a re-computation of no known status"))?,
            asked_by: job.asked_by,
            asked_ms: job.asked_ms,
            ended_ms: job.ended_ms,
            events_done: done,
            events_all: all.max(done),
            metrics: job.metrics,
            outcome: job.outcome,
            attempts: job.attempts,
            failure: job.failure,
        })
    }
}

/// Ingests from then on counted nothing for the experiment.
pub(super) fn end_ms(experiment: &Experiment) -> i64 {
    let stopped_ms = experiment.stopped_ms;
    stopped_ms.map_or(i64::MAX, |stopped_ms| stopped_ms + ENDED_MS)
}

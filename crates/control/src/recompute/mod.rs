//! Counting an experiment anew from raw events.
//!
//! The events are counted under another name (`recount:…`), step by step, while the experiment
//! goes on under its own: pages, safeguards and looks see nothing of it. The last step counts
//! what is left and puts the new counts in the place of the old ones in the same batch, which
//! fails when an ingest was committed meanwhile. What was counted of each unit stays under the
//! new name, and ingest goes on there, so that the exchange moves no row of a unit.

mod retry;
mod rows;
mod step;
mod swap;

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::experiment::{Experiment, Metric, Status};
use nexus_domain::ids::ExperimentId;
use nexus_domain::{Environment, Field, Problem};

use crate::commit::{Attempts, Committed};
use crate::experiments::{invalid, not_found};
use crate::sql::sql;
use crate::views::{Recomputable, Recomputation};
use crate::{Console, Error, Result};
use rows::Job;

const DAY_MS: i64 = 86_400_000;
/// Exposures of the first day may be told of a day later, and days begin at midnight.
const MARGIN_DAYS: i64 = 2;

/// From when on an environment keeps raw events.
struct Kept {
    days: u32,
    since_ms: Option<i64>,
}

impl Console {
    /// Whether the experiment can be counted anew, and how far the newest attempt is.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn recomputable(&self, actor: &Actor, id: &str) -> Result<Recomputable> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let experiment = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        let kept = self.kept(experiment.environment).await?;
        let needed_ms = self.needed_ms(&experiment).await?;
        let newest = match self.newest_job(id).await? {
            Some(job) => Some(self.view(&experiment, job).await?),
            None => None,
        };
        Ok(Recomputable {
            raw_days: kept.days,
            raw_since_ms: kept.since_ms,
            obstacle: obstacle(&kept, needed_ms),
            needed_ms,
            newest,
            experiment,
        })
    }

    /// Begins to count the experiment anew; with other metrics, if they are given: those beside
    /// the goal, all of them.
    ///
    /// # Errors
    /// `Refused` before the start, `Invalid` where raw events don't reach back to it or it is
    /// counted anew already, `Conflict`, `NotFound`, `Forbidden`.
    pub async fn recompute_experiment(
        &self,
        actor: &Actor,
        id: &str,
        version: Option<u64>,
        metrics: Option<Vec<Metric>>,
    ) -> Result<Recomputation> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let old = self.editable(actor, id).await?;
            if let Some(expected) = version.filter(|v| *v != old.version) {
                let actual = old.version;
                return Err(Error::Conflict { expected, actual });
            }
            let by = actor.principal.label();
            let new = with_metrics(&old, metrics.clone(), by, self.now_ms())?;
            let number = self.new_id();
            let counted = Experiment {
                id: ExperimentId::of_recount(number),
                ..new.clone()
            };
            let job = self.job(&counted, &new, by, metrics.is_some()).await?;
            let cause = metrics.as_ref().map(|_| Cause::OtherMetrics);
            let entry = entry("experiment.recompute", &old, &old, cause);
            let state = rows::begin(&job, &counted)?;
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => return self.view(&old, job).await,
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    /// Gives up counting anew; the counts stay as they are.
    ///
    /// # Errors
    /// `NotFound` also when it is not being counted anew; `Forbidden`.
    pub async fn cancel_recomputation(&self, actor: &Actor, id: &str) -> Result<Recomputation> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let experiment = self.editable(actor, id).await?;
            let job = self.newest_job(id).await?.filter(Job::is_running);
            let job = job.ok_or_else(|| Error::NotFound {
                kind: "re-computation",
                id: id.chars().take(64).collect(),
            })?;
            let action = "experiment.cancel_recompute";
            let entry = entry(action, &experiment, &experiment, None);
            let state = swap::give_up(&job.name, None, self.now_ms())?;
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => {
                    let job = self.newest_job(id).await?.unwrap_or(job);
                    return self.view(&experiment, job).await;
                }
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    async fn editable(&self, actor: &Actor, id: &str) -> Result<Experiment> {
        let old = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        let environment = Some(old.environment);
        self.authorise(actor, Action::EditExperiment, environment, None)?;
        Ok(old)
    }

    async fn kept(&self, environment: Environment) -> Result<Kept> {
        let rules = sql!(
            "SELECT raw_days, raw_since_ms FROM environment_rules WHERE environment = ?1",
            environment.as_str()
        );
        let (mut days, mut since_ms) = (0, None);
        if let Some(mut row) = self.row(rules).await? {
            days = u32::try_from(row.u64()?).unwrap_or(0);
            since_ms = row.maybe_i64()?;
        }
        Ok(Kept { days, since_ms })
    }

    /// Conversions that count from before the exposure, how many days of them, and since when
    /// their past was kept.
    async fn remembered_of(&self, experiment: &Experiment) -> Result<Vec<(String, i64, i64)>> {
        let goal = (&experiment.goal, experiment.goal_pre_days);
        let others = experiment.metrics.iter().flat_map(|m| {
            let events = std::iter::once(m.event()).chain(m.over());
            events.map(|event| (event.to_owned(), m.pre_days))
        });
        let asked = std::iter::once((goal.0.clone(), goal.1)).chain(others);
        let asked: Vec<(String, u16)> = asked.filter(|(_, days)| *days > 0).collect();
        let mut all = Vec::new();
        for (event, days) in asked {
            let since = sql!(
                "SELECT since_ms FROM metric_history WHERE environment = ?1 AND metric = ?2",
                experiment.environment.as_str(),
                event.as_str()
            );
            let since = self.row(since).await?;
            let since_ms = since.map(|mut row| row.i64()).transpose()?.unwrap_or(0);
            all.push((event, i64::from(days), since_ms));
        }
        Ok(all)
    }

    /// From when on there must be raw events; none before the start.
    async fn needed_ms(&self, experiment: &Experiment) -> Result<Option<i64>> {
        let Some(started_ms) = experiment.started_ms else {
            return Ok(None);
        };
        let past = self.remembered_of(experiment).await?;
        let past = past
            .iter()
            .map(|(_, days, since_ms)| (started_ms - (days + MARGIN_DAYS) * DAY_MS).max(*since_ms));
        Ok(Some(past.fold(started_ms, i64::min)))
    }

    async fn job(
        &self,
        counted: &Experiment,
        new: &Experiment,
        by: &str,
        changed: bool,
    ) -> Result<Job> {
        let kept = self.kept(new.environment).await?;
        let needed_ms = self.needed_ms(new).await?;
        let from_ms = needed_ms.ok_or(Error::Refused(new.status))?;
        if let Some(problem) = obstacle(&kept, needed_ms) {
            return Err(invalid(Field::RawEvents, problem));
        }
        let newest = self.newest_job(new.id.as_str()).await?;
        if newest.is_some_and(|job| job.is_running()) {
            return Err(invalid(Field::RawEvents, Problem::CountedAnew));
        }
        let (replayed, events_before) = self.before(new.environment, from_ms).await?;
        Ok(Job {
            name: counted.id.to_string(),
            experiment_id: new.id.to_string(),
            status: "running".to_owned(),
            from_ms,
            replayed,
            events_before,
            events_so_far: events_before,
            asked_by: by.to_owned(),
            asked_ms: self.now_ms(),
            ended_ms: None,
            metrics: changed.then(|| new.metrics.clone()),
            outcome: None,
            attempts: 0,
            failure: None,
        })
    }
}

fn obstacle(kept: &Kept, needed_ms: Option<i64>) -> Option<Problem> {
    match (kept.since_ms, needed_ms) {
        (None, _) => Some(Problem::NoRawEvents),
        (Some(since_ms), Some(from_ms)) if since_ms > from_ms => {
            Some(Problem::RawEventsSince { since_ms, from_ms })
        }
        _ => None,
    }
}

/// The experiment as it is afterwards.
fn with_metrics(
    old: &Experiment,
    metrics: Option<Vec<Metric>>,
    by: &str,
    now_ms: i64,
) -> Result<Experiment> {
    if old.started_ms.is_none() || old.status == Status::Archived {
        return Err(Error::Refused(old.status));
    }
    match metrics {
        Some(metrics) => {
            let new = old.measured_anew(metrics, by, now_ms);
            new.map_err(Error::Invalid)
        }
        None => Ok(old.clone()),
    }
}

/// Digests only where the experiment itself becomes another: they name its revisions.
fn entry(
    action: &'static str,
    old: &Experiment,
    new: &Experiment,
    cause: Option<Cause>,
) -> EntryDraft {
    let changed = old.version != new.version;
    EntryDraft {
        action,
        object_kind: "experiment",
        object_id: new.id.to_string(),
        environment: Some(new.environment),
        before_digest: changed.then(|| old.digest()),
        after_digest: changed.then(|| new.digest()),
        reason: cause.map(Into::into),
    }
}

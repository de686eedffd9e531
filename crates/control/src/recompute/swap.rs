//! The exchange of counts, and giving up.

use nexus_domain::audit::RecomputeFailure;
use nexus_domain::experiment::Experiment;

use super::rows::Job;
use crate::Result;
use crate::experiments::changed;
use crate::ports::Statement;
use crate::sql::{json, sql};
use crate::views::Recounted;

/// Conversions that an exposure may still need; see `controllers::purge`.
const YOUNG_MS: i64 = 48 * 3_600_000;

/// Sums of experiments, which change their name. Not among them: what is kept of each unit,
/// which stays where it is, and the evidence and steps of safeguards and ramps, which are facts
/// of what was seen at the time.
macro_rules! of_sums {
    ($statement:ident!) => {
        [
            $statement!("variant_series"),
            $statement!("slice_counts"),
            $statement!("slice_metrics"),
            $statement!("metric_stats"),
            $statement!("metric_series"),
            $statement!("metric_distributions"),
            $statement!("slice_distributions"),
            $statement!("quantile_series"),
            $statement!("latency_stats"),
            $statement!("look_counts"),
            $statement!("look_metrics"),
            $statement!("look_distributions"),
            $statement!("experiment_metrics"),
        ]
    };
}
macro_rules! removed {
    ($table:literal) => {
        concat!("DELETE FROM ", $table, " WHERE experiment_id = ?1")
    };
}
macro_rules! renamed {
    ($table:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET experiment_id = ?1 WHERE experiment_id = ?2"
        )
    };
}

/// Of an experiment under the name of its re-computation only.
const OF_THE_NAME: [&str; 4] = [
    removed!("variant_stats"),
    removed!("split_checks"),
    removed!("latency_limits"),
    removed!("look_plans"),
];

/// Refuses the batch when an ingest was committed since, and makes those begin again that have
/// read the state before.
pub(super) fn next_ingest(seq: u64) -> Statement {
    sql!(
        "UPDATE ingest_head SET seq = CASE WHEN seq = ?1 THEN seq + 1 ELSE -1 END WHERE id = 1",
        seq
    )
}

/// The new counts are the experiment's from now on.
pub(super) fn exchange(
    job: &Job,
    old: &Experiment,
    new: &Experiment,
    outcome: &[Recounted],
    now_ms: i64,
) -> Result<Vec<Statement>> {
    let (id, name) = (job.experiment_id.as_str(), job.name.as_str());
    let mut all = vec![sql!(
        "UPDATE variant_stats SET (exposures, conversions, errored_users, conflicts, bots) = \
         (SELECT n.exposures, n.conversions, n.errored_users, n.conflicts, n.bots \
          FROM variant_stats n WHERE n.experiment_id = ?2 AND n.variant = variant_stats.variant) \
         WHERE experiment_id = ?1",
        id,
        name
    )];
    all.extend(of_sums!(removed!).map(|sql| Statement::new(sql, [id.into()])));
    all.extend(of_sums!(renamed!).map(|sql| Statement::new(sql, [id.into(), name.into()])));
    all.extend(OF_THE_NAME.map(|sql| Statement::new(sql, [name.into()])));
    all.push(sql!(
        "UPDATE recomputations SET holds_units = 0 WHERE experiment_id = ?1 AND holds_units = 1",
        id
    ));
    all.push(sql!(
        "UPDATE recomputations SET status = 'done', holds_units = 1, ended_ms = ?2, outcome = ?3 \
         WHERE name = ?1",
        name,
        now_ms,
        json(&outcome)?
    ));
    if old.version != new.version {
        all.extend(changed(old, new)?);
        all.push(young_conversions(old, name, now_ms));
    }
    Ok(all)
}

/// Of metrics that nobody asked for before: exposures that arrive later may need them.
fn young_conversions(of: &Experiment, name: &str, now_ms: i64) -> Statement {
    sql!(
        "INSERT INTO metric_events (number, metric, environment, id, at_ms, value_milli) \
         SELECT number, metric, CAST(?1 AS TEXT), id, at_ms, value_milli FROM metric_events \
         WHERE environment = ?2 AND at_ms >= ?3 ON CONFLICT DO NOTHING",
        of.environment.as_str(),
        name,
        now_ms - YOUNG_MS
    )
}

/// The experiment's counts stay; what was kept of units is purged later.
pub(super) fn give_up(
    name: &str,
    failure: Option<RecomputeFailure>,
    now_ms: i64,
) -> Result<Vec<Statement>> {
    let mut all = vec![sql!(
        "UPDATE recomputations SET replayed = CASE WHEN status = 'running' THEN replayed \
         ELSE -2 END, status = ?2, ended_ms = ?3, failure = ?4 WHERE name = ?1",
        name,
        failure.map_or("cancelled", |_| "failed"),
        now_ms,
        failure.as_ref().map(json).transpose()?
    )];
    let removed = of_sums!(removed!).into_iter().chain(OF_THE_NAME);
    all.extend(removed.map(|sql| Statement::new(sql, [name.into()])));
    Ok(all)
}

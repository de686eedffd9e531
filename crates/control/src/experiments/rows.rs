//! An experiment as rows: the document, the columns repeated from it for
//! filters, its revisions and its counters.

use nexus_domain::experiment::{Experiment, Metric, MetricKind};

use crate::ports::Statement;
use crate::sql::{json, sql};
use crate::{Console, Result};

impl Console {
    pub(crate) async fn stored(&self, id: &str) -> Result<Option<Experiment>> {
        let statement = sql!("SELECT document FROM experiments WHERE id = ?1", id);
        let row = self.row(statement).await?;
        row.map(|mut cells| cells.json()).transpose()
    }

    /// What the gateways of the environment must know, in the order of ids.
    pub(crate) async fn at_the_edge(
        &self,
        environment: nexus_domain::Environment,
    ) -> Result<Vec<Experiment>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM experiments \
                 WHERE status IN ('running', 'paused') AND environment = ?1 ORDER BY id",
                environment.as_str()
            ))
            .await?;
        rows.into_iter().map(|mut cells| cells.json()).collect()
    }
}

pub(super) fn insert(new: &Experiment) -> Result<Vec<Statement>> {
    let mut statements = vec![
        revision(new)?,
        sql!(
            "INSERT INTO experiments (id, document, version, environment, name, status, \
             primary_metric, search, created_by, updated_ms, started_ms, stopped_ms, end_ms) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            new.id.as_str(),
            json(new)?,
            new.version,
            new.environment.as_str(),
            new.name.as_str(),
            new.status.as_str(),
            new.goal.as_str(),
            search_text(new),
            new.created_by.as_str(),
            new.updated_ms,
            new.started_ms,
            new.stopped_ms,
            new.schedule.end_ms
        ),
    ];
    statements.extend(history(new));
    Ok(statements)
}

/// The first statement refuses the batch when the version exists already.
pub(crate) fn update(old: &Experiment, new: &Experiment) -> Result<Vec<Statement>> {
    let mut statements = vec![
        revision(new)?,
        sql!(
            "UPDATE experiments SET document = ?3, version = ?4, environment = ?5, name = ?6, \
             status = ?7, primary_metric = ?8, search = ?9, updated_ms = ?10, started_ms = ?11, \
             stopped_ms = ?12, end_ms = ?13 WHERE id = ?1 AND version = ?2",
            new.id.as_str(),
            old.version,
            json(new)?,
            new.version,
            new.environment.as_str(),
            new.name.as_str(),
            new.status.as_str(),
            new.goal.as_str(),
            search_text(new),
            new.updated_ms,
            new.started_ms,
            new.stopped_ms,
            new.schedule.end_ms
        ),
    ];
    if old.started_ms.is_none() && new.started_ms.is_some() {
        statements.extend(counters(new));
    }
    statements.extend(history(new));
    Ok(statements)
}

fn revision(new: &Experiment) -> Result<Statement> {
    Ok(sql!(
        "INSERT INTO experiment_revisions (experiment_id, version, document, at_ms) \
         VALUES (?1, ?2, ?3, ?4)",
        new.id.as_str(),
        new.version,
        json(new)?,
        new.updated_ms
    ))
}

/// One row per variant from the start on: events of other variants are foreign.
pub(crate) fn counters(new: &Experiment) -> Vec<Statement> {
    let mut statements: Vec<Statement> = new
        .variants
        .iter()
        .map(|variant| {
            sql!(
                "INSERT INTO variant_stats (experiment_id, variant, exposures, conversions, \
                 errored_users, conflicts, guardrail_log_e) VALUES (?1, ?2, 0, 0, 0, 0, 0.0)",
                new.id.as_str(),
                variant.key.as_str()
            )
        })
        .collect();
    statements.push(sql!(
        "INSERT INTO split_checks (experiment_id, log_e) VALUES (?1, 0.0)",
        new.id.as_str()
    ));
    let metrics = new.metrics.iter().cloned().chain(new.goal_measured());
    statements.extend(metrics.map(|metric| measured(new, &metric)));
    statements.extend(new.guardrail.max_latency.map(|latency| {
        sql!(
            "INSERT INTO latency_limits (experiment_id, limit_ms) VALUES (?1, ?2)",
            new.id.as_str(),
            latency.limit_ms
        )
    }));
    statements.extend(new.method.horizon().map(|horizon| {
        sql!(
            "INSERT INTO look_plans (experiment_id, looks, planned_users) VALUES (?1, ?2, ?3)",
            new.id.as_str(),
            u32::from(horizon.looks),
            horizon.planned_users
        )
    }));
    statements
}

/// A metric as far as counting goes.
fn measured(new: &Experiment, metric: &Metric) -> Statement {
    let (from_ms, until_ms) = metric.window_ms();
    let level_bp = match metric.kind {
        MetricKind::Quantile { level_bp, .. } => Some(i64::from(level_bp)),
        _ => None,
    };
    let (cap_milli, counts, base_counts) = match &metric.kind {
        MetricKind::Mean { cap } => {
            let milli = cap.map(|cap| (cap * 1_000.0).round() as i64);
            (milli, None, None)
        }
        MetricKind::Ratio { top, bottom, .. } => (None, Some(top.as_str()), Some(bottom.as_str())),
        MetricKind::Quantile { among, .. } => (None, Some(among.as_str()), None),
        MetricKind::Proportion | MetricKind::Count | MetricKind::Retention { .. } => {
            (None, None, None)
        }
    };
    sql!(
        "INSERT INTO experiment_metrics (experiment_id, metric, kind, cap_milli, event, counts, \
         base_event, base_counts, from_ms, until_ms, pre_days, level_bp) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        new.id.as_str(),
        metric.key.as_str(),
        metric.kind.as_str(),
        cap_milli,
        metric.event(),
        counts,
        metric.over(),
        base_counts,
        from_ms,
        until_ms,
        u32::from(metric.pre_days),
        level_bp
    )
}

/// The past of what is asked for before the exposure is kept from now on: of a draft
/// already, so that it is known when the experiment starts.
fn history(new: &Experiment) -> Vec<Statement> {
    let goal = (new.goal_pre_days > 0).then_some(new.goal.as_str());
    let others = new.metrics.iter().filter(|metric| metric.pre_days > 0);
    let others = others.flat_map(|metric| std::iter::once(metric.event()).chain(metric.over()));
    let row = |event: &str| {
        sql!(
            "INSERT INTO metric_history (environment, metric, since_ms, asked_ms) \
             VALUES (?1, ?2, ?3, ?3) ON CONFLICT (environment, metric) \
             DO UPDATE SET asked_ms = excluded.asked_ms",
            new.environment.as_str(),
            event,
            new.updated_ms
        )
    };
    goal.into_iter().chain(others).map(row).collect()
}

fn search_text(experiment: &Experiment) -> String {
    let team = experiment.team.as_deref().unwrap_or_default();
    format!(
        "{} {} {team} {}",
        experiment.id, experiment.name, experiment.hypothesis
    )
    .to_lowercase()
}

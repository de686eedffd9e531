//! The experiments that events are counted for, and what is measured of them.

use std::collections::HashMap;

use nexus_domain::Environment;
use nexus_domain::experiment::{Among, Horizon};

use super::known::Whose;
use super::measure::{Measured, Number, Side};
use super::tally::{Experiment, Known};
use crate::controllers::ENDED_MS;
use crate::sql::{Cells, sql};
use crate::{Console, Result};

#[derive(Default)]
pub(super) struct Head {
    /// The number of the next ingest.
    pub(super) seq: u64,
    /// The last that was given to a unit.
    pub(super) last_number: i64,
    /// How many raw events there are, where they are kept.
    pub(super) raw_so_far: Option<u64>,
}

impl Console {
    /// What is there before the next ingest. It is read before all else: then nothing older is
    /// counted on.
    pub(super) async fn ingest_head(&self, environment: Environment) -> Result<Head> {
        let rows = self
            .rows_to_write(sql!(
                "SELECT h.seq, h.units, CASE WHEN r.raw_days > 0 THEN COALESCE((SELECT b.events_so_far \
                 FROM raw_events b WHERE b.environment = ?1 ORDER BY b.seq DESC, b.part DESC \
                 LIMIT 1), 0) END FROM ingest_head h \
                 LEFT JOIN environment_rules r ON r.environment = ?1 WHERE h.id = 1",
                environment.as_str()
            ))
            .await?;
        match rows.into_iter().next() {
            Some(mut head) => Ok(Head {
                seq: head.u64()?,
                last_number: head.i64()?,
                raw_so_far: head.maybe_u64()?,
            }),
            None => Ok(Head::default()),
        }
    }

    /// Experiments that run, or did until lately.
    pub(super) async fn countable(&self, whose: Whose<'_>) -> Result<Known> {
        let mut known = Known::default();
        let rows = match whose {
            Whose::Environment(environment) => sql!(
                "SELECT e.id, COALESCE(r.name, e.id), e.primary_metric, e.started_ms, \
                 e.stopped_ms, s.variant, s.exposures, p.looks, p.planned_users, \
                 (SELECT MAX(c.look) FROM look_counts c WHERE c.experiment_id = p.experiment_id) \
                 FROM experiments e JOIN variant_stats s ON s.experiment_id = e.id \
                 LEFT JOIN look_plans p ON p.experiment_id = e.id \
                 LEFT JOIN recomputations r ON r.experiment_id = e.id AND r.holds_units = 1 \
                 WHERE e.environment = ?1 AND (e.status IN ('running', 'paused') \
                 OR e.stopped_ms > ?2)",
                environment.as_str(),
                self.now_ms() - ENDED_MS
            ),
            Whose::Again(name) => sql!(
                "SELECT r.name, r.name, e.primary_metric, e.started_ms, \
                 e.stopped_ms, s.variant, s.exposures, p.looks, p.planned_users, \
                 (SELECT MAX(c.look) FROM look_counts c WHERE c.experiment_id = p.experiment_id) \
                 FROM recomputations r JOIN experiments e ON e.id = r.experiment_id \
                 JOIN variant_stats s ON s.experiment_id = r.name \
                 LEFT JOIN look_plans p ON p.experiment_id = r.name WHERE r.name = ?1",
                name
            ),
        };
        for row in self.many_rows(rows).await? {
            add_variant(row, &mut known.experiments)?;
        }
        if let Whose::Environment(environment) = whose {
            let holdouts = self.countable_holdouts(environment).await?;
            known.experiments.extend(holdouts);
        }
        self.measured(whose, &mut known).await?;
        Ok(known)
    }

    async fn measured(&self, whose: Whose<'_>, known: &mut Known) -> Result<()> {
        let rows = match whose {
            Whose::Environment(environment) => sql!(
                "SELECT m.experiment_id, m.metric, m.kind, m.cap_milli, m.event, m.counts, \
                 m.base_event, m.base_counts, m.from_ms, m.until_ms, m.pre_days, m.settled_ms, \
                 m.level_bp \
                 FROM experiment_metrics m JOIN experiments e ON e.id = m.experiment_id \
                 WHERE e.environment = ?1 AND (e.status IN ('running', 'paused') \
                 OR e.stopped_ms > ?2)",
                environment.as_str(),
                self.now_ms() - ENDED_MS
            ),
            Whose::Again(name) => sql!(
                "SELECT experiment_id, metric, kind, cap_milli, event, counts, base_event, \
                 base_counts, from_ms, until_ms, pre_days, settled_ms, level_bp \
                 FROM experiment_metrics WHERE experiment_id = ?1",
                name
            ),
        };
        let mut all: HashMap<String, Vec<Measured>> = HashMap::new();
        for mut row in self.many_rows(rows).await? {
            all.entry(row.text()?).or_default().push(metric(row)?);
        }
        for (id, metrics) in all {
            if let Some(x) = known.experiments.get_mut(&id) {
                x.metrics = metrics.into();
            }
        }
        Ok(())
    }
}

fn add_variant(mut row: Cells, all: &mut HashMap<String, Experiment>) -> Result<()> {
    let (id, units) = (row.text()?, row.text()?);
    let (metric, started_ms) = (row.text()?, row.maybe_i64()?.unwrap_or(0));
    let stopped_ms = row.maybe_i64()?;
    let experiment = all.entry(id).or_insert_with(|| Experiment {
        units,
        metric,
        started_ms,
        stopped_ms,
        variants: Vec::new(),
        exposed: Vec::new(),
        horizon: None,
        looked: 0,
        metrics: std::sync::Arc::default(),
    });
    experiment.variants.push(row.text()?);
    experiment.exposed.push(row.u64()?);
    if let (Some(looks), Some(planned_users)) = (row.maybe_u64()?, row.maybe_u64()?) {
        experiment.horizon = Some(Horizon {
            looks: narrow(looks),
            planned_users,
        });
    }
    experiment.looked = narrow(row.maybe_u64()?.unwrap_or(0));
    Ok(())
}

fn metric(mut row: Cells) -> Result<Measured> {
    let (metric, kind) = (row.text()?, row.text()?);
    let cap_milli = row.maybe_i64()?;
    let event = row.maybe_text()?.unwrap_or_else(|| metric.clone());
    let counts = row.maybe_text()?;
    let number = match kind.as_str() {
        "count" => Number::Times,
        "mean" | "quantile" => Number::Sum { cap_milli },
        "ratio" => Number::of_ratio(counts.as_deref()),
        _ => Number::Any,
    };
    let (base_event, base_counts) = (row.maybe_text()?, row.maybe_text()?);
    Ok(Measured {
        metric,
        top: Side { event, number },
        base: base_event.map(|event| Side {
            event,
            number: Number::of_ratio(base_counts.as_deref()),
        }),
        from_ms: row.i64()?,
        until_ms: row.maybe_i64()?,
        pre_days: row.i64()?,
        settled_ms: {
            let settled_ms = row.maybe_i64()?.unwrap_or(0);
            (kind == "retention").then_some(settled_ms)
        },
        quantile: match kind.as_str() {
            "quantile" => counts.as_deref().and_then(Among::parse),
            _ => None,
        },
        level_bp: row.maybe_u64()?.map(narrow),
    })
}

fn narrow(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

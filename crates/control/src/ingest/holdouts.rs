//! Holdouts are counted as experiments are.

use std::collections::HashMap;

use nexus_domain::Environment;

use super::tally::Experiment;
use crate::controllers::ENDED_MS;
use crate::sql::sql;
use crate::{Console, Result};

impl Console {
    /// Holdouts of the environment that are in force, or were until lately.
    pub(super) async fn countable_holdouts(
        &self,
        environment: Environment,
    ) -> Result<HashMap<String, Experiment>> {
        let rows = self
            .many_rows(sql!(
                "SELECT h.counted_as, h.primary_metric, h.started_ms, h.stopped_ms, s.variant, \
                 s.exposures FROM holdouts h \
                 JOIN variant_stats s ON s.experiment_id = h.counted_as \
                 WHERE h.environment = ?1 AND (h.stopped_ms IS NULL OR h.stopped_ms > ?2)",
                environment.as_str(),
                self.now_ms() - ENDED_MS
            ))
            .await?;
        let mut all: HashMap<String, Experiment> = HashMap::new();
        for mut row in rows {
            let (id, metric) = (row.text()?, row.text()?);
            let (started_ms, stopped_ms) = (row.i64()?, row.maybe_i64()?);
            let counted = all.entry(id).or_insert_with_key(|id| Experiment {
                units: id.clone(),
                metric,
                started_ms,
                stopped_ms,
                variants: Vec::new(),
                exposed: Vec::new(),
                horizon: None,
                looked: 0,
                metrics: std::sync::Arc::default(),
            });
            counted.variants.push(row.text()?);
            counted.exposed.push(row.u64()?);
        }
        Ok(all)
    }
}

//! The counters of experiments as they are stored.

use std::collections::HashMap;

use nexus_domain::experiment::Experiment;

use crate::ports::{Statement, Value};
use crate::sql::sql;
use crate::{Console, Result};

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct VariantCounts {
    pub(crate) exposures: u64,
    pub(crate) conversions: u64,
    pub(crate) errored_users: u64,
    pub(crate) guardrail_log_e: f64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    variants: HashMap<String, VariantCounts>,
    /// Largest evidence against the split so far.
    pub(crate) split_log_e: f64,
}

const NONE: &VariantCounts = &VariantCounts {
    exposures: 0,
    conversions: 0,
    errored_users: 0,
    guardrail_log_e: 0.0,
};

impl Counts {
    pub(crate) fn of(&self, variant: &str) -> &VariantCounts {
        self.variants.get(variant).unwrap_or(NONE)
    }

    pub(crate) fn exposures(&self) -> u64 {
        self.variants.values().map(|v| v.exposures).sum()
    }
}

/// Experiments asked for in one statement.
const CHUNK: usize = 20;
const COUNTS: &str = "SELECT s.experiment_id, s.variant, s.exposures, s.conversions, \
    s.errored_users, s.guardrail_log_e, c.log_e \
    FROM variant_stats s JOIN split_checks c ON c.experiment_id = s.experiment_id \
    WHERE s.experiment_id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
    ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

impl Console {
    /// By experiment id; one that never started is absent.
    pub(crate) async fn counts_of(
        &self,
        experiments: &[Experiment],
    ) -> Result<HashMap<String, Counts>> {
        let mut all: HashMap<String, Counts> = HashMap::new();
        for some in experiments.chunks(CHUNK) {
            let ids = (0..CHUNK).map(|i| match some.get(i) {
                Some(experiment) => Value::from(experiment.id.as_str()),
                None => Value::Null,
            });
            let statement = Statement {
                sql: COUNTS,
                values: ids.collect(),
            };
            for mut row in self.rows(statement).await? {
                let counts = all.entry(row.text()?).or_default();
                let variant = row.text()?;
                let of = VariantCounts {
                    exposures: row.u64()?,
                    conversions: row.u64()?,
                    errored_users: row.u64()?,
                    guardrail_log_e: row.f64()?,
                };
                counts.variants.insert(variant, of);
                counts.split_log_e = row.f64()?;
            }
        }
        Ok(all)
    }

    pub(crate) async fn counts(&self, experiment: &Experiment) -> Result<Counts> {
        let mut all = self.counts_of(std::slice::from_ref(experiment)).await?;
        Ok(all.remove(experiment.id.as_str()).unwrap_or_default())
    }

    /// Exposures and conversions per stored bucket and variant, oldest first.
    pub(crate) async fn buckets(&self, experiment: &str) -> Result<Vec<(i64, String, i64, i64)>> {
        let rows = self
            .rows(sql!(
                "SELECT bucket_ms, variant, exposures, conversions FROM variant_series \
                 WHERE experiment_id = ?1 ORDER BY bucket_ms",
                experiment
            ))
            .await?;
        rows.into_iter()
            .map(|mut r| Ok((r.i64()?, r.text()?, r.i64()?, r.i64()?)))
            .collect()
    }
}

//! The counters of experiments as they are stored.

use std::collections::HashMap;

use nexus_domain::experiment::Experiment;
use nexus_stats::{AdjustedProportion, Proportion};

use super::sums::Sums;
use crate::ports::{Statement, Value};
use crate::sql::{Cells, sql};
use crate::{Console, Result};

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct VariantCounts {
    pub(crate) exposures: u64,
    pub(crate) conversions: u64,
    /// Users who converted in the days before the exposure, and those of them who did after it
    /// too; 0 where that is not asked for.
    pub(crate) before: u64,
    pub(crate) both: u64,
    pub(crate) errored_users: u64,
    pub(crate) guardrail_log_e: f64,
    /// Requests of units that had been dealt another variant before.
    pub(crate) conflicts: u64,
    /// Requests of known bots.
    pub(crate) bots: u64,
    /// Events that had come before.
    pub(crate) duplicates: u64,
    /// How many of the exposures there were when the ramp's newest step began.
    pub(crate) step_exposures: u64,
    /// Users whose waiting was measured; only where there is a limit.
    pub(crate) measured_users: u64,
    pub(crate) slow_users: u64,
    /// Exposed long enough ago to be judged by a minimum of conversions, and those of them who
    /// have converted by now; only where there is a minimum.
    pub(crate) settled_users: u64,
    pub(crate) settled_conversions: u64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(super) variants: HashMap<String, VariantCounts>,
    /// Largest evidence against the split so far.
    pub(crate) split_log_e: f64,
    /// The evidence from before the ramp's newest step.
    pub(crate) step_log_e: f64,
    /// What was counted at each look so far, oldest first.
    pub(crate) looks: Vec<LookCounts>,
    /// Of the metric that decides; nothing where the conversion goal does.
    pub(super) primary: Sums,
}

/// The counts as they were when a look was due.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LookCounts {
    pub(crate) look: u16,
    pub(crate) at_ms: i64,
    pub(super) variants: HashMap<String, VariantCounts>,
    /// As of [`Counts`].
    pub(super) primary: Sums,
}

impl LookCounts {
    pub(crate) fn of(&self, variant: &str) -> &VariantCounts {
        self.variants.get(variant).unwrap_or(NONE)
    }

    pub(crate) fn exposures(&self) -> u64 {
        self.variants.values().map(|v| v.exposures).sum()
    }
}

/// What the counts of a variant grow by in one bucket of the course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) at_ms: i64,
    pub(crate) variant: String,
    pub(crate) exposures: i64,
    pub(crate) conversions: i64,
    pub(crate) before: i64,
    pub(crate) both: i64,
}

impl VariantCounts {
    pub(super) fn grow(&mut self, by: &Bucket) {
        let grow = |sum: &mut u64, by: i64| *sum = sum.saturating_add_signed(by);
        grow(&mut self.exposures, by.exposures);
        grow(&mut self.conversions, by.conversions);
        grow(&mut self.before, by.before);
        grow(&mut self.both, by.both);
    }

    /// The conversion goal of one arm.
    pub(super) const fn rate(&self) -> AdjustedProportion {
        AdjustedProportion {
            after: Proportion::new(self.conversions, self.exposures),
            before: self.before,
            both: self.both,
        }
    }
}

const NONE: &VariantCounts = &VariantCounts {
    exposures: 0,
    conversions: 0,
    before: 0,
    both: 0,
    errored_users: 0,
    guardrail_log_e: 0.0,
    conflicts: 0,
    bots: 0,
    duplicates: 0,
    step_exposures: 0,
    measured_users: 0,
    slow_users: 0,
    settled_users: 0,
    settled_conversions: 0,
};

impl Counts {
    pub(super) fn of_variants(variants: impl Iterator<Item = (String, VariantCounts)>) -> Self {
        Self {
            variants: variants.collect(),
            ..Self::default()
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &VariantCounts> {
        self.variants.values()
    }

    pub(crate) fn of(&self, variant: &str) -> &VariantCounts {
        self.variants.get(variant).unwrap_or(NONE)
    }

    pub(crate) fn exposures(&self) -> u64 {
        self.variants.values().map(|v| v.exposures).sum()
    }

    pub(super) fn entry(&mut self, variant: String) -> &mut VariantCounts {
        self.variants.entry(variant).or_default()
    }
}

/// Experiments asked for in one statement.
const CHUNK: usize = 20;
/// The goal's sums have no key: see `Experiment::goal_measured`.
const LOOKS: &str = "SELECT c.experiment_id, c.look, c.at_ms, c.variant, c.exposures, \
    c.conversions, COALESCE(m.pre, 0), COALESCE(m.sum_pre, 0) FROM look_counts c \
    LEFT JOIN look_metrics m ON m.experiment_id = c.experiment_id AND m.look = c.look \
    AND m.variant = c.variant AND m.metric = '' \
    WHERE c.experiment_id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
    ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) ORDER BY c.experiment_id, c.look";
const COUNTS: &str = "SELECT s.experiment_id, s.variant, s.exposures, s.conversions, \
    s.errored_users, s.guardrail_log_e, s.step_exposures, c.log_e, c.step_log_e, s.conflicts, \
    s.bots, s.duplicates, COALESCE(m.pre, 0), COALESCE(m.sum_pre, 0) \
    FROM variant_stats s JOIN split_checks c ON c.experiment_id = s.experiment_id \
    LEFT JOIN metric_stats m ON m.experiment_id = s.experiment_id AND m.variant = s.variant \
    AND m.metric = '' \
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
            for mut row in self.rows(of_some(COUNTS, some)).await? {
                let counts = all.entry(row.text()?).or_default();
                let variant = row.text()?;
                let mut of = VariantCounts {
                    exposures: row.u64()?,
                    conversions: row.u64()?,
                    errored_users: row.u64()?,
                    guardrail_log_e: row.f64()?,
                    step_exposures: row.u64()?,
                    ..VariantCounts::default()
                };
                counts.split_log_e = row.f64()?;
                counts.step_log_e = row.f64()?;
                (of.conflicts, of.bots, of.duplicates) = (row.u64()?, row.u64()?, row.u64()?);
                (of.before, of.both) = (row.u64()?, row.u64()?);
                counts.variants.insert(variant, of);
            }
            if some.iter().any(|e| e.method.horizon().is_some()) {
                self.add_looks(some, &mut all).await?;
            }
            self.add_primary(some, &mut all).await?;
            self.add_watched(some, &mut all).await?;
        }
        Ok(all)
    }

    async fn add_looks(
        &self,
        some: &[Experiment],
        all: &mut HashMap<String, Counts>,
    ) -> Result<()> {
        for mut row in self.rows(of_some(LOOKS, some)).await? {
            let looks = &mut all.entry(row.text()?).or_default().looks;
            let look = u16::try_from(row.u64()?).unwrap_or(u16::MAX);
            let at_ms = row.i64()?;
            if looks.last().is_none_or(|last| last.look != look) {
                looks.push(LookCounts {
                    look,
                    at_ms,
                    ..LookCounts::default()
                });
            }
            let variant = row.text()?;
            let of = VariantCounts {
                exposures: row.u64()?,
                conversions: row.u64()?,
                before: row.u64()?,
                both: row.u64()?,
                ..VariantCounts::default()
            };
            if let Some(last) = looks.last_mut() {
                last.variants.insert(variant, of);
            }
        }
        Ok(())
    }

    pub(crate) async fn counts(&self, experiment: &Experiment) -> Result<Counts> {
        let mut all = self.counts_of(std::slice::from_ref(experiment)).await?;
        Ok(all.remove(experiment.id.as_str()).unwrap_or_default())
    }

    /// Exposures and conversions per stored bucket and variant, oldest first.
    pub(crate) async fn buckets(&self, experiment: &str) -> Result<Vec<Bucket>> {
        let rows = self.many_rows(sql!(
            "SELECT bucket_ms, variant, exposures, conversions, CAST(0 AS BIGINT), \
             CAST(0 AS BIGINT) FROM variant_series \
             WHERE experiment_id = ?1 ORDER BY bucket_ms",
            experiment
        ));
        grown(rows.await?)
    }

    /// The same of those who converted before they were exposed.
    pub(super) async fn buckets_before(&self, experiment: &str) -> Result<Vec<Bucket>> {
        // Its sums are real numbers, which many rows can't be.
        let rows = self.rows(sql!(
            "SELECT bucket_ms, variant, CAST(0 AS BIGINT), CAST(0 AS BIGINT), pre, sum_pre \
             FROM metric_series \
             WHERE experiment_id = ?1 AND metric = '' ORDER BY bucket_ms",
            experiment
        ));
        grown(rows.await?)
    }
}

fn grown(rows: Vec<Cells>) -> Result<Vec<Bucket>> {
    let bucket = |mut row: Cells| {
        Ok(Bucket {
            at_ms: row.i64()?,
            variant: row.text()?,
            exposures: row.i64()?,
            conversions: row.i64()?,
            before: row.i64()?,
            both: row.i64()?,
        })
    };
    rows.into_iter().map(bucket).collect()
}

fn of_some(sql: &'static str, some: &[Experiment]) -> Statement {
    let ids = (0..CHUNK).map(|i| match some.get(i) {
        Some(experiment) => Value::from(experiment.id.as_str()),
        None => Value::Null,
    });
    Statement {
        sql,
        values: ids.collect(),
    }
}

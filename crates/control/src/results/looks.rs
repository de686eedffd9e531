//! The looks of a method with a planned end, as far as it has come.

use nexus_domain::experiment::Experiment;

use super::at_looks;
use super::counts::Counts;
use crate::ports::Statement;
use crate::sql::sql;
use crate::views::{HorizonProgress, LookResult};

/// What is counted when they are carried out is the look, unless it or a later one has been
/// taken.
pub(crate) fn take_look(experiment: &str, look: u16, now_ms: i64) -> [Statement; 3] {
    let look = u32::from(look);
    let metrics = sql!(
        "INSERT INTO look_metrics (experiment_id, look, variant, metric, units, sum, base, \
         pre, pre_base, sum_squares, sum_base, sum_pre, sum_pre_base, base_squares, base_pre, \
         base_pre_base, pre_squares, pre_pre_base, pre_base_squares) \
         SELECT experiment_id, CAST(?2 AS BIGINT), variant, metric, units, sum, base, \
         pre, pre_base, sum_squares, sum_base, sum_pre, sum_pre_base, base_squares, base_pre, \
         base_pre_base, pre_squares, pre_pre_base, pre_base_squares \
         FROM metric_stats WHERE experiment_id = ?1 AND NOT EXISTS \
         (SELECT 1 FROM look_counts WHERE experiment_id = ?1 AND look >= ?2)",
        experiment,
        look
    );
    let distributions = sql!(
        "INSERT INTO look_distributions (experiment_id, look, variant, metric, distribution) \
         SELECT experiment_id, CAST(?2 AS BIGINT), variant, metric, distribution \
         FROM metric_distributions WHERE experiment_id = ?1 AND NOT EXISTS \
         (SELECT 1 FROM look_counts WHERE experiment_id = ?1 AND look >= ?2)",
        experiment,
        look
    );
    // Last, because the others ask for it.
    let counts = sql!(
        "INSERT INTO look_counts (experiment_id, look, variant, exposures, conversions, at_ms) \
         SELECT experiment_id, CAST(?2 AS BIGINT), variant, exposures, conversions, \
         CAST(?3 AS BIGINT) FROM variant_stats \
         WHERE experiment_id = ?1 AND NOT EXISTS \
         (SELECT 1 FROM look_counts WHERE experiment_id = ?1 AND look >= ?2)",
        experiment,
        look,
        now_ms
    );
    [metrics, distributions, counts]
}

/// The last look of an experiment that ends by the clock before its planned users are there:
/// when it ends says nothing of the data, so what is left of the level may be spent.
pub(crate) fn look_at_the_end(experiment: &Experiment, now_ms: i64) -> Vec<Statement> {
    let Some(horizon) = experiment.method.horizon() else {
        return Vec::new();
    };
    take_look(experiment.id.as_str(), horizon.looks, now_ms).into()
}

pub(super) fn progress(experiment: &Experiment, counts: &Counts) -> Option<HorizonProgress> {
    let horizon = experiment.method.horizon()?;
    // By treatment, then by look.
    let lifts: Vec<_> = (1..experiment.variants.len())
        .map(|i| at_looks(experiment, counts, i))
        .collect();
    let looks = counts.looks.iter().enumerate().map(|(n, look)| LookResult {
        look: look.look,
        at_ms: look.at_ms,
        users: look.exposures(),
        lifts: lifts
            .iter()
            .map(|of| of.get(n).copied().flatten())
            .collect(),
    });
    let last = counts.looks.last().map_or(0, |look| look.look);
    Some(HorizonProgress {
        planned_users: horizon.planned_users,
        users: counts.exposures(),
        planned_looks: horizon.looks,
        next_look_users: (last < horizon.looks).then(|| horizon.users_at(last + 1)),
        looks: looks.collect(),
    })
}

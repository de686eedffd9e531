//! The looks of a method with a planned end, as far as it has come.

use nexus_domain::experiment::Experiment;

use super::counts::Counts;
use super::judge::Judge;
use crate::views::{HorizonProgress, LookResult};

pub(super) fn progress(experiment: &Experiment, counts: &Counts) -> Option<HorizonProgress> {
    let horizon = experiment.method.horizon()?;
    let judge = Judge::of(experiment);
    // By treatment, then by look.
    let lifts: Vec<_> = (1..experiment.variants.len())
        .map(|i| {
            let judge = judge.as_ref();
            judge.map_or_else(Vec::new, |j| j.at_looks(experiment, counts, i))
        })
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

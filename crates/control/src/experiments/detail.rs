//! Everything about one experiment.

use std::collections::BTreeSet;

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::Experiment;

use super::not_found;
use crate::results;
use crate::sql::sql;
use crate::views::{ExperimentDetail, Results};
use crate::{Console, Result, authority};

const HISTORY: u32 = 50;

impl Console {
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn experiment(&self, actor: &Actor, id: &str) -> Result<ExperimentDetail> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let experiment = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        let counts = self.counts(&experiment).await?;
        let measures = self.measures(&experiment, &counts).await?;
        let buckets = self.buckets(experiment.id.as_str()).await?;
        let series = self.series(&experiment, &buckets).await?;
        let course = self.deciding_course(&experiment, &measures, &buckets);
        let course = course.await?;
        let mut shown = results::results(&experiment, &counts, &measures, series, self.now_ms());
        self.note_valueless(&experiment, &measures, &mut shown.metrics)
            .await?;
        // The history of one experiment belongs to it, as far as the reader may
        // see the log at all.
        let may_see = authority::may(actor, Action::ViewAudit, Some(experiment.environment))
            || authority::may(actor, Action::EditExperiment, Some(experiment.environment));
        let history = if may_see {
            self.history("experiment", experiment.id.as_str(), HISTORY)
                .await?
        } else {
            Vec::new()
        };
        Ok(ExperimentDetail {
            results: Results { course, ..shown },
            rules: self.rules_of(experiment.environment).await?,
            flags_off: self.flags_off(&experiment).await?,
            would_join: match experiment.started_ms {
                None => self.joined_now(&experiment).await?.held,
                Some(_) => Vec::new(),
            },
            propagation: self.propagation(experiment.environment).await?,
            comments: self
                .comments_on("experiment", experiment.id.as_str())
                .await?,
            experiment,
            history,
        })
    }

    /// With the holdouts that it would join at a start now.
    pub(super) async fn joined_now(&self, experiment: &Experiment) -> Result<Experiment> {
        let in_force = self.holdouts_in_force(Some(experiment.environment)).await?;
        // One that names a holdout which is gone can't start.
        let joined = experiment.joined(&in_force);
        Ok(joined.unwrap_or_else(|_| experiment.clone()))
    }

    pub(super) async fn flags_off(&self, experiment: &Experiment) -> Result<Vec<String>> {
        let set = experiment.variants.iter().flat_map(|v| v.features.keys());
        let set: BTreeSet<&String> = set.collect();
        if set.is_empty() || experiment.has_ended() {
            return Ok(Vec::new());
        }
        let rows = self
            .rows(sql!(
                "SELECT key FROM flags WHERE environment = ?1 AND status = 'off' ORDER BY key",
                experiment.environment.as_str()
            ))
            .await?;
        let off: Result<Vec<String>> = rows.into_iter().map(|mut cells| cells.text()).collect();
        let mut off = off?;
        off.retain(|key| set.contains(key));
        Ok(off)
    }
}

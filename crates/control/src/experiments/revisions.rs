//! Every state an experiment ever had, and going back to one.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::Cause;
use nexus_domain::experiment::{Draft, Experiment};

use super::not_found;
use crate::sql::sql;
use crate::views::{ExperimentRevisions, Revision};
use crate::{Console, Error, Result, authority};

/// Most revisions that are listed, the newest.
const MOST: u32 = 200;

impl Console {
    /// The states, newest first.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn experiment_revisions(
        &self,
        actor: &Actor,
        id: &str,
    ) -> Result<ExperimentRevisions> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let current = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        // Who did it stands in the log, which not everybody may read.
        let environment = Some(current.environment);
        let may_see = authority::may(actor, Action::ViewAudit, environment)
            || authority::may(actor, Action::EditExperiment, environment);
        let entries = if may_see {
            self.history("experiment", id, MOST).await?
        } else {
            Vec::new()
        };
        let rows = self
            .rows(sql!(
                "SELECT document FROM experiment_revisions WHERE experiment_id = ?1 \
                 ORDER BY version DESC LIMIT ?2",
                id,
                MOST
            ))
            .await?;
        let mut revisions = Vec::new();
        for mut row in rows {
            let experiment: Experiment = row.json()?;
            let digest = Some(experiment.digest());
            let change = entries.iter().find(|row| row.entry.after_digest == digest);
            revisions.push(Revision {
                change: change.cloned(),
                experiment,
            });
        }
        Ok(ExperimentRevisions { current, revisions })
    }

    /// One of the states.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn experiment_revision(
        &self,
        actor: &Actor,
        id: &str,
        version: u64,
    ) -> Result<Experiment> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        self.revision_of_experiment(id, version).await
    }

    async fn revision_of_experiment(&self, id: &str, version: u64) -> Result<Experiment> {
        let row = self
            .row(sql!(
                "SELECT document FROM experiment_revisions \
                 WHERE experiment_id = ?1 AND version = ?2",
                id,
                version
            ))
            .await?;
        row.ok_or_else(|| Error::NotFound {
            kind: "revision",
            id: version.to_string(),
        })?
        .json()
    }

    /// Makes what was settable in an older revision the newest state; the status stays. Of a
    /// started experiment only the words can go back.
    ///
    /// # Errors
    /// `NotFound` also for a revision there is none of; else as editing.
    pub async fn restore_experiment(
        &self,
        actor: &Actor,
        id: &str,
        version: u64,
        revision: u64,
    ) -> Result<Experiment> {
        // Whoever may not change it is told so, not whether there is such a revision.
        let current = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        self.authorise(
            actor,
            Action::EditExperiment,
            Some(current.environment),
            None,
        )?;
        let old = self.revision_of_experiment(id, revision).await?;
        let draft = if current.status.is_before_start() {
            Draft::of(&old)
        } else {
            Draft {
                name: old.name,
                hypothesis: old.hypothesis,
                ..Draft::of(&current)
            }
        };
        let why = Some(Cause::Restored { revision }.into());
        self.change_settings(actor, id, version, draft, "experiment.restore", why)
            .await
    }
}

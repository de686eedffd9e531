//! What waits for somebody.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::Experiment;

use crate::authority::may;
use crate::sql::{Cells, sql};
use crate::views::{ExperimentRow, Verdict, Wait};
use crate::{Console, Result};

/// Of each kind.
const MOST: u32 = 20;

impl Console {
    /// Only what the actor may do something about; the most pressing first.
    pub(crate) async fn waits_for(
        &self,
        actor: &Actor,
        environment: Environment,
        live: &[ExperimentRow],
    ) -> Result<Vec<Wait>> {
        let may_do = |action| may(actor, action, Some(environment));
        let mut waits = Vec::new();
        if may_do(Action::StartExperiment) {
            waits.extend(self.missed(environment).await?);
        }
        if may_do(Action::ReviewExperiment) {
            waits.extend(self.reviews(actor, environment).await?);
        }
        if may_do(Action::StopExperiment) {
            waits.extend(live.iter().filter_map(to_decide));
        }
        if may_do(Action::DecideExperiment) {
            waits.extend(self.unanswered(environment).await?);
        }
        let drafts = self.drafts(actor, environment).await?;
        let is_said = |draft: &Wait| {
            let said = |wait: &Wait| matches!(wait, Wait::Missed { .. }) && wait.id() == draft.id();
            waits.iter().any(said)
        };
        let drafts: Vec<Wait> = drafts.into_iter().filter(|draft| !is_said(draft)).collect();
        waits.extend(drafts);
        Ok(waits)
    }

    /// What did not start at its time, and was neither planned nor started since.
    async fn missed(&self, environment: Environment) -> Result<Vec<Wait>> {
        let rows = self.rows(sql!(
            "SELECT document FROM experiments WHERE status IN ('draft', 'approved') \
             AND environment = ?1 AND document LIKE '%\"missed\":%' \
             ORDER BY updated_ms DESC LIMIT ?2",
            environment.as_str(),
            MOST
        ));
        let rows = rows.await?;
        waits(rows, |row| {
            let e: Experiment = row.json()?;
            Ok(e.missed.map(|missed| Wait::Missed {
                experiment: e.id.to_string(),
                name: e.name,
                planned_ms: missed.planned_ms.unwrap_or(missed.at_ms),
            }))
        })
    }

    /// What ended, and nobody has said yet what came of it.
    async fn unanswered(&self, environment: Environment) -> Result<Vec<Wait>> {
        let rows = self.rows(sql!(
            "SELECT id, name, stopped_ms FROM experiments WHERE status = 'stopped' \
             AND environment = ?1 ORDER BY stopped_ms DESC LIMIT ?2",
            environment.as_str(),
            MOST
        ));
        let rows = rows.await?;
        waits(rows, |row| {
            Ok(Some(Wait::Answer {
                experiment: row.text()?,
                name: row.text()?,
                stopped_ms: row.i64()?,
            }))
        })
    }

    /// Not the actor's own work.
    async fn reviews(&self, actor: &Actor, environment: Environment) -> Result<Vec<Wait>> {
        let rows = self.rows(sql!(
            "SELECT document FROM experiments WHERE status = 'in_review' \
             AND environment = ?1 ORDER BY updated_ms LIMIT ?2",
            environment.as_str(),
            MOST
        ));
        let rows = rows.await?;
        waits(rows, |row| {
            let e: Experiment = row.json()?;
            Ok(
                (!e.is_work_of(actor.principal.label())).then(|| Wait::Review {
                    experiment: e.id.to_string(),
                    name: e.name,
                    asked_by: e.review.map(|review| review.asked_by).unwrap_or_default(),
                }),
            )
        })
    }

    async fn drafts(&self, actor: &Actor, environment: Environment) -> Result<Vec<Wait>> {
        let rows = self.rows(sql!(
            "SELECT id, name, updated_ms FROM experiments WHERE status = 'draft' \
             AND environment = ?1 AND created_by = ?2 ORDER BY updated_ms DESC LIMIT ?3",
            environment.as_str(),
            actor.principal.label(),
            MOST
        ));
        let rows = rows.await?;
        waits(rows, |row| {
            Ok(Some(Wait::Draft {
                experiment: row.text()?,
                name: row.text()?,
                updated_ms: row.i64()?,
            }))
        })
    }
}

fn waits(rows: Vec<Cells>, read: impl Fn(&mut Cells) -> Result<Option<Wait>>) -> Result<Vec<Wait>> {
    let waits = rows.into_iter().map(|mut row| read(&mut row));
    waits.filter_map(Result::transpose).collect()
}

fn to_decide(row: &ExperimentRow) -> Option<Wait> {
    let verdict = row.verdict?;
    matches!(
        verdict,
        Verdict::Better | Verdict::Worse | Verdict::BrokenSplit
    )
    .then(|| Wait::Decide {
        experiment: row.id.clone(),
        name: row.name.clone(),
        verdict,
    })
}

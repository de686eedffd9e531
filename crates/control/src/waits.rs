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
/// Of everybody's, before one's own are picked out.
const MOST_SENT_BACK: u32 = 100;

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
        waits.extend(self.all_reviews(actor, environment).await?);
        waits.extend(self.sent_back(actor, environment).await?);
        if may_do(Action::StopExperiment) {
            waits.extend(live.iter().filter_map(to_decide));
        }
        if may_do(Action::DecideExperiment) {
            waits.extend(self.unanswered(environment).await?);
        }
        let drafts = self.drafts(actor, environment).await?;
        let is_said = |draft: &Wait| {
            let mut said = waits.iter().filter(|wait| wait.id() == draft.id());
            said.any(|wait| matches!(wait, Wait::Missed { .. } | Wait::SentBack { .. }))
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

    /// A reviewer is asked wherever the role reaches: those of the page's environment first.
    async fn all_reviews(&self, actor: &Actor, environment: Environment) -> Result<Vec<Wait>> {
        let others = Environment::ALL.into_iter().filter(|e| *e != environment);
        let mut waits = Vec::new();
        for one in std::iter::once(environment).chain(others) {
            if may(actor, Action::ReviewExperiment, Some(one)) {
                waits.extend(self.reviews(actor, one).await?);
            }
        }
        Ok(waits)
    }

    /// The actor's own work; nothing once it was edited, sent in again, or started.
    async fn sent_back(&self, actor: &Actor, environment: Environment) -> Result<Vec<Wait>> {
        let rows = self.rows(sql!(
            "SELECT document FROM experiments WHERE status = 'draft' \
             AND document LIKE '%\"approved\":false%' \
             ORDER BY CASE WHEN environment = ?1 THEN 0 ELSE 1 END, updated_ms DESC LIMIT ?2",
            environment.as_str(),
            MOST_SENT_BACK
        ));
        let rows = rows.await?;
        waits(rows, |row| {
            let e: Experiment = row.json()?;
            let is_own = e.is_work_of(actor.principal.label())
                && may(actor, Action::EditExperiment, Some(e.environment));
            let answer = e.answer().filter(|answer| is_own && !answer.approved);
            Ok(answer.map(|answer| Wait::SentBack {
                experiment: e.id.to_string(),
                name: e.name.clone(),
                environment: e.environment,
                by: answer.by.clone(),
                at_ms: answer.at_ms,
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
                    environment: e.environment,
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

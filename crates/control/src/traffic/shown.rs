//! A few recent visitors to ask about.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;

use super::{Sampled, WINDOW_MS};
use crate::authority::may;
use crate::sql::sql;
use crate::views::{Example, VisitorRow};
use crate::{Console, Result};

const SHOWN: u32 = 10;

impl Console {
    /// Some visitors of the last day to ask an experiment about, who was seen last first.
    /// None for whoever may not edit experiments there: to them what-if shows nobody either.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn experiment_visitors(
        &self,
        actor: &Actor,
        environment: Environment,
    ) -> Result<Option<Vec<VisitorRow>>> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        self.some_visitors(actor, environment, Action::EditExperiment)
            .await
    }

    /// The same for a flag, and whoever edits flags.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn flag_visitors(
        &self,
        actor: &Actor,
        environment: Environment,
    ) -> Result<Option<Vec<VisitorRow>>> {
        self.authorise(actor, Action::ViewFlags, Some(environment), None)?;
        self.some_visitors(actor, environment, Action::EditFlag)
            .await
    }

    async fn some_visitors(
        &self,
        actor: &Actor,
        environment: Environment,
        edit: Action,
    ) -> Result<Option<Vec<VisitorRow>>> {
        if !may(actor, edit, Some(environment)) {
            return Ok(None);
        }
        let rows = self
            .rows(sql!(
                "SELECT unit, seen_ms, context FROM traffic_samples \
                 WHERE environment = ?1 AND seen_ms >= ?2 ORDER BY seen_ms DESC, unit LIMIT ?3",
                environment.as_str(),
                self.now_ms() - WINDOW_MS,
                SHOWN
            ))
            .await?;
        let visitors = rows.into_iter().map(|mut row| {
            let (unit, seen_ms) = (row.text()?, row.i64()?);
            let sampled: Sampled = row.json()?;
            let who = Example {
                unit,
                country: sampled.country,
                device: sampled.device,
                attributes: sampled.attributes.into_iter().collect(),
            };
            Ok(VisitorRow { seen_ms, who })
        });
        visitors.collect::<Result<_>>().map(Some)
    }
}

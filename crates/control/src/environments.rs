//! What environments ask of their experiments.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::digest;
use nexus_domain::environment::EnvironmentRules;

use crate::commit::{Attempts, Committed};
use crate::sql::sql;
use crate::{Console, Result};

impl Console {
    /// Of every environment, in their order.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn environment_rules(&self, actor: &Actor) -> Result<Vec<EnvironmentRules>> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let mut all = Vec::new();
        for environment in Environment::ALL {
            all.push(self.rules_of(environment).await?);
        }
        Ok(all)
    }

    pub(crate) async fn rules_of(&self, environment: Environment) -> Result<EnvironmentRules> {
        let row = self
            .row(sql!(
                "SELECT review FROM environment_rules WHERE environment = ?1",
                environment.as_str()
            ))
            .await?;
        let review = row.map(|mut row| row.bool()).transpose()?.unwrap_or(false);
        Ok(EnvironmentRules {
            environment,
            review,
        })
    }

    /// Holds from the next start on; what runs goes on. Saying it again changes nothing.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn set_environment_rules(
        &self,
        actor: &Actor,
        new: EnvironmentRules,
    ) -> Result<EnvironmentRules> {
        let environment = Some(new.environment);
        self.authorise(actor, Action::ManageEnvironments, environment, None)?;
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let old = self.rules_of(new.environment).await?;
            if old == new {
                return Ok(new);
            }
            let entry = EntryDraft {
                action: "environment.change",
                object_kind: "environment",
                object_id: new.environment.to_string(),
                environment,
                before_digest: digest::of(&old).ok(),
                after_digest: digest::of(&new).ok(),
                reason: Some(Cause::Approval { needed: new.review }.into()),
            };
            let state = vec![sql!(
                "INSERT INTO environment_rules (environment, review) VALUES (?1, ?2) \
                 ON CONFLICT (environment) DO UPDATE SET review = excluded.review",
                new.environment.as_str(),
                new.review
            )];
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => return Ok(new),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }
}

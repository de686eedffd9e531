//! What environments ask of their experiments.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::digest;
use nexus_domain::environment::{EnvironmentRules, MAX_RAW_DAYS};
use nexus_domain::{Field, Problem};

use crate::commit::{Attempts, Committed};
use crate::experiments::invalid;
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
                "SELECT review, raw_days FROM environment_rules WHERE environment = ?1",
                environment.as_str()
            ))
            .await?;
        let mut rules = EnvironmentRules {
            environment,
            review: false,
            raw_days: 0,
        };
        if let Some(mut row) = row {
            rules.review = row.bool()?;
            rules.raw_days = u16::try_from(row.u64()?).unwrap_or(MAX_RAW_DAYS);
        }
        Ok(rules)
    }

    /// An approval is asked for from the next start on; what runs goes on. Raw events are kept
    /// from now on, and those that are older than asked for are removed. Saying it again changes
    /// nothing.
    ///
    /// # Errors
    /// `Forbidden`, `Invalid` for too many days, or the database's.
    pub async fn set_environment_rules(
        &self,
        actor: &Actor,
        new: EnvironmentRules,
    ) -> Result<EnvironmentRules> {
        let environment = Some(new.environment);
        self.authorise(actor, Action::ManageEnvironments, environment, None)?;
        if new.raw_days > MAX_RAW_DAYS {
            let (min, max) = ("0".to_owned(), MAX_RAW_DAYS.to_string());
            return Err(invalid(Field::RawDays, Problem::OutOfRange { min, max }));
        }
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
                reason: Some(changed(&old, &new).into()),
            };
            let state = vec![
                sql!(
                    "INSERT INTO environment_rules (environment, review, raw_days, raw_since_ms) \
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (environment) DO UPDATE SET \
                     review = excluded.review, raw_days = excluded.raw_days, raw_since_ms = \
                     CASE WHEN excluded.raw_days = 0 THEN NULL \
                     ELSE COALESCE(environment_rules.raw_since_ms, excluded.raw_since_ms) END",
                    new.environment.as_str(),
                    new.review,
                    u32::from(new.raw_days),
                    (new.raw_days > 0).then(|| self.now_ms())
                ),
                // Whoever is counting events by the old rule must begin again.
                sql!("UPDATE ingest_head SET seq = seq + 1 WHERE id = 1"),
            ];
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => return Ok(new),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }
}

fn changed(old: &EnvironmentRules, new: &EnvironmentRules) -> Cause {
    Cause::Rules {
        approval: (old.review != new.review).then_some(new.review),
        raw_days: (old.raw_days != new.raw_days).then_some(new.raw_days),
    }
}

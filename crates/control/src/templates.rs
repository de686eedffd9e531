//! Templates that a team saved.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::experiment::Draft;
use nexus_domain::flag::FlagDraft;
use nexus_domain::ids::TemplateId;
use nexus_domain::template::{
    MAX_TEMPLATES, Template, TemplateContent, TemplateDraft, TemplateKind,
};
use nexus_domain::{Environment, Field, Problem, digest};

use crate::commit::{Attempts, Committed};
use crate::experiments::{self, invalid};
use crate::sql::{json, sql};
use crate::{Console, Error, Result};

impl Console {
    /// Those of a kind, by name.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn templates(&self, actor: &Actor, kind: TemplateKind) -> Result<Vec<Template>> {
        let action = match kind {
            TemplateKind::Experiment => Action::ViewExperiments,
            TemplateKind::Flag => Action::ViewFlags,
        };
        self.authorise(actor, action, None, None)?;
        let rows = self
            .rows(sql!(
                "SELECT document FROM templates WHERE kind = ?1 ORDER BY name, id LIMIT 200",
                kind.as_str()
            ))
            .await?;
        rows.into_iter().map(|mut row| row.json()).collect()
    }

    /// # Errors
    /// `Invalid` with every problem, when the name is taken or there are enough; `NotFound`,
    /// `Forbidden`.
    pub async fn save_experiment_as_template(
        &self,
        actor: &Actor,
        id: &str,
        draft: TemplateDraft,
    ) -> Result<Template> {
        let found = self.stored(id).await?;
        let found = found.ok_or_else(|| experiments::not_found(id))?;
        let content = TemplateContent::of_experiment(Draft::of(&found));
        self.save_template(actor, found.environment, content, draft)
            .await
    }

    /// # Errors
    /// As for experiments.
    pub async fn save_flag_as_template(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        draft: TemplateDraft,
    ) -> Result<Template> {
        let found = self.stored_flag(environment, key).await?;
        let found = found.ok_or_else(|| crate::flags::not_found(environment, key))?;
        let content = TemplateContent::of_flag(FlagDraft::of(&found));
        self.save_template(actor, environment, content, draft).await
    }

    async fn save_template(
        &self,
        actor: &Actor,
        environment: Environment,
        content: TemplateContent,
        draft: TemplateDraft,
    ) -> Result<Template> {
        let action = content.kind().action();
        self.authorise(actor, action, Some(environment), None)?;
        let id = TemplateId::from_u128(self.new_id());
        let by = actor.principal.label();
        let made = draft.create(id, environment, content, by, self.now_ms());
        let made = made.map_err(Error::Invalid)?;
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let known = self.templates(actor, made.content.kind()).await?;
            if known.iter().any(|known| known.name == made.name) {
                return Err(invalid(Field::Name, Problem::Taken));
            }
            if known.len() >= MAX_TEMPLATES {
                let max = MAX_TEMPLATES as u32;
                return Err(invalid(Field::Name, Problem::TooMany { max }));
            }
            let state = vec![sql!(
                "INSERT INTO templates (id, kind, name, document, created_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                made.id.as_str(),
                made.content.kind().as_str(),
                made.name.as_str(),
                json(&made)?,
                made.created_ms
            )];
            let entry = entry("template.create", None, Some(&made), &made);
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => return Ok(made),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    /// What began from it stays as it is.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn delete_template(&self, actor: &Actor, id: &str) -> Result<Template> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let old = self.stored_template(id).await?;
            let old = old.ok_or_else(|| not_found(id))?;
            let (action, environment) = (old.content.kind().action(), old.environment);
            self.authorise(actor, action, Some(environment), None)?;
            let state = vec![sql!("DELETE FROM templates WHERE id = ?1", id)];
            let entry = entry("template.delete", Some(&old), None, &old);
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => return Ok(old),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn template(&self, actor: &Actor, id: &str) -> Result<Template> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let found = self.stored_template(id).await?;
        found.ok_or_else(|| not_found(id))
    }

    async fn stored_template(&self, id: &str) -> Result<Option<Template>> {
        let row = self
            .row(sql!("SELECT document FROM templates WHERE id = ?1", id))
            .await?;
        row.map(|mut cells| cells.json()).transpose()
    }
}

fn entry(
    action: &'static str,
    before: Option<&Template>,
    after: Option<&Template>,
    of: &Template,
) -> EntryDraft {
    let digest = |template: &Template| digest::of(template).ok();
    let cause = Cause::Template {
        of: of.content.kind(),
        name: of.name.clone(),
    };
    EntryDraft {
        action,
        object_kind: "template",
        object_id: of.id.to_string(),
        environment: Some(of.environment),
        before_digest: before.and_then(digest),
        after_digest: after.and_then(digest),
        reason: Some(cause.into()),
    }
}

fn not_found(id: &str) -> Error {
    Error::NotFound {
        kind: "template",
        id: id.chars().take(64).collect(),
    }
}

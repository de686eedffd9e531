//! Links by which testers see a variant or value in their own browser: made, listed, revoked,
//! and what of them stands in a snapshot.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::experiment::{Experiment, Status};
use nexus_domain::flag::Flag;
use nexus_domain::ids::QaLinkId;
use nexus_domain::qa::{MAX_LINKS, QaDraft, QaLink, QaTarget};
use nexus_domain::{Environment, Field, Problem};
use nexus_flags::sign_qa;

use crate::commit::{Attempts, Committed};
use crate::effects::Changed;
use crate::experiments::{self, invalid};
use crate::ports::Statement;
use crate::sql::{json, sql};
use crate::views::{QaLinkRow, QaLinks};
use crate::{Console, Error, Result};

/// What links are for, as it is stored now.
enum Subject {
    Experiment(Box<Experiment>),
    Flag(Box<Flag>),
}

impl Subject {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Experiment(_) => "experiment",
            Self::Flag(_) => "flag",
        }
    }

    /// As the audit log names it.
    fn id(&self) -> String {
        match self {
            Self::Experiment(experiment) => experiment.id.to_string(),
            Self::Flag(flag) => flag.path(),
        }
    }

    fn environment(&self) -> Environment {
        match self {
            Self::Experiment(experiment) => experiment.environment,
            Self::Flag(flag) => flag.environment,
        }
    }

    fn targets(&self) -> Vec<QaTarget> {
        match self {
            Self::Experiment(experiment) => QaTarget::of_experiment(experiment),
            Self::Flag(flag) => QaTarget::of_flag(flag),
        }
    }

    /// What is over has nothing to test.
    fn check(&self) -> Result<()> {
        match self {
            Self::Experiment(e) if e.has_ended() || e.status == Status::Archived => {
                Err(Error::Refused(e.status))
            }
            Self::Flag(flag) if flag.archived => Err(Error::Archived),
            _ => Ok(()),
        }
    }

    fn published(&self, link: &QaLink) -> Option<nexus_flags::QaLink> {
        match self {
            Self::Experiment(experiment) => link.published_variant(experiment),
            Self::Flag(flag) => link.published_value(flag),
        }
    }

    fn entry(&self, action: &'static str, link: &QaLink) -> EntryDraft {
        EntryDraft {
            action,
            object_kind: self.kind(),
            object_id: self.id(),
            environment: Some(link.environment),
            before_digest: None,
            after_digest: None,
            reason: Some(said(link).into()),
        }
    }
}

/// Which link of what until when, for the log.
fn said(link: &QaLink) -> Cause {
    let hours = (link.expires_ms - link.created_ms) / 3_600_000;
    Cause::QaLink {
        link: link.id.to_string(),
        value: link.target.choice().to_string().chars().take(200).collect(),
        hours: u32::try_from(hours).unwrap_or(0),
        page: link.page.clone(),
    }
}

/// Where a subject is looked for.
#[derive(Clone, Copy)]
enum Place<'a> {
    Experiment(&'a str),
    Flag(Environment, &'a str),
}

impl Console {
    /// Links for the experiment's variants, in force as soon as gateways have the snapshot.
    ///
    /// # Errors
    /// `Invalid` with every problem of the draft or when the environment has its fill of
    /// links, `Refused` when the experiment is over, `NotFound`, `Forbidden`.
    pub async fn make_variant_links(
        &self,
        actor: &Actor,
        experiment: &str,
        draft: &QaDraft,
    ) -> Result<Vec<QaLinkRow>> {
        self.make_links(actor, Place::Experiment(experiment), draft)
            .await
    }

    /// Links for the flag's values.
    ///
    /// # Errors
    /// As for variants; `Archived`.
    pub async fn make_value_links(
        &self,
        actor: &Actor,
        environment: Environment,
        flag: &str,
        draft: &QaDraft,
    ) -> Result<Vec<QaLinkRow>> {
        self.make_links(actor, Place::Flag(environment, flag), draft)
            .await
    }

    /// The experiment's links in force, the newest first.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: a link is a means, so seeing one needs what making one does.
    pub async fn variant_links(&self, actor: &Actor, experiment: &str) -> Result<QaLinks> {
        self.links(actor, Place::Experiment(experiment)).await
    }

    /// The flag's links in force, the newest first.
    ///
    /// # Errors
    /// As for variants.
    pub async fn value_links(
        &self,
        actor: &Actor,
        environment: Environment,
        flag: &str,
    ) -> Result<QaLinks> {
        self.links(actor, Place::Flag(environment, flag)).await
    }

    /// One link, also when it is over.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn qa_link(&self, actor: &Actor, id: &str) -> Result<QaLink> {
        let link = self.stored_link(id).await?.ok_or_else(|| not_found(id))?;
        self.authorise(actor, Action::MakeQaLinks, Some(link.environment), None)?;
        Ok(link)
    }

    /// It forces nothing as soon as gateways have the next snapshot. Again is fine.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn revoke_qa_link(&self, actor: &Actor, id: &str) -> Result<QaLink> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let old = self.stored_link(id).await?.ok_or_else(|| not_found(id))?;
            let environment = Some(old.environment);
            self.authorise(actor, Action::MakeQaLinks, environment, None)?;
            let Some(new) = old.revoked(actor.principal.label(), self.now_ms()) else {
                return Ok(old);
            };
            let subject = self.subject_of(&new).await?;
            let action = match subject {
                Subject::Experiment(_) => "experiment.revoke_qa_link",
                Subject::Flag(_) => "flag.revoke_qa_link",
            };
            let mut state = vec![sql!(
                "UPDATE qa_links SET document = ?2, revoked_ms = ?3 \
                 WHERE id = ?1 AND revoked_ms IS NULL",
                new.id.as_str(),
                json(&new)?,
                new.revoked_ms
            )];
            let changed = Changed::QaLinks(std::slice::from_ref(&new));
            state.extend(self.stage_snapshot(new.environment, changed).await?);
            let entry = subject.entry(action, &new);
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => return Ok(new),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    async fn make_links(
        &self,
        actor: &Actor,
        place: Place<'_>,
        draft: &QaDraft,
    ) -> Result<Vec<QaLinkRow>> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let subject = self.subject(place).await?;
            let environment = subject.environment();
            self.authorise(actor, Action::MakeQaLinks, Some(environment), None)?;
            subject.check()?;
            let problems = draft.problems();
            if !problems.is_empty() {
                return Err(Error::Invalid(problems));
            }
            let targets = draft.chosen(subject.targets());
            let targets = targets.map_err(|problem| Error::Invalid(vec![problem]))?;
            let in_force = self.qa_links_in_force(environment).await?.len();
            if in_force + targets.len() > MAX_LINKS {
                let max = MAX_LINKS as u32;
                return Err(invalid(Field::Environment, Problem::TooMany { max }));
            }
            let (by, now_ms) = (actor.principal.label(), self.now_ms());
            let links = targets.into_iter().map(|target| {
                let id = QaLinkId::from_u128(self.new_id());
                draft.link(id, environment, target, by, now_ms)
            });
            let links: Vec<QaLink> = links.collect();
            let action = match subject {
                Subject::Experiment(_) => "experiment.make_qa_link",
                Subject::Flag(_) => "flag.make_qa_link",
            };
            let entries = links.iter().map(|link| subject.entry(action, link));
            let entries = entries.collect();
            let inserts = links.iter().map(|link| insert(&subject, link));
            let mut state = inserts.collect::<Result<Vec<Statement>>>()?;
            let changed = Changed::QaLinks(&links);
            state.extend(self.stage_snapshot(environment, changed).await?);
            match self.commit(&head, actor, entries, state).await? {
                Committed::Done => return Ok(self.signed_links(&subject, links)),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    async fn links(&self, actor: &Actor, place: Place<'_>) -> Result<QaLinks> {
        let subject = self.subject(place).await?;
        let environment = subject.environment();
        self.authorise(actor, Action::MakeQaLinks, Some(environment), None)?;
        let rows = self
            .rows(sql!(
                "SELECT document FROM qa_links WHERE subject_kind = ?1 AND subject_id = ?2 \
                 AND environment = ?3 AND expires_ms > ?4 AND revoked_ms IS NULL \
                 ORDER BY created_ms DESC, id LIMIT 200",
                subject.kind(),
                subject.id(),
                environment.as_str(),
                self.now_ms()
            ))
            .await?;
        let links: Result<Vec<QaLink>> = rows.into_iter().map(|mut row| row.json()).collect();
        let newest = self
            .row(sql!(
                "SELECT document FROM qa_links WHERE environment = ?1 \
                 ORDER BY created_ms DESC, id LIMIT 1",
                environment.as_str()
            ))
            .await?;
        let newest: Option<QaLink> = newest.map(|mut row| row.json()).transpose()?;
        Ok(QaLinks {
            environment,
            targets: subject.targets(),
            page: newest.map(|link| link.page).unwrap_or_default(),
            open: subject.check().is_ok(),
            propagation: self.propagation(environment).await?,
            links: self.signed_links(&subject, links?),
        })
    }

    /// Those that anything is forced by, with their addresses.
    fn signed_links(&self, subject: &Subject, links: Vec<QaLink>) -> Vec<QaLinkRow> {
        let rows = links.into_iter().filter_map(|link| {
            let published = subject.published(&link)?;
            let claim = published.claim(link.environment.as_str());
            let signed = sign_qa(&self.inner.keys.snapshot, &claim);
            Some(QaLinkRow {
                url: link.url(&signed),
                link,
            })
        });
        rows.collect()
    }

    async fn subject(&self, place: Place<'_>) -> Result<Subject> {
        match place {
            Place::Experiment(id) => {
                let found = self.stored(id).await?;
                let found = found.ok_or_else(|| experiments::not_found(id))?;
                Ok(Subject::Experiment(Box::new(found)))
            }
            Place::Flag(environment, key) => {
                let found = self.stored_flag(environment, key).await?;
                let found = found.ok_or_else(|| crate::flags::not_found(environment, key))?;
                Ok(Subject::Flag(Box::new(found)))
            }
        }
    }

    async fn subject_of(&self, link: &QaLink) -> Result<Subject> {
        self.subject(match &link.target {
            QaTarget::Variant { experiment, .. } => Place::Experiment(experiment.as_str()),
            QaTarget::Value { flag, .. } => Place::Flag(link.environment, flag.as_str()),
        })
        .await
    }

    async fn stored_link(&self, id: &str) -> Result<Option<QaLink>> {
        let row = self
            .row(sql!("SELECT document FROM qa_links WHERE id = ?1", id))
            .await?;
        row.map(|mut cells| cells.json()).transpose()
    }

    async fn qa_links_in_force(&self, environment: Environment) -> Result<Vec<QaLink>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM qa_links \
                 WHERE environment = ?1 AND expires_ms > ?2 AND revoked_ms IS NULL ORDER BY id",
                environment.as_str(),
                self.now_ms()
            ))
            .await?;
        rows.into_iter().map(|mut cells| cells.json()).collect()
    }

    /// Whether a change of the experiment changes what links force.
    pub(crate) async fn has_qa_links(&self, experiment: &Experiment) -> Result<bool> {
        let row = self
            .row(sql!(
                "SELECT id FROM qa_links WHERE subject_kind = 'experiment' AND subject_id = ?1 \
                 AND expires_ms > ?2 AND revoked_ms IS NULL LIMIT 1",
                experiment.id.as_str(),
                self.now_ms()
            ))
            .await?;
        Ok(row.is_some())
    }

    /// What of the links stands in the environment's snapshot after `changed`; `experiments`
    /// and `flags` are those at the edge, after it.
    pub(crate) async fn published_qa_links(
        &self,
        environment: Environment,
        changed: Changed<'_>,
        experiments: &[Experiment],
        flags: &[Flag],
    ) -> Result<Vec<nexus_flags::QaLink>> {
        let mut links = self.qa_links_in_force(environment).await?;
        if let Changed::QaLinks(new) = changed {
            links.retain(|old| new.iter().all(|new| new.id != old.id));
            let now_ms = self.now_ms();
            links.extend(new.iter().filter(|link| link.is_in_force(now_ms)).cloned());
            links.sort_by(|a, b| a.id.cmp(&b.id));
        }
        let mut published = Vec::new();
        // Of experiments that are not at the edge.
        let mut others: Vec<Experiment> = Vec::new();
        for link in &links {
            published.extend(match &link.target {
                QaTarget::Value { flag, .. } => flags
                    .iter()
                    .find(|known| known.key == *flag)
                    .and_then(|flag| link.published_value(flag)),
                QaTarget::Variant { experiment: id, .. } => {
                    let mut known = experiments.iter().chain(&others);
                    match known.find(|known| known.id == *id) {
                        Some(experiment) => link.published_variant(experiment),
                        None => {
                            let found = self.stored(id.as_str()).await?;
                            let link = found.as_ref().and_then(|e| link.published_variant(e));
                            others.extend(found);
                            link
                        }
                    }
                }
            });
        }
        Ok(published)
    }
}

fn insert(subject: &Subject, new: &QaLink) -> Result<Statement> {
    Ok(sql!(
        "INSERT INTO qa_links (id, environment, subject_kind, subject_id, document, created_ms, \
         expires_ms, revoked_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        new.id.as_str(),
        new.environment.as_str(),
        subject.kind(),
        subject.id(),
        json(new)?,
        new.created_ms,
        new.expires_ms,
        new.revoked_ms
    ))
}

fn not_found(id: &str) -> Error {
    Error::NotFound {
        kind: "QA link",
        id: id.chars().take(64).collect(),
    }
}

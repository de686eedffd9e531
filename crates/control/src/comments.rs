//! What people say of a flag or an experiment: short, plain text, each an entry of the audit
//! log too. Nothing is changed or taken back.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::EntryDraft;
use nexus_domain::ids::FlagKey;
use nexus_domain::{Environment, Field, Problem};

use crate::commit::{Attempts, Committed};
use crate::experiments::invalid;
use crate::sql::sql;
use crate::views::Comment;
use crate::{Console, Error, Result};

const MAX_CHARS: usize = 2_000;
/// Most comments that are listed, the newest.
const LISTED: u32 = 100;

/// What is spoken of, as it was found.
struct Subject {
    kind: &'static str,
    /// As the audit log names it.
    id: String,
    environment: Environment,
    /// The entry's action.
    said: &'static str,
}

impl Console {
    /// # Errors
    /// `Invalid` for an empty or overlong text, `NotFound`, `Forbidden`.
    pub async fn comment_on_flag(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        text: &str,
    ) -> Result<Comment> {
        self.authorise(actor, Action::CommentFlag, Some(environment), None)?;
        let flag = self.stored_flag(environment, key).await?;
        let flag = flag.ok_or_else(|| Error::NotFound {
            kind: "flag",
            id: key.chars().take(FlagKey::MAX_LEN).collect(),
        })?;
        let subject = Subject {
            kind: "flag",
            id: flag.path(),
            environment,
            said: "flag.comment",
        };
        self.comment(actor, subject, text).await
    }

    /// # Errors
    /// As for flags.
    pub async fn comment_on_experiment(
        &self,
        actor: &Actor,
        id: &str,
        text: &str,
    ) -> Result<Comment> {
        let experiment = self.stored(id).await?.ok_or_else(|| Error::NotFound {
            kind: "experiment",
            id: id.chars().take(64).collect(),
        })?;
        let environment = experiment.environment;
        self.authorise(actor, Action::CommentExperiment, Some(environment), None)?;
        let subject = Subject {
            kind: "experiment",
            id: experiment.id.to_string(),
            environment,
            said: "experiment.comment",
        };
        self.comment(actor, subject, text).await
    }

    async fn comment(&self, actor: &Actor, subject: Subject, text: &str) -> Result<Comment> {
        let text = text.trim();
        if text.is_empty() {
            return Err(invalid(Field::Comment, Problem::Required));
        }
        if text.chars().count() > MAX_CHARS {
            let max = MAX_CHARS as u32;
            return Err(invalid(Field::Comment, Problem::TooLong { max }));
        }
        let comment = Comment {
            id: format!("{:032x}", self.new_id()),
            text: text.to_owned(),
            at_ms: self.now_ms(),
            by: actor.principal.label().to_owned(),
        };
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let entry = EntryDraft {
                action: subject.said,
                object_kind: subject.kind,
                object_id: subject.id.clone(),
                environment: Some(subject.environment),
                before_digest: None,
                after_digest: None,
                reason: Some(comment.text.clone().into()),
            };
            let row = sql!(
                "INSERT INTO comments (id, subject_kind, subject_id, text, at_ms, by_whom) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                comment.id.as_str(),
                subject.kind,
                subject.id.as_str(),
                comment.text.as_str(),
                comment.at_ms,
                comment.by.as_str()
            );
            match self.commit(&head, actor, vec![entry], vec![row]).await? {
                Committed::Done => return Ok(comment),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    /// Newest first.
    pub(crate) async fn comments_on(&self, kind: &'static str, id: &str) -> Result<Vec<Comment>> {
        let rows = self
            .rows(sql!(
                "SELECT id, text, at_ms, by_whom FROM comments \
                 WHERE subject_kind = ?1 AND subject_id = ?2 ORDER BY at_ms DESC, id DESC LIMIT ?3",
                kind,
                id,
                LISTED
            ))
            .await?;
        let mut comments = Vec::new();
        for mut row in rows {
            comments.push(Comment {
                id: row.text()?,
                text: row.text()?,
                at_ms: row.i64()?,
                by: row.text()?,
            });
        }
        Ok(comments)
    }
}

//! Where code asks for flags.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::code::{CodeReferences, link_of};

use crate::commit::{Attempts, Committed};
use crate::sql::sql;
use crate::views::{CodePlace, CodeUse};
use crate::{Console, Error, Result};

/// Most places that a page shows of one repository.
const SHOWN: usize = 100;
/// Most places that are read for one flag.
const READ: u32 = 1_000;

impl Console {
    /// Replaces what the repository's last upload said. Repositories belong to no environment,
    /// so neither does this.
    ///
    /// # Errors
    /// `Invalid` with every problem, `Forbidden`, or the database's.
    pub async fn upload_code_references(
        &self,
        actor: &Actor,
        upload: &CodeReferences,
    ) -> Result<()> {
        self.authorise(actor, Action::EditFlag, None, None)?;
        let problems = upload.problems();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let repository = upload.repository.trim();
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let mut state = vec![
                sql!(
                    "DELETE FROM code_references WHERE repository = ?1",
                    repository
                ),
                sql!(
                    "INSERT INTO code_scans (repository, revision, link, at_ms, by_whom) \
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (repository) DO UPDATE SET \
                     revision = excluded.revision, link = excluded.link, \
                     at_ms = excluded.at_ms, by_whom = excluded.by_whom",
                    repository,
                    upload.revision.as_str(),
                    upload.link.as_str(),
                    self.now_ms(),
                    actor.principal.label()
                ),
            ];
            let places = upload.references.iter().map(|one| {
                sql!(
                    "INSERT INTO code_references (repository, flag, path, line, snippet) \
                     VALUES (?1, ?2, ?3, ?4, ?5) \
                     ON CONFLICT (repository, flag, path, line) DO NOTHING",
                    repository,
                    one.flag.as_str(),
                    one.path.as_str(),
                    one.line,
                    one.snippet.as_str()
                )
            });
            state.extend(places);
            let entry = EntryDraft {
                action: "repository.scan",
                object_kind: "repository",
                object_id: repository.to_owned(),
                environment: None,
                before_digest: None,
                after_digest: None,
                reason: Some(
                    Cause::Places {
                        count: upload.references.len() as u64,
                    }
                    .into(),
                ),
            };
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => return Ok(()),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    pub(super) async fn code_of(&self, key: &str) -> Result<Vec<CodeUse>> {
        let rows = self
            .rows(sql!(
                "SELECT s.repository, s.revision, s.link, s.at_ms, r.path, r.line, r.snippet \
                 FROM code_references r JOIN code_scans s ON s.repository = r.repository \
                 WHERE r.flag = ?1 ORDER BY r.repository, r.path, r.line LIMIT ?2",
                key,
                READ
            ))
            .await?;
        let mut uses: Vec<CodeUse> = Vec::new();
        for mut row in rows {
            let (repository, revision, link) = (row.text()?, row.text()?, row.text()?);
            let at_ms = row.i64()?;
            let (path, line) = (row.text()?, u32::try_from(row.u64()?).unwrap_or(u32::MAX));
            let place = CodePlace {
                href: link_of(&link, &revision, &path, line),
                path,
                line,
                snippet: row.text()?,
            };
            match uses.last_mut().filter(|last| last.repository == repository) {
                Some(last) if last.places.len() < SHOWN => last.places.push(place),
                Some(_) => {}
                None => uses.push(CodeUse {
                    repository,
                    revision,
                    at_ms,
                    places: vec![place],
                }),
            }
        }
        Ok(uses)
    }
}

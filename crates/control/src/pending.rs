//! Dangerous actions in two steps: asked for, shown whole, then confirmed with a
//! fresh second factor that is bound to exactly this action.

use nexus_domain::access::Action;
use nexus_domain::actor::{Actor, Principal};
use nexus_domain::audit::EntryDraft;
use nexus_domain::digest;
use nexus_domain::ids::PendingId;
use serde::Serialize;

use crate::authority::may;
use crate::commit::{Attempts, Committed};
use crate::failpoint::failpoint;
use crate::ports::Statement;
use crate::sql::{json, sql};
use crate::views::{Confirmed, MemberRow, PendingAction, PendingRequest};
use crate::{Console, Error, Result, members};

/// How long an action waits for its confirmation, in milliseconds.
pub const PENDING_MS: i64 = 15 * 60_000;

/// What confirming would do.
struct Prepared {
    state: Statement,
    entry: EntryDraft,
    confirmed: Confirmed,
}

/// What the digest covers: who asks for what, and until when.
#[derive(Serialize)]
struct Digested<'a> {
    id: &'a str,
    owner: &'a str,
    request: &'a PendingRequest,
    expires_ms: i64,
}

impl Console {
    /// Checks and stores an action that needs a fresh second factor.
    ///
    /// # Errors
    /// `Invalid`, `Conflict`, `NotFound`, `Forbidden`, or the database's.
    pub async fn request(&self, actor: &Actor, request: PendingRequest) -> Result<PendingAction> {
        let action = action_of(&request);
        if !may(actor, action, None) {
            return Err(Error::Forbidden { action });
        }
        self.prepare(actor, &request).await?;
        let id = PendingId::from_u128(self.new_id()).as_str().to_owned();
        let owner = owner_of(actor);
        let expires_ms = self.now_ms() + PENDING_MS;
        let action_digest = digest::of(&Digested {
            id: &id,
            owner: &owner,
            request: &request,
            expires_ms,
        })
        .map_err(Error::internal)?;
        failpoint("pending.before_batch");
        self.inner
            .db
            .batch(vec![sql!(
                "INSERT INTO pending_actions (id, owner, request, digest, expires_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                id.as_str(),
                owner,
                json(&request)?,
                action_digest.as_str(),
                expires_ms
            )])
            .await?;
        failpoint("pending.after_batch");
        Ok(PendingAction {
            id,
            request,
            action_digest,
            expires_ms,
        })
    }

    /// Only whoever asked can see it.
    ///
    /// # Errors
    /// `NotFound`, also once it has expired or was confirmed.
    pub async fn pending(&self, actor: &Actor, id: &str) -> Result<PendingAction> {
        let row = self
            .row(sql!(
                "SELECT request, digest, expires_ms FROM pending_actions \
                 WHERE id = ?1 AND owner = ?2 AND expires_ms > ?3",
                id,
                owner_of(actor),
                self.now_ms()
            ))
            .await?;
        let Some(mut row) = row else {
            let id = id.chars().take(64).collect();
            return Err(Error::NotFound {
                kind: "pending action",
                id,
            });
        };
        Ok(PendingAction {
            id: id.to_owned(),
            request: row.json()?,
            action_digest: row.text()?,
            expires_ms: row.i64()?,
        })
    }

    /// Carries it out, once.
    ///
    /// # Errors
    /// `StepUpRequired` with the digest to step up for; as [`Console::request`],
    /// because things may have changed since.
    pub async fn confirm(&self, actor: &Actor, id: &str) -> Result<Confirmed> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let pending = self.pending(actor, id).await?;
            let action = action_of(&pending.request);
            self.authorise(actor, action, None, Some(&pending.action_digest))?;
            let prepared = self.prepare(actor, &pending.request).await?;
            let state = vec![
                // Its key makes the second of two confirmations fail whole.
                sql!(
                    "INSERT INTO step_up_used (id, at_ms) VALUES (?1, ?2)",
                    id,
                    self.now_ms()
                ),
                sql!("DELETE FROM pending_actions WHERE id = ?1", id),
                prepared.state,
            ];
            failpoint("confirm.before_commit");
            let done = self
                .commit(&head, actor, vec![prepared.entry], state)
                .await?;
            failpoint("confirm.after_commit");
            match done {
                Committed::Done => return Ok(prepared.confirmed),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    async fn prepare(&self, actor: &Actor, request: &PendingRequest) -> Result<Prepared> {
        let (before, after) = match request {
            PendingRequest::CreateToken {
                name,
                scopes,
                expires_days,
            } => {
                let (once, state, entry) = self.make_token(actor, name, scopes, *expires_days)?;
                let confirmed = Confirmed::Token(once);
                return Ok(Prepared {
                    state,
                    entry,
                    confirmed,
                });
            }
            PendingRequest::AddMember {
                email,
                machine,
                grants,
            } => {
                let now_ms = self.now_ms();
                let new = members::new_member(self.new_id(), email, *machine, grants, now_ms)?;
                (None, new)
            }
            PendingRequest::ChangeMember {
                id,
                email,
                version,
                grants,
                disabled,
            } => {
                let all = self.all_members().await?;
                let before = all.into_iter().find(|m| m.id == *id);
                let before = before.ok_or_else(|| unknown_member(id))?;
                // The page that confirms names the address: it has to be this member's.
                if before.email != *email {
                    return Err(unknown_member(id));
                }
                if before.version != *version {
                    return Err(Error::Conflict {
                        expected: *version,
                        actual: before.version,
                    });
                }
                let after = MemberRow {
                    grants: members::checked_grants(grants)?,
                    disabled: *disabled,
                    version: before.version + 1,
                    ..before.clone()
                };
                (Some(before), after)
            }
        };
        let all = self.all_members().await?;
        if before.is_none() && all.iter().any(|m| m.email == after.email) {
            use nexus_domain::{Field, Problem};
            return Err(crate::experiments::invalid(Field::Email, Problem::Taken));
        }
        members::check_change(actor, &all, before.as_ref(), &after)?;
        let (action, state) = match &before {
            None => ("member.add", members::insert(&after)?),
            Some(_) => ("member.change", members::update(&after)?),
        };
        Ok(Prepared {
            state,
            entry: members::entry(action, before.as_ref(), &after)?,
            confirmed: Confirmed::Member(after),
        })
    }
}

const fn action_of(request: &PendingRequest) -> Action {
    match request {
        PendingRequest::AddMember { .. } | PendingRequest::ChangeMember { .. } => {
            Action::ManageMembers
        }
        PendingRequest::CreateToken { .. } => Action::CreateToken,
    }
}

fn owner_of(actor: &Actor) -> String {
    let id = match &actor.principal {
        Principal::Person { member, .. } | Principal::Machine { member, .. } => member.as_str(),
        Principal::Token { token, .. } => token.as_str(),
        Principal::Cli { user } => user,
        Principal::System { controller } => controller,
    };
    format!("{}:{id}", actor.principal.kind())
}

fn unknown_member(id: &str) -> Error {
    Error::NotFound {
        kind: "member",
        id: id.chars().take(64).collect(),
    }
}

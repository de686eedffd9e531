//! API tokens: scoped, expiring, shown once, stored as a hash.

use nexus_domain::access::{Action, Grant, Role, Scope};
use nexus_domain::actor::{Actor, Principal, SignIn};
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::ids::TokenId;
use nexus_domain::{Field, FieldProblem, Problem, digest};
use nexus_identity::api_token::{ApiTokenSecret, RANDOM_BYTES, TokenHash};
use secrecy::{ExposeSecret as _, SecretString};

use crate::authority::{backed_scopes, may};
use crate::commit::{Attempts, Committed, parse_hash};
use crate::ports::Statement;
use crate::sql::{Cells, json, sql};
use crate::views::{TokenOnce, TokenRow};
use crate::{Console, Error, Result};

const MAX_DAYS: u32 = 365;
const DAY_MS: i64 = 24 * 3_600_000;
const MAX_NAME: usize = 80;
/// How exact "last used" is.
const USED_MS: i64 = 60_000;

impl Console {
    /// Newest first.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<TokenRow>> {
        self.authorise(actor, Action::ViewTokens, None, None)?;
        let rows = self
            .rows(sql!(
                "SELECT id, name, scopes, created_by, created_ms, expires_ms, last_used_ms, \
                 revoked_ms FROM api_tokens ORDER BY created_ms DESC, id"
            ))
            .await?;
        rows.into_iter().map(token).collect()
    }

    /// The actor behind a presented token; `None` unless it is known, alive, and
    /// its maker still is an active member. It has the grants its maker has now.
    ///
    /// # Errors
    /// The database's.
    pub async fn actor_for_token(
        &self,
        presented: &SecretString,
        request_id: String,
    ) -> Result<Option<Actor>> {
        let Ok(secret) = ApiTokenSecret::parse(presented.expose_secret()) else {
            return Ok(None);
        };
        let row = self
            .row(sql!(
                "SELECT t.hash, t.id, t.name, t.scopes, t.created_by, t.created_ms, t.expires_ms, \
                 t.last_used_ms, t.revoked_ms, \
                 CASE WHEN t.member_id IS NULL THEN 0 ELSE COALESCE(m.disabled, 1) END, m.grants \
                 FROM api_tokens t LEFT JOIN members m ON m.id = t.member_id \
                 WHERE t.public_id = ?1",
                secret.public_id().as_str()
            ))
            .await?;
        let Some(mut row) = row else {
            return Ok(None);
        };
        let stored = TokenHash::from_bytes(parse_hash(&row.text()?)?);
        let (token, mut maker) = token_cells(row)?;
        let (orphaned, grants) = (maker.bool()?, grants(maker.maybe_text()?)?);
        let now_ms = self.now_ms();
        let dead = token.revoked_ms.is_some() || token.expires_ms <= now_ms || orphaned;
        if !secret.matches(&stored) || dead {
            return Ok(None);
        }
        self.used(&token, now_ms).await?;
        let id =
            TokenId::parse(&token.id).ok_or_else(|| Error::internal("a token has no proper id"))?;
        Ok(Some(Actor {
            principal: Principal::Token {
                token: id,
                name: token.name,
                scopes: backed_scopes(token.scopes, &grants),
            },
            grants,
            sign_in: SignIn::ApiToken,
            step_up: None,
            request_id,
        }))
    }

    async fn used(&self, token: &TokenRow, now_ms: i64) -> Result<()> {
        if token
            .last_used_ms
            .is_some_and(|used_ms| now_ms - used_ms < USED_MS)
        {
            return Ok(());
        }
        self.inner
            .db
            .batch(vec![sql!(
                "UPDATE api_tokens SET last_used_ms = ?2 WHERE id = ?1",
                token.id.as_str(),
                now_ms
            )])
            .await?;
        Ok(())
    }

    /// Ends a token at once. Revoking it again changes nothing.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn revoke_token(&self, actor: &Actor, id: &str) -> Result<()> {
        self.authorise(actor, Action::RevokeToken, None, None)?;
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let row = self
                .row(sql!(
                    "SELECT id, name, scopes, created_by, created_ms, expires_ms, last_used_ms, \
                     revoked_ms FROM api_tokens WHERE id = ?1",
                    id
                ))
                .await?;
            let token = match row.map(token).transpose()? {
                Some(token) if token.revoked_ms.is_some() => return Ok(()),
                Some(token) => token,
                None => {
                    let id = id.chars().take(64).collect();
                    return Err(Error::NotFound {
                        kind: "API token",
                        id,
                    });
                }
            };
            let revoked = TokenRow {
                revoked_ms: Some(self.now_ms()),
                ..token.clone()
            };
            let state = sql!(
                "UPDATE api_tokens SET revoked_ms = ?2 WHERE id = ?1",
                id,
                revoked.revoked_ms
            );
            let entry = entry("token.revoke", Some(&token), &revoked)?;
            match self.commit(&head, actor, vec![entry], vec![state]).await? {
                Committed::Done => return Ok(()),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    /// A token that is not stored yet, with the statement that stores it.
    pub(crate) fn make_token(
        &self,
        actor: &Actor,
        name: &str,
        scopes: &[Scope],
        expires_days: u32,
    ) -> Result<(TokenOnce, Statement, EntryDraft)> {
        let (name, scopes) = check_request(actor, name, scopes, expires_days)?;
        let mut random = [0; RANDOM_BYTES];
        self.inner.random.fill(&mut random);
        let secret = ApiTokenSecret::generate(&random);
        let now_ms = self.now_ms();
        let row = TokenRow {
            id: TokenId::from_u128(self.new_id()).as_str().to_owned(),
            name,
            scopes,
            created_by: actor.principal.label().to_owned(),
            created_ms: now_ms,
            expires_ms: now_ms + i64::from(expires_days) * DAY_MS,
            last_used_ms: None,
            revoked_ms: None,
        };
        let member = match &actor.principal {
            Principal::Person { member, .. } | Principal::Machine { member, .. } => {
                Some(member.as_str())
            }
            _ => None,
        };
        let statement = sql!(
            "INSERT INTO api_tokens (id, public_id, hash, name, scopes, member_id, created_by, \
             created_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            row.id.as_str(),
            secret.public_id().as_str(),
            hex::encode(secret.hash().to_bytes()),
            row.name.as_str(),
            json(&row.scopes)?,
            member,
            row.created_by.as_str(),
            row.created_ms,
            row.expires_ms
        );
        let entry = entry("token.create", None, &row)?;
        let secret = secret.expose().to_owned();
        Ok((TokenOnce { row, secret }, statement, entry))
    }
}

/// The name and the scopes in order, or what is wrong with the request.
///
/// # Errors
/// `Invalid`; `Forbidden` when a scope allows what the creator may not do.
pub(crate) fn check_request(
    actor: &Actor,
    name: &str,
    scopes: &[Scope],
    expires_days: u32,
) -> Result<(String, Vec<Scope>)> {
    let name = name.trim();
    let mut wrong = Vec::new();
    let mut note = |field, problem| wrong.push(FieldProblem::new(field, problem));
    if name.is_empty() {
        note(Field::Name, Problem::Required);
    }
    if name.chars().count() > MAX_NAME {
        let max = MAX_NAME as u32;
        note(Field::Name, Problem::TooLong { max });
    }
    if scopes.is_empty() {
        note(Field::Scopes, Problem::Required);
    }
    if !(1..=MAX_DAYS).contains(&expires_days) {
        let (min, max) = ("1".to_owned(), MAX_DAYS.to_string());
        note(Field::ExpiresIn, Problem::OutOfRange { min, max });
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    // What no role allows (reporting events) comes with being allowed to make
    // tokens at all; everything else the creator must be able to do everywhere.
    let beyond = Action::ALL.into_iter().find(|action| {
        !action.roles().is_empty()
            && scopes.iter().any(|s| s.allows(*action))
            && !may(actor, *action, None)
    });
    match beyond {
        Some(action) => Err(Error::Forbidden { action }),
        None => Ok((name.to_owned(), scopes)),
    }
}

fn entry(action: &'static str, before: Option<&TokenRow>, after: &TokenRow) -> Result<EntryDraft> {
    let cause = Cause::Token {
        name: after.name.clone(),
        scopes: after.scopes.clone(),
    };
    Ok(EntryDraft {
        action,
        object_kind: "token",
        object_id: after.id.clone(),
        environment: None,
        before_digest: before.map(state_digest).transpose()?,
        after_digest: Some(state_digest(after)?),
        reason: Some(cause.into()),
    })
}

/// Of what the log answers for: not of when the token was used last.
fn state_digest(token: &TokenRow) -> Result<String> {
    let state = TokenRow {
        last_used_ms: None,
        ..token.clone()
    };
    digest::of(&state).map_err(Error::internal)
}

fn token(row: Cells) -> Result<TokenRow> {
    Ok(token_cells(row)?.0)
}

/// What a token's maker may do; the command line, which is no member, everything.
fn grants(of_member: Option<String>) -> Result<Vec<Grant>> {
    match of_member {
        Some(text) => serde_json::from_str(&text).map_err(Error::internal),
        None => Ok(vec![Grant {
            role: Role::Owner,
            environment: None,
        }]),
    }
}

fn token_cells(mut row: Cells) -> Result<(TokenRow, Cells)> {
    let token = TokenRow {
        id: row.text()?,
        name: row.text()?,
        scopes: row.json()?,
        created_by: row.text()?,
        created_ms: row.i64()?,
        expires_ms: row.i64()?,
        last_used_ms: row.maybe_i64()?,
        revoked_ms: row.maybe_i64()?,
    };
    Ok((token, row))
}

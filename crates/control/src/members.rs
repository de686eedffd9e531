//! Who may come in, and with which roles.

use nexus_domain::access::{Action, Grant, Role};
use nexus_domain::actor::{Actor, Principal};
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::ids::MemberId;
use nexus_domain::{Field, Problem, digest};
use nexus_identity::Email;
use serde::Serialize;

use crate::experiments::invalid;
use crate::ports::Statement;
use crate::sql::{Cells, json, sql};
use crate::views::MemberRow;
use crate::{Console, Error, Result};

const MAX_CLIENT_ID: usize = 128;
const MAX_GRANTS: usize = 30;

impl Console {
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn members(&self, actor: &Actor) -> Result<Vec<MemberRow>> {
        self.authorise(actor, Action::ViewMembers, None, None)?;
        self.all_members().await
    }

    pub(crate) async fn all_members(&self) -> Result<Vec<MemberRow>> {
        let rows = self
            .rows(sql!(
                "SELECT id, email, machine, disabled, grants, version, created_ms, last_seen_ms \
                 FROM members ORDER BY email"
            ))
            .await?;
        rows.into_iter().map(member).collect()
    }

    pub(crate) async fn member_by_email(
        &self,
        email: &str,
        machine: bool,
    ) -> Result<Option<MemberRow>> {
        let row = self
            .row(sql!(
                "SELECT id, email, machine, disabled, grants, version, created_ms, last_seen_ms \
                 FROM members WHERE email = ?1 AND machine = ?2",
                email,
                machine
            ))
            .await?;
        row.map(member).transpose()
    }
}

/// A new member as it would be stored.
///
/// # Errors
/// Every problem of the input.
pub(crate) fn new_member(
    id: u128,
    email: &str,
    machine: bool,
    grants: &[Grant],
    now_ms: i64,
) -> Result<MemberRow> {
    let (email, grants) = match (address(email, machine), checked_grants(grants)) {
        (Err(Error::Invalid(mut wrong)), Err(Error::Invalid(also))) => {
            wrong.extend(also);
            return Err(Error::Invalid(wrong));
        }
        (email, grants) => (email?, grants?),
    };
    Ok(MemberRow {
        id: MemberId::from_u128(id).as_str().to_owned(),
        email,
        machine,
        disabled: false,
        grants,
        version: 1,
        created_ms: now_ms,
        last_seen_ms: None,
    })
}

/// What nobody may do to members, whatever their role.
pub(crate) fn check_change(
    actor: &Actor,
    all: &[MemberRow],
    before: Option<&MemberRow>,
    after: &MemberRow,
) -> Result<()> {
    let forbidden = Err(Error::Forbidden {
        action: Action::ManageMembers,
    });
    let own = match &actor.principal {
        Principal::Person { member, .. } | Principal::Machine { member, .. } => {
            before.is_some_and(|b| b.id == member.as_str())
        }
        _ => false,
    };
    // Nobody gives or takes their own rights.
    if own {
        return forbidden;
    }
    // Only owners make, change or remove owners.
    let owner_touched = is_owner(after) || before.is_some_and(is_owner);
    let acts_as_owner = matches!(actor.principal, Principal::Cli { .. })
        || actor
            .grants
            .iter()
            .any(|g| g.role == Role::Owner && g.environment.is_none());
    if owner_touched && !acts_as_owner {
        return forbidden;
    }
    // Someone must be left who can let others in.
    let owners_left = all
        .iter()
        .map(|m| if m.id == after.id { after } else { m })
        .filter(|m| is_active_owner(m))
        .count();
    let loses_owner = before.is_some_and(is_active_owner) && !is_active_owner(after);
    if loses_owner && owners_left == 0 {
        return forbidden;
    }
    Ok(())
}

fn is_owner(member: &MemberRow) -> bool {
    member.grants.iter().any(|g| g.role == Role::Owner)
}

pub(crate) fn is_active_owner(member: &MemberRow) -> bool {
    let everywhere = |g: &Grant| g.role == Role::Owner && g.environment.is_none();
    !member.disabled && !member.machine && member.grants.iter().any(everywhere)
}

fn address(text: &str, machine: bool) -> Result<String> {
    let text = text.trim();
    if machine {
        let ok =
            (1..=MAX_CLIENT_ID).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        return if ok {
            Ok(text.to_owned())
        } else {
            Err(invalid(Field::Email, Problem::Required))
        };
    }
    match Email::parse(text) {
        Ok(email) => Ok(email.as_str().to_owned()),
        Err(_) => Err(invalid(Field::Email, Problem::NotAnEmail)),
    }
}

/// At least one, each once, in a fixed order so that equal sets have one digest.
pub(crate) fn checked_grants(grants: &[Grant]) -> Result<Vec<Grant>> {
    if grants.is_empty() {
        return Err(invalid(Field::Roles, Problem::TooFew { min: 1 }));
    }
    if grants.len() > MAX_GRANTS {
        let max = MAX_GRANTS as u32;
        return Err(invalid(Field::Roles, Problem::TooMany { max }));
    }
    let mut grants = grants.to_vec();
    grants.sort_unstable();
    grants.dedup();
    Ok(grants)
}

pub(crate) fn insert(member: &MemberRow) -> Result<Statement> {
    Ok(sql!(
        "INSERT INTO members (id, email, machine, disabled, grants, version, created_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        member.id.as_str(),
        member.email.as_str(),
        member.machine,
        member.disabled,
        json(&member.grants)?,
        member.version,
        member.created_ms
    ))
}

/// Refuses its batch when the stored version is not the one before.
pub(crate) fn update(member: &MemberRow) -> Result<Statement> {
    Ok(sql!(
        "UPDATE members SET disabled = ?2, grants = ?3, \
         version = CASE WHEN version = ?4 - 1 THEN ?4 ELSE -1 END WHERE id = ?1",
        member.id.as_str(),
        member.disabled,
        json(&member.grants)?,
        member.version
    ))
}

pub(crate) fn entry(
    action: &'static str,
    before: Option<&MemberRow>,
    after: &MemberRow,
) -> Result<EntryDraft> {
    Ok(EntryDraft {
        action,
        object_kind: "member",
        object_id: after.id.clone(),
        environment: None,
        before_digest: before.map(state_digest).transpose()?,
        after_digest: Some(state_digest(after)?),
        reason: Some(told(after, false).into()),
    })
}

/// Address and roles, so that the log can be read without the database.
pub(crate) fn told(member: &MemberRow, first_owner: bool) -> Cause {
    Cause::Member {
        email: member.email.clone(),
        disabled: member.disabled,
        grants: member.grants.clone(),
        first_owner,
    }
}

#[derive(Serialize)]
struct State<'a> {
    id: &'a str,
    email: &'a str,
    machine: bool,
    disabled: bool,
    grants: &'a [Grant],
    version: u64,
}

fn state_digest(m: &MemberRow) -> Result<String> {
    let state = State {
        id: &m.id,
        email: &m.email,
        machine: m.machine,
        disabled: m.disabled,
        grants: &m.grants,
        version: m.version,
    };
    digest::of(&state).map_err(Error::internal)
}

fn member(mut row: Cells) -> Result<MemberRow> {
    Ok(MemberRow {
        id: row.text()?,
        email: row.text()?,
        machine: row.bool()?,
        disabled: row.bool()?,
        grants: row.json()?,
        version: row.u64()?,
        created_ms: row.i64()?,
        last_seen_ms: row.maybe_i64()?,
    })
}

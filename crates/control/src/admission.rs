//! From a verified identity to an actor. Roles come from our database only,
//! never from the identity.

use nexus_domain::access::{Grant, Role};
use nexus_domain::actor::{Actor, Principal, SignIn, StepUp};
use nexus_domain::ids::MemberId;

use crate::commit::{Attempts, Committed};
use crate::members;
use crate::sql::sql;
use crate::views::MemberRow;
use crate::{Console, Error, Result};

/// How exact "last seen" is.
const SEEN_MS: i64 = 60_000;

/// Whether a verified identity may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    Actor(Actor),
    /// Somebody real whom nobody has added.
    NotMember {
        email: String,
    },
    Disabled {
        email: String,
    },
}

impl Console {
    /// A person whose address the web layer has verified. While there is no
    /// active owner, the configured address becomes one.
    ///
    /// # Errors
    /// The database's.
    pub async fn actor_for_person(
        &self,
        email: &str,
        sign_in: SignIn,
        step_up: Option<StepUp>,
        request_id: String,
    ) -> Result<Admission> {
        let email = email.trim().to_ascii_lowercase();
        let member = match self.member_by_email(&email, false).await? {
            Some(member) => Some(member),
            None => self.first_owner(&email, sign_in, &request_id).await?,
        };
        let Some(member) = member else {
            return Ok(Admission::NotMember { email });
        };
        if member.disabled {
            return Ok(Admission::Disabled { email });
        }
        self.seen(&member).await?;
        Ok(Admission::Actor(Actor {
            principal: Principal::Person {
                member: member_id(&member)?,
                email,
            },
            grants: member.grants,
            sign_in,
            step_up,
            request_id,
        }))
    }

    /// A service token of Access, by its verified client id.
    ///
    /// # Errors
    /// The database's.
    pub async fn actor_for_service(
        &self,
        client_id: &str,
        request_id: String,
    ) -> Result<Admission> {
        let name = client_id.to_owned();
        let Some(member) = self.member_by_email(client_id, true).await? else {
            return Ok(Admission::NotMember { email: name });
        };
        if member.disabled {
            return Ok(Admission::Disabled { email: name });
        }
        self.seen(&member).await?;
        Ok(Admission::Actor(Actor {
            principal: Principal::Machine {
                member: member_id(&member)?,
                name,
            },
            grants: member.grants,
            sign_in: SignIn::ServiceToken,
            step_up: None,
            request_id,
        }))
    }

    async fn first_owner(
        &self,
        email: &str,
        sign_in: SignIn,
        request_id: &str,
    ) -> Result<Option<MemberRow>> {
        let configured = self
            .inner
            .settings
            .owner_email
            .as_deref()
            .unwrap_or_default();
        if !configured.trim().eq_ignore_ascii_case(email) {
            return Ok(None);
        }
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let all = self.all_members().await?;
            if let Some(found) = all.iter().find(|m| m.email == email && !m.machine) {
                return Ok(Some(found.clone()));
            }
            if all.iter().any(members::is_active_owner) {
                return Ok(None);
            }
            let grants = [Grant {
                role: Role::Owner,
                environment: None,
            }];
            let owner = members::new_member(self.new_id(), email, false, &grants, self.now_ms())?;
            let actor = Actor {
                principal: Principal::Person {
                    member: member_id(&owner)?,
                    email: email.to_owned(),
                },
                grants: Vec::new(),
                sign_in,
                step_up: None,
                request_id: request_id.to_owned(),
            };
            let mut entry = members::entry("member.add", None, &owner)?;
            entry.reason = Some(members::told(&owner, true).into());
            let state = vec![members::insert(&owner)?];
            match self.commit(&head, &actor, vec![entry], state).await? {
                Committed::Done => return Ok(Some(owner)),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    async fn seen(&self, member: &MemberRow) -> Result<()> {
        let now_ms = self.now_ms();
        if member
            .last_seen_ms
            .is_some_and(|seen_ms| now_ms - seen_ms < SEEN_MS)
        {
            return Ok(());
        }
        self.inner
            .db
            .batch(vec![sql!(
                "UPDATE members SET last_seen_ms = ?2 WHERE id = ?1",
                member.id.as_str(),
                now_ms
            )])
            .await?;
        Ok(())
    }
}

fn member_id(member: &MemberRow) -> Result<MemberId> {
    MemberId::parse(&member.id).ok_or_else(|| Error::internal("a member has no proper id"))
}

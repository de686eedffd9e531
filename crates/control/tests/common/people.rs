//! Members and tokens as the console makes them.

use nexus_control::views::{MemberRow, PendingRequest, TokenOnce};
use nexus_control::{Admission, Confirmed};
use nexus_domain::access::{Grant, Role, Scope};
use nexus_domain::actor::{Actor, SignIn};

use super::World;

pub(crate) const OWNER: &str = "owner@example.com";

pub(crate) fn grant(role: Role) -> Grant {
    Grant {
        role,
        environment: None,
    }
}

pub(crate) async fn sign_in(w: &World, email: &str) -> Admission {
    w.t.console
        .actor_for_person(email, SignIn::AccessMfa, None, "r".into())
        .await
        .unwrap()
}

pub(crate) async fn actor(w: &World, email: &str) -> Actor {
    match sign_in(w, email).await {
        Admission::Actor(actor) => actor,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn do_it(
    w: &World,
    actor: &Actor,
    request: PendingRequest,
) -> nexus_control::Result<Confirmed> {
    let pending = w.t.console.request(actor, request).await?;
    let actor = w.t.stepped_up(actor, &pending.action_digest);
    w.t.console.confirm(&actor, &pending.id).await
}

pub(crate) async fn add(
    w: &World,
    by: &Actor,
    email: &str,
    role: Role,
) -> nexus_control::Result<MemberRow> {
    let request = PendingRequest::AddMember {
        email: email.into(),
        machine: false,
        grants: vec![grant(role)],
    };
    match do_it(w, by, request).await? {
        Confirmed::Member(member) => Ok(member),
        Confirmed::Token(_) => panic!("a token"),
    }
}

pub(crate) fn change(member: &MemberRow, grants: Vec<Grant>, disabled: bool) -> PendingRequest {
    PendingRequest::ChangeMember {
        id: member.id.clone(),
        email: member.email.clone(),
        version: member.version,
        grants,
        disabled,
    }
}

pub(crate) async fn token(
    w: &World,
    by: &Actor,
    scopes: &[Scope],
    days: u32,
) -> nexus_control::Result<TokenOnce> {
    let request = PendingRequest::CreateToken {
        name: "ci".into(),
        scopes: scopes.to_vec(),
        expires_days: days,
    };
    match do_it(w, by, request).await? {
        Confirmed::Token(token) => Ok(token),
        Confirmed::Member(_) => panic!("a member"),
    }
}

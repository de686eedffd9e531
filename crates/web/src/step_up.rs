//! Step-up on the way through: `/step-up/{id}` is behind the step-up
//! application, so reaching it with a fresh assertion proves the second
//! factor; the proof, bound to the pending action's digest, travels in a
//! ticket cookie to `POST /confirm/{id}`, where it arms the actor. Showing the
//! page changes nothing, so a GET suffices.

use http::HeaderValue;
use http::request::Parts;
use nexus_domain::actor::{Actor, Principal, StepUp};
use nexus_identity::Email;
use nexus_identity::access::Application;
use nexus_identity::step_up::{
    ActionDigest, FreshSignIn, STEP_UP_MS, SessionIdentity, StepUpProof,
};
use nexus_identity::ticket::{StepUpTicket, TicketId};

use crate::identify::Web;
use crate::{Caller, cookie};

pub const STEP_UP_COOKIE: &str = "nexus_step_up";
/// How much the clock of whoever signs people in may be behind ours, in milliseconds; it
/// tells whole seconds.
const SKEW_MS: i64 = 5_000;
const SHOW: &str = "/step-up/";
const CONFIRM: &str = "/confirm/";

pub(crate) fn application_of(path: &str) -> Application {
    if path.starts_with(SHOW) {
        Application::StepUp
    } else {
        Application::Console
    }
}

/// On the first path answers with the ticket cookie, on the second reads it.
pub(crate) async fn carry(
    web: &Web,
    request: &Parts,
    caller: Caller,
    fresh: Option<FreshSignIn>,
) -> (Caller, Option<HeaderValue>) {
    let Caller::Actor(mut actor) = caller else {
        return (caller, None);
    };
    let path = request.uri.path();
    let mut set_cookie = None;
    if let (Some(id), Some(fresh)) = (path.strip_prefix(SHOW), fresh) {
        set_cookie = ticket(web, &actor, id, &fresh).await;
    } else if let Some(id) = path.strip_prefix(CONFIRM) {
        let presented = cookie(&request.headers, STEP_UP_COOKIE);
        actor.step_up = match presented {
            Some(text) => step_up(web, &actor, id, text).await,
            None => None,
        };
    }
    (Caller::Actor(actor), set_cookie)
}

async fn ticket(web: &Web, actor: &Actor, id: &str, fresh: &FreshSignIn) -> Option<HeaderValue> {
    let (email, digest, asked_ms) = pending(web, actor, id).await?;
    let now_ms = web.console().now_ms();
    // One sign-in for one action: it must have happened for this one.
    if fresh.at_ms() < asked_ms - SKEW_MS {
        tracing::warn!("step-up refused: the sign-in is older than the action");
        return None;
    }
    let session = SessionIdentity {
        email: &email,
        sub: fresh.sub(),
    };
    let proof = StepUpProof::establish(session, fresh, digest, now_ms)
        .inspect_err(|error| tracing::warn!(%error, "step-up refused"))
        .ok()?;
    let mut ticket_id = [0; 16];
    web.random().fill(&mut ticket_id);
    let text = StepUpTicket::new(TicketId(ticket_id), proof).encode(web.ticket_key());
    let secure = if web.is_https() { "; Secure" } else { "" };
    let max_age_s = STEP_UP_MS / 1000;
    HeaderValue::try_from(format!(
        "{STEP_UP_COOKIE}={text}; Path={CONFIRM}; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}"
    ))
    .ok()
}

/// The pending action is taken away with its confirmation, so a ticket, which
/// is bound to its digest and id, can't be used twice.
async fn step_up(web: &Web, actor: &Actor, id: &str, presented: &str) -> Option<StepUp> {
    let (email, digest, _) = pending(web, actor, id).await?;
    let now_ms = web.console().now_ms();
    let ticket = StepUpTicket::open(presented, web.ticket_key(), &email, &digest, now_ms)
        .inspect_err(|error| tracing::warn!(%error, "ticket refused"))
        .ok()?;
    Some(StepUp {
        action_digest: hex::encode(digest),
        at_ms: ticket.proof().at_ms(),
    })
}

async fn pending(web: &Web, actor: &Actor, id: &str) -> Option<(Email, ActionDigest, i64)> {
    let Principal::Person { email, .. } = &actor.principal else {
        return None;
    };
    let pending = web.console().pending(actor, id).await.ok()?;
    Some((
        Email::parse(email).ok()?,
        hex::FromHex::from_hex(&pending.action_digest).ok()?,
        pending.expires_ms - nexus_control::PENDING_MS,
    ))
}

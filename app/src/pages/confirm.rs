//! The confirmation of a dangerous action. `/step-up/{id}` lies behind the
//! step-up application: whoever sees it has just proved a second factor, and
//! carries a ticket for exactly this action to `POST /confirm/{id}`.

use axum::extract::Path;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{Confirmed, PendingAction, PendingRequest};

use crate::cx::Cx;
use crate::host::{Answer, Visit, see_other};
use crate::pages::settings::{grants::grant_list, token};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::ScopeWord;
use crate::text::settings::{ConfirmWord as W, MemberWord, TokenWord};
use crate::ui::{Callout, Empty, Icon, Tone, callout, empty, icon, page_head, when_in_words};

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.console.pending(&visit.actor, &id).await {
        Ok(pending) => Ok(visit.page(|cx| view_confirm(cx, &pending))),
        Err(Error::NotFound { .. }) => Ok(gone(&visit)),
        Err(error) => Err(visit.fail(&error)),
    }
}

pub async fn confirm(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.console.confirm(&visit.actor, &id).await {
        Ok(Confirmed::Member(member)) => {
            let done = if member.version <= 1 {
                "member-added"
            } else {
                "member-changed"
            };
            Ok(see_other(&format!("/settings/members?done={done}")))
        }
        Ok(Confirmed::Token(made)) => Ok(token::created(&visit, &made)),
        Err(Error::NotFound { .. }) => Ok(gone(&visit)),
        Err(Error::StepUpRequired { .. }) => {
            let href = format!("/step-up/{id}");
            Ok(visit.page_with(StatusCode::FORBIDDEN, |cx| view_step_up(cx, href)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// Leads to the step-up application by a page, not by a redirect: browsers hold the whole
/// chain of redirects after a form against `form-action 'self'`, and people may sign in on
/// another origin.
pub(super) fn lead_to(visit: &Visit, id: &str) -> Response {
    let href = format!("/step-up/{id}");
    let refresh = HeaderValue::try_from(format!("0;url={href}"));
    let mut response = visit.page(|cx| view_step_up(cx, href));
    if let Ok(refresh) = refresh {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    response
}

fn gone(visit: &Visit) -> Response {
    visit.page_with(StatusCode::NOT_FOUND, |cx| {
        let gone = empty(Empty {
            mark: Icon::Clock,
            title: cx.t(W::GoneTitle),
            text: cx.t(W::GoneText).to_owned(),
            next: Some(("/settings/members".to_owned(), cx.t(MemberWord::Title))),
        });
        let head = page_head(cx.t(W::Title).to_owned(), ().into_any(), ().into_any());
        let body = view! {
            {head}
            {gone}
        };
        Page::new(cx.t(W::Title), Place::MEMBERS, body.into_any())
    })
}

/// Asks for the second factor: there is no ticket yet, or it is too old.
pub fn view_step_up(cx: &Cx, href: String) -> Page {
    use crate::text::states::StateWord;
    let body = view! {
        <div class="narrow">
            {page_head(cx.t(StateWord::StepUpTitle).to_owned(), ().into_any(), ().into_any())}
            <p class="prose">{cx.t(StateWord::StepUpText)}</p>
            <a class="button primary" href=href data-no-prefetch="">
                {icon(Icon::Lock)}
                <span>{cx.t(W::StepUpAgain)}</span>
            </a>
        </div>
    };
    Page::new(
        cx.t(StateWord::StepUpTitle),
        Place::MEMBERS,
        body.into_any(),
    )
}

pub fn view_confirm(cx: &Cx, pending: &PendingAction) -> Page {
    let (title, place, back, what) = words(cx, &pending.request);
    let until = when_in_words(cx, pending.expires_ms);
    let (before, after) = cx
        .t(W::Expires)
        .split_once("{0}")
        .unwrap_or((cx.t(W::Expires), ""));
    let fresh = callout(Callout {
        tone: Tone::Good,
        title: cx.t(W::Fresh).to_owned(),
        body: view! { <p>{before} {until} {after}</p> }.into_any(),
    });
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), ().into_any(), ().into_any())} {fresh}
            <section class="panel" aria-labelledby="what">
                <h2 id="what">{cx.t(W::Exactly)}</h2>
                {what}
                <p class="hash-line">
                    <span>{cx.t(W::Digest)}</span>
                    <code class="hash">{pending.action_digest.clone()}</code>
                </p>
            </section>
            <form method="post" action=format!("/confirm/{}", pending.id) class="act-form">
                <button type="submit" class="button primary">
                    {cx.t(W::Confirm)}
                </button>
                <a class="button quiet-button" href=back>
                    {cx.t(Common::Cancel)}
                </a>
            </form>
        </div>
    };
    Page::new(title, place, body.into_any())
}

/// Title, place in the navigation, way back, and what will happen.
fn words(cx: &Cx, request: &PendingRequest) -> (String, Place, &'static str, AnyView) {
    let members = (Place::MEMBERS, "/settings/members");
    match request {
        PendingRequest::AddMember {
            email,
            machine,
            grants,
        } => {
            let kind = if *machine {
                MemberWord::KindMachine
            } else {
                MemberWord::KindPerson
            };
            let what = view! {
                <dl class="facts">
                    <div class="fact">
                        <dt>{cx.t(MemberWord::Email)}</dt>
                        <dd>{email.clone()}</dd>
                    </div>
                    <div class="fact">
                        <dt>{cx.t(MemberWord::Kind)}</dt>
                        <dd>{cx.t(kind)}</dd>
                    </div>
                </dl>
                {grant_list(cx, grants)}
            };
            (
                cx.f(W::AddMember, &[email]),
                members.0,
                members.1,
                what.into_any(),
            )
        }
        PendingRequest::ChangeMember {
            email,
            grants,
            disabled,
            ..
        } => {
            let access = if *disabled { W::MayNot } else { W::May };
            let what = view! {
                <dl class="facts">
                    <div class="fact">
                        <dt>{cx.t(MemberWord::Access)}</dt>
                        <dd>{cx.t(access)}</dd>
                    </div>
                </dl>
                {grant_list(cx, grants)}
            };
            (
                cx.f(W::ChangeMember, &[email]),
                members.0,
                members.1,
                what.into_any(),
            )
        }
        PendingRequest::CreateToken {
            name,
            scopes,
            expires_days,
        } => {
            let scopes = scopes
                .iter()
                .map(|s| view! { <li>{icon(Icon::Check)} <span>{cx.t(ScopeWord::of(*s))}</span></li> })
                .collect_view();
            let what = view! {
                <ul class="consequences">{scopes}</ul>
                <dl class="facts">
                    <div class="fact">
                        <dt>{cx.t(TokenWord::ExpiresIn)}</dt>
                        <dd>{cx.f(TokenWord::Days, &[&expires_days.to_string()])}</dd>
                    </div>
                </dl>
            };
            let title = cx.f(W::CreateToken, &[name]);
            (title, Place::TOKENS, "/settings/tokens", what.into_any())
        }
    }
}

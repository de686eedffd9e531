//! Pages that say no: errors, and the states of not being signed in.

use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_web::SignedOut;

use super::experiments::parts::role_names;
use crate::cx::Cx;
use crate::shell::{Page, Place, SIGN_IN, SIGN_OUT};
use crate::text::domain::{ActionWord, StatusWord};
use crate::text::states::StateWord as W;
use crate::ui::{Icon, icon};

/// Title and text of an error, and where to go next.
fn words(cx: &Cx, error: &Error) -> (Icon, W, String, (String, W)) {
    let home = || ("/".to_owned(), W::ToOverview);
    match error {
        Error::NotFound { .. } => (
            Icon::Search,
            W::NotFoundTitle,
            cx.t(W::NotFoundText).to_owned(),
            home(),
        ),
        Error::Forbidden { action } => {
            let text = format!(
                "{} {}",
                cx.f(W::ForbiddenText, &[cx.t(ActionWord::of(*action))]),
                cx.f(W::ForbiddenRoles, &[&role_names(cx, *action)])
            );
            (Icon::Lock, W::ForbiddenTitle, text, home())
        }
        Error::StepUpRequired { .. } => (
            Icon::Lock,
            W::StepUpTitle,
            cx.t(W::StepUpText).to_owned(),
            home(),
        ),
        Error::Conflict { .. } => {
            let back = (current(cx), W::ToCurrent);
            (
                Icon::Alert,
                W::ConflictTitle,
                cx.t(W::ConflictText).to_owned(),
                back,
            )
        }
        Error::Refused(status) => {
            let text = cx.f(W::RefusedText, &[cx.t(StatusWord::of(*status))]);
            (
                Icon::Alert,
                W::RefusedTitle,
                text,
                (current(cx), W::ToCurrent),
            )
        }
        Error::Archived => (
            Icon::Alert,
            W::RefusedTitle,
            cx.t(W::ArchivedText).to_owned(),
            (current(cx), W::ToCurrent),
        ),
        Error::Invalid(_) => (
            Icon::Alert,
            W::InvalidTitle,
            cx.t(W::InvalidText).to_owned(),
            home(),
        ),
        Error::Unavailable { .. } => {
            let again = (cx.here(), W::TryAgain);
            (
                Icon::Clock,
                W::UnavailableTitle,
                cx.t(W::UnavailableText).to_owned(),
                again,
            )
        }
        Error::Internal(_) => (
            Icon::Alert,
            W::InternalTitle,
            cx.t(W::InternalText).to_owned(),
            home(),
        ),
    }
}

/// The page of the object whose command failed: one step up the path.
fn current(cx: &Cx) -> String {
    match cx.path.rsplit_once('/') {
        Some((above, _)) if !above.is_empty() => above.to_owned(),
        _ => "/".to_owned(),
    }
}

/// `cause` is shown to developers only.
pub fn failed(cx: &Cx, error: &Error, cause: Option<String>) -> Page {
    let (mark, title, text, (href, label)) = words(cx, error);
    let body = view! {
        <div class="state">
            <span class="state-mark">{icon(mark)}</span>
            <p class="state-code" aria-hidden="true">
                {error.status().to_string()}
            </p>
            <h1 id="title" tabindex="-1">
                {cx.t(title)}
            </h1>
            <p class="state-text">{text}</p>
            {cause.map(|cause| view! { <pre class="code">{cause}</pre> })}
            <div class="state-act">
                <a class="button primary" href=href>
                    {cx.t(label)}
                </a>
            </div>
            {request_id(cx)}
        </div>
    };
    Page {
        place: None,
        ..Page::new(cx.t(title), Place::OVERVIEW, body.into_any())
    }
}

/// Title and body of a signed-out state.
#[must_use]
pub fn signed_out(cx: &Cx, why: &SignedOut) -> (String, AnyView) {
    let (mark, title, text, act) = match why {
        SignedOut::NoToken => (
            Icon::Key,
            W::NoTokenTitle,
            cx.t(W::NoTokenText).to_owned(),
            (SIGN_IN.to_owned(), W::SignIn),
        ),
        SignedOut::BadToken => (
            Icon::Clock,
            W::BadTokenTitle,
            cx.t(W::BadTokenText).to_owned(),
            (SIGN_OUT.to_owned(), W::SignInAgain),
        ),
        SignedOut::Unverifiable => (
            Icon::Clock,
            W::UnverifiableTitle,
            cx.t(W::UnverifiableText).to_owned(),
            (cx.here(), W::TryAgain),
        ),
        SignedOut::NoMfa { email } => (
            Icon::Shield,
            W::NoMfaTitle,
            cx.f(W::NoMfaText, &[email]),
            (SIGN_OUT.to_owned(), W::SignInAgain),
        ),
        SignedOut::NotMember { email } => (
            Icon::Members,
            W::NotMemberTitle,
            cx.f(W::NotMemberText, &[email]),
            (SIGN_OUT.to_owned(), W::OtherAccount),
        ),
        SignedOut::Disabled { email } => (
            Icon::Lock,
            W::DisabledTitle,
            cx.f(W::DisabledText, &[email]),
            (SIGN_OUT.to_owned(), W::OtherAccount),
        ),
    };
    let body = view! {
        <span class="state-mark">{icon(mark)}</span>
        <h1 id="title" tabindex="-1">
            {cx.t(title)}
        </h1>
        <p class="state-text">{text}</p>
        <div class="state-act">
            <a class="button primary" href=act.0 data-no-prefetch="">
                {cx.t(act.1)}
            </a>
        </div>
    };
    (cx.t(title).to_owned(), body.into_any())
}

/// Title and body for a request that never reached a page: a body too large, no answer in time,
/// a panic, another site.
#[must_use]
pub fn refused(cx: &Cx, status: StatusCode, max_bytes: usize) -> (String, AnyView) {
    let (mark, title, text) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let mebibytes = (max_bytes / 1024 / 1024).to_string();
            let text = cx.f(W::TooLargeText, &[&mebibytes]);
            (Icon::Alert, W::TooLargeTitle, text)
        }
        StatusCode::SERVICE_UNAVAILABLE => (
            Icon::Clock,
            W::TimeoutTitle,
            cx.t(W::TimeoutText).to_owned(),
        ),
        StatusCode::FORBIDDEN => {
            let text = cx.t(W::CrossSiteText).to_owned();
            (Icon::Shield, W::CrossSiteTitle, text)
        }
        status if status.is_client_error() => (
            Icon::Alert,
            W::InvalidTitle,
            cx.t(W::InvalidText).to_owned(),
        ),
        _ => (
            Icon::Alert,
            W::InternalTitle,
            cx.t(W::InternalText).to_owned(),
        ),
    };
    let body = view! {
        <span class="state-mark">{icon(mark)}</span>
        <h1 id="title" tabindex="-1">
            {cx.t(title)}
        </h1>
        <p class="state-text">{text}</p>
        <div class="state-act">
            <a class="button primary" href="/">
                {cx.t(W::ToOverview)}
            </a>
        </div>
        {request_id(cx)}
    };
    (cx.t(title).to_owned(), body.into_any())
}

fn request_id(cx: &Cx) -> Option<impl IntoView> {
    (!cx.request_id.is_empty()).then(|| {
        view! {
            <p class="state-id">
                {cx.t(W::RequestId)} ": " <code>{cx.request_id.clone()}</code>
            </p>
        }
    })
}

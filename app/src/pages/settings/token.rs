//! `/settings/tokens/new`, and the one time its secret is shown.

use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{PendingRequest, TokenOnce};
use nexus_domain::access::{Action, Scope};
use nexus_domain::{Field as At, FieldProblem};

use crate::cx::Cx;
use crate::host::{Answer, Form, Visit};
use crate::pages::confirm;
use crate::pages::problems::{error_of, summary};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::ScopeWord;
use crate::text::settings::TokenWord as W;
use crate::ui::{
    Callout, Field, Input, Tone, callout, check_row, copy, field_error, input, page_head, select,
};

const DAYS: [u32; 5] = [7, 30, 90, 180, 365];

/// The form as typed.
#[derive(Clone, Debug)]
pub struct TokenForm {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub expires_days: String,
}

impl Default for TokenForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            scopes: Vec::new(),
            expires_days: "90".to_owned(),
        }
    }
}

pub async fn form(visit: Visit) -> Answer {
    if !visit.cx.may(Action::CreateToken, None) {
        return Err(visit.fail(&Error::Forbidden {
            action: Action::CreateToken,
        }));
    }
    Ok(visit.page(|cx| view_form(cx, &TokenForm::default(), &[])))
}

pub async fn create(visit: Visit, body: String) -> Answer {
    let form = Form::parse(&body);
    let typed = TokenForm {
        name: form.trimmed("name"),
        scopes: form
            .all("scope")
            .into_iter()
            .filter_map(Scope::parse)
            .collect(),
        expires_days: form.trimmed("expires_days"),
    };
    let request = PendingRequest::CreateToken {
        name: typed.name.clone(),
        scopes: typed.scopes.clone(),
        // What is no number is out of the range that the use case names.
        expires_days: typed.expires_days.parse().unwrap_or(0),
    };
    match visit.console.request(&visit.actor, request).await {
        Ok(pending) => Ok(confirm::lead_to(&visit, &pending.id)),
        Err(Error::Invalid(problems)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.page_with(status, |cx| view_form(cx, &typed, &problems)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

pub fn view_form(cx: &Cx, form: &TokenForm, problems: &[FieldProblem]) -> Page {
    let error = |at: At| error_of(cx, problems, at);
    let name = Field::new("name", cx.t(W::Name))
        .help(cx.t(W::NameHelp))
        .error(error(At::Name))
        .required();
    let scopes = Scope::ALL
        .into_iter()
        .map(|scope| {
            let label = cx.t(ScopeWord::of(scope)).to_owned();
            let value = scope.as_str().to_owned();
            let help = Some(scope.as_str().to_owned());
            check_row(
                "checkbox",
                "scope",
                value,
                form.scopes.contains(&scope),
                label,
                help,
            )
        })
        .collect_view();
    let days = DAYS
        .map(|d| (d.to_string(), cx.f(W::Days, &[&d.to_string()])))
        .into();
    let expires = Field::new("expires_days", cx.t(W::ExpiresIn)).error(error(At::ExpiresIn));
    let scopes_error = error(At::Scopes);
    let scopes_class = if scopes_error.is_some() {
        "field invalid"
    } else {
        "field"
    };
    let body = view! {
        <div class="narrow">
            {page_head(cx.t(W::New).to_owned(), ().into_any(), ().into_any())}
            {summary(cx, problems)} <form method="post" action=cx.here() class="form" novalidate=true>
                {input(Input::text(name, "name", form.name.clone()))}
                <fieldset class=scopes_class id="scopes" tabindex="-1">
                    <legend class="field-label">{cx.t(W::Scopes)}</legend>
                    {field_error("scopes", scopes_error)}
                    <div class="stacked-checks codes">{scopes}</div>
                    <p class="field-help">{cx.t(W::ScopesHelp)}</p>
                </fieldset>
                {select(expires, "expires_days", &form.expires_days, days)}
                <div class="form-foot">
                    <button type="submit" class="button primary">
                        {cx.t(crate::text::settings::MemberWord::ToConfirm)}
                    </button>
                    <a class="button quiet-button" href="/settings/tokens">
                        {cx.t(Common::Cancel)}
                    </a>
                </div>
            </form>
        </div>
    };
    Page::new(cx.t(W::New), Place::TOKENS, body.into_any())
        .below("/settings/tokens", cx.t(W::Title))
}

/// The secret, once. The response must not be stored anywhere.
pub fn created(visit: &Visit, made: &TokenOnce) -> Response {
    visit.page(|cx| view_once(cx, made))
}

pub fn view_once(cx: &Cx, made: &TokenOnce) -> Page {
    let until = cx.zone.minute(made.row.expires_ms, cx.lang);
    let body = view! {
        <p>{cx.f(W::OnceText, &[&until])}</p>
        <p class="secret">
            <code aria-label=cx.t(W::Secret)>{made.secret.clone()}</code>
            {copy(cx, made.secret.clone())}
        </p>
    };
    let shown = callout(Callout {
        tone: Tone::Warn,
        title: cx.t(W::OnceTitle).to_owned(),
        body: body.into_any(),
    });
    let body = view! {
        <div class="narrow">
            {page_head(made.row.name.clone(), ().into_any(), ().into_any())} {shown}
            <a class="button primary" href="/settings/tokens">
                {cx.t(W::ToList)}
            </a>
        </div>
    };
    Page::new(made.row.name.clone(), Place::TOKENS, body.into_any())
        .below("/settings/tokens", cx.t(W::Title))
}

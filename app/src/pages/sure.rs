//! The page before what takes something away: it says what will happen, and asks for the name.

use http::StatusCode;
use leptos::prelude::*;

use crate::cx::Cx;
use crate::host::{Form, Visit};
use crate::islands::TypedName;
use crate::shell::Page;
use crate::text::common::Common;
use crate::text::experiments::CommandWord as W;
use crate::ui::{Allowed, Callout, Icon, Tone, callout, icon, page_head};

/// What somebody is about to do.
pub(crate) struct Sure {
    /// A question.
    pub title: String,
    /// Id or key below it.
    pub id: String,
    pub what: Vec<String>,
    pub may: Allowed,
    pub form: NameForm,
}

/// The form that does it.
pub(crate) struct NameForm {
    /// What is to be typed.
    pub name: String,
    /// What was typed before; said to be wrong where it is not the name.
    pub typed: Option<String>,
    /// Words of the button.
    pub action: &'static str,
    /// Where “Cancel” leads.
    pub back: String,
}

/// What was typed, where it is not the name.
#[must_use]
pub(crate) fn wrong_name(body: &str, name: &str) -> Option<String> {
    let typed = Form::parse(body).trimmed("typed");
    (typed != name).then_some(typed)
}

/// The page again, because of what was typed.
#[must_use]
pub(crate) fn again(visit: &Visit, view: impl FnOnce(&Cx) -> Page) -> axum::response::Response {
    visit.page_with(StatusCode::UNPROCESSABLE_ENTITY, view)
}

/// The body of the page.
#[must_use]
pub(crate) fn view_sure(cx: &Cx, sure: Sure) -> AnyView {
    let act = match sure.may {
        Err(title) => callout(Callout {
            tone: Tone::Warn,
            title,
            body: ().into_any(),
        }),
        Ok(()) => name_form(cx, sure.form, ().into_any()),
    };
    let lead = view! { <p class="row-id">{sure.id}</p> }.into_any();
    view! {
        <div class="narrow">
            {page_head(sure.title, lead, ().into_any())}
            {consequences(cx, sure.what)}
            {act}
        </div>
    }
    .into_any()
}

/// What will happen, line by line.
#[must_use]
pub(crate) fn consequences(cx: &Cx, what: Vec<String>) -> AnyView {
    let lines = what
        .into_iter()
        .map(|text| view! { <li>{icon(Icon::ArrowRight)} <span>{text}</span></li> });
    view! {
        <section class="panel" aria-labelledby="what">
            <h2 id="what">{cx.t(W::What)}</h2>
            <ul class="consequences">{lines.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// `fields` stand above the name.
#[must_use]
pub(crate) fn name_form(cx: &Cx, form: NameForm, fields: AnyView) -> AnyView {
    view! {
        <form method="post" action=cx.here() class="act-form">
            {fields}
            {name_field(cx, form)}
        </form>
    }
    .into_any()
}

/// The name, the button it guards, and the way back: the end of a form.
#[must_use]
pub(crate) fn name_field(cx: &Cx, form: NameForm) -> AnyView {
    let label = cx.f(W::TypeName, &[&form.name]);
    let wrong = cx.f(W::WrongName, &[&form.name]);
    let refused = form.typed.as_ref().is_some_and(|typed| *typed != form.name);
    let value = form.typed.unwrap_or_default();
    let action = form.action.to_owned();
    view! {
        <TypedName
            expected=form.name
            label=label
            action=action
            value=value
            wrong=wrong
            refused=refused
        />
        <a class="button quiet-button" href=form.back>
            {cx.t(Common::Cancel)}
        </a>
    }
    .into_any()
}

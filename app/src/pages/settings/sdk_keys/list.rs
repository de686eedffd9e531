//! `/settings/sdk-keys`: the list, of one environment or of all.

use leptos::prelude::*;
use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::sdk_key::{SdkKey, SdkKeyKind};

use super::{LIST, home};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit};
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::sdk_keys::SdkKeyWord as W;
use crate::ui::{
    Empty, Field, Icon, Tone, act_link, chip, copy, empty, environment_chip, environment_options,
    page_head, select, when,
};

pub async fn show(visit: Visit) -> Answer {
    let form = Form::parse(&visit.cx.query);
    let environment = Environment::parse(form.get("environment"));
    let keys = visit.console.sdk_keys(&visit.actor, environment).await;
    let keys = keys.map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_list(cx, environment, &keys)))
}

pub fn view_list(cx: &Cx, environment: Option<Environment>, keys: &[SdkKey]) -> Page {
    let create = act_link(
        "primary",
        Some(Icon::Plus),
        cx.t(W::New),
        format!("{LIST}/new"),
        allowed(cx, Action::ManageSdkKeys, Some(cx.environment)),
    );
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let list = if keys.is_empty() {
        nothing(cx, environment)
    } else {
        table(cx, keys)
    };
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, create)} {filter(cx, environment)}
        {list}
    };
    Page::new(cx.t(W::Title), Place::SDK_KEYS, body.into_any())
}

fn filter(cx: &Cx, chosen: Option<Environment>) -> AnyView {
    let options = std::iter::once((String::new(), cx.t(Common::All).to_owned()))
        .chain(environment_options(cx))
        .collect();
    let field = Field::new("environment", cx.t(W::Environment));
    let chosen = chosen.map_or("", Environment::as_str);
    view! {
        <form class="filters" method="get" action=LIST role="search" aria-label=cx.t(W::Filter)>
            {select(field, "environment", chosen, options)}
            <div class="filters-act">
                <button type="submit" class="button">
                    {cx.t(Common::Apply)}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn nothing(cx: &Cx, environment: Option<Environment>) -> AnyView {
    let (title, next) = match environment {
        Some(_) => (W::NothingFits, Some((LIST.to_owned(), cx.t(Common::Clear)))),
        None => {
            let may = cx.may(Action::ManageSdkKeys, Some(cx.environment));
            let new = may.then(|| (format!("{LIST}/new"), cx.t(W::New)));
            (W::EmptyTitle, new)
        }
    };
    empty(Empty {
        mark: Icon::Key,
        title: cx.t(title),
        text: cx.t(W::EmptyText).to_owned(),
        next,
    })
}

fn table(cx: &Cx, keys: &[SdkKey]) -> AnyView {
    let rows = keys.iter().map(|key| row(cx, key)).collect_view();
    view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Name)}</th>
                    <th scope="col">{cx.t(W::Environment)}</th>
                    <th scope="col">{cx.t(W::Kind)}</th>
                    <th scope="col">{cx.t(W::Origins)}</th>
                    <th scope="col">{cx.t(W::State)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::Changed)}
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(cx: &Cx, key: &SdkKey) -> AnyView {
    let text = match &key.key {
        Some(text) => view! {
            <code class="row-id">{text.clone()}</code>
            {copy(cx, text.clone())}
        }
        .into_any(),
        None => view! { <code class="row-id">{format!("{}…", key.hint)}</code> }.into_any(),
    };
    view! {
        <tr class=key.revoked_ms.is_some().then_some("off")>
            <th scope="row" class="lead-cell">
                <a class="row-link" href=home(key)>
                    {key.name.clone()}
                </a>
                {text}
            </th>
            <td data-label=cx.t(W::Environment)>{environment_chip(cx, key.environment)}</td>
            <td data-label=cx.t(W::Kind)>{cx.t(W::of(key.kind))}</td>
            <td data-label=cx.t(W::Origins) class="lead-cell">
                {origins(cx, key)}
            </td>
            <td data-label=cx.t(W::State)>{state(cx, key)}</td>
            <td class="end" data-label=cx.t(W::Changed)>
                {when(cx, key.updated_ms)}
            </td>
        </tr>
    }
    .into_any()
}

pub(super) fn state(cx: &Cx, key: &SdkKey) -> AnyView {
    match key.revoked_ms {
        Some(_) => chip(Tone::Neutral, cx.t(W::Revoked)),
        None => chip(Tone::Good, cx.t(W::InUse)),
    }
}

/// Which pages may use it.
pub(super) fn origins(cx: &Cx, key: &SdkKey) -> AnyView {
    match (key.kind, key.origins.is_empty()) {
        (SdkKeyKind::Server, _) => {
            view! { <span class="quiet">{cx.t(W::NoPages)}</span> }.into_any()
        }
        (SdkKeyKind::Client, true) => cx.t(W::AnyOrigin).into_any(),
        (SdkKeyKind::Client, false) => {
            let items = key.origins.iter().map(|o| view! { <li>{o.clone()}</li> });
            view! { <ul>{items.collect_view()}</ul> }.into_any()
        }
    }
}

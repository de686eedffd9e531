//! `/layers`: which experiments have which parts; and the names that a form offers.

use axum::response::Response;
use leptos::prelude::*;
use nexus_control::views::{Layer, LayerPart};
use nexus_domain::Environment;

use crate::cx::Cx;
use crate::format::bp;
use crate::host::{Answer, Visit};
use crate::shell::{Page, Place};
use crate::text::domain::StatusWord;
use crate::text::experiments::ListWord;
use crate::text::layers::LayerWord as W;
use crate::ui::{Empty, Icon, empty, environment_chip, page_head};

pub async fn show(visit: Visit) -> Answer {
    let all = visit.console.layers(&visit.actor, None).await;
    let all = all.map_err(|error| visit.fail(&error))?;
    Ok(visit.page(|cx| view_layers(cx, &all)))
}

/// Those of an environment that other experiments are in; none for one there is not.
pub(crate) async fn names(
    visit: &Visit,
    environment: &str,
    own: &str,
) -> Result<Vec<String>, Response> {
    let Some(environment) = Environment::parse(environment) else {
        return Ok(Vec::new());
    };
    let all = visit.console.layers(&visit.actor, Some(environment)).await;
    let all = all.map_err(|error| visit.fail(&error))?.into_iter();
    let others = all.filter(|layer| layer.parts.iter().any(|part| part.experiment != own));
    Ok(others.map(|layer| layer.name).collect())
}

pub fn view_layers(cx: &Cx, all: &[Layer]) -> Page {
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let list = match all.is_empty() {
        true => empty(Empty {
            mark: Icon::Experiment,
            title: cx.t(W::EmptyTitle),
            text: cx.t(W::EmptyText).to_owned(),
            next: None,
        }),
        false => table(cx, all),
    };
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, ().into_any())}
        <div id="layer-list" data-live="">
            {list}
        </div>
    };
    Page::new(cx.t(W::Title), Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .live()
}

fn table(cx: &Cx, all: &[Layer]) -> AnyView {
    let rows = all.iter().map(|layer| row(cx, layer)).collect_view();
    view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Layer)}</th>
                    <th scope="col">{cx.t(W::Environment)}</th>
                    <th scope="col">{cx.t(W::Experiments)}</th>
                    <th scope="col">{cx.t(W::Free)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(cx: &Cx, layer: &Layer) -> AnyView {
    let parts = layer.parts.iter().map(|part| view_part(cx, part));
    let free = match layer.free_bp {
        0 => cx.t(W::Full).to_owned(),
        free_bp => cx.f(W::FreeText, &[&bp(free_bp), &bp(layer.largest_free_bp)]),
    };
    view! {
        <tr>
            <th scope="row"><code>{layer.name.clone()}</code></th>
            <td data-label=cx.t(W::Environment)>{environment_chip(cx, layer.environment)}</td>
            <td data-label=cx.t(W::Experiments)>
                <ul class="rules">{parts.collect_view()}</ul>
            </td>
            <td data-label=cx.t(W::Free)>{free}</td>
        </tr>
    }
    .into_any()
}

fn view_part(cx: &Cx, part: &LayerPart) -> AnyView {
    let has = match part.from_bp {
        Some(from_bp) => {
            let to_bp = from_bp.saturating_add(part.share_bp);
            cx.f(W::Part, &[&bp(from_bp), &bp(to_bp)])
        }
        None => cx.f(W::Planned, &[&bp(part.share_bp)]),
    };
    let status = cx.t(StatusWord::of(part.status));
    view! {
        <li>
            <a href=format!("/experiments/{}", part.experiment)>{part.name.clone()}</a>
            {format!(": {has}")}
            " "
            <span class="quiet">{status}</span>
        </li>
    }
    .into_any()
}

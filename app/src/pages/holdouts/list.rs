//! `/holdouts`.

use leptos::prelude::*;
use nexus_control::views::HoldoutRow;
use nexus_domain::access::Action;

use super::{LIST, home, reach, state};
use crate::cx::Cx;
use crate::format::{bp, count};
use crate::host::{Answer, Visit};
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::holdouts::HoldoutWord as W;
use crate::ui::{Empty, Icon, act_link, empty, environment_chip, page_head, when};

pub async fn show(visit: Visit) -> Answer {
    let all = visit.console.holdouts(&visit.actor, None).await;
    let all = all.map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_list(cx, &all)))
}

pub fn view_list(cx: &Cx, all: &[HoldoutRow]) -> Page {
    let create = act_link(
        "primary",
        Some(Icon::Plus),
        cx.t(W::New),
        format!("{LIST}/new"),
        allowed(cx, Action::ManageHoldouts, Some(cx.environment)),
    );
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let list = match all.is_empty() {
        true => {
            let may = cx.may(Action::ManageHoldouts, Some(cx.environment));
            empty(Empty {
                mark: Icon::Shield,
                title: cx.t(W::EmptyTitle),
                text: cx.t(W::EmptyText).to_owned(),
                next: may.then(|| (format!("{LIST}/new"), cx.t(W::New))),
            })
        }
        false => table(cx, all),
    };
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, create)}
        <div id="holdout-list" data-live="">
            {list}
        </div>
    };
    Page::new(cx.t(W::Title), Place::HOLDOUTS, body.into_any()).live()
}

fn table(cx: &Cx, all: &[HoldoutRow]) -> AnyView {
    let rows = all.iter().map(|row| view_row(cx, row)).collect_view();
    view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Name)}</th>
                    <th scope="col">{cx.t(W::State)}</th>
                    <th scope="col">{cx.t(W::Environment)}</th>
                    <th scope="col">{cx.t(W::Reach)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::Share)}
                    </th>
                    <th scope="col">{cx.t(W::Users)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::Since)}
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn view_row(cx: &Cx, row: &HoldoutRow) -> AnyView {
    let holdout = &row.holdout;
    let users = cx.f(W::UsersOf, &[&count(row.held_out), &count(row.others)]);
    view! {
        <tr class=holdout.stopped_ms.is_some().then_some("off")>
            <th scope="row" class="lead-cell">
                <a class="row-link" href=home(holdout)>
                    {holdout.name.clone()}
                </a>
                <span class="row-id">{holdout.id.to_string()}</span>
            </th>
            <td data-label=cx.t(W::State)>{state(cx, holdout)}</td>
            <td data-label=cx.t(W::Environment)>{environment_chip(cx, holdout.environment)}</td>
            <td data-label=cx.t(W::Reach)>{reach(cx, holdout)}</td>
            <td class="end num" data-label=cx.t(W::Share)>
                {format!("{}%", bp(holdout.share_bp))}
            </td>
            <td data-label=cx.t(W::Users)>{users}</td>
            <td class="end" data-label=cx.t(W::Since)>
                {when(cx, holdout.started_ms)}
            </td>
        </tr>
    }
    .into_any()
}

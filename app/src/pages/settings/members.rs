//! `/settings/members`.

use leptos::prelude::*;
use nexus_control::views::MemberRow;
use nexus_domain::access::Action;

use super::grants::chips;
use crate::cx::Cx;
use crate::host::{Answer, Visit};
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::settings::MemberWord as W;
use crate::ui::{Icon, Tone, act_link, actor_mark, chip, page_head, when};

pub async fn show(visit: Visit) -> Answer {
    let members = visit
        .console
        .members(&visit.actor)
        .await
        .map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_members(cx, &members)))
}

pub fn view_members(cx: &Cx, members: &[MemberRow]) -> Page {
    let add = act_link(
        "primary",
        Some(Icon::Plus),
        cx.t(W::Add),
        "/settings/members/new".to_owned(),
        allowed(cx, Action::ManageMembers, None),
    );
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let manage = cx.may(Action::ManageMembers, None);
    let rows = members.iter().map(|m| row(cx, m, manage)).collect_view();
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, add)}
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Member)}</th>
                    <th scope="col">{cx.t(W::Roles)}</th>
                    <th scope="col">{cx.t(W::Seen)}</th>
                    <th scope="col">{cx.t(W::Since)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    Page::new(cx.t(W::Title), Place::MEMBERS, body.into_any())
}

fn row(cx: &Cx, member: &MemberRow, manage: bool) -> AnyView {
    let name = member.email.clone();
    let name = if manage {
        let href = format!("/settings/members/{}", member.id);
        view! {
            <a class="row-link" href=href>
                {name}
            </a>
        }
        .into_any()
    } else {
        view! { <span>{name}</span> }.into_any()
    };
    let kind = if member.machine { "machine" } else { "person" };
    let you = cx.member_id() == Some(member.id.as_str());
    let seen = match member.last_seen_ms {
        Some(ms) => when(cx, ms),
        None => view! { <span class="quiet">{cx.t(Common::Never)}</span> }.into_any(),
    };
    view! {
        <tr class=member.disabled.then_some("off")>
            <th scope="row" class="lead-cell">
                <span class="who">
                    {actor_mark(kind, &member.email)} {name}
                    {you.then(|| chip(Tone::Accent, cx.t(W::You)))}
                    {member.machine.then(|| chip(Tone::Neutral, cx.t(W::Machine)))}
                    {member.disabled.then(|| chip(Tone::Warn, cx.t(W::Disabled)))}
                </span>
            </th>
            <td data-label=cx.t(W::Roles)>{chips(cx, &member.grants)}</td>
            <td data-label=cx.t(W::Seen)>{seen}</td>
            <td data-label=cx.t(W::Since)>{when(cx, member.created_ms)}</td>
        </tr>
    }
    .into_any()
}

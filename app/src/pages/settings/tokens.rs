//! `/settings/tokens`: the list, and revoking.

use axum::extract::Path;
use axum::response::Response;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::TokenRow;
use nexus_domain::access::Action;

use crate::cx::Cx;
use crate::host::{Answer, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::pages::sure::{NameForm, Sure, again, view_sure, wrong_name};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::ScopeWord;
use crate::text::settings::TokenWord as W;
use crate::ui::{Empty, Icon, Tone, act_link, ago, chip, empty, page_head, when};

const LIST: &str = "/settings/tokens";

pub async fn show(visit: Visit) -> Answer {
    let tokens = visit
        .console
        .tokens(&visit.actor)
        .await
        .map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_tokens(cx, &tokens)))
}

pub async fn ask_revoke(visit: Visit, Path(id): Path<String>) -> Answer {
    let token = find(&visit, &id).await?;
    if token.revoked_ms.is_some() {
        return Ok(see_other(LIST));
    }
    Ok(visit.page(|cx| view_revoke(cx, &token, None)))
}

/// Revoking stops harm, so it needs no step-up.
pub async fn revoke(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let token = find(&visit, &id).await?;
    if let Some(wrong) = wrong_name(&body, &token.name) {
        return Ok(again(&visit, |cx| view_revoke(cx, &token, Some(wrong))));
    }
    let revoked = visit.console.revoke_token(&visit.actor, &id).await;
    revoked.map_err(|e| visit.fail(&e))?;
    Ok(see_other("/settings/tokens?done=token-revoked"))
}

async fn find(visit: &Visit, id: &str) -> Result<TokenRow, Response> {
    let tokens = visit.console.tokens(&visit.actor).await;
    let mut tokens = tokens.map_err(|e| visit.fail(&e))?.into_iter();
    tokens.find(|token| token.id == id).ok_or_else(|| {
        let (kind, id) = ("API token", id.chars().take(64).collect());
        visit.fail(&Error::NotFound { kind, id })
    })
}

/// `wrong` is what was typed instead of the name.
pub fn view_revoke(cx: &Cx, token: &TokenRow, wrong: Option<String>) -> Page {
    let title = cx.f(W::RevokeTitle, &[&token.name]);
    let used = match token.last_used_ms {
        None => cx.t(W::RevokeNeverUsed).to_owned(),
        Some(ms) => cx.f(W::RevokeUsed, &[&ago(cx, ms)]),
    };
    let what = [W::RevokeA, W::RevokeB].map(|word| cx.t(word).to_owned());
    let sure = Sure {
        title: title.clone(),
        id: token.id.clone(),
        what: what.into_iter().chain([used]).collect(),
        may: allowed(cx, Action::RevokeToken, None),
        form: NameForm {
            name: token.name.clone(),
            typed: wrong,
            action: cx.t(W::Revoke),
            back: LIST.to_owned(),
        },
    };
    Page::new(title, Place::TOKENS, view_sure(cx, sure)).below(LIST, cx.t(W::Title))
}

pub fn view_tokens(cx: &Cx, tokens: &[TokenRow]) -> Page {
    let create = act_link(
        "primary",
        Some(Icon::Plus),
        cx.t(W::New),
        "/settings/tokens/new".to_owned(),
        allowed(cx, Action::CreateToken, None),
    );
    let lead = view! {
        <p>{cx.t(W::Lead)} " " <a href="/api/docs">{cx.t(W::ApiDocs)}</a></p>
    }
    .into_any();
    let list = if tokens.is_empty() {
        let may = cx.may(Action::CreateToken, None);
        empty(Empty {
            mark: Icon::Key,
            title: cx.t(W::EmptyTitle),
            text: cx.t(W::EmptyText).to_owned(),
            next: may.then(|| ("/settings/tokens/new".to_owned(), cx.t(W::New))),
        })
    } else {
        table(cx, tokens)
    };
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, create)}
        {list}
    };
    Page::new(cx.t(W::Title), Place::TOKENS, body.into_any())
}

fn table(cx: &Cx, tokens: &[TokenRow]) -> AnyView {
    let rows = tokens.iter().map(|token| row(cx, token)).collect_view();
    view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Name)}</th>
                    <th scope="col">{cx.t(W::Scopes)}</th>
                    <th scope="col">{cx.t(W::LastUsed)}</th>
                    <th scope="col">{cx.t(W::Expires)}</th>
                    <th scope="col">{cx.t(W::State)}</th>
                    <th scope="col" class="end">
                        <span class="sr">{cx.t(W::Revoke)}</span>
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(cx: &Cx, token: &TokenRow) -> AnyView {
    let state = match (token.revoked_ms, token.expires_ms <= cx.now_ms) {
        (Some(_), _) => chip(Tone::Neutral, cx.t(W::Revoked)),
        (None, true) => chip(Tone::Warn, cx.t(W::Expired)),
        (None, false) => chip(Tone::Good, cx.t(W::Active)),
    };
    let live = token.revoked_ms.is_none() && token.expires_ms > cx.now_ms;
    let scopes = token
        .scopes
        .iter()
        .map(|s| view! { <li class="chip neutral">{cx.t(ScopeWord::of(*s))}</li> })
        .collect_view();
    let used = match token.last_used_ms {
        Some(ms) => when(cx, ms),
        None => view! { <span class="quiet">{cx.t(Common::Never)}</span> }.into_any(),
    };
    view! {
        <tr id=token.id.clone() class=(!live).then_some("off")>
            <th scope="row" class="lead-cell">
                <span class="strong">{token.name.clone()}</span>
                <span class="row-id">
                    {cx.t(W::CreatedBy)} " " {cx.named(&token.created_by).to_owned()}
                </span>
            </th>
            <td data-label=cx.t(W::Scopes)>
                <ul class="chips">{scopes}</ul>
            </td>
            <td data-label=cx.t(W::LastUsed)>{used}</td>
            <td data-label=cx.t(W::Expires)>{when(cx, token.expires_ms)}</td>
            <td data-label=cx.t(W::State)>{state}</td>
            <td class="end">{live.then(|| revoke_control(cx, token))}</td>
        </tr>
    }
    .into_any()
}

fn revoke_control(cx: &Cx, token: &TokenRow) -> AnyView {
    if !cx.may(Action::RevokeToken, None) {
        return ().into_any();
    }
    let label = cx.f(W::RevokeLabel, &[&token.name]);
    view! {
        <a class="button small danger-quiet" href=format!("{LIST}/{}/revoke", token.id) aria-label=label>
            {cx.t(W::Revoke)}
        </a>
    }
    .into_any()
}

//! One entry with everything it proves.

use axum::extract::Path;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{AuditProof, AuditQuery, AuditRow};

use super::reason::reason;
use super::row::{actor, did, object};
use crate::cx::Cx;
use crate::format::count;
use crate::host::{Answer, Visit};
use crate::lang::Words as _;
use crate::shell::{Page, Place};
use crate::text::audit::AuditWord as W;
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::ui::{actor_mark, copy, page_head, panel, when_in_words};

pub async fn show(visit: Visit, Path(seq): Path<String>) -> Answer {
    let missing = || Error::NotFound {
        kind: "audit entry",
        id: seq.clone(),
    };
    let number: u64 = seq.parse().map_err(|_| visit.fail(&missing()))?;
    let row = find(&visit, number).await.map_err(|e| visit.fail(&e))?;
    let row = row.ok_or_else(|| visit.fail(&missing()))?;
    let proof = visit.console.audit_proof(&visit.actor, number).await;
    let proof = proof.map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_entry(cx, &row, &proof)))
}

/// The log is listed newest first in pages of a known size, so the entry's page
/// follows from its number. Entries may be added meanwhile, which moves it down.
async fn find(visit: &Visit, seq: u64) -> nexus_control::Result<Option<AuditRow>> {
    let newest = visit
        .console
        .audit(&visit.actor, &AuditQuery::default())
        .await?;
    if seq >= newest.total {
        return Ok(None);
    }
    let page = (newest.total - 1 - seq) / u64::from(newest.per_page.max(1)) + 1;
    let page = u32::try_from(page).unwrap_or(u32::MAX - 1);
    for page in [page, page + 1] {
        let query = AuditQuery {
            page,
            ..AuditQuery::default()
        };
        let list = visit.console.audit(&visit.actor, &query).await?.items;
        let found = list.into_iter().find(|row| row.entry.seq == seq);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn sign_in(cx: &Cx, name: &str) -> String {
    let word = match name {
        "access_mfa" => W::SignInAccess,
        "oidc_mfa" => W::SignInOidc,
        "service_token" => W::SignInService,
        "api_token" => W::SignInApi,
        "cli" => W::SignInCli,
        "system" => W::SignInSystem,
        _ => return name.to_owned(),
    };
    word.text(cx.lang).to_owned()
}

pub fn view_entry(cx: &Cx, row: &AuditRow, proof: &AuditProof) -> Page {
    let entry = &row.entry;
    let title = cx.f(W::Entry, &[&count(entry.seq)]);
    let lead = view! {
        <p class="who">
            {actor_mark(&entry.actor_kind, &entry.actor)} <span>{actor(cx, entry)}</span>
            <span>{did(cx, entry)}</span> {object(entry)}
        </p>
    };
    let older = (entry.seq > 0).then(|| {
        view! {
            <a class="button" href=format!("/audit/{}", entry.seq - 1)>
                {cx.t(W::Older)}
            </a>
        }
    });
    let newer = (entry.seq + 1 < proof.size).then(|| {
        view! {
            <a class="button" href=format!("/audit/{}", entry.seq + 1)>
                {cx.t(W::Newer)}
            </a>
        }
    });
    let body = view! {
        {page_head(title.clone(), lead.into_any(), view! {
            {older}
            {newer}
        }.into_any())}
        {facts(cx, row)}
        {panel(
            "canonical",
            cx.t(W::Canonical),
            copy(cx, entry.canonical()),
            view! {
                <p class="panel-help">{cx.t(W::CanonicalHelp)}</p>
                <pre class="code" tabindex="0">
                    {entry.canonical()}
                </pre>
            }
                .into_any(),
        )}
        {proof_panel(cx, proof)}
    };
    Page::new(title, Place::AUDIT, body.into_any()).below("/audit", cx.t(W::Title))
}

fn facts(cx: &Cx, row: &AuditRow) -> AnyView {
    let entry = &row.entry;
    let digest = |digest: &Option<String>| match digest {
        Some(digest) => view! { <code class="hash">{digest.clone()}</code> }.into_any(),
        None => view! { <span class="quiet">{cx.t(Common::None)}</span> }.into_any(),
    };
    let fact = |word: &'static str, value: AnyView| {
        view! {
            <div class="fact">
                <dt>{word}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let environment = entry.environment.map(|e| {
        fact(
            cx.t(W::Environment),
            cx.t(EnvironmentWord::of(e)).into_any(),
        )
    });
    let reason = reason(cx, entry).map(|reason| {
        fact(
            cx.t(Common::Reason),
            view! { <span class="prose">{reason}</span> }.into_any(),
        )
    });
    view! {
        <dl class="facts panel">
            {fact(cx.t(W::When), when_in_words(cx, entry.at_ms))}
            {fact(cx.t(W::SignIn), sign_in(cx, &entry.sign_in).into_any())} {environment} {reason}
            {fact(
                cx.t(W::RequestId),
                view! { <code class="hash">{entry.request_id.clone()}</code> }.into_any(),
            )} {fact(cx.t(W::Before), digest(&entry.before_digest))}
            {fact(cx.t(W::After), digest(&entry.after_digest))}
            {fact(cx.t(W::Leaf), digest(&Some(row.leaf_hash.clone())))}
        </dl>
    }
    .into_any()
}

fn proof_panel(cx: &Cx, proof: &AuditProof) -> AnyView {
    let text = cx.f(
        W::ProofText,
        &[&proof.path.len().to_string(), &count(proof.size)],
    );
    let hashes = proof
        .path
        .iter()
        .map(|hash| view! { <li><code class="hash">{hash.clone()}</code></li> })
        .collect_view();
    let body = view! {
        <p class="panel-help">{text}</p>
        <ol class="hashes">{hashes}</ol>
        <p class="hash-line">
            <span>{cx.t(W::Root)}</span>
            <code class="hash">{proof.root.clone()}</code>
        </p>
        <h3>{cx.t(W::Checkpoint)}</h3>
        <pre class="code" tabindex="0">
            {proof.checkpoint.clone()}
        </pre>
    };
    panel("proof", cx.t(W::Proof), ().into_any(), body.into_any())
}

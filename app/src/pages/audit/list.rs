//! The log: filters in the URL, newest first.

use http::StatusCode;
use leptos::prelude::*;
use nexus_control::views::{AuditQuery, AuditRow, AuditVerification, Page as Paged};
use nexus_domain::Problem;
use nexus_domain::access::Action;

use super::reason::reason;
use super::row::{actor, did, object};
use crate::cx::Cx;
use crate::format::{count, short_hex};
use crate::host::{Answer, Form, Visit, see_other};
use crate::islands::AutoSubmit;
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::audit::{AuditWord as W, Did};
use crate::text::common::Common;
use crate::text::problem::problem_text;
use crate::ui::{
    Callout, Empty, Field, Icon, Input, Tone, act_link, actor_mark, callout, empty, icon, input,
    list_address, page_head, pager, select, when,
};
use crate::zone::Zone;

pub async fn show(visit: Visit) -> Answer {
    let query = query_of(&visit.cx.query, visit.cx.zone);
    let page = visit
        .console
        .audit(&visit.actor, &query)
        .await
        .map_err(|e| visit.fail(&e))?;
    if is_reversed(&query) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(visit.page_with(status, |cx| view_list(cx, &query, &page, None)));
    }
    if let Some(last) = page.last_before() {
        return Ok(see_other(&url_of(&query, visit.cx.zone, last)));
    }
    Ok(visit.page(|cx| view_list(cx, &query, &page, None)))
}

/// `POST /audit/verify`: changes nothing, but costs time; so it is no GET that
/// a prefetch could set off.
pub async fn verify(visit: Visit) -> Answer {
    let fail = |e| visit.fail(&e);
    let found = visit
        .console
        .audit_verify(&visit.actor)
        .await
        .map_err(fail)?;
    let query = AuditQuery::default();
    let page = visit
        .console
        .audit(&visit.actor, &query)
        .await
        .map_err(fail)?;
    Ok(visit.page(|cx| view_list(cx, &query, &page, Some(&found))))
}

/// Filter and page from the URL; what makes no sense is left out.
#[must_use]
pub fn query_of(url_query: &str, zone: Zone) -> AuditQuery {
    let form = Form::parse(url_query);
    let given = |name: &str| Some(form.trimmed(name)).filter(|v| !v.is_empty());
    let moment = |name: &str| given(name).and_then(|typed| zone.moment(&typed).ok());
    AuditQuery {
        q: form.trimmed("q"),
        actor_kind: given("by").filter(|by| KINDS.iter().any(|(kind, _)| kind == by)),
        action: given("action"),
        object_id: given("object"),
        from_ms: moment("from"),
        to_ms: moment("to"),
        page: form.get("page").parse().unwrap_or(1),
    }
}

/// The URL that shows the query.
#[must_use]
pub fn url_of(query: &AuditQuery, zone: Zone, page: u32) -> String {
    let mut url = list_address("/audit");
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            url.append_pair(name, value);
        }
    };
    put("q", &query.q);
    put("by", query.actor_kind.as_deref().unwrap_or_default());
    put("action", query.action.as_deref().unwrap_or_default());
    put("object", query.object_id.as_deref().unwrap_or_default());
    put(
        "from",
        &query.from_ms.map(|ms| zone.local(ms)).unwrap_or_default(),
    );
    put(
        "to",
        &query.to_ms.map(|ms| zone.local(ms)).unwrap_or_default(),
    );
    if page > 1 {
        put("page", &page.to_string());
    }
    url.finish().trim_end_matches('?').to_owned()
}

/// The end lies before the beginning, so nothing can fit.
fn is_reversed(query: &AuditQuery) -> bool {
    let ends = query.from_ms.zip(query.to_ms);
    ends.is_some_and(|(from_ms, to_ms)| from_ms > to_ms)
}

fn reversed(cx: &Cx, query: &AuditQuery) -> Option<String> {
    is_reversed(query).then(|| problem_text(cx, &Problem::EndBeforeStart))
}

const KINDS: [(&str, W); 5] = [
    ("person", W::KindPerson),
    ("machine", W::KindMachine),
    ("token", W::KindToken),
    ("cli", W::KindCli),
    ("system", W::KindSystem),
];

pub fn view_list(
    cx: &Cx,
    query: &AuditQuery,
    page: &Paged<AuditRow>,
    verified: Option<&AuditVerification>,
) -> Page {
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let export = act_link(
        "",
        Some(Icon::Download),
        cx.t(W::Export),
        "/audit/export".to_owned(),
        allowed(cx, Action::ExportAudit, None),
    );
    let actions = view! {
        {export}
        <form method="post" action="/audit/verify">
            <button type="submit" class="button primary">
                {icon(Icon::Shield)}
                <span>{cx.t(W::Verify)}</span>
            </button>
        </form>
    };
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, actions.into_any())}
        {verified.map(|v| verification(cx, v))}
        {filters(cx, query)}
        <AutoSubmit form="audit-filter".to_owned() region="audit-list".to_owned() />
        <div id="audit-list" data-live="">
            {table(cx, query, page)}
            {pager(cx, page.total, page.page, page.per_page, |n| url_of(query, cx.zone, n))}
        </div>
    };
    let page = Page::new(cx.t(W::Title), Place::AUDIT, body.into_any());
    // The answer to a POST can't be fetched again, and what can't fit never changes.
    if verified.is_some() || is_reversed(query) {
        page
    } else {
        page.live()
    }
}

fn verification(cx: &Cx, found: &AuditVerification) -> AnyView {
    let size = count(found.size);
    let checkpoint = count(found.checkpoint_size);
    let text = if found.ok && found.checkpoint_ok {
        cx.f(
            W::VerifyOkText,
            &[&size, &found.took_ms.to_string(), &checkpoint],
        )
    } else if let Some(seq) = found.first_bad_seq {
        cx.f(W::VerifyBadEntry, &[&seq.to_string()])
    } else {
        cx.f(W::VerifyBadCheckpoint, &[&checkpoint])
    };
    let good = found.ok && found.checkpoint_ok;
    let body = view! {
        <p>{text}</p>
        <p class="hash-line">
            <span>{cx.t(W::Root)}</span>
            <code>{found.root.clone()}</code>
        </p>
    };
    let shown = callout(Callout {
        tone: if good { Tone::Good } else { Tone::Bad },
        title: cx
            .t(if good { W::VerifyOk } else { W::VerifyBad })
            .to_owned(),
        body: body.into_any(),
    });
    view! { <div role="status" id="verification">{shown}</div> }.into_any()
}

fn filters(cx: &Cx, query: &AuditQuery) -> AnyView {
    let search = input(Input {
        kind: "search",
        placeholder: Some(cx.t(W::Search).to_owned()),
        ..Input::text(Field::new("q", cx.t(Common::Search)), "q", query.q.clone())
    });
    let all = || (String::new(), cx.t(Common::All).to_owned());
    let kinds = std::iter::once(all())
        .chain(
            KINDS
                .iter()
                .map(|(kind, word)| ((*kind).to_owned(), cx.t(*word).to_owned())),
        )
        .collect();
    let actions = std::iter::once(all())
        .chain(
            Did::ACTIONS
                .iter()
                .map(|(name, did)| ((*name).to_owned(), cx.t(*did).to_owned())),
        )
        .collect();
    let moment = |id: &'static str, word: W, ms: Option<i64>, error: Option<String>| {
        let field = Field::new(id, cx.t(word)).error(error);
        let value = ms.map(|ms| cx.zone.local(ms)).unwrap_or_default();
        input(Input {
            kind: "datetime-local",
            ..Input::text(field, id, value)
        })
    };
    let chosen_action = query.action.clone().unwrap_or_default();
    let chosen_kind = query.actor_kind.clone().unwrap_or_default();
    view! {
        <form id="audit-filter" class="filters" method="get" action="/audit" role="search">
            {search} {select(Field::new("by", cx.t(W::ActorKind)), "by", &chosen_kind, kinds)}
            {select(Field::new("action", cx.t(W::Action)), "action", &chosen_action, actions)}
            {moment("from", W::From, query.from_ms, None)}
            {moment("to", W::To, query.to_ms, reversed(cx, query))}
            {query
                .object_id
                .clone()
                .map(|id| view! { <input type="hidden" name="object" value=id /> })}
            <div class="filters-act">
                <button type="submit" class="button">
                    {cx.t(Common::Apply)}
                </button>
                <a class="button quiet-button" href="/audit">
                    {cx.t(Common::Clear)}
                </a>
            </div>
        </form>
    }
    .into_any()
}

fn table(cx: &Cx, query: &AuditQuery, page: &Paged<AuditRow>) -> AnyView {
    if page.items.is_empty() {
        return empty(Empty {
            mark: Icon::Audit,
            title: cx.t(W::EmptyTitle),
            text: reversed(cx, query).unwrap_or_else(|| cx.t(W::EmptyText).to_owned()),
            next: Some(("/audit".to_owned(), cx.t(Common::Clear))),
        });
    }
    let rows = page
        .items
        .iter()
        .map(|row| table_row(cx, row))
        .collect_view();
    view! {
        <table class="table stack steady audit-list">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::When)}</th>
                    <th scope="col">{cx.t(W::Who)}</th>
                    <th scope="col">{cx.t(W::Action)}</th>
                    <th scope="col">{cx.t(W::Object)}</th>
                    <th scope="col">{cx.t(Common::Reason)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::Leaf)}
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn table_row(cx: &Cx, row: &AuditRow) -> AnyView {
    let entry = &row.entry;
    view! {
        <tr>
            <td data-label=cx.t(W::When)>{when(cx, entry.at_ms)}</td>
            <td data-label=cx.t(W::Who)>
                <span class="who">
                    {actor_mark(&entry.actor_kind, &entry.actor)} <span>{actor(cx, entry)}</span>
                </span>
            </td>
            <th scope="row" data-label=cx.t(W::Action)>
                <a href=format!("/audit/{}", entry.seq)>{did(cx, entry)}</a>
            </th>
            <td data-label=cx.t(W::Object)>{object(entry)}</td>
            <td class="clip" data-label=cx.t(Common::Reason)>
                {reason(cx, entry)}
            </td>
            <td class="end" data-label=cx.t(W::Leaf)>
                <code title=row.leaf_hash.clone()>{short_hex(&row.leaf_hash)}</code>
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_holds_the_whole_filter() {
        let query = AuditQuery {
            q: "ops & 実験".to_owned(),
            actor_kind: Some("person".to_owned()),
            action: Some("experiment.start".to_owned()),
            object_id: Some("checkout".to_owned()),
            from_ms: Some(1_795_219_200_000),
            to_ms: Some(1_795_222_800_000),
            page: 3,
        };
        let tokyo = Zone::parse("Asia/Tokyo").unwrap();
        let url = url_of(&query, tokyo, query.page);
        let (_, text) = url.split_once('?').unwrap();
        assert_eq!(query_of(text, tokyo), query);
        assert!(!is_reversed(&query));
        assert!(is_reversed(&AuditQuery {
            from_ms: query.to_ms,
            to_ms: query.from_ms,
            ..AuditQuery::default()
        }));
        let none = AuditQuery {
            page: 1,
            ..AuditQuery::default()
        };
        assert_eq!(url_of(&none, tokyo, 1), "/audit");
        assert_eq!(query_of("by=nobody&page=x", tokyo), none);
    }
}

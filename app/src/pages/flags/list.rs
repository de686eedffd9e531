//! The list: filter, sort, search and page live in the URL.

use leptos::prelude::*;
use nexus_control::views::{FlagQuery, FlagRow, FlagSort, Page as Paged};
use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::flag::{FlagKind, FlagStatus};
use nexus_domain::template::TemplateKind;

use super::said::short_value;
use super::{flag_badge, url_of};
use crate::cx::Cx;
use crate::format::count;
use crate::host::{Answer, Form, Visit, see_other};
use crate::islands::AutoSubmit;
use crate::pages::experiments::parts::allowed;
use crate::pages::templates::cards_of_empty_list;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::flag_import::ImportWord;
use crate::text::flags::{FlagKindWord, FlagListWord as W, FlagStatusWord};
use crate::ui::{
    Empty, Field, Icon, Input, act_link, empty, environment_chip, environment_options, input,
    list_address, page_head, pager, select, when,
};

pub async fn show(visit: Visit) -> Answer {
    let query = query_of(&visit.cx.query);
    let page = visit
        .console
        .flags(&visit.actor, &query)
        .await
        .map_err(|e| visit.fail(&e))?;
    if let Some(last) = page.last_before() {
        return Ok(see_other(&list_url(&query, last)));
    }
    Ok(visit.page(|cx| view_list(cx, &query, &page)))
}

const SORTS: [(FlagSort, &str, W); 3] = [
    (FlagSort::Updated, "updated", W::SortUpdated),
    (FlagSort::Name, "name", W::SortName),
    (FlagSort::Status, "status", W::SortStatus),
];

/// What the URL asks for; what makes no sense is left out.
#[must_use]
pub fn query_of(url_query: &str) -> FlagQuery {
    let form = Form::parse(url_query);
    let sort = SORTS
        .into_iter()
        .find(|(_, name, _)| *name == form.get("sort"))
        .map_or(FlagSort::Updated, |(sort, ..)| sort);
    FlagQuery {
        q: form.trimmed("q"),
        status: FlagStatus::parse(form.get("status")),
        environment: Environment::parse(form.get("environment")),
        kind: FlagKind::parse(form.get("kind")),
        stale: form.get("stale") == "yes",
        sort,
        descending: match form.get("order") {
            "asc" => false,
            "desc" => true,
            _ => sort == FlagSort::Updated,
        },
        page: form.get("page").parse().unwrap_or(1),
    }
}

/// The URL that shows the query; what is as usual is left out.
#[must_use]
pub fn list_url(query: &FlagQuery, page: u32) -> String {
    let mut url = list_address("/flags");
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            url.append_pair(name, value);
        }
    };
    put("q", &query.q);
    put("status", query.status.map_or("", FlagStatus::as_str));
    put(
        "environment",
        query.environment.map_or("", Environment::as_str),
    );
    put("kind", query.kind.map_or("", FlagKind::as_str));
    put("stale", if query.stale { "yes" } else { "" });
    if query.sort != FlagSort::Updated {
        put("sort", sort_name(query.sort));
    }
    if query.descending != (query.sort == FlagSort::Updated) {
        put("order", if query.descending { "desc" } else { "asc" });
    }
    if page > 1 {
        put("page", &page.to_string());
    }
    url.finish().trim_end_matches('?').to_owned()
}

fn sort_name(sort: FlagSort) -> &'static str {
    SORTS
        .into_iter()
        .find(|(s, ..)| *s == sort)
        .map_or("", |(_, name, _)| name)
}

pub fn view_list(cx: &Cx, query: &FlagQuery, page: &Paged<FlagRow>) -> Page {
    let create = act_link(
        "primary",
        Some(Icon::Plus),
        cx.t(W::New),
        "/flags/new".to_owned(),
        allowed(cx, Action::CreateFlag, Some(cx.environment)),
    );
    let import = act_link(
        "",
        Some(Icon::Inbox),
        cx.t(ImportWord::Title),
        "/flags/import".to_owned(),
        allowed(cx, Action::CreateFlag, Some(cx.environment)),
    );
    let acts = view! { <div class="actions">{import} {create}</div> }.into_any();
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, acts)} {filters(cx, query)}
        <AutoSubmit form="flag-filter".to_owned() region="flag-list".to_owned() />
        <div id="flag-list" data-live="">
            {table(cx, query, page)}
            {pager(cx, page.total, page.page, page.per_page, |n| list_url(query, n))}
        </div>
    };
    Page::new(cx.t(W::Title), Place::FLAGS, body.into_any()).live()
}

fn filters(cx: &Cx, query: &FlagQuery) -> AnyView {
    let search = input(Input {
        kind: "search",
        placeholder: Some(cx.t(W::Search).to_owned()),
        ..Input::text(Field::new("q", cx.t(Common::Search)), "q", query.q.clone())
    });
    let first = |word: &'static str| std::iter::once((String::new(), word.to_owned()));
    let statuses = first(cx.t(W::NotArchived))
        .chain(FlagStatus::ALL.map(|s| {
            (
                s.as_str().to_owned(),
                cx.t(FlagStatusWord::of(s)).to_owned(),
            )
        }))
        .collect();
    let environments = first(cx.t(Common::All))
        .chain(environment_options(cx))
        .collect();
    let kinds = first(cx.t(Common::All))
        .chain(FlagKind::ALL.map(|k| (k.as_str().to_owned(), cx.t(FlagKindWord::of(k)).to_owned())))
        .collect();
    let stale = first(cx.t(Common::All))
        .chain([("yes".to_owned(), cx.t(W::StaleOnly).to_owned())])
        .collect();
    let sorts = SORTS
        .map(|(_, name, word)| (name.to_owned(), cx.t(word).to_owned()))
        .into();
    let choice = |name: &'static str, word: W, chosen: &str, options| {
        select(Field::new(name, cx.t(word)), name, chosen, options)
    };
    let status = query.status.map_or("", FlagStatus::as_str);
    let environment = query.environment.map_or("", Environment::as_str);
    let kind = query.kind.map_or("", FlagKind::as_str);
    view! {
        <form id="flag-filter" class="filters" method="get" action="/flags" role="search">
            {search} {choice("status", W::Status, status, statuses)}
            {choice("environment", W::Environment, environment, environments)}
            {choice("kind", W::Kind, kind, kinds)}
            {choice("stale", W::Stale, if query.stale { "yes" } else { "" }, stale)}
            {choice("sort", W::Sort, sort_name(query.sort), sorts)}
            <div class="filters-act">
                <button type="submit" class="button">
                    {cx.t(Common::Apply)}
                </button>
                <a class="button quiet-button" href="/flags">
                    {cx.t(Common::Clear)}
                </a>
            </div>
        </form>
    }
    .into_any()
}

fn table(cx: &Cx, query: &FlagQuery, page: &Paged<FlagRow>) -> AnyView {
    if page.items.is_empty() {
        return nothing(cx, query);
    }
    let rows = page
        .items
        .iter()
        .map(|row| view_row(cx, row))
        .collect_view();
    view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Flag)}</th>
                    <th scope="col">{cx.t(W::Status)}</th>
                    <th scope="col">{cx.t(W::Environment)}</th>
                    <th scope="col">{cx.t(W::Values)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::Rules)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(W::Evaluated)}
                    </th>
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

fn view_row(cx: &Cx, row: &FlagRow) -> AnyView {
    let given: Vec<String> = row.given.iter().map(short_value).collect();
    let given = (!given.is_empty()).then(|| {
        view! { <span class="row-id">{cx.f(W::Given, &[&given.join(cx.t(Common::Comma))])}</span> }
    });
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                <a class="row-link" href=url_of(row.environment, &row.key)>
                    {row.name.clone()}
                </a>
                <span class="row-id">{row.key.clone()}</span>
            </th>
            <td data-label=cx.t(W::Status)>{flag_badge(cx, row.status)}</td>
            <td data-label=cx.t(W::Environment)>{environment_chip(cx, row.environment)}</td>
            <td data-label=cx.t(W::Values) class="lead-cell">
                <code>{cx.f(W::OffValue, &[&short_value(&row.value)])}</code>
                {given}
            </td>
            <td class="end num" data-label=cx.t(W::Rules)>
                {count(u64::from(row.rules))}
            </td>
            <td class="end" data-label=cx.t(W::Evaluated)>
                {evaluated(cx, row.evaluated_ms)}
            </td>
            <td class="end" data-label=cx.t(W::Changed)>
                {when(cx, row.updated_ms)}
            </td>
        </tr>
    }
    .into_any()
}

/// When somebody last got it.
fn evaluated(cx: &Cx, at_ms: Option<i64>) -> AnyView {
    match at_ms {
        Some(ms) => when(cx, ms),
        None => view! { <span class="quiet">{cx.t(W::Never)}</span> }.into_any(),
    }
}

fn nothing(cx: &Cx, query: &FlagQuery) -> AnyView {
    let filtered = !query.q.is_empty()
        || query.status.is_some()
        || query.environment.is_some()
        || query.kind.is_some()
        || query.stale;
    if filtered {
        return empty(Empty {
            mark: Icon::Search,
            title: cx.t(W::NothingFits),
            text: cx.t(W::NothingFitsText).to_owned(),
            next: Some(("/flags".to_owned(), cx.t(Common::Clear))),
        });
    }
    let may = cx.may(Action::CreateFlag, Some(cx.environment));
    let start = empty(Empty {
        mark: Icon::Flag,
        title: cx.t(W::EmptyTitle),
        text: cx.t(W::EmptyText).to_owned(),
        next: may.then(|| ("/flags/new".to_owned(), cx.t(W::New))),
    });
    view! {
        {start}
        {cards_of_empty_list(cx, TemplateKind::Flag)}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_holds_the_whole_view() {
        for (sort, ..) in SORTS {
            for descending in [true, false] {
                let query = FlagQuery {
                    q: "料金 & cta".to_owned(),
                    status: Some(FlagStatus::On),
                    environment: Some(Environment::Production),
                    kind: Some(FlagKind::Json),
                    stale: true,
                    sort,
                    descending,
                    page: 4,
                };
                let url = list_url(&query, query.page);
                assert_eq!(query_of(url.split_once('?').unwrap().1), query);
            }
        }
        assert_eq!(list_url(&query_of(""), 1), "/flags");
        assert_eq!(query_of("status=x&sort=y&page=-1"), query_of(""));
    }
}

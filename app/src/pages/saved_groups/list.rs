//! `/saved-groups`: filter, search and page live in the URL.

use leptos::prelude::*;
use nexus_control::views::{Page as Paged, SavedGroupQuery, SavedGroupRow};
use nexus_domain::Environment;
use nexus_domain::access::Action;

use super::{LIST, url_of};
use crate::cx::Cx;
use crate::format::count;
use crate::host::{Answer, Form, Visit, see_other};
use crate::islands::AutoSubmit;
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::saved_groups::SavedGroupWord as W;
use crate::ui::{
    Empty, Field, Icon, Input, act_link, empty, environment_chip, environment_options, input,
    list_address, page_head, pager, select, when,
};

pub async fn show(visit: Visit) -> Answer {
    let query = query_of(&visit.cx.query);
    let page = visit.console.saved_groups(&visit.actor, &query).await;
    let page = page.map_err(|e| visit.fail(&e))?;
    if let Some(last) = page.last_before() {
        return Ok(see_other(&list_url(&query, last)));
    }
    Ok(visit.page(|cx| view_list(cx, &query, &page)))
}

/// What the URL asks for; what makes no sense is left out.
#[must_use]
pub fn query_of(url_query: &str) -> SavedGroupQuery {
    let form = Form::parse(url_query);
    SavedGroupQuery {
        q: form.trimmed("q"),
        environment: Environment::parse(form.get("environment")),
        archived: form.get("show") == "archived",
        page: form.get("page").parse().unwrap_or(1),
    }
}

/// The URL that shows the query; what is as usual is left out.
#[must_use]
pub fn list_url(query: &SavedGroupQuery, page: u32) -> String {
    let mut url = list_address(LIST);
    let environment = query.environment.map_or("", Environment::as_str);
    let archived = if query.archived { "archived" } else { "" };
    let number = match page {
        0 | 1 => String::new(),
        page => page.to_string(),
    };
    let parts = [
        ("q", query.q.as_str()),
        ("environment", environment),
        ("show", archived),
        ("page", &number),
    ];
    for (name, value) in parts {
        if !value.is_empty() {
            url.append_pair(name, value);
        }
    }
    url.finish().trim_end_matches('?').to_owned()
}

pub fn view_list(cx: &Cx, query: &SavedGroupQuery, page: &Paged<SavedGroupRow>) -> Page {
    let create = act_link(
        "primary",
        Some(Icon::Plus),
        cx.t(W::New),
        format!("{LIST}/new"),
        allowed(cx, Action::ManageSavedGroups, Some(cx.environment)),
    );
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, create)} {filters(cx, query)}
        <AutoSubmit form="group-filter".to_owned() region="group-list".to_owned() />
        <div id="group-list" data-live="">
            {table(cx, query, page)}
            {pager(cx, page.total, page.page, page.per_page, |n| list_url(query, n))}
        </div>
    };
    Page::new(cx.t(W::Title), Place::SAVED_GROUPS, body.into_any()).live()
}

fn filters(cx: &Cx, query: &SavedGroupQuery) -> AnyView {
    let search = input(Input {
        kind: "search",
        placeholder: Some(cx.t(W::Search).to_owned()),
        ..Input::text(Field::new("q", cx.t(Common::Search)), "q", query.q.clone())
    });
    let environments = std::iter::once((String::new(), cx.t(Common::All).to_owned()))
        .chain(environment_options(cx))
        .collect();
    let shown = vec![
        (String::new(), cx.t(W::InUse).to_owned()),
        ("archived".to_owned(), cx.t(W::Archived).to_owned()),
    ];
    let environment = query.environment.map_or("", Environment::as_str);
    let show = if query.archived { "archived" } else { "" };
    view! {
        <form id="group-filter" class="filters" method="get" action=LIST role="search">
            {search}
            {select(Field::new("environment", cx.t(W::Environment)), "environment", environment, environments)}
            {select(Field::new("show", cx.t(W::Show)), "show", show, shown)}
            <div class="filters-act">
                <button type="submit" class="button">
                    {cx.t(Common::Apply)}
                </button>
                <a class="button quiet-button" href=LIST>
                    {cx.t(Common::Clear)}
                </a>
            </div>
        </form>
    }
    .into_any()
}

fn table(cx: &Cx, query: &SavedGroupQuery, page: &Paged<SavedGroupRow>) -> AnyView {
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
                    <th scope="col">{cx.t(W::Group)}</th>
                    <th scope="col">{cx.t(W::Environment)}</th>
                    <th scope="col">{cx.t(W::Content)}</th>
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

fn view_row(cx: &Cx, row: &SavedGroupRow) -> AnyView {
    let content = match (row.size, &row.attribute) {
        (Some(size), Some(attribute)) => view! {
            <span>{cx.f(W::SizeShort, &[&count(size)])}</span>
            " "
            <code>{attribute.clone()}</code>
        }
        .into_any(),
        _ => view! { <span>{cx.t(W::ByCondition)}</span> }.into_any(),
    };
    view! {
        <tr class=row.archived.then_some("off")>
            <th scope="row" class="lead-cell">
                <a class="row-link" href=url_of(row.environment, &row.id)>
                    {row.name.clone()}
                </a>
                <span class="row-id">{row.id.clone()}</span>
            </th>
            <td data-label=cx.t(W::Environment)>{environment_chip(cx, row.environment)}</td>
            <td data-label=cx.t(W::Content)>{content}</td>
            <td class="end" data-label=cx.t(W::Changed)>
                {when(cx, row.updated_ms)}
            </td>
        </tr>
    }
    .into_any()
}

fn nothing(cx: &Cx, query: &SavedGroupQuery) -> AnyView {
    if !query.q.is_empty() || query.environment.is_some() || query.archived {
        return empty(Empty {
            mark: Icon::Search,
            title: cx.t(W::NothingFits),
            text: cx.t(W::NothingFitsText).to_owned(),
            next: Some((LIST.to_owned(), cx.t(Common::Clear))),
        });
    }
    let may = cx.may(Action::ManageSavedGroups, Some(cx.environment));
    empty(Empty {
        mark: Icon::Members,
        title: cx.t(W::EmptyTitle),
        text: cx.t(W::EmptyText).to_owned(),
        next: may.then(|| (format!("{LIST}/new"), cx.t(W::New))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_holds_the_whole_view() {
        let query = SavedGroupQuery {
            q: "料金 & cta".to_owned(),
            environment: Some(Environment::Staging),
            archived: true,
            page: 3,
        };
        let url = list_url(&query, 3);
        assert_eq!(query_of(url.split_once('?').unwrap().1), query);
        assert_eq!(list_url(&query_of(""), 1), LIST);
    }
}

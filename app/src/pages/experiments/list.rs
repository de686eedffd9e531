//! The list: filter, sort, search and page live in the URL.

use leptos::prelude::*;
use nexus_control::views::{
    ExperimentQuery, ExperimentRow, ExperimentSort, Page as Paged, Verdict,
};
use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::experiment::Status;
use nexus_domain::template::TemplateKind;

use super::life::ramp_chip;
use super::parts::allowed;
use crate::cx::Cx;
use crate::format::{bp, count};
use crate::host::{Answer, Form, Visit, see_other};
use crate::islands::AutoSubmit;
use crate::pages::templates::cards_of_empty_list;
use crate::shell::{Page, Place};
use crate::text::calculator::CalculatorWord;
use crate::text::common::Common;
use crate::text::detail::DetailWord;
use crate::text::domain::StatusWord;
use crate::text::experiments::ListWord as W;
use crate::text::layers::LayerWord;
use crate::text::metric::MetricWord;
use crate::text::shell::Shell;
use crate::ui::{
    Empty, Field, Icon, Input, act_link, empty, environment_chip, environment_options, input,
    list_address, page_head, pager, select, status_badge, verdict_badge, when,
};

pub async fn show(visit: Visit) -> Answer {
    let query = query_of(&visit.cx.query);
    let page = visit
        .console
        .experiments(&visit.actor, &query)
        .await
        .map_err(|e| visit.fail(&e))?;
    if let Some(last) = page.last_before() {
        return Ok(see_other(&url_of(&query, last)));
    }
    Ok(visit.page(|cx| view_list(cx, &query, &page)))
}

const SORTS: [(ExperimentSort, &str, W); 4] = [
    (ExperimentSort::Updated, "updated", W::SortUpdated),
    (ExperimentSort::Name, "name", W::SortName),
    (ExperimentSort::Status, "status", W::SortStatus),
    (ExperimentSort::Exposures, "exposures", W::SortExposures),
];

/// The direction in which each sort reads best.
const fn naturally_descending(sort: ExperimentSort) -> bool {
    matches!(sort, ExperimentSort::Updated | ExperimentSort::Exposures)
}

/// What the URL asks for; what makes no sense is left out.
#[must_use]
pub fn query_of(url_query: &str) -> ExperimentQuery {
    let form = Form::parse(url_query);
    let sort = SORTS
        .into_iter()
        .find(|(_, name, _)| *name == form.get("sort"))
        .map_or(ExperimentSort::Updated, |(sort, ..)| sort);
    ExperimentQuery {
        q: form.trimmed("q"),
        status: Status::parse(form.get("status")),
        environment: Environment::parse(form.get("environment")),
        sort,
        descending: match form.get("order") {
            "asc" => false,
            "desc" => true,
            _ => naturally_descending(sort),
        },
        page: form.get("page").parse().unwrap_or(1),
    }
}

/// The URL that shows the query; what is as usual is left out.
#[must_use]
pub fn url_of(query: &ExperimentQuery, page: u32) -> String {
    let mut url = list_address("/experiments");
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            url.append_pair(name, value);
        }
    };
    put("q", &query.q);
    put("status", query.status.map_or("", Status::as_str));
    put(
        "environment",
        query.environment.map_or("", Environment::as_str),
    );
    if query.sort != ExperimentSort::Updated {
        put("sort", sort_name(query.sort));
    }
    if query.descending != naturally_descending(query.sort) {
        put("order", if query.descending { "desc" } else { "asc" });
    }
    if page > 1 {
        put("page", &page.to_string());
    }
    url.finish().trim_end_matches('?').to_owned()
}

fn sort_name(sort: ExperimentSort) -> &'static str {
    SORTS
        .into_iter()
        .find(|(s, ..)| *s == sort)
        .map_or("", |(_, name, _)| name)
}

pub fn view_list(cx: &Cx, query: &ExperimentQuery, page: &Paged<ExperimentRow>) -> Page {
    let create = act_link(
        "primary",
        Some(Icon::Plus),
        cx.t(Shell::NewExperiment),
        "/experiments/new".to_owned(),
        allowed(cx, Action::CreateExperiment, Some(cx.environment)),
    );
    let lead = view! {
        <p>{cx.t(W::Lead)} " " <a href="/layers">{cx.t(LayerWord::Title)}</a></p>
    }
    .into_any();
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, create)} {filters(cx, query)}
        <AutoSubmit form="experiment-filter".to_owned() region="experiment-list".to_owned() />
        <div id="experiment-list" data-live="">
            {table(cx, query, page)}
            {pager(cx, page.total, page.page, page.per_page, |n| url_of(query, n))}
        </div>
    };
    Page::new(cx.t(W::Title), Place::EXPERIMENTS, body.into_any()).live()
}

fn filters(cx: &Cx, query: &ExperimentQuery) -> AnyView {
    let search = input(Input {
        kind: "search",
        placeholder: Some(cx.t(W::Search).to_owned()),
        ..Input::text(Field::new("q", cx.t(Common::Search)), "q", query.q.clone())
    });
    let all = || std::iter::once((String::new(), cx.t(Common::All).to_owned()));
    let statuses = all()
        .chain(Status::ALL.map(|s| (s.as_str().to_owned(), cx.t(StatusWord::of(s)).to_owned())))
        .collect();
    let environments = all().chain(environment_options(cx)).collect();
    let sorts = SORTS
        .map(|(_, name, word)| (name.to_owned(), cx.t(word).to_owned()))
        .into();
    let status = query.status.map_or("", Status::as_str);
    let environment = query.environment.map_or("", Environment::as_str);
    view! {
        <form
            id="experiment-filter"
            class="filters"
            method="get"
            action="/experiments"
            role="search"
        >
            {search} {select(Field::new("status", cx.t(W::Status)), "status", status, statuses)}
            {select(
                Field::new("environment", cx.t(W::Environment)),
                "environment",
                environment,
                environments,
            )}
            {select(Field::new("sort", cx.t(W::Sort)), "sort", sort_name(query.sort), sorts)}
            <div class="filters-act">
                <button type="submit" class="button">
                    {cx.t(Common::Apply)}
                </button>
                <a class="button quiet-button" href="/experiments">
                    {cx.t(Common::Clear)}
                </a>
            </div>
        </form>
    }
    .into_any()
}

fn table(cx: &Cx, query: &ExperimentQuery, page: &Paged<ExperimentRow>) -> AnyView {
    if page.items.is_empty() {
        return nothing(cx, query);
    }
    let rows = page
        .items
        .iter()
        .map(|row| table_row(cx, row))
        .collect_view();
    view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    {sortable(cx, query, ExperimentSort::Name, W::Experiment, "")}
                    {sortable(cx, query, ExperimentSort::Status, W::Status, "")}
                    <th scope="col">{cx.t(W::Environment)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::Coverage)}
                    </th>
                    {sortable(cx, query, ExperimentSort::Exposures, W::Exposures, "end")}
                    <th scope="col">{cx.t(W::Verdict)}</th>
                    {sortable(cx, query, ExperimentSort::Updated, W::Changed, "end")}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// A heading that sorts; once more turns the order around.
fn sortable(
    cx: &Cx,
    query: &ExperimentQuery,
    sort: ExperimentSort,
    word: W,
    class: &'static str,
) -> AnyView {
    let here = query.sort == sort;
    let descending = if here {
        !query.descending
    } else {
        naturally_descending(sort)
    };
    let next = ExperimentQuery {
        sort,
        descending,
        ..query.clone()
    };
    let state = match (here, query.descending) {
        (false, _) => None,
        (true, true) => Some("descending"),
        (true, false) => Some("ascending"),
    };
    view! {
        <th scope="col" class=class aria-sort=state>
            <a class="sort" href=url_of(&next, 1)>
                {cx.t(word)}
            </a>
        </th>
    }
    .into_any()
}

fn table_row(cx: &Cx, row: &ExperimentRow) -> AnyView {
    let planned = row.planned_ms.map(|ms| when(cx, ms));
    let of_team = row.team.iter().map(|team| format!(" · {team}"));
    let id: String = std::iter::once(row.id.clone()).chain(of_team).collect();
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                <a class="row-link" href=format!("/experiments/{}", row.id)>
                    {row.name.clone()}
                </a>
                <span class="row-id">{id}</span>
            </th>
            <td data-label=cx.t(W::Status)>{status_badge(cx, row.status)} " " {ramp_chip(cx, row.ramp.as_ref())} " " {planned}</td>
            <td data-label=cx.t(W::Environment)>{environment_chip(cx, row.environment)}</td>
            <td class="end num" data-label=cx.t(W::Coverage)>
                {format!("{}%", bp(row.coverage_bp))}
            </td>
            <td class="end num" data-label=cx.t(W::Exposures)>
                {count(row.exposures)}
            </td>
            <td data-label=cx.t(W::Verdict)>{verdict_of_row(cx, row)} " " {decided_by(cx, row)}</td>
            <td class="end" data-label=cx.t(W::Changed)>
                {when(cx, row.updated_ms)}
            </td>
        </tr>
    }
    .into_any()
}

/// What is open while it counts is open so far, in the words of the experiment's own page.
#[must_use]
pub(crate) fn verdict_of_row(cx: &Cx, row: &ExperimentRow) -> AnyView {
    match row.verdict {
        Some(Verdict::Unclear) if row.status.at_the_edge() => {
            let said = cx.t(DetailWord::HeadlineUnclear);
            view! { <span class="verdict neutral">{said}</span> }.into_any()
        }
        verdict => verdict_badge(cx, verdict),
    }
}

/// Names the metric that decides where it is not the conversion goal.
#[must_use]
pub(crate) fn decided_by(cx: &Cx, row: &ExperimentRow) -> Option<AnyView> {
    let key = row.primary.as_ref()?;
    let said = cx.f(MetricWord::On, &[key]);
    Some(view! { <span class="row-id">{said}</span> }.into_any())
}

fn nothing(cx: &Cx, query: &ExperimentQuery) -> AnyView {
    let filtered = !query.q.is_empty() || query.status.is_some() || query.environment.is_some();
    if filtered {
        return empty(Empty {
            mark: Icon::Search,
            title: cx.t(W::NothingFits),
            text: cx.t(W::NothingFitsText).to_owned(),
            next: Some(("/experiments".to_owned(), cx.t(Common::Clear))),
        });
    }
    let may = cx.may(Action::CreateExperiment, Some(cx.environment));
    let start = empty(Empty {
        mark: Icon::Experiment,
        title: cx.t(W::EmptyTitle),
        text: cx.t(W::EmptyText).to_owned(),
        next: may.then(|| ("/experiments/new".to_owned(), cx.t(Shell::NewExperiment))),
    });
    view! {
        {start}
        <p class="empty-more">
            <a href="/calculator">{cx.t(CalculatorWord::Open)}</a>
        </p>
        {cards_of_empty_list(cx, TemplateKind::Experiment)}
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
                let query = ExperimentQuery {
                    q: "料金 & cta".to_owned(),
                    status: Some(Status::Running),
                    environment: Some(Environment::Production),
                    sort,
                    descending,
                    page: 4,
                };
                let url = url_of(&query, query.page);
                assert_eq!(query_of(url.split_once('?').unwrap().1), query);
            }
        }
        assert_eq!(url_of(&query_of(""), 1), "/experiments");
        assert_eq!(query_of("status=x&sort=y&page=-1"), query_of(""));
    }
}

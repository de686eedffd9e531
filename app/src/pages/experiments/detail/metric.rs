//! `/experiments/{id}/goal` and `/experiments/{id}/metrics/{metric}`: one metric with its
//! numbers, its course and its slices.

use axum::extract::Path;
use leptos::prelude::*;
use nexus_control::views::{MetricDetail, MetricValue, Results};
use nexus_domain::experiment::{
    Among, Dimension, Evidence, Experiment, Metric, MetricKind, MetricRole, Stop,
};

use super::about::{about, about_when, say};
use super::axis::Axis;
use super::charts::Course;
use super::distribution::view_distribution;
use super::looks::at_its_look;
use super::metrics::{notes, plot};
use super::report::{is_silent, why_silent};
use super::results::{certainty, certainty_head, hurt_badge, verdict_beside};
use super::safeguards::over_the_limit;
use super::save::{Saved, save};
use super::slices::view_slices;
use crate::cx::Cx;
use crate::format::{count, percent};
use crate::host::{Answer, Form, Visit};
use crate::pages::experiments::lift::{Unit, lift_text};
use crate::shell::{Page, Place};
use crate::text::detail::DetailWord;
use crate::text::experiments::ListWord;
use crate::text::method::MethodWord;
use crate::text::metric::{MetricWord, SliceWord as W};
use crate::ui::{environment_chip, linked_panel, page_head, status_badge, verdict_badge};

pub async fn goal(visit: Visit, Path(id): Path<String>) -> Answer {
    answer(&visit, &id, None).await
}

pub async fn show(visit: Visit, Path((id, metric)): Path<(String, String)>) -> Answer {
    answer(&visit, &id, Some(&metric)).await
}

async fn answer(visit: &Visit, id: &str, metric: Option<&str>) -> Answer {
    let form = Form::parse(&visit.cx.query);
    // An unknown dimension shows what a link without one shows.
    let by = Dimension::parse(form.get("by")).unwrap_or(Dimension::Country);
    let detail = visit.console.metric(&visit.actor, id, metric, by).await;
    let detail = detail.map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_metric(cx, &detail)))
}

/// How a value of it is written; none is the conversion goal.
#[must_use]
pub(super) fn say_of(metric: Option<&Metric>) -> fn(f64) -> String {
    metric.map_or(percent, say)
}

/// What the users are called whom its numbers are of.
#[must_use]
pub(super) fn users_head(cx: &Cx, metric: Option<&Metric>) -> &'static str {
    match metric {
        Some(metric) if metric.kind.waits() => cx.t(MetricWord::Counted),
        Some(metric) if is_of_events(&metric.kind) => cx.t(MetricWord::WithEvents),
        _ => cx.t(DetailWord::Exposures),
    }
}

pub(super) const fn is_of_events(kind: &MetricKind) -> bool {
    matches!(kind, MetricKind::Quantile { among, .. } if matches!(among, Among::Events))
}

/// Of the variants, control first.
#[must_use]
pub(super) fn names(experiment: &Experiment) -> Vec<String> {
    let name = |v: &nexus_domain::experiment::Variant| match v.name.as_str() {
        "" => v.key.clone(),
        name => name.to_owned(),
    };
    experiment.variants.iter().map(name).collect()
}

fn goal_word(experiment: &Experiment) -> W {
    match experiment.primary() {
        Some(_) => W::GoalAbout,
        None => W::DecidingGoalAbout,
    }
}

pub fn view_metric(cx: &Cx, detail: &MetricDetail) -> Page {
    let experiment = &detail.experiment;
    let home = format!("/experiments/{}", experiment.id);
    let (title, line) = match &detail.metric {
        Some(metric) => (metric.key.clone(), about(cx, metric)),
        None => (
            experiment.goal.clone(),
            std::iter::once(cx.t(goal_word(experiment)).to_owned())
                .chain(about_when(cx, experiment))
                .collect::<Vec<_>>()
                .join(" · "),
        ),
    };
    let lead = view! {
        <div class="lead-line">
            {status_badge(cx, experiment.status)} {environment_chip(cx, experiment.environment)}
            <span>{line}</span>
        </div>
    };
    let body = view! {
        {page_head(title.clone(), lead.into_any(), ().into_any())}
        <div id="live-metric" data-live="">
            {why_silent(cx, detail)} {numbers(cx, detail)}
        </div>
        <div id="live-course" data-live="">
            {course(cx, detail)}
        </div>
        {distribution(cx, detail)}
        <div id="live-slices" data-live="">
            {slices(cx, detail)}
        </div>
    };
    Page::new(title, Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(home, experiment.name.clone())
        .live()
}

fn numbers(cx: &Cx, detail: &MetricDetail) -> AnyView {
    let through = notes(cx, None, detail.through_window);
    let values = Values {
        experiment: &detail.experiment,
        metric: detail.metric.as_ref(),
        values: &detail.values,
        without_value: detail.without_value.as_deref(),
        results: None,
    };
    let body = view! {
        {as_of_look(cx, detail)}
        {values_table(cx, &values)}
    };
    let title = cx.t(DetailWord::Results);
    linked_panel(cx, "results", title, through, body.into_any())
}

/// Of which look the lifts are; nothing of a method without looks, and of what is valid at any
/// time.
fn as_of_look(cx: &Cx, detail: &MetricDetail) -> Option<AnyView> {
    let experiment = &detail.experiment;
    experiment.method.horizon()?;
    let word = match detail.metric.as_ref().map(|m| &m.role) {
        None | Some(MetricRole::Primary { .. }) => MethodWord::LooksLive,
        Some(MetricRole::Secondary) => MethodWord::LooksNewest,
        Some(MetricRole::Guardrail { .. }) => return None,
    };
    let speaks = detail.values.iter().any(|v| v.lift.is_some());
    let href = format!("/experiments/{}#looks", experiment.id);
    speaks.then(|| {
        view! {
            <p class="panel-help">
                {cx.t(word)} " " <a href=href>{cx.t(MethodWord::Looks)}</a>
            </p>
        }
        .into_any()
    })
}

/// What a table of values is of.
pub(super) struct Values<'a> {
    pub(super) experiment: &'a Experiment,
    /// None is the conversion goal.
    pub(super) metric: Option<&'a Metric>,
    /// Of each variant.
    pub(super) values: &'a [MetricValue],
    /// As of [`said_of`].
    pub(super) without_value: Option<&'a str>,
    /// Of the whole experiment, on its own page, where the metric decides.
    pub(super) results: Option<&'a Results>,
}

impl Values<'_> {
    /// Where only the metric is known, the one that was stopped.
    fn is_hurt(&self, variant: &str) -> bool {
        if let Some(results) = self.results {
            return over_the_limit(self.experiment, results).contains(&variant);
        }
        let stop = self.experiment.stop.as_ref().and_then(Stop::evidence);
        let harm = stop.filter(Evidence::is_harm);
        harm.is_some_and(|harm| harm.variant() == Some(variant))
    }
}

#[must_use]
pub(super) fn values_table(cx: &Cx, of: &Values<'_>) -> AnyView {
    let (experiment, metric) = (of.experiment, of.metric);
    let axis = Axis::of(of.values.iter().map(|v| v.lift));
    let names = names(experiment);
    let rows = names
        .iter()
        .zip(of.values)
        .enumerate()
        .map(|(i, (name, value))| row(cx, of, (i, name, value), axis))
        .collect_view();
    view! {
        <table class="table stack results">
            <caption class="sr">{cx.t(DetailWord::Results)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(DetailWord::Variant)}</th>
                    <th scope="col" class="end">
                        {users_head(cx, metric)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(MetricWord::Value)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(DetailWord::Lift)}
                    </th>
                    {axis.head(cx.t(DetailWord::Interval))}
                    <th scope="col" class="end">
                        {certainty_head(cx, experiment.method)}
                    </th>
                    <th scope="col">{cx.t(MetricWord::Said)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {save(cx, Saved::results(&experiment.id), cx.t(DetailWord::Results))}
    }
    .into_any()
}

fn row(
    cx: &Cx,
    of: &Values<'_>,
    (i, name, value): (usize, &str, &MetricValue),
    axis: Axis,
) -> AnyView {
    let (experiment, metric) = (of.experiment, of.metric);
    let key = experiment.variants.get(i).map_or("", |v| v.key.as_str());
    let is_hurt = of.is_hurt(key);
    let unit = Unit::of(metric);
    let none = || "–".to_owned();
    let number = |word: &'static str, text: String| {
        view! {
            <td class="end num" data-label=word>
                {text}
            </td>
        }
    };
    let lift = match i {
        0 => cx.t(MetricWord::Control).to_owned(),
        _ => value
            .lift
            .map_or_else(none, |lift| lift_text(cx, unit, &lift)),
    };
    let said = match i {
        0 => ().into_any(),
        _ if is_hurt && value.margin.is_none() && value.lift.is_some() => {
            verdict_beside(cx, is_hurt, value.lift.map(|lift| lift.verdict))
        }
        _ => said_of(cx, experiment, value, of.without_value),
    };
    let sure = value.lift.as_ref().map_or_else(none, certainty);
    let certain = certainty_head(cx, experiment.method);
    let shown = value.value.map_or_else(none, say_of(metric));
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                <span class=format!("swatch s{}", i % 7) aria-hidden="true"></span>
                <span class="variant-name">{name.to_owned()}</span>
                {hurt_badge(cx, is_hurt)}
                {of.results.and_then(|results| at_its_look(cx, results, key))}
                {notes(cx, value.variance_reduced, None)}
            </th>
            {number(users_head(cx, metric), count(value.users))}
            {number(cx.t(MetricWord::Value), shown)} {number(cx.t(DetailWord::Lift), lift)}
            <td class="forest-cell" data-label=cx.t(DetailWord::Interval)>
                {value.lift.map(|lift| plot(cx, unit, name, &lift, axis))}
            </td>
            {number(certain, sure)}
            <td data-label=cx.t(MetricWord::Said)>{said}</td>
        </tr>
    }
    .into_any()
}

/// What is known of a treatment; `without_value` is the event whose values are missing.
#[must_use]
pub(super) fn said_of(
    cx: &Cx,
    experiment: &Experiment,
    value: &MetricValue,
    without_value: Option<&str>,
) -> AnyView {
    match (value.margin, value.lift) {
        // There are users, but their values don't differ, or there is too little to say.
        (_, None) if value.users > 0 => {
            let said = match without_value {
                Some(event) => cx.f(MetricWord::NoValueIn, &[event]),
                None if experiment.has_ended() => cx.t(MetricWord::NotCompared).to_owned(),
                None => cx.t(MetricWord::NotComparable).to_owned(),
            };
            view! { <span class="quiet">{said}</span> }.into_any()
        }
        (Some(state), Some(_)) => view! { {cx.t(MetricWord::margin(state))} }.into_any(),
        (_, lift) => verdict_badge(cx, lift.map(|l| l.verdict)),
    }
}

/// Of a quantile.
fn distribution(cx: &Cx, detail: &MetricDetail) -> Option<AnyView> {
    let names = names(&detail.experiment);
    let is_quantile = !detail.quantiles.is_empty();
    let mut values = detail.quantiles.iter().flat_map(|p| &p.values).flatten();
    let says = values.any(|value| *value != 0.0);
    is_quantile.then(|| {
        view! {
            <div id="live-distribution" data-live="">
                {says.then(|| view_distribution(cx, &names, detail))}
            </div>
        }
        .into_any()
    })
}

/// A quantile has none where its values were not yet kept by dimension when it started.
fn slices(cx: &Cx, detail: &MetricDetail) -> AnyView {
    let is_kept = detail.quantiles.is_empty() || !detail.slices.rows.is_empty();
    // Of an event that nobody sends every slice would say the same: nothing.
    let says = detail.metric.is_none() || !is_silent(detail);
    match is_kept && says && detail.without_value.is_none() {
        true => view_slices(cx, detail),
        false => ().into_any(),
    }
}

fn course(cx: &Cx, detail: &MetricDetail) -> AnyView {
    if detail.course.len() < 2 {
        return ().into_any();
    }
    let course = Course {
        experiment: detail.experiment.id.as_str(),
        metric: detail.metric.as_ref().map(|metric| metric.key.as_str()),
        has_ended: detail.experiment.has_ended(),
        names: names(&detail.experiment),
        points: &detail.course,
    };
    let speaks = detail
        .course
        .iter()
        .flat_map(|p| &p.lifts)
        .any(Option::is_some);
    let lift = speaks.then(|| course.lift(cx));
    // A quantile has no total: its exposures stand where there is no lift beside its values.
    let mut values = detail.course.iter().flat_map(|p| &p.values).flatten();
    let has_values = values.any(|value| *value != 0.0);
    let values = has_values.then(|| course.values(cx, say_of(detail.metric.as_ref())));
    let mut totals = detail.course.iter().flat_map(|p| &p.totals);
    let totals = totals.any(|total| *total != 0.0);
    let totals = totals.then(|| course.totals(cx));
    let has_exposures = detail.quantiles.is_empty() || lift.is_none();
    let exposures = has_exposures.then(|| course.exposures(cx));
    if !has_values && lift.is_none() && totals.is_none() {
        return exposures.into_any();
    }
    view! {
        <div class="pair">
            {lift} {values} {exposures} {totals}
        </div>
    }
    .into_any()
}

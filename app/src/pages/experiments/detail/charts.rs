//! Exposures and lift over time, each with its numbers as a table.

use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, MetricPoint, SeriesPoint};

use super::headline::name_of;
use super::save::{Saved, save};
use crate::charts::{Band, LineChart, Series, line_chart};
use crate::cx::Cx;
use crate::format::{amount, change, count, short};
use crate::text::detail::DetailWord as W;
use crate::ui::{data_table, linked_panel, when_exactly, when_in_words};

/// What the charts of one metric show.
pub(super) struct Course<'a> {
    /// Its id.
    pub(super) experiment: &'a str,
    /// Key of a metric; none: the conversion goal.
    pub(super) metric: Option<&'a str>,
    pub(super) has_ended: bool,
    /// Of the variants, control first.
    pub(super) names: Vec<String>,
    pub(super) points: &'a [MetricPoint],
}

#[must_use]
pub(super) fn view_charts(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let (results, experiment) = (&detail.results, &detail.experiment);
    let primary = experiment.primary().map(|metric| metric.key.as_str());
    let points: Vec<MetricPoint> = match results.course.as_slice() {
        [] => results.series.iter().map(point).collect(),
        course => course.to_vec(),
    };
    let course = Course {
        experiment: experiment.id.as_str(),
        metric: primary,
        has_ended: experiment.has_ended(),
        names: detail.results.variants.iter().map(name_of).collect(),
        points: &points,
    };
    if points.len() < 2 {
        return ().into_any();
    }
    // A method that speaks at its looks only has no course of intervals, and the goal's are not
    // those of another metric that decides.
    let is_of_goal = results.course.is_empty();
    if results.horizon.is_some() || (primary.is_some() && is_of_goal) {
        return course.exposures(cx);
    }
    view! {
        <div class="pair">
            {course.exposures(cx)} {course.lift(cx)}
        </div>
    }
    .into_any()
}

/// The charts of this page need no more of a point.
fn point(p: &SeriesPoint) -> MetricPoint {
    MetricPoint {
        at_ms: p.at_ms,
        users: p.exposures.clone(),
        totals: Vec::new(),
        values: Vec::new(),
        lifts: p.lifts.clone(),
    }
}

/// Between the first point of a chart and the last.
fn span_ms(series: &[MetricPoint], says: impl Fn(&MetricPoint) -> bool) -> i64 {
    let mut at_ms = series.iter().filter(|p| says(p)).map(|p| p.at_ms);
    let first_ms = at_ms.next();
    let last_ms = at_ms.next_back().or(first_ms);
    first_ms
        .zip(last_ms)
        .map_or(0, |(first, last)| last - first)
}

pub(super) fn legend(names: &[String], first: usize) -> AnyView {
    let items = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            view! {
                <li>
                    <span class=format!("swatch s{}", (i + first) % 7) aria-hidden="true"></span>
                    {name.clone()}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="legend">{items}</ul> }.into_any()
}

impl Course<'_> {
    pub(super) fn exposures(&self, cx: &Cx) -> AnyView {
        let words = Words {
            id: "chart-exposures",
            title: W::ChartExposures,
            label: W::ChartExposuresLabel,
        };
        let value = |p: &MetricPoint, i: usize| p.users.get(i).map(|n| *n as f64);
        let axis = Axis {
            include: (0.0, 10.0),
            cut: None,
        };
        let tick = |v| short(v, cx.lang);
        self.lines(cx, &words, &axis, value, tick, |v| count(v as u64))
    }

    pub(super) fn totals(&self, cx: &Cx) -> AnyView {
        let words = Words {
            id: "chart-totals",
            title: W::ChartTotals,
            label: W::ChartTotalsLabel,
        };
        let value = |p: &MetricPoint, i: usize| p.totals.get(i).copied();
        // Whole numbers up the axis, also where there is nothing yet.
        let axis = Axis {
            include: (0.0, 5.0),
            cut: None,
        };
        let tick = |v| short(v, cx.lang);
        self.lines(cx, &words, &axis, value, tick, |v| {
            if v.fract() == 0.0 && v >= 0.0 {
                count(v as u64)
            } else {
                amount(v)
            }
        })
    }

    /// `say` words a value.
    pub(super) fn values(&self, cx: &Cx, say: fn(f64) -> String) -> AnyView {
        let words = Words {
            id: "chart-values",
            title: W::ChartValues,
            label: W::ChartValuesLabel,
        };
        let value = |p: &MetricPoint, i: usize| p.values.get(i).copied().flatten();
        // Around the newest value of the control: from zero up nobody would see a difference.
        let newest = self.points.iter().rev().find_map(|p| value(p, 0));
        let around = |value: f64, share: f64| {
            let room = share * value.abs();
            (value - room, value + room)
        };
        let axis = match newest.filter(|newest| *newest != 0.0) {
            Some(newest) => Axis {
                include: around(newest, 0.05),
                cut: Some(around(newest, 0.6)),
            },
            None => Axis {
                include: (0.0, 1.0),
                cut: None,
            },
        };
        self.lines(cx, &words, &axis, value, say, say)
    }

    fn lines(
        &self,
        cx: &Cx,
        words: &Words,
        axis: &Axis,
        value: impl Fn(&MetricPoint, usize) -> Option<f64>,
        tick: impl Fn(f64) -> String,
        say: fn(f64) -> String,
    ) -> AnyView {
        let line = |index| Series {
            index,
            points: self
                .points
                .iter()
                .filter_map(|p| Some((p.at_ms as f64, value(p, index)?)))
                .collect(),
        };
        let span = span_ms(self.points, |p| {
            (0..self.names.len()).any(|i| value(p, i).is_some())
        });
        let chart = line_chart(LineChart {
            series: (0..self.names.len()).map(line).collect(),
            bands: Vec::new(),
            include: axis.include,
            cut: axis.cut,
            mark: None,
            x_ticks: None,
            x_label: |ms| cx.zone.tick(ms as i64, span, cx.lang),
            y_label: tick,
            label: cx.t(words.label).to_owned(),
        });
        let table = table(cx, self.points, &self.names, |p, i| {
            value(p, i).map_or_else(String::new, say)
        });
        let title = cx.t(words.title);
        let body = view! {
            {chart}
            {table}
            {self.save(cx, title)}
        };
        let legend = legend(&self.names, 0);
        linked_panel(cx, words.id, title, legend, body.into_any())
    }

    pub(super) fn lift(&self, cx: &Cx) -> AnyView {
        let points = self.points;
        let names = self.names.get(1..).unwrap_or_default();
        let known = |i: usize| {
            points
                .iter()
                .filter_map(move |p| Some((p.at_ms as f64, p.lifts.get(i).copied().flatten()?)))
        };
        let series = (0..names.len())
            .map(|i| Series {
                index: i + 1,
                points: known(i)
                    .map(|(at, (relative, ..))| (at, relative))
                    .collect(),
            })
            .collect();
        let bands = (0..names.len())
            .map(|i| Band {
                index: i + 1,
                points: known(i)
                    .map(|(at, (_, low, high))| (at, low, high))
                    .collect(),
            })
            .collect();
        let title = cx.t(W::ChartLift);
        if points.iter().all(|p| p.lifts.iter().all(Option::is_none)) {
            let none = match self.has_ended {
                true => W::NoLiftEnded,
                false => W::NoLiftYet,
            };
            let body = view! { <p class="panel-quiet">{cx.t(none)}</p> };
            return linked_panel(cx, "chart-lift", title, ().into_any(), body.into_any());
        }
        let span = span_ms(points, |p| p.lifts.iter().any(Option::is_some));
        let reach = reach(points);
        let chart = line_chart(LineChart {
            series,
            bands,
            include: (-0.05, 0.05),
            cut: Some((-reach, reach)),
            mark: Some(0.0),
            x_ticks: None,
            x_label: |ms| cx.zone.tick(ms as i64, span, cx.lang),
            y_label: |v: f64| format!("{:.0}%", v * 100.0).replace('-', "−"),
            label: cx.t(W::ChartLiftLabel).to_owned(),
        });
        let table = table(cx, points, names, |p, i| {
            p.lifts
                .get(i)
                .copied()
                .flatten()
                .map_or_else(String::new, |(relative, low, high)| {
                    let interval = cx.f(W::IntervalText, &[&change(low), &change(high)]);
                    format!("{} ({interval})", change(relative))
                })
        });
        let beyond = |v: f64| v.abs() > reach;
        let mut ends = points.iter().flat_map(|p| p.lifts.iter().flatten());
        let is_cut = ends.any(|(_, low, high)| beyond(*low) || beyond(*high));
        let cut = is_cut.then(|| view! { <p class="panel-help">{cx.t(W::ChartCut)}</p> });
        let body = view! {
            {chart}
            {cut}
            {table}
            {self.save(cx, title)}
        };
        let legend = legend(names, 1);
        linked_panel(cx, "chart-lift", title, legend, body.into_any())
    }

    fn save(&self, cx: &Cx, title: &str) -> AnyView {
        let saved = Saved {
            experiment: self.experiment,
            metric: self.metric,
            table: "course",
            by: None,
        };
        save(cx, saved, title)
    }
}

/// As of [`LineChart`].
struct Axis {
    include: (f64, f64),
    cut: Option<(f64, f64)>,
}

struct Words {
    id: &'static str,
    title: W,
    label: W,
}

/// The first intervals are huge and would squeeze the rest into a line: the axis
/// reaches as far as the newest interval needs, and half as far again.
fn reach(points: &[MetricPoint]) -> f64 {
    let newest = points.iter().rev().find_map(|p| {
        let widest = p
            .lifts
            .iter()
            .flatten()
            .flat_map(|(_, low, high)| [low.abs(), high.abs()]);
        widest.filter(|v| v.is_finite()).reduce(f64::max)
    });
    (newest.unwrap_or(0.2) * 1.5).clamp(0.1, 5.0)
}

/// Every point that says something, newest first.
fn table(
    cx: &Cx,
    points: &[MetricPoint],
    names: &[String],
    value: impl Fn(&MetricPoint, usize) -> String,
) -> AnyView {
    let is_close = |pair: &[MetricPoint]| matches!(pair, [a, b] if b.at_ms - a.at_ms < 60_000);
    let has_seconds = points.windows(2).any(is_close);
    let heads = names
        .iter()
        .map(|n| view! { <th scope="col" class="end">{n.clone()}</th> });
    let when = |cx, ms| match has_seconds {
        true => when_exactly(cx, ms),
        false => when_in_words(cx, ms),
    };
    // The first points have nothing to say yet.
    let says = |point: &&MetricPoint| (0..names.len()).any(|i| !value(point, i).is_empty());
    let rows = points
        .iter()
        .rev()
        .filter(says)
        .map(|point| {
            let cells = (0..names.len())
                .map(|i| view! { <td class="end num">{value(point, i)}</td> })
                .collect_view();
            view! {
                <tr>
                    <th scope="row">{when(cx, point.at_ms)}</th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    let heads = view! {
        <th scope="col">{cx.t(W::Time)}</th>
        {heads.collect_view()}
    };
    data_table(cx, heads.into_any(), rows.into_any())
}

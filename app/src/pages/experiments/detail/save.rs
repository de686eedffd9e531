//! Links to a panel's numbers as files.

use leptos::prelude::*;
use nexus_domain::experiment::Dimension;
use nexus_domain::ids::ExperimentId;

use crate::cx::Cx;
use crate::text::common::Common;

/// A table, see `experiments::export`.
#[derive(Clone, Copy)]
pub(super) struct Saved<'a> {
    pub(super) experiment: &'a str,
    /// Key of a metric; none: the conversion goal.
    pub(super) metric: Option<&'a str>,
    /// `results`, `course`, `slices` or `quantiles`.
    pub(super) table: &'static str,
    pub(super) by: Option<Dimension>,
}

impl<'a> Saved<'a> {
    /// Of all metrics.
    pub(super) fn results(experiment: &'a ExperimentId) -> Self {
        Self {
            experiment: experiment.as_str(),
            metric: None,
            table: "results",
            by: None,
        }
    }

    fn href(&self, kind: &str) -> String {
        let metric = self.metric.map(|key| format!("metric={key}"));
        let by = self.by.map(|by| format!("by={}", by.as_str()));
        let asked: Vec<String> = metric.into_iter().chain(by).collect();
        let path = format!("/experiments/{}/{}.{kind}", self.experiment, self.table);
        match asked.is_empty() {
            true => path,
            false => format!("{path}?{}", asked.join("&")),
        }
    }
}

/// `title` is the panel's: it tells the links of a page from each other.
#[must_use]
pub(super) fn save(cx: &Cx, saved: Saved<'_>, title: &str) -> AnyView {
    let link = |kind: &str, name: &'static str| {
        let label = cx.f(Common::SaveAs, &[name, title]);
        view! {
            <a href=saved.href(kind) aria-label=label>
                {name}
            </a>
        }
    };
    view! {
        <p class="panel-quiet export">
            {cx.t(Common::SaveTable)} " " {link("csv", "CSV")} " · " {link("json", "JSON")}
        </p>
    }
    .into_any()
}

//! From what to what: who of the recent visitors would get something else.

use std::collections::BTreeMap;

use leptos::prelude::*;
use nexus_control::views::{Example, Move, WhatIf};
use nexus_domain::experiment::Experiment;

use super::{about, no_traffic, since};
use crate::cx::Cx;
use crate::format::{count, percent};
use crate::pages::question::Question;
use crate::text::estimate::{EstimateWord, WhatIfWord as W};

/// What is compared, and where a visitor's case is explained.
pub enum OfWhat {
    /// Examples lead to this page.
    Flag(String),
    Experiment {
        page: String,
        /// Names of its variants, by their keys.
        names: BTreeMap<String, String>,
    },
    /// Whoever types is not led away.
    FlagInForm,
}

impl OfWhat {
    #[must_use]
    pub fn experiment(page: String, experiment: &Experiment) -> Self {
        let variants = experiment.variants.iter();
        let named = variants.filter(|variant| !variant.name.is_empty());
        Self::Experiment {
            page,
            names: named.map(|v| (v.key.clone(), v.name.clone())).collect(),
        }
    }

    /// A variant by its name, where it has one; a value as it is.
    fn said(&self, got: &str) -> AnyView {
        let name = match self {
            Self::Experiment { names, .. } => names.get(got),
            Self::Flag(_) | Self::FlagInForm => None,
        };
        match name {
            Some(name) => view! { <span class="what-if-value">{name.clone()}</span> }.into_any(),
            None => view! { <code class="what-if-value">{got.to_owned()}</code> }.into_any(),
        }
    }

    const fn nothing(&self) -> W {
        match self {
            Self::Experiment { .. } => W::Nothing,
            Self::Flag(_) | Self::FlagInForm => W::NoFlag,
        }
    }

    fn why(&self, example: &Example) -> Option<String> {
        let (page, anchor) = match self {
            Self::Flag(page) => (page, "#try"),
            Self::Experiment { page, .. } => (page, ""),
            Self::FlagInForm => return None,
        };
        Some(Question::of_example(example).url(page, anchor))
    }
}

/// The table and what it comes to; an empty state where nobody has come by.
#[must_use]
pub fn view_what_if(cx: &Cx, what_if: &WhatIf, of: &OfWhat) -> AnyView {
    if what_if.window.is_empty() {
        return no_traffic(cx, &what_if.window);
    }
    view! {
        <div class="estimate-body">
            <p class="quiet">{cx.f(W::Lead, &[&since(cx, &what_if.window)])}</p>
            {changes(cx, what_if, of)}
        </div>
    }
    .into_any()
}

pub(super) fn changes(cx: &Cx, what_if: &WhatIf, of: &OfWhat) -> AnyView {
    let changed = what_if.changed;
    let headline = if changed.sampled == 0 {
        view! { <p class="estimate-value">{cx.t(W::Unchanged)}</p> }.into_any()
    } else {
        let text = cx.f(
            W::ChangedText,
            &[
                &percent(changed.low),
                &percent(changed.high),
                &about(changed),
            ],
        );
        view! {
            <p class="estimate-value">{cx.f(W::Changed, &[&percent(changed.share)])}</p>
            <p class="quiet">{text}</p>
        }
        .into_any()
    };
    let moved: f64 = what_if
        .moves
        .iter()
        .filter(|one| one.is_change())
        .map(|one| one.users.share)
        .sum();
    let is_of_experiment = matches!(of, OfWhat::Experiment { .. });
    let control = (is_of_experiment && moved > changed.share + 1e-9)
        .then(|| view! { <p class="quiet">{cx.t(W::Control)}</p> });
    let small = what_if.window.is_small().then(|| {
        let sampled = count(u64::from(what_if.window.all.sampled));
        view! { <p class="estimate-warning">{cx.f(EstimateWord::Small, &[&sampled])}</p> }
    });
    let has_examples = what_if
        .moves
        .iter()
        .any(|one| !examples_of(one, of).is_empty());
    let rows = what_if
        .moves
        .iter()
        .map(|one| row(cx, one, of, has_examples))
        .collect_view();
    let examples = has_examples.then(|| view! { <th scope="col">{cx.t(W::Examples)}</th> });
    let table = (!what_if.moves.is_empty()).then(|| {
        view! {
        <table class="table stack what-if">
            <caption class="sr">{cx.t(W::Table)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::From)}</th>
                    <th scope="col">{cx.t(W::To)}</th>
                    <th scope="col" class="num">{cx.t(W::Share)}</th>
                    <th scope="col" class="num">{cx.t(W::Visitors)}</th>
                    {examples}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        }
    });
    view! {
        {headline}
        {control}
        {small}
        {table}
        {others(cx, what_if)}
    }
    .into_any()
}

fn row(cx: &Cx, one: &Move, of: &OfWhat, has_examples: bool) -> AnyView {
    let said = |got: &Option<String>| match got {
        Some(got) => of.said(got),
        None => view! { <span class="quiet">{cx.t(of.nothing())}</span> }.into_any(),
    };
    let to = match one.is_change() {
        true => said(&one.to),
        false => view! { <span class="quiet">{cx.t(W::Same)}</span> }.into_any(),
    };
    let examples = examples_of(one, of);
    let examples = has_examples.then(|| {
        if examples.is_empty() {
            return view! { <td></td> }.into_any();
        }
        let links = examples
            .into_iter()
            .map(|(unit, href)| {
                let label = cx.f(W::Explain, &[&unit]);
                view! {
                    <li>
                        <a class="mono" href=href title=label>
                            {unit}
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <td data-label=cx.t(W::Examples)>
                <ul class="what-if-examples">{links}</ul>
            </td>
        }
        .into_any()
    });
    view! {
        <tr>
            <th scope="row" data-label=cx.t(W::From)>{said(&one.from)}</th>
            <td data-label=cx.t(W::To)>{to}</td>
            <td class="num" data-label=cx.t(W::Share)>{percent(one.users.share)}</td>
            <td class="num" data-label=cx.t(W::Visitors)>{about(one.users)}</td>
            {examples}
        </tr>
    }
    .into_any()
}

/// Of changes only: there is something to explain.
fn examples_of(one: &Move, of: &OfWhat) -> Vec<(String, String)> {
    let examples = one.examples.iter().filter(|_| one.is_change());
    let links = examples.filter_map(|example| Some((example.unit.clone(), of.why(example)?)));
    links.collect()
}

fn others(cx: &Cx, what_if: &WhatIf) -> Option<AnyView> {
    (!what_if.others.is_empty()).then(|| {
        let items = what_if
            .others
            .iter()
            .map(|other| {
                let word = match other.is_flag {
                    true => W::OtherFlag,
                    false => W::OtherExperiment,
                };
                let text = cx.f(word, &[&other.id, &percent(other.users.share)]);
                view! { <li>{text}</li> }
            })
            .collect_view();
        view! {
            <p>{cx.t(W::Others)}</p>
            <ul class="rules">{items}</ul>
        }
        .into_any()
    })
}

//! `/experiments/{id}/why`: paste a user and see, condition by condition, what the engine says,
//! and what two published snapshots say.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::views::{VisitorRow, WhatIf, Why, WhyCompared, WhyThen};
use nexus_domain::experiment::{Draft, Experiment, Status};

use crate::cx::Cx;
use crate::host::{Answer, Form, Visit};
use crate::pages::estimate::{OfWhat, view_what_if};
use crate::pages::question::{
    Asked, Chosen, Comparing, Got, Outcome, Question, Row, Section, Sides, rows, view_comparing,
    view_question, view_steps, view_visitors,
};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::estimate::WhatIfWord;
use crate::text::experiments::ListWord;
use crate::text::why::WhyWord as W;
use crate::ui::{Callout, Tone, callout, page_head, panel};

/// Everything the page answers.
pub struct Asking {
    pub question: Question,
    pub why: Why,
    /// None before anybody asked.
    pub comparing: Option<Comparing<WhyCompared>>,
    /// To pick one from; none for whoever may see nobody.
    pub visitors: Option<Vec<VisitorRow>>,
    /// What a start would change, before there was one.
    pub what_if: Option<WhatIf>,
}

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let form = Form::parse(&visit.cx.query);
    let question = Question::of_form(&form);
    let (console, actor) = (&visit.console, &visit.actor);
    let why = console.why(actor, &id, &question.somebody()).await;
    let why = why.map_err(|e| visit.fail(&e))?;
    let status = match question.is_good() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let experiment = &why.experiment;
    let what_if = match experiment.status.is_before_start() {
        true => {
            let what_if = console.what_if_experiment(actor, Draft::of(experiment));
            what_if.await.ok()
        }
        false => None,
    };
    let visitors = console.experiment_visitors(actor, experiment.environment);
    let visitors = visitors.await.map_err(|e| visit.fail(&e))?;
    let comparing = match question.is_asked() {
        true => Some(compare(&visit, Chosen::of_form(&form), &question, experiment).await?),
        false => None,
    };
    let asking = Asking {
        question,
        why,
        comparing,
        visitors,
        what_if,
    };
    Ok(visit.page_with(status, |cx| view_why(cx, &asking)))
}

async fn compare(
    visit: &Visit,
    chosen: Chosen,
    question: &Question,
    experiment: &Experiment,
) -> Result<Comparing<WhyCompared>, Response> {
    let (console, actor) = (&visit.console, &visit.actor);
    let outcome = match chosen.versions() {
        None => Outcome::NotAsked,
        Some(Err(typed)) => Outcome::Missing(typed),
        Some(Ok(versions)) => {
            let (id, somebody) = (experiment.id.as_str(), question.somebody());
            let compared = console.why_compared(actor, id, &somebody, versions).await;
            Outcome::of(compared).map_err(|e| visit.fail(&e))?
        }
    };
    let snapshots = console.snapshots(actor, experiment.environment).await;
    Ok(Comparing {
        // Whoever sees experiments elsewhere only has nothing to choose from here.
        snapshots: snapshots.unwrap_or_default(),
        chosen,
        outcome,
    })
}

pub fn view_why(cx: &Cx, asking: &Asking) -> Page {
    let (question, experiment) = (&asking.question, &asking.why.experiment);
    let home = format!("/experiments/{}", experiment.id);
    let page = format!("{home}/why");
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let what_if = asking.what_if.as_ref().map(|what_if| {
        let of = OfWhat::experiment(page.clone(), experiment);
        let title = cx.t(WhatIfWord::WhenStarted);
        panel(
            "what-if",
            title,
            ().into_any(),
            view_what_if(cx, what_if, &of),
        )
    });
    let chosen = asking.comparing.as_ref().map(|one| one.chosen.clone());
    let somebody = view! {
        {view_question(cx, question, &chosen.unwrap_or_default(), page.clone())}
        {view_visitors(cx, asking.visitors.as_deref(), &page, "")}
    };
    let answer = question.is_asked().then(|| {
        panel(
            "answer",
            cx.t(W::Answer),
            ().into_any(),
            view_answer(cx, asking),
        )
    });
    let is_live = experiment.status.at_the_edge();
    let comparing = asking.comparing.as_ref().map(|comparing| {
        let unit = question.somebody().unit;
        view_comparing(cx, comparing, question, &page, is_live, |compared| {
            sides_of(cx, compared, &unit)
        })
    });
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, ().into_any())}
        {panel("somebody", cx.t(W::Somebody), ().into_any(), somebody.into_any())}
        {answer}
        {comparing}
        {what_if}
    };
    Page::new(cx.t(W::Title), Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(home, experiment.name.clone())
}

fn view_answer(cx: &Cx, asking: &Asking) -> AnyView {
    let why = &asking.why;
    let experiment = &why.experiment;
    let not_now = (experiment.status != Status::Running)
        .then(|| view! { <p class="panel-line">{cx.t(W::NotNow)}</p> });
    let unit = asking.question.somebody().unit;
    let keys = experiment.variants.iter().map(|v| v.key.as_str());
    let asked = Asked {
        unit: &unit,
        targeting: &experiment.targeting,
        prerequisites: &experiment.prerequisites,
        coverage_bp: experiment.coverage_now_bp(),
        slices: &why.slices,
        variants: keys.map(|key| name_of(experiment, key)).collect(),
    };
    view! {
        {not_now}
        {verdict(cx, why)}
        {view_steps(cx, &asked, &why.explanation.steps)}
    }
    .into_any()
}

/// The variant as people call it.
fn name_of(experiment: &Experiment, key: &str) -> String {
    let mut variants = experiment.variants.iter();
    let name = variants.find(|v| v.key == key).map(|v| v.name.as_str());
    name.filter(|name| !name.is_empty())
        .unwrap_or(key)
        .to_owned()
}

fn verdict(cx: &Cx, why: &Why) -> AnyView {
    let variants = &why.experiment.variants;
    let variant = why
        .explanation
        .variant
        .and_then(|v| variants.get(v as usize));
    match variant {
        Some(variant) => {
            let is_off = |key: &String| why.flags_off.contains(key);
            let (off, given): (Vec<_>, Vec<_>) =
                variant.features.iter().partition(|(key, _)| is_off(key));
            let given: serde_json::Map<_, _> = given
                .into_iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            let features =
                (!given.is_empty()).then(|| serde_json::to_string(&given).unwrap_or_default());
            let off: Vec<&str> = off.into_iter().map(|(key, _)| key.as_str()).collect();
            let off =
                (!off.is_empty()).then(|| cx.f(W::FlagsOff, &[&off.join(cx.t(Common::Comma))]));
            let body = view! {
                {features.map(|features| view! { <code>{features}</code> })}
                {off.map(|off| view! { <p>{off}</p> })}
            };
            callout(Callout {
                tone: match why.experiment.status {
                    Status::Running => Tone::Good,
                    _ => Tone::Neutral,
                },
                title: cx.f(W::Gets, &[&name_of(&why.experiment, &variant.key)]),
                body: body.into_any(),
            })
        }
        None => callout(Callout {
            tone: Tone::Neutral,
            title: cx.t(W::Outside).to_owned(),
            body: cx.t(W::OutsideText).into_any(),
        }),
    }
}

fn sides_of<'a>(cx: &Cx, compared: &'a WhyCompared, unit: &str) -> Sides<'a> {
    let both = [&compared.from, &compared.to];
    let got = |then: &WhyThen| match (&then.rule, then.variant()) {
        (None, _) => Got::Absent,
        (Some(_), None) => Got::Outside,
        (Some(_), Some(key)) => Got::This(name_of(&compared.experiment, key)),
    };
    let section = Section {
        title: String::new(),
        rows: both.map(|then| rows_of(cx, compared, then, unit)),
    };
    Sides {
        snapshots: both.map(|then| then.snapshot.as_ref()),
        got: both.map(got),
        problems: both.map(|then| then.problem.as_deref()),
        sections: vec![section],
    }
}

fn rows_of(cx: &Cx, compared: &WhyCompared, then: &WhyThen, unit: &str) -> Vec<Row> {
    let (Some(rule), Some(explanation)) = (&then.rule, &then.explanation) else {
        return Vec::new();
    };
    let keys = rule.variants.iter().map(|v| v.key.as_str());
    let asked = Asked {
        unit,
        targeting: &rule.targeting,
        prerequisites: &rule.prerequisites,
        coverage_bp: rule.coverage_bp,
        slices: &rule.slices,
        variants: keys.map(|key| name_of(&compared.experiment, key)).collect(),
    };
    rows(cx, &asked, &explanation.steps)
}

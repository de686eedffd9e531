//! `/experiments/{id}/why`: paste a user and see, condition by condition, what the engine says.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::views::{WhatIf, Why};
use nexus_domain::experiment::{Draft, Status};

use crate::cx::Cx;
use crate::host::{Answer, Form, Visit};
use crate::pages::estimate::{OfWhat, view_what_if};
use crate::pages::question::{Asked, Question, view_question, view_steps};
use crate::shell::{Page, Place};
use crate::text::estimate::WhatIfWord;
use crate::text::experiments::ListWord;
use crate::text::why::WhyWord as W;
use crate::ui::{Callout, Tone, callout, page_head, panel};

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let question = Question::of_form(&Form::parse(&visit.cx.query));
    let why = visit
        .console
        .why(&visit.actor, &id, &question.somebody())
        .await
        .map_err(|e| visit.fail(&e))?;
    let status = if question.is_good() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let what_if = match why.experiment.status.is_before_start() {
        true => {
            let draft = Draft::of(&why.experiment);
            let what_if = visit.console.what_if_experiment(&visit.actor, draft);
            what_if.await.ok()
        }
        false => None,
    };
    Ok(visit.page_with(status, |cx| view_why(cx, &question, &why, what_if.as_ref())))
}

/// `what_if` is what a start would change, before there was one.
pub fn view_why(cx: &Cx, question: &Question, why: &Why, what_if: Option<&WhatIf>) -> Page {
    let experiment = &why.experiment;
    let home = format!("/experiments/{}", experiment.id);
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let asked = question.is_good() && !question.user.is_empty();
    let what_if = what_if.map(|what_if| {
        let of = OfWhat::Experiment(format!("{home}/why"));
        let title = cx.t(WhatIfWord::WhenStarted);
        panel(
            "what-if",
            title,
            ().into_any(),
            view_what_if(cx, what_if, &of),
        )
    });
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, ().into_any())}
        {panel("somebody", cx.t(W::Somebody), ().into_any(), view_question(cx, question, format!("{home}/why")))}
        {asked.then(|| panel("answer", cx.t(W::Answer), ().into_any(), view_answer(cx, why)))}
        {what_if}
    };
    Page::new(cx.t(W::Title), Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(home, experiment.name.clone())
}

fn view_answer(cx: &Cx, why: &Why) -> AnyView {
    let experiment = &why.experiment;
    let not_now = (experiment.status != Status::Running)
        .then(|| view! { <p class="quiet">{cx.t(W::NotNow)}</p> });
    let asked = Asked {
        targeting: &experiment.targeting,
        prerequisites: &experiment.prerequisites,
        coverage_bp: experiment.coverage_bp,
        slices: &why.slices,
    };
    view! {
        {verdict(cx, why)}
        {not_now}
        {view_steps(cx, asked, &why.explanation.steps)}
    }
    .into_any()
}

fn verdict(cx: &Cx, why: &Why) -> AnyView {
    let variants = &why.experiment.variants;
    let variant = why
        .explanation
        .variant
        .and_then(|v| variants.get(v as usize));
    match variant {
        Some(variant) => {
            let name = if variant.name.is_empty() {
                &variant.key
            } else {
                &variant.name
            };
            let features = (!variant.features.is_empty())
                .then(|| serde_json::to_string(&variant.features).unwrap_or_default());
            callout(Callout {
                tone: Tone::Good,
                title: cx.f(W::Gets, &[name]),
                body: features
                    .map(|features| view! { <code>{features}</code> })
                    .into_any(),
            })
        }
        None => callout(Callout {
            tone: Tone::Neutral,
            title: cx.t(W::Outside).to_owned(),
            body: cx.t(W::OutsideText).into_any(),
        }),
    }
}

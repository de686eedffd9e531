//! `/experiments/{id}/why`: paste a user and see, condition by condition, what the engine says.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::views::Why;
use nexus_domain::experiment::Status;

use crate::cx::Cx;
use crate::host::{Answer, Form, Visit};
use crate::pages::question::{Asked, Question, view_question, view_steps};
use crate::shell::{Page, Place};
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
    Ok(visit.page_with(status, |cx| view_why(cx, &question, &why)))
}

pub fn view_why(cx: &Cx, question: &Question, why: &Why) -> Page {
    let experiment = &why.experiment;
    let home = format!("/experiments/{}", experiment.id);
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let asked = question.is_good() && !question.user.is_empty();
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, ().into_any())}
        {panel("somebody", cx.t(W::Somebody), ().into_any(), view_question(cx, question, format!("{home}/why")))}
        {asked.then(|| panel("answer", cx.t(W::Answer), ().into_any(), view_answer(cx, why)))}
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

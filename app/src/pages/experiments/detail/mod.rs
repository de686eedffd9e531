//! `/experiments/{id}`: verdict first, then the numbers, then the set-up.

mod about;
mod axis;
mod charts;
mod distribution;
mod headline;
mod health;
mod looks;
pub mod metric;
mod metrics;
mod report;
mod results;
pub(super) mod safeguards;
mod save;
mod setup;
mod slices;

pub(super) use headline::stopped_of;
pub(crate) use headline::view_headline_of;
pub(crate) use health::view_split_of;
pub(crate) use results::view_results_of;
pub(crate) use safeguards::stopped;

use axum::extract::Path;
use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, RampPlace};
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{Experiment, Status, Verb};

use super::command::Asked;
use super::decide::action_word;
use super::life::ramp_chip;
use super::parts::{allowed, gateways_panel};
use super::review::{instead_of, may_give};
use super::widen;
use crate::cx::Cx;
use crate::host::{Answer, Visit};
use crate::pages::audit::row::compact;
use crate::pages::notes::{Comments, view_comments};
use crate::pages::qa::qa_link;
use crate::pages::templates::save_link;
use crate::shell::{Page, Place};
use crate::text::detail::DetailWord as W;
use crate::text::experiments::ListWord;
use crate::text::life::LifeWord;
use crate::text::revisions::RevisionsWord;
use crate::ui::{Icon, act_link, environment_chip, icon, page_head, panel, status_badge};
use nexus_domain::template::TemplateKind;

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = visit
        .console
        .experiment(&visit.actor, &id)
        .await
        .map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_detail(cx, &detail)))
}

/// A comment that is refused.
#[derive(Default)]
pub struct Commenting {
    pub typed: String,
    pub problems: Vec<FieldProblem>,
}

pub fn view_detail(cx: &Cx, detail: &ExperimentDetail) -> Page {
    view_commented(cx, detail, &Commenting::default())
}

pub fn view_commented(cx: &Cx, detail: &ExperimentDetail, commenting: &Commenting) -> Page {
    let experiment = &detail.experiment;
    let measured = experiment.started_ms.is_some();
    let lead = view! {
        <div class="lead-line" id="live-status" data-live="">
            {status_badge(cx, experiment.status)}
            {ramp_chip(cx, RampPlace::of(experiment).as_ref())} {environment_chip(cx, experiment.environment)}
            <code class="row-id">{experiment.id.to_string()}</code>
        </div>
    };
    let actions = view! {
        <div class="actions" id="live-actions" data-live="">
            {actions(cx, experiment, detail.rules)}
        </div>
    };
    let numbers = measured.then(|| {
        view! {
            <div id="live-results" data-live="">
                {results::view_results(cx, detail)}
            </div>
            <div id="live-metrics" data-live="">
                {metrics::view_metrics(cx, detail)}
            </div>
            <div id="live-looks" data-live="">
                {looks::view_looks(cx, detail)}
            </div>
            <div id="live-charts" data-live="">
                {charts::view_charts(cx, detail)}
            </div>
        }
    });
    let health = measured.then(|| {
        view! {
            <div id="live-health" data-live="">
                {health::view_health(cx, detail)}
            </div>
        }
    });
    let comments = view_comments(
        cx,
        &Comments {
            all: &detail.comments,
            action: format!("/experiments/{}/comment", experiment.id),
            asks: (Action::CommentExperiment, experiment.environment),
            typed: &commenting.typed,
            problems: &commenting.problems,
        },
    );
    let body = view! {
        {page_head(experiment.name.clone(), lead.into_any(), actions.into_any())}
        <div id="live-headline" data-live="">
            {headline::view_headline(cx, detail)}
        </div>
        {numbers}
        <div class="columns">
            <div class="column-main">{health} {setup::view_setup(cx, detail)} {comments}</div>
            <div class="column-side">
                <div id="live-gateways" data-live="">
                    {gateways_panel(cx, &detail.propagation)}
                </div>
                <div id="live-history" data-live="">
                    {history(cx, detail)}
                </div>
            </div>
        </div>
    };
    Page::new(experiment.name.clone(), Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .live()
}

/// Only the commands that fit the status; those not permitted stay visible with
/// their reason.
fn actions(cx: &Cx, experiment: &Experiment, rules: EnvironmentRules) -> AnyView {
    let needs_review = rules.review && !experiment.is_approved();
    let environment = Some(experiment.environment);
    let id = &experiment.id;
    let settable = !experiment.has_ended() && experiment.status != Status::Archived;
    let edit = settable.then(|| {
        act_link(
            "",
            Some(Icon::Pencil),
            cx.t(W::Edit),
            format!("/experiments/{id}/edit"),
            allowed(cx, Action::EditExperiment, environment),
        )
    });
    let commands = Asked::ALL
        .into_iter()
        .filter(|asked| experiment.takes(asked.command(String::new()).verb(), cx.now_ms))
        .map(|asked| {
            let class = match asked {
                Asked::Start if needs_review => "",
                Asked::Start | Asked::Resume => "primary",
                Asked::Approve => "primary",
                Asked::AskReview if rules.review => "primary",
                Asked::AskReview
                | Asked::SendBack
                | Asked::WithdrawReview
                | Asked::Pause
                | Asked::Unarchive
                | Asked::Unschedule
                | Asked::HoldRamp
                | Asked::ContinueRamp => "",
                Asked::Archive => "quiet-button",
                Asked::Stop => "danger-quiet",
            };
            let verb = asked.command(String::new()).verb();
            let button = || {
                act_link(
                    class,
                    Some(asked.mark()),
                    asked.words(cx)[0],
                    format!("/experiments/{id}/{}", asked.as_str()),
                    may_give(cx, experiment, rules, verb),
                )
            };
            instead_of(cx, experiment, verb).unwrap_or_else(button)
        })
        .collect_view();
    let plan = Verb::Schedule.fits(experiment.status).then(|| {
        let word = match experiment.status {
            Status::Scheduled => LifeWord::Replan,
            _ => LifeWord::Schedule,
        };
        act_link(
            "",
            Some(Icon::Clock),
            cx.t(word),
            format!("/experiments/{id}/schedule"),
            may_give(cx, experiment, rules, Verb::Schedule),
        )
    });
    let decidable = Verb::Decide.fits(experiment.status);
    let decide = decidable.then(|| {
        let class = match experiment.status {
            Status::Stopped => "primary",
            _ => "",
        };
        act_link(
            class,
            Some(Icon::Check),
            cx.t(action_word(experiment.status)),
            format!("/experiments/{id}/decide"),
            allowed(cx, Action::DecideExperiment, environment),
        )
    });
    let qa = settable.then(|| qa_link(cx, &format!("/experiments/{id}"), experiment.environment));
    view! {
        {edit}
        {plan}
        {decide}
        {commands}
        {widen::links(cx, experiment)}
        {qa}
        {save_link(cx, TemplateKind::Experiment, &format!("/experiments/{id}"), experiment.environment)}
    }
    .into_any()
}

fn history(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let body = if detail.history.is_empty() {
        view! { <p class="panel-quiet">{cx.t(W::NoHistory)}</p> }.into_any()
    } else {
        compact(cx, &detail.history)
    };
    let compare = view! {
        <a class="more" href=format!("/experiments/{}/revisions", detail.experiment.id)>
            {cx.t(RevisionsWord::Short)}
            {icon(Icon::ArrowRight)}
        </a>
    };
    panel("history", cx.t(W::History), compare.into_any(), body)
}

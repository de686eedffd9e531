//! How the experiment is set up.

use leptos::prelude::*;
use nexus_control::views::ExperimentDetail;
use nexus_domain::experiment::{
    Better, Experiment, LayerShare, Method, Metric, MetricRole, Variant,
};

use super::about::{about, about_when};
use crate::charts::split_bar;
use crate::cx::Cx;
use crate::format::{bp, count};
use crate::pages::audience::conditions;
use crate::pages::condition::view_condition;
use crate::pages::experiments::life::ramp_text;
use crate::pages::experiments::parts::safeguards_text;
use crate::pages::prerequisites::prerequisite;
use crate::text::common::Common;
use crate::text::detail::DetailWord as W;
use crate::text::form::FormWord;
use crate::text::holdouts::HoldoutWord;
use crate::text::life::LifeWord;
use crate::text::method::MethodWord;
use crate::text::metric::MetricWord;
use crate::text::why::WhyWord;
use crate::ui::{Icon, icon, panel, when};
use crate::zone::Zone;

#[must_use]
pub(super) fn view_setup(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let experiment = &detail.experiment;
    let fact = |word: W, value: AnyView| {
        view! {
            <div class="fact">
                <dt>{cx.t(word)}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let hypothesis = (!experiment.hypothesis.is_empty()).then(|| {
        let text = experiment.hypothesis.clone();
        fact(
            W::Hypothesis,
            view! { <span class="prose">{text}</span> }.into_any(),
        )
    });
    let plan = plan(cx, experiment);
    let started = experiment
        .started_ms
        .map(|ms| fact(W::Started, when(cx, ms)));
    let stopped = experiment
        .stopped_ms
        .map(|ms| fact(W::Stopped, when(cx, ms)));
    let created = view! {
        {when(cx, experiment.created_ms)}
        " · "
        <span class="quiet">{cx.f(W::CreatedText, &[cx.named(&experiment.created_by)])}</span>
    };
    let coverage = cx.f(W::CoverageText, &[&bp(experiment.coverage_bp)]);
    let ramp = ramp_text(cx, experiment).map(|text| {
        view! {
            <div class="fact">
                <dt>{cx.t(LifeWord::Ramp)}</dt>
                <dd>{text}</dd>
            </div>
        }
    });
    let body = view! {
        <dl class="facts">
            {hypothesis} {fact(W::Split, variants(cx, experiment))}
            {fact(W::Coverage, coverage.into_any())} {ramp}
            {fact(W::Targeting, targeting(cx, experiment))}
            {experiment.team.as_ref().map(|t| fact(W::Team, team(t)))}
            {experiment.layer.as_ref().map(|l| fact(W::Layer, layer(cx, l)))}
            {holdouts(cx, detail).map(|held| fact(W::Holdouts, held))}
            {fact(W::Metrics, metrics(cx, experiment))}
            {fact(W::Schedule, schedule(cx, experiment))}
            {fact(W::Safeguards, safeguards_text(cx, &experiment.guardrail).into_any())} {fact(W::Plan, plan.into_any())}
            {fact(W::Method, method(cx, experiment.method))} {correction(cx, experiment)} {started} {stopped}
            {fact(W::Created, created.into_any())}
        </dl>
    };
    let why = view! {
        <a class="more" href=format!("/experiments/{}/why", experiment.id)>
            {cx.t(WhyWord::Short)}
            {icon(Icon::ArrowRight)}
        </a>
    };
    panel("setup", cx.t(W::Setup), why.into_any(), body.into_any())
}

/// Named, with its numbers, and explained.
fn method(cx: &Cx, method: Method) -> AnyView {
    let numbers = match method {
        Method::AlwaysValid => None,
        Method::GroupSequential {
            looks,
            planned_users,
        } => Some(cx.f(
            MethodWord::PlannedLooks,
            &[&looks.to_string(), &count(planned_users)],
        )),
        Method::FixedHorizon { planned_users } => {
            Some(cx.f(MethodWord::PlannedUsers, &[&count(planned_users)]))
        }
        Method::Bayesian { prior_sd_bp } => Some(cx.f(MethodWord::Prior, &[&bp(prior_sd_bp)])),
    };
    view! {
        {cx.t(MethodWord::of(method))}
        {numbers.map(|numbers| view! { <span class="quiet">" — " {numbers}</span> })}
        <p class="panel-line">{cx.t(MethodWord::help(method))}</p>
    }
    .into_any()
}

/// Where it matters.
fn correction(cx: &Cx, experiment: &Experiment) -> Option<AnyView> {
    let by = experiment.corrected_by()?;
    let shown = view! {
        <div class="fact">
            <dt>{cx.t(FormWord::Correction)}</dt>
            <dd>
                {cx.t(MethodWord::of_correction(by))}
                <p class="panel-line">{cx.t(MethodWord::correction_help(by))}</p>
            </dd>
        </div>
    };
    Some(shown.into_any())
}

fn variants(cx: &Cx, experiment: &Experiment) -> AnyView {
    let weights: Vec<u16> = experiment.variants.iter().map(|v| v.weight_bp).collect();
    let said: Vec<String> = experiment
        .variants
        .iter()
        .map(|v| format!("{} {}%", v.key, bp(v.weight_bp)))
        .collect();
    let label = cx.f(W::SplitLabel, &[&said.join(cx.t(Common::Comma))]);
    let rows = experiment
        .variants
        .iter()
        .enumerate()
        .map(|(i, v)| variant(cx, i, v))
        .collect_view();
    view! {
        {split_bar(&weights, label)}
        <ul class="arms">{rows}</ul>
    }
    .into_any()
}

fn variant(cx: &Cx, index: usize, variant: &Variant) -> AnyView {
    let features = (!variant.features.is_empty())
        .then(|| serde_json::to_string(&variant.features).unwrap_or_default());
    let deployment = variant.deployment.clone().map(|name| {
        view! {
            <span class="quiet">{cx.t(W::Deployment)} " "</span>
            <code>{name}</code>
        }
    });
    view! {
        <li>
            <span class=format!("swatch s{}", index % 7) aria-hidden="true"></span>
            <code>{variant.key.clone()}</code>
            <span class="num">{format!("{}%", bp(variant.weight_bp))}</span>
            <span>{variant.name.clone()}</span>
            {deployment}
            {features.map(|f| view! { <code class="features">{f}</code> })}
        </li>
    }
    .into_any()
}

/// With a search for what else says the team.
fn team(team: &str) -> AnyView {
    let (name, href) = (team.to_owned(), format!("/experiments?q={team}"));
    view! { <a href=href>{name}</a> }.into_any()
}

/// What it leaves out for holdouts, or the one it will; nothing without any.
fn holdouts(cx: &Cx, detail: &ExperimentDetail) -> Option<AnyView> {
    let experiment = &detail.experiment;
    let held = experiment
        .held
        .iter()
        .chain(&detail.would_join)
        .map(|held| {
            let id = held.holdout.to_string();
            let said = cx.f(HoldoutWord::LeavesOut, &[&id, &bp(held.share_bp)]);
            (id, said)
        });
    let mut items: Vec<(String, String)> = held.collect();
    if let Some(id) = experiment.holdout.as_ref().filter(|_| items.is_empty()) {
        items.push((id.clone(), id.clone()));
    }
    let list = items.iter().map(|(id, said)| {
        view! {
            <li>
                <a href=format!("/holdouts/{id}")>{said.clone()}</a>
            </li>
        }
    });
    (!items.is_empty()).then(|| view! { <ul class="rules">{list.collect_view()}</ul> }.into_any())
}

fn targeting(cx: &Cx, experiment: &Experiment) -> AnyView {
    let targeting = &experiment.targeting;
    let rules = conditions(cx, targeting);
    let condition = targeting.condition.as_ref().map(|condition| {
        view! { <li>{view_condition(cx, condition)}</li> }
    });
    let needs = experiment.prerequisites.iter();
    let needs: Vec<AnyView> = needs
        .map(|need| view! { <li>{prerequisite(cx, need)}</li> }.into_any())
        .collect();
    if rules.is_empty() && condition.is_none() && needs.is_empty() {
        return cx.t(W::Everybody).into_any();
    }
    let items = rules
        .into_iter()
        .map(|rule| view! { <li>{rule}</li> })
        .collect_view();
    view! { <ul class="rules">{items}{condition}{needs}</ul> }.into_any()
}

/// What it was sized for: the effect in the direction that is better.
fn plan(cx: &Cx, experiment: &Experiment) -> String {
    let primary = experiment.primary();
    let sign = match primary.map_or(Better::Higher, |metric| metric.better) {
        Better::Higher => "+",
        Better::Lower => "−",
    };
    let effect = format!("{sign}{}", bp(experiment.plan.minimum_effect_bp));
    let level = experiment.significance.to_string();
    match primary.map(|metric| (metric.kind.is_share(), metric.role)) {
        Some((false, MetricRole::Primary { spread_bp })) => {
            let spread = (f64::from(spread_bp) / 100.0).to_string();
            cx.f(W::PlanMean, &[&effect, &spread, &level])
        }
        _ => {
            let rate = bp(experiment.plan.baseline_bp);
            cx.f(W::PlanText, &[&effect, &rate, &level])
        }
    }
}

/// What decides, then the others with what they are.
fn metrics(cx: &Cx, experiment: &Experiment) -> AnyView {
    let item = |metric: &Metric| {
        view! {
            <li>
                <code>{metric.key.clone()}</code>
                <span class="about">{about(cx, metric)}</span>
            </li>
        }
    };
    let metrics = experiment.metrics.iter();
    let others = metrics.filter(|m| !m.role.is_primary()).map(item);
    let others = others.collect_view();
    let said = match experiment.primary() {
        Some(_) => cx.t(MetricWord::Goal),
        None => cx.t(FormWord::Goal),
    };
    view! {
        <ul class="rules">
            {experiment.primary().map(item)}
            <li>
                <code>{experiment.goal.clone()}</code>
                <span class="about">{said}</span>
                {about_when(cx, experiment)
                    .into_iter()
                    .map(|said| view! { <span class="about">{said}</span> })
                    .collect_view()}
            </li>
            {others}
        </ul>
    }
    .into_any()
}

fn layer(cx: &Cx, layer: &LayerShare) -> AnyView {
    let share = bp(layer.share_bp);
    match layer.slice() {
        Some(slice) => cx.f(
            W::LayerPart,
            &[&layer.layer, &share, &bp(slice.from_bp), &bp(slice.to_bp)],
        ),
        None => cx.f(W::LayerPlanned, &[&layer.layer, &share]),
    }
    .into_any()
}

/// In the zone in which it was planned.
fn schedule(cx: &Cx, experiment: &Experiment) -> AnyView {
    let zone = Zone::parse(&experiment.schedule.timezone).unwrap_or(cx.zone);
    let say = |ms: Option<i64>, otherwise: W| {
        ms.map_or_else(|| cx.t(otherwise).to_owned(), |ms| zone.minute(ms, cx.lang))
    };
    let from = experiment.started_ms.or(experiment.schedule.start_ms);
    let from = say(from, W::FromStart);
    let until = say(experiment.schedule.end_ms, W::UntilStop);
    cx.f(W::ScheduleText, &[&from, &until]).into_any()
}

//! What the variants compete for, how much data that takes, and when it ends.

use leptos::prelude::*;
use nexus_control::planning;
use nexus_control::views::SizePlan;
use nexus_domain::experiment::{Better, Metric, MetricRole, primary};
use nexus_domain::{Field as At, FieldProblem};

use super::{FormState, MetricFields};
use crate::cx::Cx;
use crate::format::{count, parse_bp};
use crate::islands::even_weights;
use crate::pages::calculator::CalculatorState;
use crate::pages::problems::error_of;
use crate::text::calculator::CalculatorWord;
use crate::text::form::FormWord as W;
use crate::ui::{Field, Input, input, zone_list};

#[must_use]
pub(super) fn view_goal(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let field = |id: &'static str, label: W, help: W, at: At| {
        Field::new(id, cx.t(label))
            .help(cx.t(help))
            .error(error_of(cx, problems, at))
    };
    let metric = field("goal", W::Goal, W::GoalHelp, At::Goal).required();
    let window = field(
        "goal_window",
        W::GoalWindow,
        W::GoalWindowHelp,
        At::GoalWindow,
    );
    let before = field("goal_pre", W::GoalPre, W::GoalPreHelp, At::GoalPreDays);
    let baseline = field("baseline", W::Baseline, W::BaselineHelp, At::Baseline);
    let effect = field(
        "minimum_effect",
        W::MinimumEffect,
        W::MinimumEffectHelp,
        At::MinimumEffect,
    );
    let level = field(
        "significance",
        W::Significance,
        W::SignificanceHelp,
        At::Significance,
    );
    view! {
        {input(Input {
            class: "mono",
            ..Input::text(metric, "goal", state.goal.clone())
        })}
        <p class="field-help goal-note">{cx.t(W::GoalNote)}</p>
        <div class="duo">
            {input(Input {
                class: "short",
                ..Input::text(window, "goal_window", state.goal_window.clone())
            })}
            {input(Input {
                class: "short",
                inputmode: Some("numeric"),
                ..Input::text(before, "goal_pre", state.goal_pre.clone())
            })}
        </div>
        <div class="trio">
            {input(Input::percent(baseline, "baseline", state.baseline.clone()))}
            {input(Input::percent(effect, "minimum_effect", state.minimum_effect.clone()))}
            {input(Input {
                class: "short",
                inputmode: Some("decimal"),
                ..Input::text(level, "significance", state.significance.clone())
            })}
        </div>
        {readout(cx, state)}
    }
    .into_any()
}

/// The same question for the calculator; of a number per user the mean is 1.
fn calculator(state: &FormState) -> CalculatorState {
    let metrics: Vec<Metric> = state.metrics.iter().map(MetricFields::metric).collect();
    let decides = primary(&metrics);
    let asked = match decides.map(|metric| (metric.kind.is_share(), metric.role)) {
        Some((false, MetricRole::Primary { spread_bp })) => CalculatorState {
            kind: "mean".to_owned(),
            mean: "1".to_owned(),
            standard_deviation: (f64::from(spread_bp) / 10_000.0).to_string(),
            ..CalculatorState::default()
        },
        _ => CalculatorState::default(),
    };
    let direction = match decides.map(|metric| metric.better) {
        Some(Better::Lower) => "decrease",
        _ => "increase",
    };
    CalculatorState {
        direction: direction.to_owned(),
        baseline: state.baseline.clone(),
        minimum_effect: state.minimum_effect.clone(),
        significance: state.significance.clone(),
        variants: state.variants.len().to_string(),
        weights: weights(state),
        ..asked
    }
}

/// Nothing where all are alike, or not typed yet.
fn weights(state: &FormState) -> String {
    let typed: Vec<&str> = state.variants.iter().map(|v| v.weight.trim()).collect();
    let all: Option<Vec<u16>> = typed.iter().map(|weight| parse_bp(weight)).collect();
    match all {
        // A hundred percent by three is not quite even.
        Some(all) if !all.contains(&0) && !even_weights(all.len()).eq(&all) => typed.join(", "),
        _ => String::new(),
    }
}

fn readout(cx: &Cx, state: &FormState) -> AnyView {
    let variants = state.variants.len();
    let asked = calculator(state);
    let plan = asked.query().and_then(|query| planning::size(&query));
    let shown = match plan {
        Ok(SizePlan {
            always_valid,
            fixed,
            ..
        }) => {
            let (each, all) = (count(always_valid.per_variant), count(always_valid.total));
            let sizes = match asked.weights.is_empty() {
                true => cx.f(W::Readout, &[&each, &all]),
                false => cx.f(W::ReadoutUneven, &[&all, &each]),
            };
            view! {
                <p class="readout-value">{sizes}</p>
                <p class="readout-note">{cx.f(W::ReadoutHelp, &[&variants.to_string()])}</p>
                <p class="readout-note">{cx.f(W::ReadoutFixed, &[&count(fixed.total)])}</p>
            }
            .into_any()
        }
        Err(_) => view! { <p class="readout-note">{cx.t(W::ReadoutMissing)}</p> }.into_any(),
    };
    view! {
        <div class="readout" id="readout" role="status">
            <div>{shown}</div>
            <button class="button small" type="submit" name="do" value="recalculate" formnovalidate=true>
                {cx.t(W::Recalculate)}
            </button>
        </div>
        <p class="field-help">
            <a href=asked.url()>{cx.t(CalculatorWord::Open)}</a>
        </p>
    }
    .into_any()
}

#[must_use]
pub(super) fn view_schedule(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let field = |id: &'static str, label: W, at: At| {
        Field::new(id, cx.t(label)).error(error_of(cx, problems, at))
    };
    let start = field("start", W::StartAt, At::StartAt).help(cx.t(W::StartAtHelp));
    let end = field("end", W::EndAt, At::EndAt).help(cx.t(W::EndAtHelp));
    let zone = field("timezone", W::Timezone, At::Timezone);
    let moment = |field: Field, name: &'static str, value: &str| {
        input(Input {
            kind: "datetime-local",
            ..Input::text(field, name, value)
        })
    };
    view! {
        <div class="trio">
            {moment(start, "start", &state.start)} {moment(end, "end", &state.end)}
            {input(Input {
                list: Some("zones"),
                ..Input::text(zone, "timezone", state.timezone.clone())
            })}
        </div>
        {zone_list()}
    }
    .into_any()
}

//! `/calculator`: how many users a comparison takes. All of it is in the URL,
//! nothing is stored.

mod curve;
mod sizes;
mod state;

use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::SizePlan;
use nexus_domain::{Field as At, FieldProblem};

pub use state::CalculatorState;

use crate::cx::Cx;
use crate::host::{Answer, Form, Visit};
use crate::islands::AutoSubmit;
use crate::pages::problems::{error_of, summary};
use crate::shell::{Page, Place};
use crate::text::calculator::CalculatorWord as W;
use crate::text::form::FormWord;
use crate::ui::{Field, Input, check_row, input, page_head, panel};

pub async fn show(visit: Visit) -> Answer {
    let state = CalculatorState::of_form(&Form::parse(&visit.cx.query));
    let answer = state
        .query()
        .map_err(Error::Invalid)
        .and_then(|query| visit.console.plan(&visit.actor, &query));
    match answer {
        Ok(plan) => Ok(visit.page(|cx| view_calculator(cx, &state, Ok(&plan)))),
        Err(Error::Invalid(problems)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.page_with(status, |cx| view_calculator(cx, &state, Err(&problems))))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

pub fn view_calculator(
    cx: &Cx,
    state: &CalculatorState,
    answer: Result<&SizePlan, &[FieldProblem]>,
) -> Page {
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let problems = answer.err().unwrap_or_default();
    let results = answer.ok().map(|plan| {
        view! {
            {sizes::view_sizes(cx, state, plan)}
            {curve::view_curve(cx, state, plan)}
        }
    });
    let wrong = (!problems.is_empty()).then(|| {
        view! {
            <p class="quiet" role="status">
                {cx.t(W::Wrong)}
            </p>
        }
    });
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, ().into_any())}
        {summary(cx, problems)}
        {panel("inputs", cx.t(W::Inputs), ().into_any(), view_inputs(cx, state, problems))}
        <AutoSubmit form="calculator".to_owned() region="plan".to_owned() />
        <div id="plan">{wrong} {results}</div>
    };
    Page::new(cx.t(W::Title), Place::CALCULATOR, body.into_any())
}

fn view_inputs(cx: &Cx, state: &CalculatorState, problems: &[FieldProblem]) -> AnyView {
    let field = |id: &'static str, label: FormWord, at: At| {
        Field::new(id, cx.t(label)).error(error_of(cx, problems, at))
    };
    let number = |field: Field, name: &'static str, value: &str| {
        input(Input {
            class: "short",
            inputmode: Some("decimal"),
            ..Input::text(field, name, value)
        })
    };
    let kinds = [("proportion", W::Proportion), ("mean", W::MeanKind)].map(|(value, word)| {
        let chosen = (value == "mean") == state.is_mean();
        let label = cx.t(word).to_owned();
        check_row("radio", "kind", value.to_owned(), chosen, label, None)
    });
    let ways = [("increase", W::Increase), ("decrease", W::Decrease)].map(|(value, word)| {
        let chosen = (value == "decrease") == state.is_decrease();
        let label = cx.t(word).to_owned();
        check_row("radio", "direction", value.to_owned(), chosen, label, None)
    });
    let baseline =
        field("baseline", FormWord::Baseline, At::Baseline).help(cx.t(FormWord::BaselineHelp));
    let effect = field("minimum_effect", FormWord::MinimumEffect, At::MinimumEffect)
        .help(cx.t(W::EffectHelp));
    let mean = field("mean", FormWord::Mean, At::Mean).help(cx.t(W::MeanHelp));
    let deviation = field(
        "standard_deviation",
        FormWord::StandardDeviation,
        At::StandardDeviation,
    )
    .help(cx.t(W::StandardDeviationHelp));
    let variants = field("variants", FormWord::Variants, At::Variants).help(cx.t(W::VariantsHelp));
    let level = field("significance", FormWord::Significance, At::Significance)
        .help(cx.t(FormWord::SignificanceHelp));
    let power = field("power", FormWord::Power, At::Power).help(cx.t(W::PowerHelp));
    let traffic = field("users_per_day", FormWord::UsersPerDay, At::UsersPerDay)
        .help(cx.t(W::UsersPerDayHelp));
    let weights = field("weights", FormWord::Weights, At::Weights).help(cx.t(W::WeightsHelp));
    let looks = field("looks", FormWord::Looks, At::Looks).help(cx.t(FormWord::LooksHelp));
    let reduction = field(
        "variance_reduction",
        FormWord::VarianceReduction,
        At::VarianceReduction,
    )
    .help(cx.t(W::VarianceReductionHelp));
    let reduced = Input::percent(
        reduction,
        "variance_reduction",
        state.variance_reduction.clone(),
    );
    view! {
        <form id="calculator" class="form-fields" method="get" action="/calculator" novalidate=true>
            <fieldset class="field">
                <legend class="field-label">{cx.t(W::Kind)}</legend>
                <div class="checks">{kinds.into_iter().collect_view()}</div>
            </fieldset>
            <div class="trio">
                <div class="of-proportion">
                    {input(Input::percent(baseline, "baseline", state.baseline.clone()))}
                </div> <div class="of-mean">{number(mean, "mean", &state.mean)}</div>
                <div class="of-mean">
                    {number(deviation, "standard_deviation", &state.standard_deviation)}
                </div>
            </div>
            <div class="trio">
                {input(Input::percent(effect, "minimum_effect", state.minimum_effect.clone()))}
                {number(level, "significance", &state.significance)}
                {input(Input::percent(power, "power", state.power.clone()))}
            </div>
            <fieldset class="field">
                <legend class="field-label">{cx.t(W::Direction)}</legend>
                <div class="checks">{ways.into_iter().collect_view()}</div>
            </fieldset>
            <div class="trio">
                {number(variants, "variants", &state.variants)}
                {input(Input::text(weights, "weights", state.weights.clone()))}
                {number(looks, "looks", &state.looks)}
            </div>
            <div class="duo">
                {number(traffic, "users_per_day", &state.users_per_day)} {input(reduced)}
            </div>
            <div class="form-act">
                <button type="submit" class="button primary">
                    {cx.t(W::Calculate)}
                </button>
            </div>
        </form>
    }
    .into_any()
}

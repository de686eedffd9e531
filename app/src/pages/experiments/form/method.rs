//! How the result will be judged: the choice and its numbers.

use leptos::prelude::*;
use nexus_domain::experiment::{Correction, Method};
use nexus_domain::{Field as At, FieldProblem};

use super::FormState;
use crate::cx::Cx;
use crate::pages::problems::error_of;
use crate::text::form::FormWord as W;
use crate::text::method::MethodWord;
use crate::ui::{Field, Input, check_row, field_error, input};

/// Every kind, with whatever numbers; the default first.
pub(super) const KINDS: [Method; 4] = [
    Method::AlwaysValid,
    Method::GroupSequential {
        looks: Method::USUAL_LOOKS,
        planned_users: 0,
    },
    Method::FixedHorizon { planned_users: 0 },
    Method::Bayesian {
        prior_sd_bp: Method::USUAL_PRIOR_BP,
    },
];

#[must_use]
pub(super) fn view_method(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let kinds = KINDS
        .map(|kind| {
            let value = kind.as_str().to_owned();
            let chosen = value == state.method;
            let label = cx.t(MethodWord::of(kind)).to_owned();
            let help = Some(cx.t(MethodWord::help(kind)).to_owned());
            check_row("radio", "method", value, chosen, label, help)
        })
        .into_iter()
        .collect_view();
    let field = |id: &'static str, label: W, help: W, at: At| {
        Field::new(id, cx.t(label))
            .help(cx.t(help))
            .error(error_of(cx, problems, at))
    };
    let planned = field(
        "planned_users",
        W::PlannedUsers,
        W::PlannedUsersHelp,
        At::PlannedUsers,
    );
    let looks = field("looks", W::Looks, W::LooksHelp, At::Looks);
    let prior = field("prior_sd", W::PriorSd, W::PriorSdHelp, At::PriorSd);
    let whole = |field: Field, name: &'static str, value: &str| {
        input(Input {
            class: "short",
            inputmode: Some("numeric"),
            ..Input::text(field, name, value)
        })
    };
    view! {
        <fieldset class="field" id="method">
            <legend class="field-label">{cx.t(W::Method)}</legend>
            <p class="field-help">{cx.t(W::MethodHelp)}</p>
            <div class="stacked-checks">{kinds}</div>
            {field_error("method", error_of(cx, problems, At::Method))}
        </fieldset>
        <div class="trio of-method">
            {whole(planned, "planned_users", &state.planned_users)}
            {whole(looks, "looks", &state.looks)}
            {input(Input::percent(prior, "prior_sd", state.prior_sd.clone()))}
        </div>
        {view_correction(cx, state, problems)}
    }
    .into_any()
}

/// What is bounded when several secondary metrics are compared.
fn view_correction(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let kinds = Correction::ALL
        .map(|kind| {
            let value = kind.as_str().to_owned();
            let chosen = value == state.correction;
            let label = cx.t(MethodWord::of_correction(kind)).to_owned();
            let help = Some(cx.t(MethodWord::correction_help(kind)).to_owned());
            check_row("radio", "correction", value, chosen, label, help)
        })
        .into_iter()
        .collect_view();
    view! {
        <fieldset class="field" id="correction">
            <legend class="field-label">{cx.t(W::Correction)}</legend>
            <p class="field-help">{cx.t(W::CorrectionHelp)}</p>
            <div class="stacked-checks">{kinds}</div>
            {field_error("correction", error_of(cx, problems, At::Correction))}
        </fieldset>
    }
    .into_any()
}

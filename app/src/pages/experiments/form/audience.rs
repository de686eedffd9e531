//! Who takes part.

use leptos::prelude::*;
use nexus_domain::{Field as At, FieldProblem};

use super::FormState;
use crate::cx::Cx;
use crate::islands::SwapOnPress;
use crate::pages::audience::AudienceView;
use crate::pages::condition::view_lists;
use crate::pages::prerequisites::{PrerequisitesView, flag_lists};
use crate::pages::problems::error_of;
use crate::pages::ramp::view_ramp;
use crate::text::form::{FormWord as W, PrerequisiteWord};
use crate::text::holdouts::HoldoutWord;
use crate::text::layers::LayerWord;
use crate::text::life::LifeWord;
use crate::ui::{Field, Input, input, select};

#[must_use]
pub(super) fn view_audience(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let coverage = input(Input::percent(
        Field::new("coverage", cx.t(W::Coverage))
            .help(cx.t(W::CoverageHelp))
            .error(error_of(cx, problems, At::Coverage)),
        "coverage",
        state.coverage.clone(),
    ));
    let ramp = view_ramp(
        cx,
        "ramp",
        LifeWord::RampHelp,
        &state.ramp,
        error_of(cx, problems, At::Ramp),
    );
    let audience = AudienceView {
        audience: &state.audience,
        problems,
        prefix: "",
        groups: &state.groups,
        place: |field| field,
    };
    let needs = PrerequisitesView {
        typed: &state.prerequisites,
        problems,
        prefix: "",
        at: At::Prerequisites,
        help: PrerequisiteWord::OfExperiment,
    };
    view! {
        {coverage}
        {ramp}
        {audience.countries(cx)}
        {audience.devices(cx)}
        {audience.attributes(cx)}
        <div id="audience-conditions">{audience.condition(cx)}</div>
        <SwapOnPress region="audience-conditions".to_owned() />
        {view_lists(cx, &state.groups)}
        {needs.view(cx)}
        {flag_lists(&state.flags)}
        {layer(cx, state, problems)}
        {holdout(cx, state, problems)}
    }
    .into_any()
}

/// The holdout that it joins, where the environment has any to choose.
fn holdout(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> Option<AnyView> {
    let error = error_of(cx, problems, At::Holdout);
    let mut options = vec![(String::new(), cx.t(HoldoutWord::ChoiceNone).to_owned())];
    options.extend(state.holdouts.iter().cloned());
    // One that is chosen stays visible even when it can't be chosen any more.
    if !state.holdout.is_empty() && options.iter().all(|(id, _)| *id != state.holdout) {
        options.push((state.holdout.clone(), state.holdout.clone()));
    }
    (options.len() > 1 || error.is_some()).then(|| {
        let field = Field::new("holdout", cx.t(HoldoutWord::Choice))
            .help(cx.t(HoldoutWord::ChoiceHelp))
            .error(error);
        select(field, "holdout", &state.holdout, options)
    })
}

/// Its part of a layer, if it must not meet other experiments in one user.
fn layer(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let error = |field: At| error_of(cx, problems, field);
    let name = input(Input {
        list: Some("layers"),
        ..Input::text(
            Field::new("layer", cx.t(W::Layer))
                .help(cx.t(W::LayerHelp))
                .error(error(At::Layer)),
            "layer",
            state.layer.clone(),
        )
    });
    let known = state.layers.iter().cloned();
    let known = known.map(|name| view! { <option value=name></option> });
    let share = input(Input::percent(
        Field::new("layer_share", cx.t(W::LayerShare))
            .help(cx.t(W::LayerShareHelp))
            .error(error(At::LayerShare)),
        "layer_share",
        state.layer_share.clone(),
    ));
    let is_new = state
        .new_layer()
        .map(|name| view! { <p class="field-help">{cx.f(LayerWord::New, &[name])}</p> });
    view! {
        <div class="trio">{name} {share}</div>
        <datalist id="layers">{known.collect_view()}</datalist>
        {is_new}
        <p class="field-help">
            <a href="/layers">{cx.t(LayerWord::All)}</a>
        </p>
    }
    .into_any()
}

//! Who takes part.

use leptos::prelude::*;
use nexus_domain::{Field as At, FieldProblem};
use nexus_flags::Device;

use super::{AttributeFields, FormState};
use crate::cx::Cx;
use crate::pages::problems::error_of;
use crate::text::domain::{DeviceWord, OperatorWord};
use crate::text::form::FormWord as W;
use crate::textarea::text_area;
use crate::ui::{Field, Icon, Input, check_row, field_error, icon, input};

#[must_use]
pub(super) fn view_audience(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let error = |field: At| error_of(cx, problems, field);
    let coverage = input(Input::percent(
        Field::new("coverage", cx.t(W::Coverage))
            .help(cx.t(W::CoverageHelp))
            .error(error(At::Coverage)),
        "coverage",
        state.coverage.clone(),
    ));
    let countries = input(Input {
        placeholder: Some("JP, US".to_owned()),
        ..Input::text(
            Field::new("countries", cx.t(W::Countries))
                .help(cx.t(W::CountriesHelp))
                .error(error(At::Countries)),
            "countries",
            state.countries.clone(),
        )
    });
    let devices = Device::ALL
        .into_iter()
        .map(|device| {
            let value = device.as_str().to_owned();
            let checked = state.devices.contains(&value);
            let label = cx.t(DeviceWord::of(device)).to_owned();
            check_row("checkbox", "device", value, checked, label, None)
        })
        .collect_view();
    view! {
        {coverage}
        {countries}
        <fieldset class="field" id="devices">
            <legend class="field-label">{cx.t(W::Devices)}</legend>
            <div class="checks">{devices}</div>
            {field_error("devices", error(At::Devices))}
        </fieldset>
        {attributes(cx, state, problems)}
        {condition(cx, state, error(At::Condition))}
        {layer(cx, state, problems)}
    }
    .into_any()
}

/// Its part of a layer, if it must not meet other experiments in one user.
fn layer(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let error = |field: At| error_of(cx, problems, field);
    let name = input(Input::text(
        Field::new("layer", cx.t(W::Layer))
            .help(cx.t(W::LayerHelp))
            .error(error(At::Layer)),
        "layer",
        state.layer.clone(),
    ));
    let share = input(Input::percent(
        Field::new("layer_share", cx.t(W::LayerShare))
            .help(cx.t(W::LayerShareHelp))
            .error(error(At::LayerShare)),
        "layer_share",
        state.layer_share.clone(),
    ));
    view! { <div class="trio">{name} {share}</div> }.into_any()
}

/// Whatever the fields above cannot say.
fn condition(cx: &Cx, state: &FormState, error: Option<String>) -> AnyView {
    let open = error.is_some() || !state.condition.is_empty();
    let field = Field::new("condition", cx.t(W::Condition))
        .help(cx.t(W::ConditionHelp))
        .error(error);
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let text = text_area(
        field.id.clone(),
        "condition",
        5,
        &state.condition,
        "mono",
        described,
        invalid,
    );
    view! {
        <details class="disclosure" open=open>
            <summary>{cx.t(W::ConditionMore)}</summary>
            {field.wrap(text)}
        </details>
    }
    .into_any()
}

/// The rules typed so far and an empty one, which is ignored when left so.
fn attributes(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let blank = AttributeFields::default();
    let rows = state.attributes.iter().chain(std::iter::once(&blank));
    let rows = (0u16..)
        .zip(rows)
        .map(|(i, row)| attribute(cx, i, row, error_of(cx, problems, At::Attribute(i))))
        .collect_view();
    view! {
        <fieldset class="field" id="attributes">
            <legend class="field-label">{cx.t(W::Attributes)}</legend>
            {rows}
            {field_error("attributes", error_of(cx, problems, At::Attributes))}
            <p class="field-help">{cx.t(W::AttributesHelp)}</p>
            <button class="button small" type="submit" name="do" value="add-attribute" formnovalidate=true>
                {cx.t(W::AddAttribute)}
            </button>
        </fieldset>
    }
    .into_any()
}

fn attribute(cx: &Cx, i: u16, row: &AttributeFields, error: Option<String>) -> AnyView {
    let id = format!("attribute-{i}");
    let described = error.is_some().then(|| format!("{id}-error"));
    let options = OperatorWord::OPERATORS
        .into_iter()
        .map(|(operator, name)| {
            view! {
                <option value=name selected=row.operator == name>
                    {cx.t(OperatorWord::of(operator))}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="rule">
            <input
                id=id.clone()
                class="mono"
                name="attribute_name"
                value=row.name.clone()
                aria-label=cx.t(W::AttributeName)
                placeholder=cx.t(W::AttributeName)
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
                autocomplete="off"
            />
            <span class="select">
                <select name="attribute_operator" aria-label=cx.t(W::AttributeOperator)>
                    {options}
                </select>
                {icon(Icon::ChevronDown)}
            </span>
            <input
                class="mono"
                name="attribute_values"
                value=row.values.clone()
                aria-label=cx.t(W::AttributeValues)
                placeholder=cx.t(W::AttributeValues)
                autocomplete="off"
            />
        </div>
        {field_error(&id, error)}
    }
    .into_any()
}

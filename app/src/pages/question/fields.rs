//! The form that asks.

use leptos::prelude::*;
use nexus_flags::Device;

use super::compared::Chosen;
use super::read::{AttributesFault, CountryFault, Question};
use super::written::Fault;
use crate::cx::Cx;
use crate::text::domain::DeviceWord;
use crate::text::why::{FaultWord, WhyWord as W};
use crate::textarea::text_area;
use crate::ui::{Field, Input, input, select};

/// The form; `action` is the page that answers. Which snapshots are compared stays.
#[must_use]
pub fn view_question(cx: &Cx, question: &Question, chosen: &Chosen, action: String) -> AnyView {
    let read = question.read();
    let filled = &read.filled;
    let user = input(Input {
        class: "mono",
        ..Input::text(
            Field::new("user", cx.t(W::User)).help(cx.t(W::UserHelp)),
            "user",
            filled.user.clone(),
        )
    });
    let country_error = read.country.as_ref().map(|fault| country_text(cx, fault));
    let country = input(Input {
        placeholder: Some("JP".to_owned()),
        ..Input::text(
            Field::new("country", cx.t(W::Country))
                .help(cx.t(W::CountryHelp))
                .error(country_error),
            "country",
            filled.country.clone(),
        )
    });
    let devices = Device::ALL
        .map(|d| (d.as_str().to_owned(), cx.t(DeviceWord::of(d)).to_owned()))
        .into();
    let device = select(
        Field::new("device", cx.t(W::Device)),
        "device",
        read.somebody.device.as_str(),
        devices,
    );
    let field = Field::new("attributes", cx.t(W::Attributes))
        .help(cx.t(W::AttributesHelp))
        .error(read.attributes.as_ref().map(|fault| fault_text(cx, fault)));
    let (described_by, invalid) = (field.described_by(), field.error.is_some());
    let attributes = field.wrap(text_area(
        "attributes".to_owned(),
        "attributes",
        3,
        &filled.attributes,
        "mono",
        described_by,
        invalid,
    ));
    let kept = [("from", &chosen.from), ("to", &chosen.to)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value.clone() /> })
        .collect_view();
    view! {
        <form id="why" class="form-fields" method="get" action=action novalidate=true>
            {user}
            <div class="trio">{country} {device}</div>
            {attributes}
            {kept}
            <div class="form-act">
                <button type="submit" class="button primary">
                    {cx.t(W::Ask)}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn country_text(cx: &Cx, fault: &CountryFault) -> String {
    match fault {
        CountryFault::Unknown(typed) => cx.f(FaultWord::Country, &[typed]),
        CountryFault::Several(typed) => cx.f(FaultWord::Countries, &[typed]),
    }
}

fn fault_text(cx: &Cx, fault: &AttributesFault) -> String {
    match fault {
        AttributesFault::Written(fault) => written_text(cx, fault),
        AttributesFault::Country(fault) => country_text(cx, fault),
        AttributesFault::Device(typed) => {
            let known = Device::ALL.map(Device::as_str).join(", ");
            cx.f(FaultWord::Device, &[typed, &known])
        }
        AttributesFault::Twice {
            name,
            typed,
            pasted,
        } => cx.f(FaultWord::Twice, &[name, typed, pasted]),
    }
}

fn written_text(cx: &Cx, fault: &Fault) -> String {
    let at = |word: FaultWord, at: &usize| cx.f(word, &[&at.to_string()]);
    match fault {
        Fault::NoEquals { at, pair } => cx.f(FaultWord::NoEquals, &[&at.to_string(), pair]),
        Fault::NoName { at: place } => at(FaultWord::NoName, place),
        Fault::Quote { at: place } => at(FaultWord::Quote, place),
        Fault::AfterQuote { at: place } => at(FaultWord::AfterQuote, place),
        Fault::Repeated { name } => cx.f(FaultWord::Repeated, &[name]),
        Fault::Json { line, column } => {
            cx.f(FaultWord::Json, &[&line.to_string(), &column.to_string()])
        }
        Fault::NotAnObject => cx.t(FaultWord::NotAnObject).to_owned(),
        Fault::Nested { name } => cx.f(FaultWord::Nested, &[name]),
    }
}

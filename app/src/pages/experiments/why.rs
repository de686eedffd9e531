//! `/experiments/{id}/why`: paste a user and see, condition by condition, what the engine says.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Somebody;
use nexus_control::views::Why;
use nexus_domain::experiment::{Experiment, Status};
use nexus_flags::{Check, CountryCode, Device, Step};

use crate::cx::Cx;
use crate::format::{bp, count};
use crate::host::{Answer, Form, Visit};
use crate::shell::{Page, Place};
use crate::text::domain::{DeviceWord, OperatorWord};
use crate::text::experiments::ListWord;
use crate::text::why::WhyWord as W;
use crate::ui::{
    Callout, Field, Icon, Input, Tone, callout, icon, input, page_head, panel, select,
};

/// The question exactly as it stands in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    pub user: String,
    pub country: String,
    pub device: String,
    pub attributes: String,
}

impl Question {
    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        Self {
            user: form.trimmed("user"),
            country: form.trimmed("country"),
            device: form.trimmed("device"),
            attributes: form.trimmed("attributes"),
        }
    }

    fn country(&self) -> Result<Option<CountryCode>, W> {
        match self.country.as_str() {
            "" => Ok(None),
            code => CountryCode::new(code).map(Some).map_err(|_| W::BadCountry),
        }
    }

    fn device(&self) -> Device {
        let known = |device: &Device| device.as_str() == self.device;
        Device::ALL
            .into_iter()
            .find(known)
            .unwrap_or(Device::Desktop)
    }

    fn attributes(&self) -> Result<Vec<(String, String)>, W> {
        let pairs = self.attributes.split([',', '、', '，']).map(str::trim);
        let pairs = pairs.filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').ok_or(W::BadAttribute)?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        });
        pairs.collect()
    }

    /// Whom to ask about, as far as it makes sense; what is wrong is said at its field.
    fn somebody(&self) -> Somebody {
        Somebody {
            unit: self.user.clone(),
            country: self.country().unwrap_or_default(),
            device: self.device(),
            attributes: self.attributes().unwrap_or_default(),
        }
    }

    fn is_good(&self) -> bool {
        self.country().is_ok() && self.attributes().is_ok()
    }
}

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
        {panel("somebody", cx.t(W::Somebody), ().into_any(), view_form(cx, question, &home))}
        {asked.then(|| panel("answer", cx.t(W::Answer), ().into_any(), view_answer(cx, why)))}
    };
    Page::new(cx.t(W::Title), Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(home, experiment.name.clone())
}

fn view_form(cx: &Cx, question: &Question, home: &str) -> AnyView {
    let user = input(Input {
        class: "mono",
        ..Input::text(
            Field::new("user", cx.t(W::User)).help(cx.t(W::UserHelp)),
            "user",
            question.user.clone(),
        )
    });
    let country = input(Input {
        placeholder: Some("JP".to_owned()),
        ..Input::text(
            Field::new("country", cx.t(W::Country))
                .help(cx.t(W::CountryHelp))
                .error(question.country().err().map(|w| cx.t(w).to_owned())),
            "country",
            question.country.clone(),
        )
    });
    let devices = Device::ALL
        .map(|d| (d.as_str().to_owned(), cx.t(DeviceWord::of(d)).to_owned()))
        .into();
    let device = select(
        Field::new("device", cx.t(W::Device)),
        "device",
        question.device().as_str(),
        devices,
    );
    let attributes = input(Input {
        class: "mono",
        placeholder: Some("plan=pro, age=34".to_owned()),
        ..Input::text(
            Field::new("attributes", cx.t(W::Attributes))
                .help(cx.t(W::AttributesHelp))
                .error(question.attributes().err().map(|w| cx.t(w).to_owned())),
            "attributes",
            question.attributes.clone(),
        )
    });
    view! {
        <form id="why" class="form-fields" method="get" action=format!("{home}/why") novalidate=true>
            {user}
            <div class="trio">{country} {device}</div>
            {attributes}
            <div class="form-act">
                <button type="submit" class="button primary">
                    {cx.t(W::Ask)}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn view_answer(cx: &Cx, why: &Why) -> AnyView {
    let experiment = &why.experiment;
    let not_now = (experiment.status != Status::Running)
        .then(|| view! { <p class="quiet">{cx.t(W::NotNow)}</p> });
    let rows = why
        .explanation
        .steps
        .iter()
        .filter(|step| step.check != Check::Running)
        .map(|step| view_step(cx, experiment, step))
        .collect_view();
    view! {
        {verdict(cx, why)}
        {not_now}
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Condition)}</th>
                    <th scope="col">{cx.t(W::Found)}</th>
                    <th scope="col">{cx.t(W::Verdict)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
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

fn view_step(cx: &Cx, experiment: &Experiment, step: &Step) -> AnyView {
    let (condition, found) = words(cx, experiment, &step.check);
    let (mark, word, class) = if step.passed {
        (Icon::Check, W::Passed, "verdict good")
    } else {
        (Icon::Close, W::Failed, "verdict bad")
    };
    view! {
        <tr>
            <th scope="row">{condition}</th>
            <td data-label=cx.t(W::Found)>
                <code>{found}</code>
            </td>
            <td data-label=cx.t(W::Verdict)>
                <span class=class>{icon(mark)} <span>{cx.t(word)}</span></span>
            </td>
        </tr>
    }
    .into_any()
}

/// What is asked for, and what was found.
fn words(cx: &Cx, experiment: &Experiment, check: &Check) -> (String, String) {
    let targeting = &experiment.targeting;
    let plain = |word: W| (cx.t(word).to_owned(), String::new());
    let nothing = || cx.t(W::Nothing).to_owned();
    match check {
        // Told apart, above the table.
        Check::Running => (String::new(), String::new()),
        Check::Unit => plain(W::Unit),
        Check::Schedule => plain(W::Schedule),
        Check::Country { found } => {
            let wanted: Vec<&str> = targeting.countries.iter().map(|c| c.as_str()).collect();
            let found = found.map_or_else(nothing, |c| c.as_str().to_owned());
            (cx.f(W::CountryIs, &[&wanted.join(", ")]), found)
        }
        Check::Device { found } => {
            let names = targeting.devices.iter().map(|d| cx.t(DeviceWord::of(*d)));
            let wanted: Vec<&str> = names.collect();
            let found = cx.t(DeviceWord::of(*found)).to_owned();
            (cx.f(W::DeviceIs, &[&wanted.join(", ")]), found)
        }
        Check::Attribute { index, found } => {
            let rule = targeting.attributes.get(*index as usize);
            let rule = rule.map(|rule| {
                let operator = cx.t(OperatorWord::of(rule.operator));
                format!("{} {operator} {}", rule.name, rule.values.join(", "))
            });
            (
                rule.unwrap_or_default(),
                found.clone().unwrap_or_else(nothing),
            )
        }
        Check::Condition => {
            let json = targeting.condition.as_ref().map(ToString::to_string);
            let text = cx.f(W::ConditionHolds, &[&json.unwrap_or_default()]);
            (text, String::new())
        }
        Check::Slice { bucket, .. } => {
            let slice = experiment.layer.as_ref().and_then(|layer| layer.slice());
            let (from, to) = slice.map_or((0, 0), |slice| (slice.from_bp, slice.to_bp));
            let text = cx.f(W::Slice, &[&bp(from), &bp(to)]);
            (text, cx.f(W::Bucket, &[&count(u64::from(*bucket))]))
        }
        Check::Coverage { bucket } => {
            let text = cx.f(W::Coverage, &[&bp(experiment.coverage_bp)]);
            (text, cx.f(W::Bucket, &[&count(u64::from(*bucket))]))
        }
    }
}

//! Who asks, typed into a page, and condition by condition what the engine says to it:
//! what experiments and flags share.

use leptos::prelude::*;
use nexus_control::Somebody;
use nexus_flags::{Check, CountryCode, Device, Prerequisite, SliceRule, Step, Targeting};

use super::prerequisites::prerequisite;
use crate::cx::Cx;
use crate::format::{bp, count};
use crate::host::Form;
use crate::pages::audience::country_names;
use crate::pages::condition::condition_text;
use crate::text::domain::{DeviceWord, OperatorWord};
use crate::text::why::WhyWord as W;
use crate::ui::{Field, Icon, Input, icon, input, select};

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
    #[must_use]
    pub fn somebody(&self) -> Somebody {
        Somebody {
            unit: self.user.clone(),
            country: self.country().unwrap_or_default(),
            device: self.device(),
            attributes: self.attributes().unwrap_or_default(),
        }
    }

    #[must_use]
    pub fn is_good(&self) -> bool {
        self.country().is_ok() && self.attributes().is_ok()
    }
}

/// The form that asks; `action` is the page that answers.
#[must_use]
pub fn view_question(cx: &Cx, question: &Question, action: String) -> AnyView {
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
        <form id="why" class="form-fields" method="get" action=action novalidate=true>
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

/// What the steps are about.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub targeting: &'a Targeting,
    pub prerequisites: &'a [Prerequisite],
    pub coverage_bp: u16,
    /// Of the layer, then of holdouts.
    pub slices: &'a [SliceRule],
}

/// Every condition with what was found and whether it holds.
#[must_use]
pub fn view_steps(cx: &Cx, asked: Asked<'_>, steps: &[Step]) -> AnyView {
    let rows = steps
        .iter()
        .filter(|step| step.check != Check::Running)
        .map(|step| view_step(cx, asked, step))
        .collect_view();
    view! {
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

fn view_step(cx: &Cx, asked: Asked<'_>, step: &Step) -> AnyView {
    let (condition, found) = words(cx, asked, &step.check);
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
fn words(cx: &Cx, asked: Asked<'_>, check: &Check) -> (String, String) {
    let targeting = asked.targeting;
    let plain = |word: W| (cx.t(word).to_owned(), String::new());
    let nothing = || cx.t(W::Nothing).to_owned();
    match check {
        // Told apart, above the table.
        Check::Running => (String::new(), String::new()),
        Check::Unit => plain(W::Unit),
        Check::Schedule => plain(W::Schedule),
        Check::Country { found } => {
            let wanted = country_names(cx, &targeting.countries);
            let found = found.map_or_else(nothing, |c| country_names(cx, &[c]).join(""));
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
            let condition = targeting.condition.as_ref();
            let said = condition.map(|condition| condition_text(cx, condition));
            let text = cx.f(W::ConditionHolds, &[&said.unwrap_or_default()]);
            (text, String::new())
        }
        Check::Prerequisite { index, found } => {
            let wanted = asked.prerequisites.get(*index as usize);
            let wanted = wanted.map(|wanted| prerequisite(cx, wanted));
            let found = found.as_ref().map_or_else(nothing, ToString::to_string);
            (wanted.unwrap_or_default(), found)
        }
        Check::Slice { index, bucket } => {
            let slice = asked.slices.get(*index as usize);
            let (from, to) = slice.map_or((0, 0), |slice| (slice.from_bp, slice.to_bp));
            let holdout = slice.and_then(|slice| slice.seed.strip_prefix("holdout:"));
            let text = match holdout {
                Some(holdout) => cx.f(W::Holdout, &[holdout, &bp(from)]),
                None => cx.f(W::Slice, &[&bp(from), &bp(to)]),
            };
            (text, cx.f(W::Bucket, &[&count(u64::from(*bucket))]))
        }
        Check::Coverage { bucket } => {
            let text = cx.f(W::Coverage, &[&bp(asked.coverage_bp)]);
            (text, cx.f(W::Bucket, &[&count(u64::from(*bucket))]))
        }
    }
}

//! Form fields: label, help, error, and the control they describe.

use leptos::prelude::*;
use nexus_domain::Environment;

use super::{Icon, icon};
use crate::cx::Cx;
use crate::text::domain::EnvironmentWord;
use crate::text::problem::ITEM;
use crate::zone::COMMON;

/// What surrounds a control.
pub struct Field {
    pub id: String,
    pub label: &'static str,
    pub help: Option<String>,
    /// Where what the help is about stands, and how that is called.
    pub link: Option<(&'static str, &'static str)>,
    pub error: Option<String>,
    pub required: bool,
}

impl Field {
    #[must_use]
    pub fn new(id: impl Into<String>, label: &'static str) -> Self {
        Self {
            id: id.into(),
            label,
            help: None,
            link: None,
            error: None,
            required: false,
        }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A link at the end of the help.
    #[must_use]
    pub fn link(mut self, href: &'static str, label: &'static str) -> Self {
        self.link = Some((href, label));
        self
    }

    #[must_use]
    pub fn error(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Ids of help and error for `aria-describedby`; none when there are none.
    #[must_use]
    pub fn described_by(&self) -> Option<String> {
        let help = self.help.as_ref().map(|_| format!("{}-help", self.id));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        match (error, help) {
            (Some(e), Some(h)) => Some(format!("{e} {h}")),
            (e, h) => e.or(h),
        }
    }

    /// The field around its control.
    #[must_use]
    pub fn wrap(self, control: AnyView) -> AnyView {
        let link = self
            .link
            .map(|(href, label)| view! { " " <a href=href>{label}</a> });
        let help = self.help.map(|help| {
            view! {
                <p class="field-help" id=format!("{}-help", self.id)>
                    {help}
                    {link}
                </p>
            }
        });
        let class = if self.error.is_some() {
            "field invalid"
        } else {
            "field"
        };
        view! {
            <div class=class>
                <label class="field-label" for=self.id.clone()>
                    {self.label}
                    {self.required.then(|| view! { <span class="req" aria-hidden="true">"*"</span> })}
                </label>
                {control}
                {field_error(&self.id, self.error)}
                {help}
            </div>
        }
        .into_any()
    }
}

/// The error line of a control.
#[must_use]
pub fn field_error(id: &str, error: Option<String>) -> AnyView {
    let id = format!("{id}-error");
    error
        .map(|error| {
            view! {
                <div class="field-error" id=id>
                    {icon(Icon::Alert)}
                    <div>{listed(&error)}</div>
                </div>
            }
        })
        .into_any()
}

/// What is said of a problem: a sentence, and the list that may follow it.
#[must_use]
pub fn listed(text: &str) -> AnyView {
    let (sentence, list) = sentence_and_list(text);
    view! {
        {sentence}
        {list}
    }
    .into_any()
}

fn sentence_and_list(text: &str) -> (String, Option<AnyView>) {
    let mut lines = text.split(ITEM).map(str::to_owned);
    let sentence = lines.next().unwrap_or_default();
    let list = text.contains(ITEM).then(|| {
        let items = lines.map(|item| view! { <li>{item}</li> }).collect_view();
        view! { <ul class="listed">{items}</ul> }.into_any()
    });
    (sentence, list)
}

/// A one-line input within its field.
pub struct Input {
    pub field: Field,
    pub name: String,
    pub value: String,
    pub kind: &'static str,
    /// Shown inside the control after the value (`%`).
    pub unit: Option<&'static str>,
    pub inputmode: Option<&'static str>,
    pub placeholder: Option<String>,
    pub class: &'static str,
    pub list: Option<&'static str>,
    pub readonly: bool,
    pub maxlength: Option<u32>,
}

impl Input {
    #[must_use]
    pub fn text(field: Field, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            field,
            name: name.into(),
            value: value.into(),
            kind: "text",
            unit: None,
            inputmode: None,
            placeholder: None,
            class: "",
            list: None,
            readonly: false,
            maxlength: None,
        }
    }

    /// A percentage as text, so that what was typed wrongly comes back as typed.
    #[must_use]
    pub fn percent(field: Field, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            unit: Some("%"),
            inputmode: Some("decimal"),
            class: "short",
            ..Self::text(field, name, value)
        }
    }
}

#[must_use]
pub fn input(input: Input) -> AnyView {
    let Input {
        field,
        name,
        value,
        kind,
        unit,
        inputmode,
        placeholder,
        class,
        list,
        ..
    } = input;
    let invalid = field.error.is_some().then_some("true");
    let described = field.described_by();
    let control = view! {
        <input
            id=field.id.clone()
            name=name
            type=kind
            value=value
            class=class
            inputmode=inputmode
            placeholder=placeholder
            list=list
            readonly=input.readonly
            maxlength=input.maxlength.map(|n| n.to_string())
            required=field.required
            autocomplete="off"
            spellcheck="false"
            aria-invalid=invalid
            aria-describedby=described
        />
    };
    let control = match unit {
        Some(unit) => view! {
            <span class="with-unit">
                {control} <span class="unit" aria-hidden="true">{unit}</span>
            </span>
        }
        .into_any(),
        None => control.into_any(),
    };
    field.wrap(control)
}

/// A choice of one. Options are value and label.
#[must_use]
pub fn select(
    field: Field,
    name: impl Into<String>,
    chosen: &str,
    options: Vec<(String, String)>,
) -> AnyView {
    let name = name.into();
    let described = field.described_by();
    let invalid = field.error.is_some().then_some("true");
    let options = options
        .into_iter()
        .map(|(value, label)| {
            let selected = value == chosen;
            view! {
                <option value=value selected=selected>
                    {label}
                </option>
            }
        })
        .collect_view();
    let control = view! {
        <span class="select">
            <select
                id=field.id.clone()
                name=name
                aria-invalid=invalid
                aria-describedby=described
            >
                {options}
            </select>
            {icon(Icon::ChevronDown)}
        </span>
    }
    .into_any();
    field.wrap(control)
}

/// Every environment as an option of a [`select`].
#[must_use]
pub fn environment_options(cx: &Cx) -> Vec<(String, String)> {
    let option = |e: Environment| {
        let name = cx.t(EnvironmentWord::of(e));
        (e.as_str().to_owned(), name.to_owned())
    };
    Environment::ALL.map(option).into()
}

/// Names of usual time zones for an [`Input::list`] called `zones`.
#[must_use]
pub fn zone_list() -> AnyView {
    let zones = COMMON
        .map(|name| view! { <option value=name></option> })
        .into_iter()
        .collect_view();
    view! { <datalist id="zones">{zones}</datalist> }.into_any()
}

/// A check box with its label, and perhaps a line of help below.
#[must_use]
pub fn check_row(
    kind: &'static str,
    name: impl Into<String>,
    value: String,
    checked: bool,
    label: String,
    help: Option<String>,
) -> AnyView {
    view! {
        <label class="check">
            <input type=kind name=name.into() value=value checked=checked />
            <span>
                <span class="check-label">{label}</span>
                {help.map(|help| view! { <span class="check-help">{help}</span> })}
            </span>
        </label>
    }
    .into_any()
}

/// Everything wrong with a form, with links to the fields. Takes the focus, so
/// that it is the first thing heard after a refused submit.
#[must_use]
pub fn error_summary(title: String, problems: Vec<(String, String)>) -> AnyView {
    if problems.is_empty() {
        return ().into_any();
    }
    let items = problems
        .into_iter()
        .map(|(id, text)| {
            let (sentence, list) = sentence_and_list(&text);
            view! {
                <li>
                    <a href=format!("#{id}")>{sentence}</a>
                    {list}
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="callout bad error-summary" role="alert" tabindex="-1" autofocus=true id="errors">
            {icon(Icon::Alert)}
            <div>
                <p class="callout-title">{title}</p>
                <ul>{items}</ul>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_faults_are_a_list_at_the_field_and_above_the_form() {
        let text = format!("It does not fit:{ITEM}a < b{ITEM}c");
        let at_field = field_error("value", Some(text.clone())).to_html();
        let above = error_summary("Wrong".to_owned(), vec![("value".to_owned(), text)]).to_html();
        for html in [at_field, above].map(|html| html.replace("<!>", "")) {
            assert!(html.contains("<li>a &lt; b</li>"), "{html}");
            assert!(html.contains("<li>c</li>"), "{html}");
            assert_eq!(html.matches("class=\"listed\"").count(), 1, "{html}");
            assert!(!html.contains('–'), "{html}");
        }
        let one = field_error("value", Some("Fill this in.".to_owned())).to_html();
        assert!(!one.contains("<ul"), "{one}");
    }

    #[test]
    fn a_link_stands_at_the_end_of_the_help() {
        let field = Field::new("value", "Value")
            .help("It must fit.")
            .link("#schema", "See it");
        let html = field.wrap(().into_any()).to_html();
        let help = html.split("value-help").nth(1).unwrap_or_default();
        let (before, link) = help.split_once("<a ").unwrap_or_default();
        assert!(before.contains("It must fit."), "{html}");
        assert!(link.contains("href=\"#schema\"") && link.contains("See it"));
    }
}

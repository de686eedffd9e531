//! What flags and experiments need of other flags: the part of their forms, and its words.

use axum::response::Response;
use leptos::prelude::*;
use nexus_control::views::FlagChoice;
use nexus_domain::flag::FlagKind;
use nexus_domain::{Environment, Field as At, FieldProblem};
use nexus_flags::{Prerequisite, ValueOperator};
use serde_json::Value;

use super::problems::error_of;
use crate::cx::Cx;
use crate::host::{Form, Visit};
use crate::text::form::{FormWord, PrerequisiteWord as W};
use crate::ui::{Icon, field_error, icon};

/// One prerequisite exactly as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrerequisiteFields {
    pub flag: String,
    pub operator: String,
    pub value: String,
}

impl PrerequisiteFields {
    #[must_use]
    pub fn of(all: &[Prerequisite]) -> Vec<Self> {
        let fields = all.iter().map(|one| Self {
            flag: one.flag.clone(),
            operator: operator_name(one.operator).to_owned(),
            value: match &one.value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            },
        });
        fields.collect()
    }

    /// Every row sends all its fields, so the n-th of each belong together.
    #[must_use]
    pub fn of_form(form: &Form, prefix: &str) -> Vec<Self> {
        let all = |part: &str| form.all(&format!("{prefix}needs_{part}"));
        let (operators, values) = (all("operator"), all("value"));
        let at = |list: &[&str], i: usize| list.get(i).map_or(String::new(), |v| (*v).to_owned());
        let rows = all("flag").into_iter().enumerate().map(|(i, flag)| Self {
            flag: flag.trim().to_owned(),
            operator: at(&operators, i),
            value: at(&values, i),
        });
        rows.filter(|row| !row.flag.is_empty()).collect()
    }

    /// The value is of the kind of the flag; of a flag that is not known it is a text.
    #[must_use]
    pub fn prerequisite(&self, flags: &[FlagChoice]) -> Prerequisite {
        let kind = flags.iter().find(|flag| flag.key == self.flag);
        let text = self.value.trim();
        let typed = |fits: fn(&Value) -> bool| serde_json::from_str(text).ok().filter(fits);
        let value = match kind.map(|flag| flag.kind) {
            Some(FlagKind::Boolean) => typed(Value::is_boolean),
            Some(FlagKind::Number) => typed(Value::is_number),
            Some(FlagKind::Json) => typed(|value| !value.is_object() && !value.is_array()),
            Some(FlagKind::String) | None => None,
        };
        Prerequisite {
            flag: self.flag.clone(),
            operator: match self.operator.as_str() {
                "is_not" => ValueOperator::IsNot,
                _ => ValueOperator::Is,
            },
            value: value.unwrap_or_else(|| self.value.as_str().into()),
        }
    }
}

const fn operator_name(operator: ValueOperator) -> &'static str {
    match operator {
        ValueOperator::Is => "is",
        ValueOperator::IsNot => "is_not",
    }
}

/// The flags that a form proposes; none for an environment there is not.
pub(crate) async fn choices(visit: &Visit, environment: &str) -> Result<Vec<FlagChoice>, Response> {
    let Some(environment) = Environment::parse(environment) else {
        return Ok(Vec::new());
    };
    let choices = visit.console.flag_choices(&visit.actor, environment).await;
    choices.map_err(|e| visit.fail(&e))
}

/// As “new-checkout is true”.
#[must_use]
pub(crate) fn prerequisite(cx: &Cx, need: &Prerequisite) -> String {
    let word = match need.operator {
        ValueOperator::Is => W::SaidIs,
        ValueOperator::IsNot => W::SaidIsNot,
    };
    cx.f(word, &[&need.flag, &need.value.to_string()])
}

/// How a form shows them.
pub(crate) struct PrerequisitesView<'a> {
    pub(crate) typed: &'a [PrerequisiteFields],
    pub(crate) problems: &'a [FieldProblem],
    /// What the ids and names of the fields begin with.
    pub(crate) prefix: &'a str,
    pub(crate) at: At,
    pub(crate) help: W,
}

impl PrerequisitesView<'_> {
    /// The rows typed so far and an empty one, which is ignored when left so.
    pub(crate) fn view(&self, cx: &Cx) -> AnyView {
        let blank = PrerequisiteFields::default();
        let rows = self.typed.iter().chain(std::iter::once(&blank));
        let rows = rows.map(|row| self.row(cx, row)).collect_view();
        let id = format!("{}prerequisites", self.prefix);
        let error = error_of(cx, self.problems, self.at);
        view! {
            <fieldset class="field attributes" id=id.clone() tabindex="-1">
                <legend class="field-label">{cx.t(FormWord::Prerequisites)}</legend>
                {rows}
                {field_error(&id, error)}
                <p class="field-help">{cx.t(self.help)}</p>
                <button class="button small" type="submit" name="do" value="add-attribute" formnovalidate=true>
                    {cx.t(W::Add)}
                </button>
            </fieldset>
        }
        .into_any()
    }

    fn row(&self, cx: &Cx, row: &PrerequisiteFields) -> AnyView {
        let name = |part: &str| format!("{}needs_{part}", self.prefix);
        let options = [("is", W::Is), ("is_not", W::IsNot)]
            .map(|(value, word)| {
                view! {
                    <option value=value selected=row.operator == value>
                        {cx.t(word)}
                    </option>
                }
            })
            .collect_view();
        view! {
            <div class="rule">
                <input
                    class="mono"
                    name=name("flag")
                    value=row.flag.clone()
                    list="flag-keys"
                    aria-label=cx.t(W::Flag)
                    placeholder=cx.t(W::Flag)
                    autocomplete="off"
                />
                <span class="select">
                    <select name=name("operator") aria-label=cx.t(W::Operator)>
                        {options}
                    </select>
                    {icon(Icon::ChevronDown)}
                </span>
                <input
                    class="mono"
                    name=name("value")
                    value=row.value.clone()
                    list="flag-values"
                    aria-label=cx.t(W::Value)
                    placeholder=cx.t(W::Value)
                    autocomplete="off"
                />
            </div>
        }
        .into_any()
    }
}

/// What the fields propose: once per form.
#[must_use]
pub(crate) fn flag_lists(flags: &[FlagChoice]) -> AnyView {
    let keys = flags
        .iter()
        .map(|flag| view! { <option value=flag.key.clone()>{flag.name.clone()}</option> })
        .collect_view();
    view! {
        <datalist id="flag-keys">{keys}</datalist>
        <datalist id="flag-values">
            <option value="true"></option>
            <option value="false"></option>
        </datalist>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_of_the_kind_of_its_flag() {
        let choice = |key: &str, kind| FlagChoice {
            key: key.to_owned(),
            name: key.to_owned(),
            kind,
        };
        let flags = [
            choice("switch", FlagKind::Boolean),
            choice("text", FlagKind::String),
            choice("limit", FlagKind::Number),
        ];
        for (flag, typed, value) in [
            ("switch", "true", Value::Bool(true)),
            ("text", "true", "true".into()),
            ("text", "5", "5".into()),
            ("limit", "5", 5.into()),
            ("limit", "five", "five".into()),
            ("nowhere", "5", "5".into()),
        ] {
            let form = Form::from([
                ("x-needs_flag", flag),
                ("x-needs_operator", "is_not"),
                ("x-needs_value", typed),
                ("x-needs_flag", ""),
            ]);
            let fields = PrerequisiteFields::of_form(&form, "x-");
            assert_eq!(fields.len(), 1);
            let made = fields[0].prerequisite(&flags);
            assert_eq!((made.operator, &made.value), (ValueOperator::IsNot, &value));
            assert_eq!(PrerequisiteFields::of(&[made])[0].value, typed);
        }
    }
}

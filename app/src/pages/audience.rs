//! Who is meant: the part of a form that experiments and the rules of flags share.

use leptos::prelude::*;
use nexus_control::views::GroupChoice;
use nexus_domain::{Field as At, FieldProblem, Problem};
use nexus_flags::{AttributeRule, CountryCode, Device, Operator, Targeting};

use super::condition::{BuilderView, COUNTRIES, ConditionTyped, view_builder};
use super::problems::error_of;
use super::typed::Reader;
use crate::cx::Cx;
use crate::host::Form;
use crate::text::common::Common;
use crate::text::domain::{DeviceWord, OperatorWord};
use crate::text::form::FormWord as W;
use crate::text::places::{countries_called, country_name};
use crate::ui::{Field, Icon, Input, check_row, field_error, icon, input};

/// Of more than so many no page spells out the names.
const FEW_COUNTRIES: usize = 6;

/// Conditions on users exactly as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    pub countries: String,
    pub devices: Vec<String>,
    pub attributes: Vec<AttributeFields>,
    pub condition: ConditionTyped,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeFields {
    pub name: String,
    pub operator: String,
    pub values: String,
}

impl AttributeFields {
    fn is_blank(&self) -> bool {
        self.name.trim().is_empty() && self.values.trim().is_empty()
    }
}

impl Audience {
    #[must_use]
    pub fn of(targeting: &Targeting) -> Self {
        let countries: Vec<&str> = targeting.countries.iter().map(|c| c.as_str()).collect();
        Self {
            countries: countries.join(", "),
            devices: targeting
                .devices
                .iter()
                .map(|d| d.as_str().to_owned())
                .collect(),
            attributes: targeting
                .attributes
                .iter()
                .map(|rule| AttributeFields {
                    name: rule.name.clone(),
                    operator: operator_name(rule.operator).to_owned(),
                    values: rule.values.join(", "),
                })
                .collect(),
            condition: ConditionTyped::of(targeting.condition.as_ref()),
        }
    }

    /// The fields whose names begin with `prefix`.
    #[must_use]
    pub fn of_form(form: &Form, prefix: &str) -> Self {
        let name = |part: &str| format!("{prefix}{part}");
        let devices = form.all(&name("device"));
        Self {
            countries: countries_of(form, &name("countries")),
            devices: devices.into_iter().map(str::to_owned).collect(),
            attributes: attributes_of(form, prefix),
            condition: ConditionTyped::of_form(form, prefix),
        }
    }

    /// `place` says where a field is, when there are several of them.
    pub(crate) fn targeting(&self, read: &mut Reader, place: impl Fn(At) -> At) -> Targeting {
        let mut countries = Vec::new();
        for code in codes(&self.countries) {
            match CountryCode::new(&code) {
                Ok(country) if countries.contains(&country) => {}
                Ok(country) => countries.push(country),
                Err(_) => {
                    let code = code.chars().take(20).collect();
                    read.note(place(At::Countries), Problem::UnknownCountry { code });
                }
            }
        }
        let devices = self
            .devices
            .iter()
            .filter_map(|name| Device::ALL.into_iter().find(|d| d.as_str() == name))
            .collect();
        let condition = self.condition.condition(read, place(At::Condition));
        Targeting {
            countries,
            devices,
            attributes: self.attributes.iter().map(attribute).collect(),
            condition,
        }
    }
}

/// Every row sends all its fields, so the n-th of each belong together.
fn attributes_of(form: &Form, prefix: &str) -> Vec<AttributeFields> {
    let all = |part: &str| form.all(&format!("{prefix}{part}"));
    let (operators, values) = (all("attribute_operator"), all("attribute_values"));
    let at = |list: &[&str], i: usize| list.get(i).map_or(String::new(), |v| v.trim().to_owned());
    all("attribute_name")
        .into_iter()
        .enumerate()
        .map(|(i, name)| AttributeFields {
            name: name.trim().to_owned(),
            operator: at(&operators, i),
            values: at(&values, i),
        })
        .filter(|row| !row.is_blank())
        .collect()
}

/// The operator's name in forms.
#[must_use]
fn operator_name(operator: Operator) -> &'static str {
    OperatorWord::OPERATORS
        .into_iter()
        .find(|(known, _)| *known == operator)
        .map_or("is", |(_, name)| name)
}

/// What is typed into both fields; with something in the second both as codes.
fn countries_of(form: &Form, name: &str) -> String {
    let typed = form.all(name).into_iter().map(str::trim);
    let typed: Vec<&str> = typed.filter(|part| !part.is_empty()).collect();
    match typed[..] {
        [] => String::new(),
        [only] => only.to_owned(),
        _ => codes(&typed.join(", ")).join(", "),
    }
}

/// Codes of countries. Between commas (Japanese ones too) or semicolons stands a name in either
/// language, a part of the world, or codes with white space between them.
fn codes(typed: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut note = |code: &str| {
        if !found.iter().any(|known| known == code) {
            found.push(code.to_owned());
        }
    };
    for part in typed.split([',', ';', '、', '，']).map(str::trim) {
        match countries_called(part) {
            Some(codes) => codes.into_iter().for_each(&mut note),
            None => part.split_whitespace().for_each(&mut note),
        }
    }
    found
}

fn attribute(typed: &AttributeFields) -> AttributeRule {
    let operator = OperatorWord::OPERATORS
        .into_iter()
        .find(|(_, name)| *name == typed.operator)
        .map_or(Operator::Is, |(operator, _)| operator);
    let values = typed
        .values
        .split([',', '、', '，'])
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect();
    AttributeRule {
        name: typed.name.clone(),
        operator,
        values,
    }
}

/// How a form shows an [`Audience`].
pub(crate) struct AudienceView<'a, P> {
    pub(crate) audience: &'a Audience,
    pub(crate) problems: &'a [FieldProblem],
    /// What the ids and names of the fields begin with.
    pub(crate) prefix: &'a str,
    /// Saved groups of the environment.
    pub(crate) groups: &'a [GroupChoice],
    /// Where a field is, when there are several of them.
    pub(crate) place: P,
}

impl<P: Fn(At) -> At> AudienceView<'_, P> {
    pub(crate) fn countries(&self, cx: &Cx) -> AnyView {
        let name = self.name("countries");
        let typed = input(Input {
            placeholder: Some("JP, US".to_owned()),
            ..Input::text(
                Field::new(name.clone(), cx.t(W::Countries))
                    .help(cx.t(W::CountriesHelp))
                    .error(self.error(cx, At::Countries)),
                name.clone(),
                self.audience.countries.clone(),
            )
        });
        let codes = codes(&self.audience.countries);
        let names = codes.iter().filter_map(|code| {
            let code = code.to_uppercase();
            country_name(cx.lang, &code)
        });
        let names: Vec<&str> = names.collect();
        let names = (!names.is_empty()).then(|| {
            let between = cx.t(W::Between);
            view! { <p class="field-help">{names.join(between)}</p> }
        });
        view! {
            <div class="countries">
                {typed} {names} <div class="country-add">
                    <input
                        name=name
                        list=COUNTRIES
                        aria-label=cx.t(W::CountryAdd)
                        placeholder=cx.t(W::CountryExample)
                        autocomplete="off"
                    />
                    <button class="button small" type="submit" name="do" value="add-attribute" formnovalidate=true aria-label=cx.t(W::CountryAddLabel)>
                        {cx.t(W::CountryAddAct)}
                    </button>
                </div>
            </div>
        }
        .into_any()
    }

    pub(crate) fn devices(&self, cx: &Cx) -> AnyView {
        let id = self.name("devices");
        let devices = Device::ALL
            .into_iter()
            .map(|device| {
                let value = device.as_str().to_owned();
                let checked = self.audience.devices.contains(&value);
                let label = cx.t(DeviceWord::of(device)).to_owned();
                check_row("checkbox", self.name("device"), value, checked, label, None)
            })
            .collect_view();
        view! {
            <fieldset class="field" id=id.clone()>
                <legend class="field-label">{cx.t(W::Devices)}</legend>
                <div class="checks">{devices}</div>
                {field_error(&id, self.error(cx, At::Devices))}
            </fieldset>
        }
        .into_any()
    }

    /// Whatever the other fields cannot say.
    pub(crate) fn condition(&self, cx: &Cx) -> AnyView {
        view_builder(
            cx,
            &BuilderView {
                typed: &self.audience.condition,
                prefix: self.prefix,
                error: self.error(cx, At::Condition),
                groups: self.groups,
            },
        )
    }

    /// The attribute rules that programs and earlier forms made, and an empty one, which is
    /// ignored when left so. People write conditions.
    pub(crate) fn attributes(&self, cx: &Cx) -> AnyView {
        if self.audience.attributes.is_empty() {
            return ().into_any();
        }
        let blank = AttributeFields::default();
        let rows = self
            .audience
            .attributes
            .iter()
            .chain(std::iter::once(&blank));
        let rows = (0u16..)
            .zip(rows)
            .map(|(i, row)| self.attribute(cx, i, row))
            .collect_view();
        let id = self.name("attributes");
        view! {
            <fieldset class="field attributes" id=id.clone()>
                <legend class="field-label">{cx.t(W::Attributes)}</legend>
                {rows}
                {field_error(&id, self.error(cx, At::Attributes))}
                <p class="field-help">{cx.t(W::AttributesHelp)}</p>
                <button class="button small" type="submit" name="do" value="add-attribute" formnovalidate=true>
                    {cx.t(W::AddAttribute)}
                </button>
            </fieldset>
        }
        .into_any()
    }

    fn attribute(&self, cx: &Cx, i: u16, row: &AttributeFields) -> AnyView {
        let id = self.name(&format!("attribute-{i}"));
        // A form with several audiences tells of all its attributes at once.
        let at = (self.place)(At::Attribute(i));
        let error = matches!(at, At::Attribute(_)).then(|| error_of(cx, self.problems, at));
        let error = error.flatten();
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
                    name=self.name("attribute_name")
                    value=row.name.clone()
                    aria-label=cx.t(W::AttributeName)
                    placeholder=cx.t(W::AttributeName)
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=described
                    autocomplete="off"
                />
                <span class="select">
                    <select name=self.name("attribute_operator") aria-label=cx.t(W::AttributeOperator)>
                        {options}
                    </select>
                    {icon(Icon::ChevronDown)}
                </span>
                <input
                    class="mono"
                    name=self.name("attribute_values")
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

    fn name(&self, part: &str) -> String {
        format!("{}{part}", self.prefix)
    }

    fn error(&self, cx: &Cx, field: At) -> Option<String> {
        error_of(cx, self.problems, (self.place)(field))
    }
}

/// Countries as pages say them: by name while they are few, else by code.
#[must_use]
pub(crate) fn country_names<'a>(cx: &Cx, countries: &'a [CountryCode]) -> Vec<&'a str> {
    let few = countries.len() <= FEW_COUNTRIES;
    let said = countries.iter().map(|country| {
        let code = country.as_str();
        country_name(cx.lang, code).filter(|_| few).unwrap_or(code)
    });
    said.collect()
}

/// Who is meant, as a list; one line when it is everybody.
#[must_use]
pub(crate) fn conditions(cx: &Cx, targeting: &Targeting) -> Vec<String> {
    use crate::lang::Lang;
    let mut rules = Vec::new();
    if !targeting.countries.is_empty() {
        let names = country_names(cx, &targeting.countries);
        rules.push(format!(
            "{}: {}",
            cx.t(W::Countries),
            names.join(cx.t(Common::Comma))
        ));
    }
    if !targeting.devices.is_empty() {
        let names = targeting.devices.iter().map(|d| cx.t(DeviceWord::of(*d)));
        let names: Vec<&str> = names.collect();
        rules.push(format!(
            "{}: {}",
            cx.t(W::Devices),
            names.join(cx.t(Common::Comma))
        ));
    }
    for rule in &targeting.attributes {
        let operator = cx.t(OperatorWord::of(rule.operator));
        let values = rule.values.join(", ");
        rules.push(match cx.lang {
            Lang::En => format!("{} {operator} {values}", rule.name),
            Lang::Ja => format!("{} {operator}: {values}", rule.name),
        });
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_codes_names_and_parts_of_the_world() {
        for (typed, expected) in [
            ("JP, us de", "JP us de"),
            ("Japan、アメリカ合衆国", "JP US"),
            ("Japan; United States, JP", "JP US"),
            ("Atlantis", "Atlantis"),
        ] {
            assert_eq!(codes(typed).join(" "), expected, "{typed}");
        }
        assert_eq!(codes("EU, Japan").len(), 28);
    }

    #[test]
    fn what_is_picked_joins_what_is_typed() {
        let form = Form::from([("countries", "JP, Germany"), ("countries", "South America")]);
        let audience = Audience::of_form(&form, "");
        assert!(
            audience.countries.starts_with("JP, DE, AR, BO, BR"),
            "{audience:?}"
        );
        let only = Form::from([("countries", "Japan"), ("countries", " ")]);
        let audience = Audience::of_form(&only, "");
        assert_eq!(audience.countries, "Japan", "as typed");
        let targeting = audience.targeting(&mut Reader::default(), |at| at);
        assert_eq!(targeting.countries[0].as_str(), "JP");
    }
}

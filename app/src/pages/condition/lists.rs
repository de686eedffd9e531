//! What a form proposes while a condition is typed: attributes, saved groups, and the values
//! of attributes that have known ones. Names of places are taken for their codes.

use leptos::prelude::*;
use nexus_control::views::GroupChoice;
use nexus_domain::condition::{ConditionRow, RowOperator};
use nexus_domain::saved_group::GroupKind;
use nexus_flags::Device;

use super::groups::GROUPS;
use crate::cx::Cx;
use crate::text::condition::ConditionWord as W;
use crate::text::domain::DeviceWord;
use crate::text::places::{
    all_countries, all_subdivisions, countries_called, country_name, subdivision_name,
    subdivisions_called,
};

pub(super) const ATTRIBUTES: &str = "condition-attributes";
/// With an attribute's name behind it the id of its known values' list.
pub(super) const VALUES_OF: &str = "condition-of-";
/// The list of countries.
pub(crate) const COUNTRIES: &str = "condition-of-country";
/// Attributes with known values.
const KNOWN: [&str; 4] = ["browser", "country", "device", "subdivision"];
/// As gateways tell them apart.
const BROWSERS: [(&str, &str); 6] = [
    ("chrome", "Chrome"),
    ("safari", "Safari"),
    ("firefox", "Firefox"),
    ("edge", "Edge"),
    ("opera", "Opera"),
    ("samsung", "Samsung Internet"),
];

/// All lists; a form with conditions has them once.
pub(crate) fn view_lists(cx: &Cx, groups: &[GroupChoice]) -> AnyView {
    let attributes = [
        ("country", W::Country),
        ("subdivision", W::Subdivision),
        ("region", W::Region),
        ("device", W::Device),
        ("browser", W::Browser),
        ("path", W::Path),
        ("id", W::UnitId),
    ];
    let attributes = attributes.map(|(name, word)| (name, cx.t(word).to_owned()));
    let groups = groups
        .iter()
        .filter(|group| group.kind == GroupKind::List && !group.archived)
        .map(|group| (group.id.as_str(), group.name.clone()));
    let countries = all_countries(cx.lang).map(|(code, name)| (code, name.to_owned()));
    let devices = Device::ALL.map(|d| (d.as_str(), cx.t(DeviceWord::of(d)).to_owned()));
    let other = [("other", cx.t(W::OtherBrowser).to_owned())];
    let browsers = BROWSERS.map(|(code, name)| (code, name.to_owned()));
    view! {
        {list(ATTRIBUTES, attributes)}
        {list(GROUPS, groups)}
        {list(COUNTRIES, countries)}
        {list("condition-of-subdivision", all_subdivisions(cx.lang))}
        {list("condition-of-device", devices)}
        {list("condition-of-browser", browsers.into_iter().chain(other))}
    }
    .into_any()
}

fn list<'a>(id: &'static str, options: impl IntoIterator<Item = (&'a str, String)>) -> AnyView {
    let options = options
        .into_iter()
        .map(|(value, label)| view! { <option value=value.to_owned()>{label}</option> });
    view! { <datalist id=id>{options.collect_view()}</datalist> }.into_any()
}

/// Which list proposes the row's value.
pub(super) fn list_of(row: &ConditionRow) -> Option<String> {
    if row.operator.names_group() {
        return Some(GROUPS.to_owned());
    }
    let known = KNOWN.into_iter().find(|known| *known == row.attribute);
    known.map(|known| format!("{VALUES_OF}{known}"))
}

/// What stands between commas of a value.
fn pieces(value: &str) -> impl Iterator<Item = &str> {
    let pieces = value.split([',', '、', '，']).map(str::trim);
    pieces.filter(|piece| !piece.is_empty())
}

fn is_compared(row: &ConditionRow) -> bool {
    use RowOperator as Is;
    matches!(row.operator, Is::Is | Is::IsNot | Is::OneOf | Is::NoneOf)
}

/// The row with codes in place of the names of countries and their parts; what stands for
/// several codes makes it a row of several.
pub(super) fn with_codes(row: ConditionRow) -> ConditionRow {
    let called = match row.attribute.as_str() {
        "country" if is_compared(&row) => countries_called,
        "subdivision" if is_compared(&row) => subdivisions_called,
        _ => return row,
    };
    let is_name = |piece: &str| called(piece).is_some();
    if !pieces(&row.value).any(is_name) {
        return row;
    }
    let codes = pieces(&row.value).flat_map(|piece| called(piece).unwrap_or_else(|| vec![piece]));
    let codes: Vec<&str> = codes.collect();
    let operator = match row.operator {
        RowOperator::Is if codes.len() > 1 => RowOperator::OneOf,
        RowOperator::IsNot if codes.len() > 1 => RowOperator::NoneOf,
        operator => operator,
    };
    ConditionRow {
        value: codes.join(", "),
        operator,
        ..row
    }
}

/// The names of a row's places; nothing where it is about none.
pub(super) fn places_of(cx: &Cx, row: &ConditionRow) -> Option<String> {
    let named = match row.attribute.as_str() {
        "country" if is_compared(row) => country_name,
        "subdivision" if is_compared(row) => subdivision_name,
        _ => return None,
    };
    let names = pieces(&row.value).filter_map(|code| named(cx.lang, code));
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| names.join(cx.t(W::Between)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(attribute: &str, operator: RowOperator, value: &str) -> ConditionRow {
        ConditionRow {
            attribute: attribute.to_owned(),
            operator,
            value: value.to_owned(),
        }
    }

    #[test]
    fn names_of_places_become_codes() {
        use RowOperator as Is;
        for (typed, coded) in [
            (
                row("country", Is::Is, "Japan"),
                row("country", Is::Is, "JP"),
            ),
            (
                row("country", Is::OneOf, "JP, ドイツ"),
                row("country", Is::OneOf, "JP, DE"),
            ),
            (
                row("subdivision", Is::IsNot, "Tokyo, Osaka"),
                row("subdivision", Is::NoneOf, "JP-13, JP-27"),
            ),
            // What is no name, and what is no place, stays as it is typed.
            (
                row("country", Is::OneOf, "JP,DE"),
                row("country", Is::OneOf, "JP,DE"),
            ),
            (row("team", Is::Is, "Japan"), row("team", Is::Is, "Japan")),
            (
                row("country", Is::Matches, "Japan"),
                row("country", Is::Matches, "Japan"),
            ),
        ] {
            assert_eq!(with_codes(typed), coded);
        }
        let eu = with_codes(row("country", Is::Is, "EU"));
        assert_eq!((eu.operator, pieces(&eu.value).count()), (Is::OneOf, 27));
    }

    #[test]
    fn every_list_is_of_an_attribute() {
        for known in KNOWN {
            let list = list_of(&row(known, RowOperator::Is, ""));
            assert_eq!(list, Some(format!("{VALUES_OF}{known}")));
        }
        assert_eq!(list_of(&row("plan", RowOperator::Is, "")), None);
        let group = list_of(&row("country", RowOperator::InGroup, ""));
        assert_eq!(group.as_deref(), Some(GROUPS));
    }
}

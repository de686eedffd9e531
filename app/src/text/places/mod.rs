//! Names of countries, parts of the world and parts of countries, and which codes they stand for.

mod countries;
mod subdivisions;

use self::countries::COUNTRIES;
use self::subdivisions::SUBDIVISIONS;
use crate::lang::{Lang, Words as _, words};

words! {
    /// A part of the world: all its countries at once.
    AreaWord {
        Africa: "Africa", "アフリカ";
        Antarctica: "Antarctica", "南極";
        Asia: "Asia", "アジア";
        Europe: "Europe", "ヨーロッパ";
        EuropeanUnion: "European Union", "欧州連合";
        NorthAmerica: "North America", "北アメリカ";
        Oceania: "Oceania", "オセアニア";
        SouthAmerica: "South America", "南アメリカ";
    }
}

/// Those that are proposed; Antarctica is a country's name too.
const AREAS: [AreaWord; 7] = [
    AreaWord::Africa,
    AreaWord::Asia,
    AreaWord::Europe,
    AreaWord::EuropeanUnion,
    AreaWord::NorthAmerica,
    AreaWord::Oceania,
    AreaWord::SouthAmerica,
];

/// The members of the European Union, as of 2026.
const EUROPEAN_UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

const fn in_language(lang: Lang, en: &'static str, ja: &'static str) -> &'static str {
    match lang {
        Lang::En => en,
        Lang::Ja => ja,
    }
}

fn is_called(typed: &str, names: [&str; 2]) -> bool {
    let typed = typed.to_lowercase();
    names.into_iter().any(|name| name.to_lowercase() == typed)
}

/// What a code of ISO 3166-1 stands for.
#[must_use]
pub fn country_name(lang: Lang, code: &str) -> Option<&'static str> {
    let found = COUNTRIES.iter().find(|(known, ..)| *known == code);
    found.map(|(_, _, en, ja)| in_language(lang, en, ja))
}

/// What a code of ISO 3166-2 stands for, where it is one of those that are proposed.
#[must_use]
pub fn subdivision_name(lang: Lang, code: &str) -> Option<&'static str> {
    let found = SUBDIVISIONS.iter().find(|(known, ..)| *known == code);
    found.map(|(_, en, ja)| in_language(lang, en, ja))
}

/// The codes of what is called so, in either language: one country, or all of a part of the
/// world.
#[must_use]
pub fn countries_called(typed: &str) -> Option<Vec<&'static str>> {
    let named = |(_, _, en, ja): &&(&str, AreaWord, &str, &str)| is_called(typed, [en, ja]);
    if let Some((code, ..)) = COUNTRIES.iter().find(named) {
        return Some(vec![code]);
    }
    // Its usual short form is no country's code.
    if typed.eq_ignore_ascii_case("eu") {
        return Some(EUROPEAN_UNION.into());
    }
    let [en, ja] = [Lang::En, Lang::Ja];
    let area = AREAS
        .into_iter()
        .find(|area| is_called(typed, [area.text(en), area.text(ja)]))?;
    if area == AreaWord::EuropeanUnion {
        return Some(EUROPEAN_UNION.into());
    }
    let within = COUNTRIES.iter().filter(|(_, part, ..)| *part == area);
    Some(within.map(|(code, ..)| *code).collect())
}

/// The codes of parts of countries that are called so, in either language.
#[must_use]
pub fn subdivisions_called(typed: &str) -> Option<Vec<&'static str>> {
    let named = |(_, en, ja): &&(&str, &str, &str)| is_called(typed, [en, ja]);
    let found: Vec<&str> = SUBDIVISIONS.iter().filter(named).map(|s| s.0).collect();
    (!found.is_empty()).then_some(found)
}

/// Code and name of each country, and after them the parts of the world, whose name is their
/// code.
pub fn all_countries(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    let countries = COUNTRIES.iter();
    let countries = countries.map(move |(code, _, en, ja)| (*code, in_language(lang, en, ja)));
    countries.chain(AREAS.into_iter().map(move |area| (area.text(lang), "")))
}

/// Code and name of each part of a country, with the country's name.
pub fn all_subdivisions(lang: Lang) -> impl Iterator<Item = (&'static str, String)> {
    SUBDIVISIONS.iter().map(move |(code, en, ja)| {
        let name = in_language(lang, en, ja);
        let country = code.split('-').next().unwrap_or_default();
        let country = country_name(lang, country).unwrap_or_default();
        let named = match lang {
            Lang::En => format!("{name}, {country}"),
            Lang::Ja => format!("{name}（{country}）"),
        };
        (*code, named)
    })
}

#[cfg(test)]
mod tests {
    use nexus_flags::CountryCode;

    use super::*;

    #[test]
    fn codes_are_sorted_and_countries_are_codes() {
        assert!(COUNTRIES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(SUBDIVISIONS.is_sorted_by(|a, b| a.0 < b.0));
        for (code, ..) in COUNTRIES {
            assert!(CountryCode::new(code).is_ok(), "{code}");
        }
        for (code, ..) in SUBDIVISIONS {
            let (country, part) = code.split_once('-').unwrap();
            assert!(country_name(Lang::En, country).is_some(), "{code}");
            assert!((1..=3).contains(&part.len()), "{code}");
        }
        assert!(
            EUROPEAN_UNION
                .iter()
                .all(|code| country_name(Lang::En, code).is_some())
        );
    }

    #[test]
    fn names_of_both_languages_are_codes() {
        for (typed, codes) in [
            ("japan", vec!["JP"]),
            ("日本", vec!["JP"]),
            ("United States", vec!["US"]),
            ("antarctica", vec!["AQ"]),
        ] {
            assert_eq!(countries_called(typed), Some(codes), "{typed}");
        }
        assert_eq!(countries_called("EU").unwrap().len(), 27);
        assert_eq!(
            countries_called("欧州連合"),
            countries_called("European Union")
        );
        assert!(countries_called("ヨーロッパ").unwrap().contains(&"CH"));
        assert_eq!(countries_called("JP"), None, "a code is none of the names");
        assert_eq!(subdivisions_called("東京都"), Some(vec!["JP-13"]));
        assert_eq!(subdivisions_called("california"), Some(vec!["US-CA"]));
        assert_eq!(subdivisions_called("Tōkyō"), None);
    }
}

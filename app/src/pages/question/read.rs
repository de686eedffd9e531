//! The question in the URL, and whom it is about.

use nexus_control::Somebody;
use nexus_control::views::Example;
use nexus_flags::{CountryCode, Device};

use super::written::{self, Fault, Pairs};
use crate::host::Form;
use crate::text::places::countries_called;

/// The question exactly as it stands in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    pub user: String,
    pub country: String,
    pub device: String,
    pub attributes: String,
}

/// What a question comes to.
pub(super) struct Read {
    /// With what a pasted object says in the fields that are for it.
    pub(super) filled: Question,
    pub(super) somebody: Somebody,
    pub(super) country: Option<CountryFault>,
    pub(super) attributes: Option<AttributesFault>,
}

/// Why there is no country of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CountryFault {
    Unknown(String),
    /// A part of the world.
    Several(String),
}

/// What is wrong with the attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AttributesFault {
    Written(Fault),
    /// A field of the form says something else than the pasted object.
    Twice {
        name: &'static str,
        typed: String,
        pasted: String,
    },
    Country(CountryFault),
    Device(String),
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

    /// The question about exactly this visitor.
    pub(in crate::pages) fn of_example(example: &Example) -> Self {
        let country = example.country.as_ref();
        Self {
            user: example.unit.clone(),
            country: country.map_or_else(String::new, |c| c.as_str().to_owned()),
            device: example.device.as_str().to_owned(),
            attributes: written::write(&example.attributes),
        }
    }

    /// The names of its fields with what is in them.
    pub(in crate::pages) fn fields(&self) -> [(&'static str, &str); 4] {
        [
            ("user", &self.user),
            ("country", &self.country),
            ("device", &self.device),
            ("attributes", &self.attributes),
        ]
    }

    /// The page with the question.
    pub(in crate::pages) fn url(&self, page: &str, anchor: &str) -> String {
        let start = page.len() + 1;
        let mut url = url::form_urlencoded::Serializer::for_suffix(format!("{page}?"), start);
        let fields = self.fields().into_iter();
        url.extend_pairs(fields.filter(|(_, value)| !value.is_empty()));
        url.finish() + anchor
    }

    /// Whom to ask about, as far as it makes sense; what is wrong is said at its field.
    #[must_use]
    pub fn somebody(&self) -> Somebody {
        self.read().somebody
    }

    #[must_use]
    pub fn is_good(&self) -> bool {
        let read = self.read();
        read.country.is_none() && read.attributes.is_none()
    }

    /// Whether there is somebody to answer about.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.is_good() && !self.somebody().unit.is_empty()
    }

    pub(super) fn read(&self) -> Read {
        let (filled, attributes) = self.filled();
        let country = country(&filled.country);
        let (pairs, fault) = match attributes {
            Ok(pairs) => (pairs, None),
            Err(fault) => (Pairs::new(), Some(fault)),
        };
        let (country, country_fault) = match country {
            Ok(country) => (country, None),
            Err(fault) => (None, Some(fault)),
        };
        Read {
            somebody: Somebody {
                unit: filled.user.clone(),
                country,
                device: device(&filled.device).unwrap_or(Device::Desktop),
                attributes: pairs,
            },
            filled,
            country: country_fault,
            attributes: fault,
        }
    }

    /// A pasted object fills the other fields; what is no attribute leaves the pairs.
    fn filled(&self) -> (Self, Result<Pairs, AttributesFault>) {
        let pairs = match written::read(&self.attributes) {
            Ok(pairs) => pairs,
            Err(fault) => return (self.clone(), Err(AttributesFault::Written(fault))),
        };
        if !written::is_json(&self.attributes) {
            return (self.clone(), Ok(pairs));
        }
        let mut filled = self.clone();
        match filled.take(pairs) {
            Ok(pairs) => {
                filled.attributes = written::write(&pairs);
                (filled, Ok(pairs))
            }
            Err(fault) => (self.clone(), Err(fault)),
        }
    }

    fn take(&mut self, pairs: Pairs) -> Result<Pairs, AttributesFault> {
        let mut rest = Pairs::new();
        for (name, pasted) in pairs {
            match name.as_str() {
                "id" => fill("id", &mut self.user, pasted)?,
                "country" => {
                    let code = country(&pasted).map_err(AttributesFault::Country)?;
                    let same = country(&self.country).is_ok_and(|typed| typed == code);
                    if same || self.country.is_empty() {
                        self.country = code.map_or_else(String::new, |c| c.as_str().to_owned());
                    } else {
                        fill("country", &mut self.country, pasted)?;
                    }
                }
                // As SDKs of GrowthBook call it. Whatever is chosen in the form, it counts: a
                // choice always says something.
                "device" | "deviceType" => {
                    let found = device(&pasted).ok_or(AttributesFault::Device(pasted))?;
                    found.as_str().clone_into(&mut self.device);
                }
                _ => rest.push((name, pasted)),
            }
        }
        // Gateways tell the path of a page, not its address.
        let named = |name: &str| rest.iter().find(|(known, _)| known == name);
        if let (Some((_, url)), None) = (named("url"), named("path"))
            && let Some(path) = path_of(url)
        {
            rest.push(("path".to_owned(), path));
        }
        Ok(rest)
    }
}

fn fill(name: &'static str, typed: &mut String, pasted: String) -> Result<(), AttributesFault> {
    if typed.is_empty() || *typed == pasted {
        *typed = pasted;
        return Ok(());
    }
    let typed = typed.clone();
    Err(AttributesFault::Twice {
        name,
        typed,
        pasted,
    })
}

/// A code, or a name in either language.
fn country(typed: &str) -> Result<Option<CountryCode>, CountryFault> {
    if typed.is_empty() {
        return Ok(None);
    }
    let said = || typed.chars().take(40).collect();
    let code = match countries_called(typed).as_deref() {
        Some([code]) => CountryCode::new(code),
        Some(_) => return Err(CountryFault::Several(said())),
        None => CountryCode::new(typed),
    };
    code.map(Some).map_err(|_| CountryFault::Unknown(said()))
}

fn device(typed: &str) -> Option<Device> {
    let known = |device: &Device| typed.eq_ignore_ascii_case(device.as_str());
    Device::ALL.into_iter().find(known)
}

/// Of an address, or of one within its site.
fn path_of(address: &str) -> Option<String> {
    if address.starts_with('/') {
        let end = address.find(['?', '#']).unwrap_or(address.len());
        return Some(address[..end].to_owned());
    }
    let parsed = url::Url::parse(address).ok()?;
    parsed.has_host().then(|| parsed.path().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(attributes: &str) -> Question {
        Question {
            attributes: attributes.to_owned(),
            ..Question::default()
        }
    }

    #[test]
    fn a_pasted_object_fills_the_other_fields() {
        let question = pasted(
            r#"{"id": "ann", "country": "日本", "deviceType": "mobile", "browser": "safari",
                "url": "https://shop.example/cart?x=1", "plan": "a,b"}"#,
        );
        assert!(question.is_good() && question.is_asked());
        let filled = question.read().filled;
        let (user, country, device) = (&*filled.user, &*filled.country, &*filled.device);
        assert_eq!((user, country, device), ("ann", "JP", "mobile"));
        let somebody = question.somebody();
        assert_eq!(filled.somebody(), somebody, "the filled form asks the same");
        let path = ("path".to_owned(), "/cart".to_owned());
        assert!(somebody.attributes.contains(&path), "{somebody:?}");
        let plan = ("plan".to_owned(), "a,b".to_owned());
        assert!(somebody.attributes.contains(&plan));
    }

    #[test]
    fn what_is_said_twice_must_be_the_same() {
        let question = |user: &str, attributes: &str| Question {
            user: user.to_owned(),
            ..pasted(attributes)
        };
        assert!(question("ann", r#"{"id": "ann"}"#).is_good());
        let fault = question("bob", r#"{"id": "ann"}"#).read().attributes;
        assert!(matches!(
            fault,
            Some(AttributesFault::Twice { name: "id", .. })
        ));
        // As pairs they are attributes like others.
        assert!(question("bob", "id=ann").is_good());
    }

    #[test]
    fn countries_have_codes_and_names() {
        for (typed, code) in [
            ("jp", "JP"),
            ("Japan", "JP"),
            ("日本", "JP"),
            ("ドイツ", "DE"),
        ] {
            let found = country(typed).unwrap();
            assert_eq!(found.unwrap().as_str(), code, "{typed}");
        }
        let unknown = CountryFault::Unknown("Atlantis".to_owned());
        assert_eq!(country("Atlantis"), Err(unknown));
        assert!(matches!(country("Europe"), Err(CountryFault::Several(_))));
    }

    #[test]
    fn a_link_asks_about_exactly_the_visitor() {
        let example = Example {
            unit: "v&1".to_owned(),
            country: CountryCode::new("JP").ok(),
            device: Device::Tablet,
            attributes: vec![
                ("plan".to_owned(), "a, b".to_owned()),
                ("note".to_owned(), "「は、い」=\"x\"".to_owned()),
            ],
        };
        let url = Question::of_example(&example).url("/experiments/a/why", "");
        let (_, query) = url.split_once('?').unwrap();
        let somebody = Question::of_form(&Form::parse(query)).somebody();
        assert_eq!(somebody.unit, example.unit);
        assert_eq!(
            (somebody.country, somebody.device),
            (example.country, example.device)
        );
        assert_eq!(somebody.attributes, example.attributes);
    }
}

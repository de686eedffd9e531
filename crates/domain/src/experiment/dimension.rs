//! By what results are broken down: what a gateway saw of a user at the first exposure.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    Country,
    Device,
    Browser,
}

const DEVICES: [&str; 3] = ["desktop", "mobile", "tablet"];
const BROWSERS: [&str; 6] = ["chrome", "edge", "firefox", "opera", "safari", "samsung"];

impl Dimension {
    pub const ALL: [Self; 3] = [Self::Country, Self::Device, Self::Browser];
    /// Of a user of whom nothing was said.
    pub const UNKNOWN: &'static str = "unknown";
    /// All values that have no line of their own.
    pub const OTHER: &'static str = "other";

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Device => "device",
            Self::Browser => "browser",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == text)
    }
}

/// Two capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Code([u8; 2]);

/// A user's value of every dimension, each one of a bounded number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    country: Option<Code>,
    device: &'static str,
    browser: &'static str,
}

impl Seen {
    /// What counts for what was reported: a country is two capital letters, devices and
    /// browsers are those known here or [`Dimension::OTHER`]. Without a report, or with one
    /// that is no country, [`Dimension::UNKNOWN`].
    #[must_use]
    pub fn of(country: Option<&str>, device: Option<&str>, browser: Option<&str>) -> Self {
        Self {
            country: country.and_then(Code::parse),
            device: known(&DEVICES, device),
            browser: known(&BROWSERS, browser),
        }
    }

    #[must_use]
    pub fn value(&self, of: Dimension) -> &str {
        match of {
            Dimension::Country => self
                .country
                .as_ref()
                .map_or(Dimension::UNKNOWN, Code::as_str),
            Dimension::Device => self.device,
            Dimension::Browser => self.browser,
        }
    }
}

impl Code {
    fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(letters))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or(Dimension::UNKNOWN)
    }
}

fn known(values: &[&'static str], reported: Option<&str>) -> &'static str {
    match reported {
        None | Some("" | Dimension::UNKNOWN) => Dimension::UNKNOWN,
        Some(reported) => values
            .iter()
            .find(|value| **value == reported)
            .map_or(Dimension::OTHER, |value| value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_reported_becomes_one_of_few_values() {
        let values = |c, d, b| {
            let seen = Seen::of(c, d, b);
            Dimension::ALL.map(|of| seen.value(of).to_owned())
        };
        assert_eq!(
            values(Some("JP"), Some("mobile"), Some("safari")),
            ["JP", "mobile", "safari"]
        );
        assert_eq!(
            values(Some("jp"), Some("fridge"), Some("lynx")),
            ["unknown", "other", "other"]
        );
        assert_eq!(
            values(Some("Japan"), None, Some("")),
            ["unknown", "unknown", "unknown"]
        );
        // What is stored reads back.
        for stored in [
            ["US", "desktop", "other"],
            ["unknown", "unknown", "unknown"],
        ] {
            let [c, d, b] = stored.map(Some);
            assert_eq!(values(c, d, b), stored);
        }
    }
}

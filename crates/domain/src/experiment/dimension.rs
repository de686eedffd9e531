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

    /// What counts for what was reported, one of a bounded number of values: a country is
    /// two capital letters, devices and browsers are those known here or [`Self::OTHER`].
    /// Without a report, or with one that is no country, [`Self::UNKNOWN`].
    fn value(self, reported: Option<&str>) -> String {
        let Some(reported) = reported.filter(|r| !r.is_empty()) else {
            return Self::UNKNOWN.to_owned();
        };
        let known: &[&str] = match self {
            Self::Country => {
                let letters = reported.bytes().all(|b| b.is_ascii_uppercase());
                let is_code = reported.len() == 2 && letters;
                return if is_code { reported } else { Self::UNKNOWN }.to_owned();
            }
            Self::Device => &DEVICES,
            Self::Browser => &BROWSERS,
        };
        let found = known.iter().find(|value| **value == reported);
        found.map_or(Self::OTHER, |value| value).to_owned()
    }
}

/// A user's value of every dimension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub country: String,
    pub device: String,
    pub browser: String,
}

impl Seen {
    #[must_use]
    pub fn of(country: Option<&str>, device: Option<&str>, browser: Option<&str>) -> Self {
        Self {
            country: Dimension::Country.value(country),
            device: Dimension::Device.value(device),
            browser: Dimension::Browser.value(browser),
        }
    }

    #[must_use]
    pub fn value(&self, of: Dimension) -> &str {
        match of {
            Dimension::Country => &self.country,
            Dimension::Device => &self.device,
            Dimension::Browser => &self.browser,
        }
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
    }
}

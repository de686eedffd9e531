//! What is known about a request when it is decided.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One request. Borrowed, so that building it allocates nothing.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What assignment is sticky by: a user id, or the first-party cookie of an anonymous
    /// visitor. An empty unit takes part in nothing.
    pub unit: &'a str,
    /// Where the request comes from, if known.
    pub country: Option<CountryCode>,
    /// What kind of device sent it.
    pub device: Device,
    /// Further attributes as name and value. The first of equal names counts.
    pub attributes: &'a [(&'a str, &'a str)],
    /// Now: milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// Two upper-case ASCII letters, or Cloudflare's `T1` for Tor and `XX` for unknown.
/// Lower case is accepted and raised.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "JP"))]
pub struct CountryCode([u8; 2]);

/// The text is not a country code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a country code is two letters (ISO 3166-1 alpha-2) or T1")]
pub struct InvalidCountryCode;

impl CountryCode {
    /// A code from two characters.
    ///
    /// # Errors
    /// When the text is not a letter followed by a letter or digit.
    pub fn new(code: &str) -> Result<Self, InvalidCountryCode> {
        match *code.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphanumeric() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(InvalidCountryCode),
        }
    }

    /// The two characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Always ASCII by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) const fn as_u16(self) -> u16 {
        u16::from_be_bytes(self.0)
    }
}

impl FromStr for CountryCode {
    type Err = InvalidCountryCode;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::new(code)
    }
}

impl TryFrom<String> for CountryCode {
    type Error = InvalidCountryCode;
    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::new(&code)
    }
}

impl From<CountryCode> for String {
    fn from(code: CountryCode) -> Self {
        code.as_str().to_owned()
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Kind of device.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Device {
    Desktop,
    Mobile,
    Tablet,
    Bot,
    #[default]
    Other,
}

impl Device {
    /// Every kind, in the order of the enum.
    pub const ALL: [Self; 5] = [
        Self::Desktop,
        Self::Mobile,
        Self::Tablet,
        Self::Bot,
        Self::Other,
    ];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
            Self::Bot => "bot",
            Self::Other => "other",
        }
    }

    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

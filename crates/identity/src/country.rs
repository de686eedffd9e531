//! Countries as Cloudflare names them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// ISO 3166-1 alpha-2 in upper case, or one of Cloudflare's own codes: `T1` (Tor),
/// `XX` (unknown).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// Not a country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a two-letter country code")]
pub struct InvalidCountry;

impl Country {
    /// Parses two upper-case letters (the second may be a digit).
    ///
    /// # Errors
    /// [`InvalidCountry`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidCountry> {
        match text.as_bytes() {
            &[a, b] if a.is_ascii_uppercase() && (b.is_ascii_uppercase() || b.is_ascii_digit()) => {
                Ok(Self([a, b]))
            }
            _ => Err(InvalidCountry),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(self.0[0]), char::from(self.0[1]))
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Country {
    type Error = InvalidCountry;
    fn try_from(text: String) -> Result<Self, InvalidCountry> {
        Self::parse(&text)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Country;

    #[test]
    fn codes() {
        for good in ["JP", "DE", "T1", "XX"] {
            assert_eq!(Country::parse(good).unwrap().to_string(), good);
        }
        for bad in ["", "J", "jp", "JPN", "1T", "日", "J "] {
            assert!(Country::parse(bad).is_err(), "{bad:?}");
        }
    }
}

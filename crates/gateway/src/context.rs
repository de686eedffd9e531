//! From a request to what the engine decides by.

use http::HeaderMap;
use nexus_flags::{Context, CountryCode, Device};

use crate::device;
use crate::limits::{MAX_ATTRIBUTE_BYTES, MAX_ATTRIBUTES};

/// Headers with this prefix are attributes: `x-nexus-attr-plan: pro` is `plan` = `pro`.
const ATTRIBUTE_PREFIX: &str = "x-nexus-attr-";

/// Attributes that the gateway itself may know.
const OWN: usize = 4;

/// Attributes of one request, borrowed and on the stack.
pub(crate) struct Attributes<'a> {
    pairs: [(&'a str, &'a str); MAX_ATTRIBUTES + OWN],
    count: usize,
}

impl<'a> Attributes<'a> {
    /// Those with a visible ASCII value of at most 256 bytes; the first of equal names.
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let mut found = Self {
            pairs: [("", ""); MAX_ATTRIBUTES + OWN],
            count: 0,
        };
        let attributes = headers.keys().filter_map(|name| {
            let attribute = name.as_str().strip_prefix(ATTRIBUTE_PREFIX)?;
            let value = headers.get(name)?.to_str().ok()?;
            (!attribute.is_empty() && value.len() <= MAX_ATTRIBUTE_BYTES)
                .then_some((attribute, value))
        });
        for (place, pair) in found.pairs.iter_mut().zip(attributes.take(MAX_ATTRIBUTES)) {
            *place = pair;
            found.count += 1;
        }
        found
    }

    /// What the gateway itself knows, unless the request says otherwise.
    pub(crate) fn and(mut self, name: &'a str, value: Option<&'a str>) -> Self {
        let value = value.filter(|value| value.len() <= MAX_ATTRIBUTE_BYTES);
        let is_free = self.as_slice().iter().all(|(known, _)| *known != name);
        if let (Some(value), Some(place), true) = (value, self.pairs.get_mut(self.count), is_free) {
            *place = (name, value);
            self.count += 1;
        }
        self
    }

    pub(crate) fn as_slice(&self) -> &[(&'a str, &'a str)] {
        self.pairs.get(..self.count).unwrap_or_default()
    }
}

/// Country and region as one code of ISO 3166-2, `JP-13`: a region's own code says little
/// without its country. Borrows nothing and allocates nothing.
pub(crate) struct Subdivision {
    text: [u8; Self::MOST],
    length: usize,
}

impl Subdivision {
    /// Two letters, a hyphen, and up to three letters or digits.
    const MOST: usize = 6;

    /// None where either is not known or the region is no such code.
    pub(crate) fn of(country: Option<CountryCode>, region: Option<&str>) -> Option<Self> {
        let (country, region) = (country?, region?);
        let is_code = region.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code || !(1..=3).contains(&region.len()) {
            return None;
        }
        let mut text = [0; Self::MOST];
        let bytes = country.as_str().bytes().chain([b'-']).chain(region.bytes());
        let mut length = 0;
        for (place, byte) in text.iter_mut().zip(bytes) {
            *place = byte.to_ascii_uppercase();
            length += 1;
        }
        Some(Self { text, length })
    }

    pub(crate) fn as_str(&self) -> &str {
        let text = self.text.get(..self.length).unwrap_or_default();
        // It is ASCII.
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// What is known of a request besides who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances {
    pub(crate) country: Option<CountryCode>,
    pub(crate) device: Device,
    pub(crate) browser: Option<&'static str>,
    pub(crate) now_ms: i64,
}

impl Circumstances {
    pub(crate) fn of(headers: &HeaderMap, country: Option<&str>, now_ms: i64) -> Self {
        Self {
            country: country.and_then(|code| CountryCode::new(code).ok()),
            device: device::classify(headers),
            browser: device::browser(headers),
            now_ms,
        }
    }

    pub(crate) fn context<'a>(&self, unit: &'a str, attributes: &'a Attributes<'a>) -> Context<'a> {
        Context {
            unit,
            country: self.country,
            device: self.device,
            attributes: attributes.as_slice(),
            now_ms: self.now_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_come_from_their_headers() {
        let mut headers = HeaderMap::new();
        headers.insert("x-nexus-attr-plan", "pro".parse().unwrap());
        headers.append("x-nexus-attr-plan", "free".parse().unwrap());
        headers.insert("x-nexus-attr-", "nameless".parse().unwrap());
        headers.insert("x-nexus-attr-long", "x".repeat(257).parse().unwrap());
        headers.insert("plan", "other".parse().unwrap());
        assert_eq!(Attributes::of(&headers).as_slice(), [("plan", "pro")]);
    }

    #[test]
    fn what_the_gateway_knows_fills_gaps() {
        let mut headers = HeaderMap::new();
        headers.insert("x-nexus-attr-path", "/told".parse().unwrap());
        let long = "x".repeat(257);
        let found = Attributes::of(&headers)
            .and("path", Some("/seen"))
            .and("browser", Some("firefox"))
            .and("region", None)
            .and("long", Some(&long));
        let expected = [("path", "/told"), ("browser", "firefox")];
        assert_eq!(found.as_slice(), expected);
    }

    #[test]
    fn a_region_has_its_country() {
        let of = |country: &str, region: Option<&str>| {
            let found = Subdivision::of(CountryCode::new(country).ok(), region);
            found.map(|found| found.as_str().to_owned())
        };
        assert_eq!(of("JP", Some("13")).as_deref(), Some("JP-13"));
        assert_eq!(of("gb", Some("eng")).as_deref(), Some("GB-ENG"));
        assert_eq!(of("US", None), None);
        assert_eq!(of("?", Some("CA")), None);
        for none in ["", "TOKYO", "1-3", "\u{6771}"] {
            assert_eq!(of("JP", Some(none)), None, "{none}");
        }
    }

    #[test]
    fn attributes_are_bounded() {
        let mut headers = HeaderMap::new();
        for n in 0..40 {
            let name: http::HeaderName = format!("x-nexus-attr-a{n}").parse().unwrap();
            headers.insert(name, "v".parse().unwrap());
        }
        assert_eq!(Attributes::of(&headers).as_slice().len(), MAX_ATTRIBUTES);
    }

    #[test]
    fn an_unknown_country_is_none() {
        let of = |code| Circumstances::of(&HeaderMap::new(), code, 0).country;
        assert_eq!(of(Some("jp")), CountryCode::new("JP").ok());
        assert_eq!(of(Some("Japan")), None);
        assert_eq!(of(None), None);
    }
}

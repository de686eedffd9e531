//! Languages of the console, and texts that can't miss one.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    En,
    Ja,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::En, Self::Ja];

    /// BCP 47 tag, for `<html lang>`, the query and the cookie.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// The language's name in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ja => "日本語",
        }
    }

    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next()?;
        Self::ALL
            .into_iter()
            .find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }

    /// `?lang=` → cookie → `Accept-Language` → English.
    #[must_use]
    pub fn choose(query: Option<&str>, cookie: Option<&str>, headers: &HeaderMap) -> Self {
        query
            .and_then(Self::parse)
            .or_else(|| cookie.and_then(Self::parse))
            .or_else(|| Self::accepted(headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?))
            .unwrap_or(Self::En)
    }

    /// The language with the highest weight in an `Accept-Language` header.
    fn accepted(header: &str) -> Option<Self> {
        let weighted = header.split(',').take(16).filter_map(|part| {
            let mut pieces = part.split(';');
            let lang = Self::parse(pieces.next()?)?;
            let weight = pieces
                .find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok())
                .unwrap_or(1.0);
            (weight > 0.0).then_some((lang, weight))
        });
        // The first of equals wins, as the header lists by preference.
        weighted
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .map(|(lang, _)| lang)
    }
}

/// Something that reads in every language.
pub trait Words: Copy {
    fn text(self, lang: Lang) -> &'static str;
}

/// Declares an enum of texts. A text without one of the languages does not
/// compile. `{0}`, `{1}` … are places for [`fill`].
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($key:ident: $en:literal, $ja:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($key),+ }

        impl $crate::lang::Words for $name {
            fn text(self, lang: $crate::lang::Lang) -> &'static str {
                match (self, lang) {
                    $(
                        (Self::$key, $crate::lang::Lang::En) => $en,
                        (Self::$key, $crate::lang::Lang::Ja) => $ja,
                    )+
                }
            }
        }

        #[cfg(test)]
        impl $name {
            pub const ALL: &[Self] = &[$(Self::$key),+];
        }
    };
}
pub(crate) use words;

/// Puts values into a text's numbered places.
#[must_use]
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        let place = from
            .get(1..2)
            .and_then(|d| d.parse::<usize>().ok())
            .filter(|_| from.get(2..3) == Some("}"));
        match place.and_then(|n| values.get(n)) {
            Some(value) => {
                out.push_str(value);
                rest = from.get(3..).unwrap_or_default();
            }
            None => {
                out.push('{');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
        headers
    }

    #[test]
    fn query_beats_cookie_beats_header() {
        let ja = headers("ja;q=0.9, en;q=0.5");
        assert_eq!(Lang::choose(None, None, &ja), Lang::Ja);
        assert_eq!(Lang::choose(None, Some("en"), &ja), Lang::En);
        assert_eq!(Lang::choose(Some("ja"), Some("en"), &ja), Lang::Ja);
        assert_eq!(
            Lang::choose(Some("xx"), Some("yy"), &HeaderMap::new()),
            Lang::En
        );
        assert_eq!(
            Lang::choose(None, None, &headers("fr, en-GB;q=0.7, ja;q=0")),
            Lang::En
        );
    }

    #[test]
    fn fill_puts_each_value_in_its_place() {
        assert_eq!(fill("{1} of {0} {x} {9}", &["a", "b"]), "b of a {x} {9}");
        assert_eq!(fill("値は{0}です", &["{0}"]), "値は{0}です");
    }
}

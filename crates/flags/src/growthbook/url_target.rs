//! Which addresses an experiment runs at.
//!
//! Source: `isURLTargeted` of GrowthBook's SDKs. A simple pattern compares host, path and
//! the query parameters it names, with `*` for anything; a regular expression is looked for
//! in the whole address and in the address without its origin.

use regex_lite::Regex;
use serde_json::{Map, Value};
use url::{Position, Url};

use super::attribute::text_field;
use super::pattern::Patterns;

/// Stands for `*` while a pattern is read as a URL, because no host may hold a star.
const WILDCARD: &str = "_____";

/// Patterns to be at, and patterns not to be at.
#[derive(Debug, Clone)]
pub(super) struct UrlTargets(Box<[Target]>);

#[derive(Debug, Clone)]
struct Target {
    include: bool,
    pattern: Pattern,
}

#[derive(Debug, Clone)]
enum Pattern {
    Expression(Regex),
    Simple(Box<Simple>),
    /// Of a type we do not know, or not to be read.
    Never,
}

#[derive(Debug, Clone)]
struct Simple {
    host: Regex,
    path: Regex,
    fragment: Option<Regex>,
    query: Box<[(Box<str>, Regex)]>,
}

impl UrlTargets {
    /// What is no list targets nothing.
    pub(super) fn read(json: &Value, patterns: &Patterns) -> Self {
        let targets = json
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_object);
        Self(
            targets
                .map(|target| Target::read(target, patterns))
                .collect(),
        )
    }

    /// No exclusion matches, and an inclusion does unless there are none. Without any
    /// target nothing is meant.
    pub(super) fn matches(&self, url: Option<&Url>) -> bool {
        let matching = |include: bool| {
            let targets = self
                .0
                .iter()
                .filter(move |target| target.include == include);
            targets.map(|target| url.is_some_and(|url| target.pattern.matches(url)))
        };
        let excluded = matching(false).any(|matches| matches);
        let included = matching(true).any(|matches| matches) || matching(true).next().is_none();
        !self.0.is_empty() && !excluded && included
    }
}

/// An address, which may be a path only.
pub(super) fn parse(url: &str) -> Option<Url> {
    let base = Url::parse("https://_").ok()?;
    base.join(url).ok()
}

impl Target {
    fn read(json: &Map<String, Value>, patterns: &Patterns) -> Self {
        let text = text_field(json, "pattern").unwrap_or_default();
        let pattern = match json.get("type").and_then(Value::as_str) {
            Some("regex") => patterns.compile(text, false).map(Pattern::Expression),
            Some("simple") => Simple::read(text, patterns).map(|s| Pattern::Simple(Box::new(s))),
            _ => None,
        };
        Self {
            include: json.get("include") != Some(&Value::Bool(false)),
            pattern: pattern.unwrap_or(Pattern::Never),
        }
    }
}

impl Pattern {
    fn matches(&self, url: &Url) -> bool {
        match self {
            Self::Expression(regex) => {
                let without_origin = &url[Position::BeforePath..];
                regex.is_match(url.as_str()) || regex.is_match(without_origin)
            }
            Self::Simple(simple) => simple.matches(url),
            Self::Never => false,
        }
    }
}

impl Simple {
    fn read(pattern: &str, patterns: &Patterns) -> Option<Self> {
        let base = Url::parse(&format!("https://{WILDCARD}")).ok()?;
        let url = base
            .join(&with_scheme(pattern).replace('*', WILDCARD))
            .ok()?;
        let part = |text: &str| patterns.compile(&format!("^{}$", glob(text)), true);
        let path = url.path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = glob(path.strip_suffix('/').unwrap_or(path));
        let query = url
            .query_pairs()
            .map(|(key, value)| Some((Box::from(&*key), part(&value)?)));
        Some(Self {
            host: part(host(&url))?,
            path: patterns.compile(&format!("^/?{path}/?$"), true)?,
            fragment: match url.fragment() {
                Some(fragment) if !fragment.is_empty() => Some(part(fragment)?),
                _ => None,
            },
            query: query.collect::<Option<_>>()?,
        })
    }

    fn matches(&self, url: &Url) -> bool {
        let fragment = url.fragment().unwrap_or_default();
        self.host.is_match(host(url))
            && self.path.is_match(url.path())
            && self
                .fragment
                .as_ref()
                .is_none_or(|wanted| wanted.is_match(fragment))
            && self.query.iter().all(|(key, wanted)| {
                let found = url.query_pairs().find(|(known, _)| **known == **key);
                wanted.is_match(&found.map(|(_, value)| value).unwrap_or_default())
            })
    }
}

/// Host and port.
fn host(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

/// A pattern that starts with a host gets a scheme.
fn with_scheme(pattern: &str) -> String {
    let start = pattern.split([':', '/', '?']).next().unwrap_or_default();
    if start.contains('.') {
        format!("https://{pattern}")
    } else {
        pattern.to_owned()
    }
}

fn glob(text: &str) -> String {
    regex_lite::escape(text).replace(WILDCARD, ".*")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn targeted(url: &str, targets: Value) -> bool {
        UrlTargets::read(&targets, &Patterns::default()).matches(parse(url).as_ref())
    }

    fn simple(pattern: &str) -> Value {
        json!([{ "type": "simple", "include": true, "pattern": pattern }])
    }

    #[test]
    fn simple_patterns_compare_part_by_part() {
        let url = "https://www.example.com/shop/shoes/?size=42&color=red#top";
        for pattern in [
            "https://www.example.com/shop/shoes",
            "www.example.com/shop/*",
            "*.example.com/SHOP/shoes?size=4*",
            "/shop/shoes/",
            "/shop/*#top",
        ] {
            assert!(targeted(url, simple(pattern)), "{pattern}");
        }
        for pattern in [
            "example.com/shop/shoes",
            "/shop",
            "/shop/*?size=4",
            "/shop/*#end",
            "/s_op/*",
        ] {
            assert!(!targeted(url, simple(pattern)), "{pattern}");
        }
    }

    #[test]
    fn exclusions_win_and_no_inclusion_is_everywhere() {
        let not = |pattern: &str| json!({ "type": "regex", "include": false, "pattern": pattern });
        assert!(targeted("https://a.com/b", json!([not("/c")])));
        assert!(!targeted("https://a.com/b", json!([not("/b")])));
        assert!(!targeted("https://a.com/b", json!([])));
        let both = json!([{ "type": "regex", "pattern": "^/b" }, not("b$")]);
        assert!(!targeted("https://a.com/b", both.clone()));
        assert!(targeted("https://a.com/b/c", both));
        assert!(!targeted(
            "https://a.com/b",
            json!([{ "type": "later", "pattern": "b" }])
        ));
    }
}

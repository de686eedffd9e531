//! Where code asks for flags: finding keys in a text, and what an upload may hold.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::is_flag_key;
use crate::{Field, FieldProblem, Problem};

/// Most places of one upload.
pub const MAX_REFERENCES: usize = 2_000;
const MAX_REPOSITORY: usize = 120;
const MAX_REVISION: usize = 64;
const MAX_LINK: usize = 400;
const MAX_PATH: usize = 400;
/// A snippet is shown up to so many characters.
pub const MAX_SNIPPET: usize = 160;

/// What a scan of a repository found; it replaces what the one before found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeReferences {
    /// Its name, such as `shop/web`.
    pub repository: String,
    /// The commit that was scanned.
    #[serde(default)]
    pub revision: String,
    /// Where a place can be read: an address with `{path}`, `{line}` and `{revision}`.
    #[serde(default)]
    pub link: String,
    /// At most 2,000.
    pub references: Vec<CodeReference>,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeReference {
    pub flag: String,
    /// From the repository's root, with `/`.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// The line itself, at most 160 characters.
    #[serde(default)]
    pub snippet: String,
}

impl CodeReferences {
    /// Every problem with its field.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
        let long = |text: &str, max: usize| text.chars().count() > max;
        let too_long = |max: usize| Problem::TooLong { max: max as u32 };
        if self.repository.trim().is_empty() {
            note(Field::Repository, Problem::Required);
        } else if long(&self.repository, MAX_REPOSITORY) {
            note(Field::Repository, too_long(MAX_REPOSITORY));
        }
        if long(&self.revision, MAX_REVISION) {
            note(Field::Revision, too_long(MAX_REVISION));
        }
        let is_address = ["https://", "http://"]
            .into_iter()
            .any(|scheme| self.link.starts_with(scheme));
        if long(&self.link, MAX_LINK) {
            note(Field::Link, too_long(MAX_LINK));
        } else if !self.link.is_empty() && !is_address {
            note(Field::Link, Problem::NotALink);
        }
        if self.references.len() > MAX_REFERENCES {
            let max = MAX_REFERENCES as u32;
            note(Field::References, Problem::TooMany { max });
            return found;
        }
        for (i, one) in (0u16..).zip(&self.references) {
            if !is_flag_key(&one.flag) {
                note(Field::Reference(i), Problem::NotFlagKey);
            } else if one.path.is_empty() || one.line == 0 {
                note(Field::Reference(i), Problem::Required);
            } else if long(&one.path, MAX_PATH) {
                note(Field::Reference(i), too_long(MAX_PATH));
            } else if long(&one.snippet, MAX_SNIPPET) {
                note(Field::Reference(i), too_long(MAX_SNIPPET));
            }
        }
        found
    }
}

/// The link of a place; none without a pattern.
#[must_use]
pub fn link_of(pattern: &str, revision: &str, path: &str, line: u32) -> Option<String> {
    (!pattern.is_empty()).then(|| {
        pattern
            .replace("{revision}", revision)
            .replace("{line}", &line.to_string())
            .replace("{path}", path)
    })
}

/// Lines (from 1) in which a key stands in quotes of any kind, each key once a line, with the
/// line cut to what is shown.
#[must_use]
pub fn find_keys<'k>(text: &str, keys: &BTreeSet<&'k str>) -> Vec<(u32, &'k str, String)> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let mut here: Vec<&str> = Vec::new();
        // What stands between two quotes is a part of its own.
        let mut parts = line.split(['"', '\'', '`']).peekable();
        parts.next();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                break;
            }
            if let Some(key) = keys.get(part)
                && !here.contains(key)
            {
                here.push(key);
                let snippet = line.trim().chars().take(MAX_SNIPPET).collect();
                found.push((number, *key, snippet));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_quotes_only() {
        let keys = BTreeSet::from(["cta", "new-checkout"]);
        let text = "let cta = 1;\n  if gb.isOn(\"new-checkout\") || on('cta', `cta`) {\nx(\"new-checkout-2\")\r\n\"cta";
        let found = find_keys(text, &keys);
        let places: Vec<(u32, &str)> = found.iter().map(|(line, key, _)| (*line, *key)).collect();
        assert_eq!(places, [(2, "new-checkout"), (2, "cta")]);
        assert_eq!(
            found[0].2,
            "if gb.isOn(\"new-checkout\") || on('cta', `cta`) {"
        );
        let long = format!("\"cta\"{}", "x".repeat(900));
        assert_eq!(find_keys(&long, &keys)[0].2.chars().count(), MAX_SNIPPET);
    }

    #[test]
    fn an_upload_is_checked_place_by_place() {
        let place = CodeReference {
            flag: "cta".into(),
            path: "src/a.rs".into(),
            line: 3,
            snippet: String::new(),
        };
        let good = CodeReferences {
            repository: "shop/web".into(),
            link: "https://git.example/{path}#L{line}".into(),
            references: vec![place.clone()],
            ..CodeReferences::default()
        };
        assert_eq!(good.problems(), []);
        let bad = CodeReferences {
            repository: " ".into(),
            link: "javascript:alert(1)".into(),
            references: vec![place.clone(), CodeReference { line: 0, ..place }],
            ..CodeReferences::default()
        };
        let fields: Vec<Field> = bad.problems().iter().map(|p| p.field).collect();
        assert_eq!(
            fields,
            [Field::Repository, Field::Link, Field::Reference(1)]
        );
        assert_eq!(
            link_of(&good.link, "abc", "src/a.rs", 3).as_deref(),
            Some("https://git.example/src/a.rs#L3")
        );
    }
}

//! Rules about single files.

use super::Finding;
use crate::stamp;
use anyhow::{Context as _, Result};
use std::path::Path;

const LONGEST: usize = 500;
const LONG: usize = 400;
const ENDINGS: [&str; 5] = ["rs", "ts", "css", "mjs", "js"];
const TOKENS: &str = "style/tokens.css";
/// Files that may write raw HTML, each with an escape, a constant or our own server's answer
/// behind it.
const RAW_HTML: [&str; 5] = [
    "app/src/charts/mod.rs",
    "app/src/islands/dom.rs",
    "app/src/shell/document.rs",
    "app/src/textarea.rs",
    "app/src/ui/icon.rs",
];
/// Where our own statements are. The sandbox is a database server itself.
const OWN_SQL: [&str; 5] = [
    "crates/control/",
    "crates/sqlite/",
    "crates/web/",
    "server/",
    "edge/",
];
/// This folder spells the words it looks for.
const THIS_FOLDER: &str = "xtask/src/tidy/";

/// A source file with its path relative to the workspace.
pub(super) struct SourceFile {
    pub(super) path: String,
    text: String,
}

impl SourceFile {
    /// All source files below a folder.
    ///
    /// # Errors
    /// When one cannot be read as UTF-8.
    pub(super) fn all(root: &Path) -> Result<Vec<Self>> {
        let mut files = Vec::new();
        for file in stamp::files_below(root)? {
            let ending = file.extension().unwrap_or_default().to_string_lossy();
            if ENDINGS.contains(&ending.as_ref()) {
                let text = std::fs::read_to_string(&file)
                    .with_context(|| format!("reading {}", file.display()))?;
                let path = file.strip_prefix(root).unwrap_or(&file);
                files.push(Self {
                    path: path.to_string_lossy().into_owned(),
                    text,
                });
            }
        }
        Ok(files)
    }

    pub(super) fn line_count(&self) -> usize {
        self.text.lines().count()
    }

    pub(super) fn is_long(&self) -> bool {
        self.line_count() > LONG
    }

    /// Every breach in this file.
    pub(super) fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.line_count() > LONGEST {
            let lines = self.line_count();
            findings.push(Finding::new(format!(
                "{}: {lines} lines, more than {LONGEST}; split it by idea",
                self.path
            )));
        }
        if self.path.starts_with(THIS_FOLDER) {
            return findings;
        }
        for (index, line) in self.text.lines().enumerate() {
            for problem in self.problems(line) {
                findings.push(Finding::new(format!(
                    "{}:{}: {problem}",
                    self.path,
                    index + 1
                )));
            }
        }
        findings
    }

    fn problems(&self, line: &str) -> Vec<&'static str> {
        let mut problems = Vec::new();
        if words(line).any(|word| word == "TODO" || word == "FIXME") {
            problems.push("finish it or make an issue of it");
        }
        if self.is_styled() && has_colour(line, self.path.ends_with(".css")) {
            problems.push("colours are named in style/tokens.css only");
        }
        if self.path.ends_with(".rs") {
            problems.extend(self.rust_problems(line));
        }
        problems
    }

    fn rust_problems(&self, line: &str) -> impl Iterator<Item = &'static str> {
        let code = line.split("//").next().unwrap_or_default();
        let get = words(code).any(|word| word == "GetUrl" || word == "GetCbor");
        let raw = ["inner_html=", "set_inner_html("]
            .iter()
            .any(|way| code.contains(way))
            && !RAW_HTML.contains(&self.path.as_str());
        let own_sql = OWN_SQL.iter().any(|folder| self.path.starts_with(folder));
        let sql = own_sql && builds_sql(code);
        [
            get.then_some("server functions are POST: a GET one escapes the origin check"),
            raw.then_some("raw HTML is kept to the files that tidy lists"),
            sql.then_some("no SQL is built by formatting"),
        ]
        .into_iter()
        .flatten()
    }

    /// Whether the rule about colours covers it: the product's own pages. Pages of the
    /// sandbox and the demo are separate, small and carry their style with them.
    fn is_styled(&self) -> bool {
        let covered = ["app/", "style/", "crates/web/"];
        covered.iter().any(|folder| self.path.starts_with(folder)) && self.path != TOKENS
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_')
}

/// `format!` and a statement's first word on one line.
fn builds_sql(code: &str) -> bool {
    let statements = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE "];
    code.contains("format!(") && statements.iter().any(|start| code.contains(start))
}

/// Whether a line has a colour literal: a function such as `rgb(`, or a hex colour, which
/// in Rust must be a whole string to count (`"#123"` may also be an anchor: write it
/// otherwise).
fn has_colour(line: &str, css: bool) -> bool {
    let functions = [
        "rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklab(", "oklch(",
    ];
    let called = functions.iter().any(|function| {
        line.match_indices(function).any(|(at, _)| {
            // `color-mix(in oklch, …)` has no parenthesis after the word; `xlab(` is no colour.
            !line[..at].ends_with(|sign: char| sign.is_ascii_alphanumeric() || sign == '-')
        })
    });
    called
        || line
            .match_indices('#')
            .any(|(at, _)| is_hex_colour(line, at, css))
}

fn is_hex_colour(line: &str, at: usize, css: bool) -> bool {
    let rest = &line[at + 1..];
    let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
    let after = rest[digits..].chars().next();
    let before = line[..at].chars().next_back();
    let sized = matches!(digits, 3 | 4 | 6 | 8);
    if css {
        // A selector such as `#add` starts a line or follows a selector, a colour a value.
        let value = line[..at].contains(':') && !line[at..].contains('{');
        return sized
            && value
            && !after.is_some_and(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    }
    sized && before == Some('"') && after == Some('"')
}

#[cfg(test)]
mod tests {
    use super::{SourceFile, has_colour};

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn colours_are_seen_only_outside_tokens() {
        let sheet = "a { color: oklch(50% 0.1 20); }\nb { color:#fff }\n.x:is(#add) {}\nc { color: color-mix(in oklch, var(--a), var(--b)); }";
        assert_eq!(file("style/button.css", sheet).check().len(), 2);
        assert_eq!(file("style/tokens.css", sheet).check().len(), 0);
        assert_eq!(file("crates/sandbox/src/login.css", sheet).check().len(), 0);
    }

    #[test]
    fn a_hex_colour_in_rust_is_a_whole_string() {
        assert!(has_colour("let red = \"#f00\";", false));
        assert!(!has_colour("see #4851, href=\"#main\"", false));
        assert!(!has_colour("// #4851 is about ids", false));
    }

    #[test]
    fn unfinished_work_is_found() {
        let word = ["TO", "DO"].concat();
        assert_eq!(
            file("app/src/a.rs", &format!("// {word}: later"))
                .check()
                .len(),
            1
        );
        assert_eq!(file("app/src/a.rs", "let todos = 3;").check().len(), 0);
    }

    #[test]
    fn get_server_functions_raw_html_and_built_sql_are_found() {
        let code = "#[server(input = GetUrl)]\n<p inner_html=text/>\nformat!(\"SELECT {a}\")\n";
        assert_eq!(file("server/src/a.rs", code).check().len(), 3);
        assert_eq!(file("app/src/textarea.rs", code).check().len(), 1);
        let reading = "// never GetUrl, see #4809\nlet html = region.inner_html();\n";
        assert_eq!(file("app/src/a.rs", reading).check().len(), 0);
    }

    #[test]
    fn too_long_is_found() {
        let long = "x\n".repeat(501);
        assert_eq!(file("app/src/a.rs", &long).check().len(), 1);
    }
}

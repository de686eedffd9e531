//! The table in `docs/architecture.md` is the list of what may depend on what among our own
//! packages, so that it cannot become untrue.

use super::Finding;
use crate::workspace::{self, Package};
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = "docs/architecture.md";
const PREFIX: &str = "nexus-";

/// What each folder may depend on, as names without the prefix.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Finds dependencies the table does not allow, and what it allows for nothing.
///
/// # Errors
/// When the document cannot be read.
pub(super) fn check(packages: &[Package]) -> Result<Vec<Finding>> {
    let path = workspace::root().join(DOCUMENT);
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {DOCUMENT}"))?;
    let used = packages
        .iter()
        .map(|package| (package.folder(), dependencies(package)))
        .collect();
    Ok(compare(&used, &allowed(&text)))
}

/// What a package needs of ours; what only its tests need does not count.
fn dependencies(package: &Package) -> BTreeSet<String> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.path.is_some() && dependency.kind.as_deref() != Some("dev"))
        .map(|dependency| dependency.name.trim_start_matches(PREFIX).to_owned())
        .collect()
}

fn compare(used: &Arrows, allowed: &Arrows) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, used) in used {
        let Some(allowed) = allowed.get(folder) else {
            findings.push(Finding::new(format!(
                "{DOCUMENT}: say what `{folder}` may depend on"
            )));
            continue;
        };
        findings.extend(used.difference(allowed).map(|to| {
            Finding::new(format!(
                "`{folder}` depends on `{to}`, which {DOCUMENT} does not allow"
            ))
        }));
        findings.extend(allowed.difference(used).map(|to| {
            Finding::new(format!(
                "{DOCUMENT}: `{folder}` does not depend on `{to}`; leave it out"
            ))
        }));
    }
    findings
}

/// The rows "| `folder`, … | … | `name`, … |"; names in the last cell, or a dash.
fn allowed(text: &str) -> Arrows {
    let mut arrows = Arrows::new();
    for row in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        if let [folders, .., names] = cells.as_slice() {
            for folder in quoted(folders) {
                arrows.insert(folder, quoted(names).collect());
            }
        }
    }
    arrows
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Arrows, allowed, compare};

    const TABLE: &str = "| folder | what | may depend on |\n|---|---|---|\n\
        | `crates/flags` | the engine | – |\n\
        | `app`, `app/client` | pages | `control`, `web` |\n";

    fn used(arrows: &[(&str, &[&str])]) -> Arrows {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        arrows
            .iter()
            .map(|(folder, to)| ((*folder).to_owned(), names(to)))
            .collect()
    }

    #[test]
    fn only_what_the_table_says_is_allowed() {
        let fine = used(&[("crates/flags", &[]), ("app", &["control", "web"])]);
        assert!(compare(&fine, &allowed(TABLE)).is_empty());
        for (wrong, said) in [
            (
                used(&[("crates/flags", &["web"])]),
                "`crates/flags` depends on `web`",
            ),
            (used(&[("app/client", &["web"])]), "not depend on `control`"),
            (used(&[("crates/new", &[])]), "say what `crates/new`"),
        ] {
            let found = compare(&wrong, &allowed(TABLE));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].0.contains(said), "{found:?}");
        }
    }
}

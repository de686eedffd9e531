//! Every direct dependency stands in `docs/dependencies.md` with its reason.

use super::Finding;
use crate::workspace::{self, Package};
use anyhow::{Context as _, Result};
use std::collections::BTreeSet;

const DOCUMENT: &str = "docs/dependencies.md";
/// Folders with a package.json of their own.
const NPM_FOLDERS: [&str; 5] = [
    "xtask/npm",
    "end2end",
    "end2end/conformance",
    "end2end/edge-gateway",
    "end2end/edge-console",
];

/// Finds dependencies the document does not name, and names it still has for nothing.
///
/// # Errors
/// When the document or a manifest cannot be read.
pub(super) fn check(packages: &[Package]) -> Result<Vec<Finding>> {
    let path = workspace::root().join(DOCUMENT);
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {DOCUMENT}"))?;
    let mut used: BTreeSet<String> = packages
        .iter()
        .flat_map(|package| &package.dependencies)
        .filter(|dependency| dependency.path.is_none())
        .map(|dependency| dependency.name.clone())
        .collect();
    for folder in NPM_FOLDERS {
        used.extend(npm_dependencies(folder)?);
    }
    Ok(compare(&used, &documented(&text)))
}

fn compare(used: &BTreeSet<String>, documented: &BTreeSet<String>) -> Vec<Finding> {
    let missing = used
        .difference(documented)
        .map(|name| Finding::new(format!("{DOCUMENT}: say why `{name}` is needed")));
    let stale = documented
        .difference(used)
        .map(|name| Finding::new(format!("{DOCUMENT}: `{name}` is no longer a dependency")));
    missing.chain(stale).collect()
}

/// The names in the first column of the document's tables: "| `serde` | … |".
fn documented(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|rest| rest.split('|').next())
        .flat_map(|cell| cell.split(", "))
        .map(|name| name.trim().trim_matches('`').to_owned())
        .collect()
}

fn npm_dependencies(folder: &str) -> Result<Vec<String>> {
    let path = workspace::root().join(folder).join("package.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Ok(Vec::new());
    };
    let manifest: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    Ok(["dependencies", "devDependencies", "optionalDependencies"]
        .iter()
        .filter_map(|kind| manifest.get(kind)?.as_object())
        .flat_map(|entries| entries.keys().cloned())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{compare, documented};

    #[test]
    fn undocumented_and_stale_names_are_found() {
        let text =
            "| crate | why |\n|---|---|\n| `serde`, `serde_json` | JSON |\n| `old` | gone |\n";
        let used = ["serde", "serde_json", "tokio"].map(String::from).into();
        let found: Vec<String> = compare(&used, &documented(text))
            .into_iter()
            .map(|finding| finding.0)
            .collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("`tokio`") && found[1].contains("`old`"));
    }
}

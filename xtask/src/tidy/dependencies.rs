//! What a crate must not reach, also through others, with the reason. `arrows` says what our
//! own packages may need of one another.

use super::Finding;
use crate::workspace::Package;
use std::collections::{BTreeMap, BTreeSet};

/// What a crate, and every crate of ours it reaches, must not depend on, with the reason.
struct Rule {
    packages: &'static [&'static str],
    forbidden: &'static [&'static str],
    reason: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        packages: &["nexus-domain", "nexus-flags", "nexus-stats"],
        forbidden: &[
            "axum",
            "chrono",
            "getrandom",
            "hyper",
            "leptos",
            "rand",
            "reqwest",
            "sqlx",
            "tokio",
            "tower",
            "tower-http",
            "tracing",
            "worker",
            "nexus-cloudflare",
            "nexus-control",
        ],
        reason: "the core is pure: time, ids and observations are arguments",
    },
    Rule {
        packages: &["nexus-control"],
        forbidden: &[
            "axum",
            "hyper",
            "leptos",
            "reqwest",
            "sqlx",
            "tokio",
            "worker",
            "nexus-web",
        ],
        reason: "use cases know ports, not the adapters behind them",
    },
    Rule {
        packages: &[
            "nexus-identity",
            "nexus-cloudflare",
            "nexus-web",
            "nexus-app",
        ],
        forbidden: &[
            "sqlx",
            "worker",
            "nexus-server",
            "nexus-sandbox",
            "nexus-demo",
        ],
        reason: "the same code runs native and in the Worker; hosts bring the adapters",
    },
    Rule {
        packages: &["nexus-server", "nexus-gateway"],
        forbidden: &["nexus-sandbox", "nexus-demo"],
        reason: "the product has no mock inside: development differs by addresses only",
    },
    Rule {
        packages: &["nexus-audit-verify"],
        forbidden: &["nexus-domain", "nexus-control", "nexus-server", "sqlx"],
        reason: "the verifier shares no code with what it verifies",
    },
    Rule {
        packages: &["nexus-client"],
        forbidden: &[
            "nexus-control",
            "nexus-server",
            "nexus-web",
            "axum",
            "chrono",
            "regex",
            "sqlx",
            "tokio",
        ],
        reason: "server code must not reach the browser",
    },
];

/// Checks every rule against the packages' manifests.
pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let by_name: BTreeMap<&str, &Package> = packages
        .iter()
        .map(|package| (package.name.as_str(), package))
        .collect();
    let mut findings = Vec::new();
    for rule in RULES {
        for name in rule.packages {
            for (from, to) in reached(name, &by_name) {
                if rule.forbidden.contains(&to) {
                    findings.push(Finding::new(format!(
                        "{name} must not depend on {to} (through {from}): {}",
                        rule.reason
                    )));
                }
            }
        }
    }
    findings
}

/// Every dependency of the package and of our own packages it reaches, as `(from, to)`;
/// those only used in tests do not count, nor do optional ones of packages on the way: they
/// are adapters for hosts, and switched on only there.
fn reached<'a>(
    name: &'a str,
    by_name: &BTreeMap<&'a str, &'a Package>,
) -> BTreeSet<(&'a str, &'a str)> {
    let mut edges = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![name];
    while let Some(from) = waiting.pop() {
        let Some(package) = by_name.get(from) else {
            continue;
        };
        if !seen.insert(from) {
            continue;
        }
        let on_the_way = from != name;
        for dependency in &package.dependencies {
            let in_tests = dependency.kind.as_deref() == Some("dev");
            if in_tests || (on_the_way && dependency.optional) {
                continue;
            }
            let to = dependency.name.as_str();
            edges.insert((package.name.as_str(), to));
            if dependency.path.is_some() {
                waiting.push(to);
            }
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::{RULES, check};
    use crate::workspace::{self, Package};

    /// Dependencies by name and how: `dev`, `optional` or nothing special; ours end in `*`.
    fn package(name: &str, dependencies: &[(&str, &str)]) -> Package {
        let dependencies: Vec<_> = dependencies
            .iter()
            .map(|(name, how)| {
                let ours = name.ends_with('*');
                let name = name.trim_end_matches('*');
                serde_json::json!({
                    "name": name,
                    "kind": (*how == "dev").then_some("dev"),
                    "optional": *how == "optional",
                    "path": ours.then(|| format!("/{name}")),
                })
            })
            .collect();
        let json = serde_json::json!({
            "id": name, "name": name, "manifest_path": format!("/{name}/Cargo.toml"), "dependencies": dependencies, "targets": [],
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_forbidden_dependency_is_found_directly_and_through_ours() {
        let packages = [
            package("nexus-flags", &[("tokio", "dev"), ("helper*", "")]),
            package("helper", &[("tokio", ""), ("axum", "optional")]),
            package("nexus-stats", &[("libm", "")]),
        ];
        let found = check(&packages);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0]
                .0
                .contains("nexus-flags must not depend on tokio (through helper)")
        );
    }

    #[test]
    fn rules_name_packages_that_exist() {
        let known: Vec<String> = workspace::metadata()
            .unwrap()
            .packages
            .into_iter()
            .map(|it| it.name)
            .collect();
        for name in RULES.iter().flat_map(|rule| rule.packages) {
            assert!(known.iter().any(|it| it == name), "no package {name}");
        }
    }
}

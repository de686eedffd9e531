//! The vectors of transparency-dev/merkle, read in place.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's helpers may fail the test"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nexus_audit_verify::{
    Hash, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};
use serde_json::Value;

fn suites() -> Option<PathBuf> {
    let given = std::env::var_os("NEXUS_SUITES").map(PathBuf::from);
    let folder = given
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites"));
    folder.join("merkle/testdata").canonicalize().ok()
}

fn number(case: &Value, key: &str) -> u64 {
    case[key]
        .as_u64()
        .unwrap_or_else(|| panic!("{key} in {case}"))
}

/// `None` for what is no hash at all: a case that must be refused.
fn hash(value: &Value) -> Option<Hash> {
    STANDARD.decode(value.as_str()?).ok()?.try_into().ok()
}

fn proof(case: &Value) -> Option<Vec<Hash>> {
    match &case["proof"] {
        Value::Null => Some(Vec::new()),
        Value::Array(items) => items.iter().map(hash).collect(),
        other => panic!("proof: {other}"),
    }
}

fn decide(kind: &str, case: &Value) -> Option<bool> {
    let proof = proof(case)?;
    let field = |key: &str| hash(&case[key]);
    let root = |key: &str| STANDARD.decode(case[key].as_str()?).ok();
    Some(match kind {
        "inclusion" => verify_inclusion(
            number(case, "leafIdx"),
            number(case, "treeSize"),
            &field("leafHash")?,
            &proof,
            &root("root")?,
        ),
        "consistency" => verify_consistency(
            number(case, "size1"),
            number(case, "size2"),
            &proof,
            &root("root1")?,
            &root("root2")?,
        ),
        "subtreeinclusion" => verify_subtree_inclusion(
            number(case, "leafIdx"),
            (number(case, "start"), number(case, "end")),
            &field("leafHash")?,
            &proof,
            &root("root")?,
        ),
        _ => verify_subtree_consistency(
            number(case, "start"),
            number(case, "end"),
            number(case, "size"),
            &proof,
            &root("root1")?,
            &root("root2")?,
        ),
    })
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push(path);
        }
    }
}

#[test]
fn every_published_vector_is_decided_right() {
    let Some(root) = suites() else {
        let said = "skipped: no merkle suite (set NEXUS_SUITES to the folder of published suites)";
        // Not `println!`, which is hidden when a test passes.
        writeln!(std::io::stderr(), "{said}").unwrap();
        return;
    };
    let mut counts = std::collections::BTreeMap::new();
    let mut wrong = Vec::new();
    for kind in [
        "inclusion",
        "consistency",
        "subtreeinclusion",
        "subtreeconsistency",
    ] {
        let mut files = Vec::new();
        walk(&root.join(kind), &mut files);
        for file in files {
            let case: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            let refused = !decide(kind, &case).unwrap_or(false);
            if refused != case["wantErr"].as_bool().unwrap() {
                wrong.push(file.display().to_string());
            }
            *counts.entry(kind).or_insert(0) += 1;
        }
    }
    println!("{counts:?}");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(counts.values().sum::<i32>(), 518);
}

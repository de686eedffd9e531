use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest, Sha256};

use super::*;

const ORIGIN: &str = "admin.example/audit";

fn signer() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn key_hash(key: &SigningKey) -> [u8; 4] {
    let digest = Sha256::new()
        .chain_update(ORIGIN)
        .chain_update([b'\n', 1])
        .chain_update(key.verifying_key().as_bytes())
        .finalize();
    digest[..4].try_into().unwrap()
}

fn public_key(key: &SigningKey) -> String {
    let typed: Vec<u8> = std::iter::once(1)
        .chain(*key.verifying_key().as_bytes())
        .collect();
    format!(
        "{ORIGIN}+{}+{}",
        hex::encode(key_hash(key)),
        STANDARD.encode(typed)
    )
}

fn note(size: u64, root: &Hash) -> String {
    let body = format!("{ORIGIN}\n{size}\n{}\n", STANDARD.encode(root));
    let key = signer();
    let signature: Vec<u8> = key_hash(&key)
        .into_iter()
        .chain(key.sign(body.as_bytes()).to_bytes())
        .collect();
    format!("{body}\n\u{2014} {ORIGIN} {}\n", STANDARD.encode(signature))
}

/// An honest export; entries whose number is in `expired` have lost their text, as the last
/// entry says.
fn export(size: u64, expired: &[u64]) -> Vec<String> {
    let header = serde_json::json!({
        "format": "nexus-audit-export", "version": 1, "origin": ORIGIN,
        "public_key": public_key(&signer()),
    });
    let (mut lines, mut tree) = (vec![header.to_string()], Tree::default());
    for seq in 0..size {
        let (action, object) = match expired.last() {
            Some(last) if seq == size - 1 => ("audit.retention", *last),
            _ => ("x", 0),
        };
        let text = format!(r#"{{"action":"{action}","object_id":"{object}","seq":{seq}}}"#);
        let hash = leaf_hash(text.as_bytes());
        tree.push(hash);
        let canonical = (!expired.contains(&seq)).then_some(text);
        let entry =
            serde_json::json!({"seq": seq, "canonical": canonical, "leaf_hash": hex::encode(hash)});
        lines.push(entry.to_string());
    }
    lines.push(serde_json::json!({"checkpoint": note(size, &tree.root())}).to_string());
    lines
}

fn verify(lines: &[String]) -> Result<Report, Problem> {
    verify_export(lines.join("\n").as_bytes(), None)
}

#[test]
fn an_honest_export_verifies_whatever_its_size() {
    for size in [0, 1, 2, 3, 7, 8, 9, 100] {
        assert_eq!(verify(&export(size, &[])).unwrap().entries, size);
    }
    let report = verify(&export(10, &[0, 1, 2])).unwrap();
    assert_eq!((report.entries, report.without_text), (10, 3));
}

#[test]
fn every_tampering_is_found() {
    let honest = export(9, &[2]);
    let tampered = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = honest.clone();
        change(&mut lines);
        verify(&lines).unwrap_err()
    };
    let changed = tampered(&|l| l[5] = l[5].replace(r#"\"action\":\"x\""#, r#"\"action\":\"y\""#));
    assert!(matches!(changed, Problem::Changed { seq: 4 }), "{changed}");
    let rehashed = tampered(&|l| {
        let text = r#"{"action":"y","object_id":"0","seq":4}"#;
        let hash = hex::encode(leaf_hash(text.as_bytes()));
        l[5] = serde_json::json!({"seq": 4, "canonical": text, "leaf_hash": hash}).to_string();
    });
    assert!(matches!(rehashed, Problem::Root), "{rehashed}");
    assert!(matches!(
        tampered(&|l| drop(l.remove(4))),
        Problem::Line { .. }
    ));
    assert!(matches!(tampered(&|l| drop(l.pop())), Problem::CutOff));
    assert!(matches!(tampered(&|l| l.swap(4, 5)), Problem::Line { .. }));
    let shortened = tampered(&|l| drop(l.remove(9)));
    assert!(
        matches!(
            shortened,
            Problem::Size {
                checkpoint: 9,
                file: 8
            }
        ),
        "{shortened}"
    );
    let other_hash = tampered(&|l| {
        let hash = hex::encode(leaf_hash(b"another"));
        l[3] = serde_json::json!({"seq": 2, "canonical": null, "leaf_hash": hash}).to_string();
    });
    assert!(matches!(other_hash, Problem::Root), "{other_hash}");
    for seq in [3, 8] {
        let removed = tampered(&|l| {
            let mut line: serde_json::Value = serde_json::from_str(&l[seq + 1]).unwrap();
            line["canonical"] = serde_json::Value::Null;
            l[seq + 1] = line.to_string();
        });
        let found = matches!(removed, Problem::Removed { seq: at } if at == seq as u64);
        assert!(found, "{removed}");
    }
    assert!(matches!(
        tampered(&|l| l.push("{}".into())),
        Problem::Line { .. }
    ));
    let unsigned =
        tampered(&|l| l[10] = l[10].replace("admin.example/audit\\n9", "admin.example/audit\\n8"));
    assert!(matches!(unsigned, Problem::Checkpoint(_)), "{unsigned}");
}

#[test]
fn the_key_that_is_trusted_must_have_signed() {
    let lines = export(3, &[]).join("\n");
    let good = public_key(&signer());
    assert!(
        verify_export(lines.as_bytes(), Some(&good))
            .unwrap()
            .key_given
    );
    let other = public_key(&SigningKey::from_bytes(&[8; 32]));
    assert!(matches!(
        verify_export(lines.as_bytes(), Some(&other)),
        Err(Problem::Checkpoint(_))
    ));
    assert!(matches!(
        verify_export(lines.as_bytes(), Some("nonsense")),
        Err(Problem::Key(_))
    ));
}

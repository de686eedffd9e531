//! Vectors that others published: Wycheproof, RFC 7520 and RFC 7515.
//!
//! Every vector is decided: RS256 ones by their label, all others (HMAC, ECDSA, PSS,
//! larger hashes, encryption) are refused whatever their label, because only RS256 exists
//! here. What is refused for its key is tried again under a good RSA key of the same id,
//! so that no refusal hangs on the key alone.

use std::io::Write as _;
use std::path::PathBuf;

use nexus_identity::jwk::JwkSet;
use nexus_identity::jws;
use serde_json::{Value, json};

use crate::common::{KEY_A, with};

fn suite(path: &str) -> Option<Value> {
    let root = std::env::var_os("NEXUS_SUITES").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites"),
        PathBuf::from,
    );
    let file = root.join(path);
    match std::fs::read(&file) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(error) => {
            // Not `println!`, which is hidden when a test passes.
            writeln!(
                std::io::stderr(),
                "skipped {path}: {}: {error}",
                file.display()
            )
            .unwrap();
            None
        }
    }
}

/// A JWK or a set of them, as a set.
fn set_of(key: &Value) -> String {
    if key.get("keys").is_some() {
        key.to_string()
    } else {
        json!({"keys": [key]}).to_string()
    }
}

/// Verifies as the console does: the key set first, then the token against it.
fn accepts(key: &Value, token: &str) -> Option<Vec<u8>> {
    let set = JwkSet::parse(set_of(key).as_bytes()).ok()?;
    jws::verify(token, &set).ok()
}

/// The token under a sound RSA key that carries the id the token asks for.
fn accepts_under_good_key(key: &Value, token: &str) -> bool {
    let first = key["keys"].get(0).unwrap_or(key);
    let key = with(KEY_A.jwk(), "kid", first["kid"].clone());
    accepts(&key, token).is_some()
}

#[derive(Default, Debug, PartialEq, Eq)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Of the refused: labelled valid, but of an algorithm we do not have.
    refused_by_policy: usize,
}

fn run(file: &str) -> Option<Tally> {
    let suite = suite(&format!("wycheproof/{file}"))?;
    let mut tally = Tally::default();
    for group in suite["testGroups"].as_array().unwrap() {
        // HMAC and encryption groups have no public half: their secret stands in for it.
        let key = group
            .get("public")
            .filter(|key| !key.is_null())
            .unwrap_or(&group["private"]);
        for test in group["tests"].as_array().unwrap() {
            decide(file, key, test, &mut tally);
        }
    }
    let total = tally.accepted + tally.refused;
    assert_eq!(
        Some(total as u64),
        suite["numberOfTests"].as_u64(),
        "{file}"
    );
    println!(
        "{total} {file}: {} accepted, {} refused ({} of them valid with an algorithm refused here)",
        tally.accepted, tally.refused, tally.refused_by_policy
    );
    Some(tally)
}

fn decide(file: &str, key: &Value, test: &Value, tally: &mut Tally) {
    let id = format!("{file} {} {}", test["tcId"], test["comment"]);
    let token = &test["jws"];
    let token = if token.is_null() { &test["jwe"] } else { token };
    // The JSON serialisation of RFC 7515 §7.2 arrives as its text.
    let token = token
        .as_str()
        .map_or_else(|| token.to_string(), str::to_owned);
    let valid = test["result"] == "valid";
    let first = key["keys"].get(0).unwrap_or(key);
    let ours = first["kty"] == "RSA" && first["alg"] == "RS256";
    let accepted = accepts(key, &token);
    assert_eq!(accepted.is_some(), valid && ours, "{id}");
    if let Some(payload) = accepted {
        tally.accepted += 1;
        assert_eq!(
            crate::common::b64(payload),
            token.split('.').nth(1).unwrap(),
            "{id}"
        );
    } else {
        assert!(!accepts_under_good_key(key, &token), "{id}");
        tally.refused += 1;
        tally.refused_by_policy += usize::from(valid);
    }
}

#[test]
fn wycheproof_json_web_signature() {
    let Some(tally) = run("json_web_signature_test.json") else {
        return;
    };
    // 46 valid, 8 of them RS256; 355 invalid.
    assert_eq!(
        tally,
        Tally {
            accepted: 8,
            refused: 393,
            refused_by_policy: 38
        }
    );
}

#[test]
fn wycheproof_json_web_key() {
    let Some(tally) = run("json_web_key_test.json") else {
        return;
    };
    assert_eq!(
        tally,
        Tally {
            accepted: 1,
            refused: 25,
            refused_by_policy: 4
        }
    );
}

#[test]
fn wycheproof_json_web_crypto() {
    let Some(tally) = run("json_web_crypto_test.json") else {
        return;
    };
    assert_eq!(
        tally,
        Tally {
            accepted: 1,
            refused: 82,
            refused_by_policy: 5
        }
    );
}

/// Every valid RS256 vector again, with every single byte of its signature changed.
#[test]
fn wycheproof_valid_ones_are_valid_for_one_signature_only() {
    let Some(suite) = suite("wycheproof/json_web_signature_test.json") else {
        return;
    };
    let group = suite["testGroups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|g| g["comment"] == "rs256");
    let group = group.unwrap();
    let set = JwkSet::parse(set_of(&group["public"]).as_bytes()).unwrap();
    let token = group["tests"][0]["jws"].as_str().unwrap();
    assert!(jws::verify(token, &set).is_ok());
    let start = token.rfind('.').unwrap() + 1;
    for at in (start..token.len()).step_by(7) {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        assert!(jws::verify(std::str::from_utf8(&bytes).unwrap(), &set).is_err());
    }
}

#[test]
fn rfc7520_cookbook() {
    let mut seen = Vec::new();
    for file in [
        "4_1.rsa_v15_signature",
        "4_2.rsa-pss_signature",
        "4_3.ecdsa_signature",
        "4_4.hmac-sha2_integrity_protection",
        "4_5.signature_with_detached_content",
        "4_6.protecting_specific_header_fields",
    ] {
        let Some(example) = suite(&format!("jose/jws/{file}.json")) else {
            return;
        };
        let mut key = example["input"]["key"].clone();
        let members = key.as_object_mut().unwrap();
        for private in ["d", "p", "q", "dp", "dq", "qi"] {
            members.remove(private);
        }
        members.insert("alg".into(), example["input"]["alg"].clone());
        let compact = &example["output"]["compact"];
        let token = compact
            .as_str()
            .map_or_else(|| example["output"].to_string(), str::to_owned);
        let payload = accepts(&key, &token);
        seen.push(payload.is_some());
        if let Some(payload) = payload {
            assert_eq!(
                Some(&*String::from_utf8(payload).unwrap()),
                example["input"]["payload"].as_str()
            );
        }
    }
    println!("6 RFC 7520 signatures: 1 accepted, 5 refused");
    assert_eq!(seen, [true, false, false, false, false, false]);
}

#[test]
fn rfc7520_keys() {
    for (file, usable) in [
        ("3_1.ec_public_key", false),
        ("3_2.ec_private_key", false),
        ("3_3.rsa_public_key", true),
        ("3_4.rsa_private_key", false),
        ("3_5.symmetric_key_mac_computation", false),
        ("3_6.symmetric_key_encryption", false),
    ] {
        let Some(key) = suite(&format!("jose/jwk/{file}.json")) else {
            return;
        };
        // The examples leave `alg` out; Access never does, and we insist on it.
        assert!(JwkSet::parse(set_of(&key).as_bytes()).is_err(), "{file}");
        let key = with(key, "alg", json!("RS256"));
        assert_eq!(
            JwkSet::parse(set_of(&key).as_bytes()).is_ok(),
            usable,
            "{file}"
        );
    }
}

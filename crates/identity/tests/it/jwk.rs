//! Which keys are trusted.

use nexus_identity::jwk::{JwkError, JwkSet, JwkSetError, RsaKey};
use serde_json::{Value, json};

use crate::common::{KEY_A, KEY_B, b64, with, without};

fn parse(jwk: &Value) -> Result<usize, JwkError> {
    RsaKey::parse(jwk.to_string().as_bytes()).map(|key| key.bits())
}

fn changed(name: &str, value: Value) -> Result<usize, JwkError> {
    parse(&with(KEY_A.jwk(), name, value))
}

#[test]
fn the_usual_key() {
    assert_eq!(parse(&KEY_A.jwk()), Ok(2048));
    assert_eq!(parse(&without(KEY_A.jwk(), "use")), Ok(2048));
    assert_eq!(changed("key_ops", json!(["verify"])), Ok(2048));
    assert_eq!(changed("x5c", json!(["ignored"])), Ok(2048));
}

#[test]
fn other_kinds_and_uses() {
    for kty in ["EC", "oct", "OKP", "rsa", ""] {
        assert_eq!(changed("kty", json!(kty)), Err(JwkError::KeyType));
    }
    for alg in ["RS384", "PS256", "HS256", "none", "rs256", ""] {
        assert_eq!(changed("alg", json!(alg)), Err(JwkError::Algorithm));
    }
    for usage in [
        json!("enc"),
        json!("SIG"),
        json!(""),
        json!(null),
        json!(["sig"]),
    ] {
        assert_eq!(changed("use", usage), Err(JwkError::Use));
    }
    for ops in [
        json!(["encrypt"]),
        json!([]),
        json!("verify"),
        json!(["verify", "sign"]),
        json!(null),
    ] {
        assert_eq!(changed("key_ops", ops), Err(JwkError::Use));
    }
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        assert_eq!(changed(name, json!("AQAB")), Err(JwkError::Private));
    }
}

#[test]
fn missing_and_malformed_members() {
    for name in ["kty", "alg", "kid", "n", "e"] {
        assert_eq!(
            parse(&without(KEY_A.jwk(), name)),
            Err(JwkError::Malformed(name))
        );
        assert_eq!(changed(name, json!(7)), Err(JwkError::Malformed(name)));
    }
    let n = &KEY_A.n;
    for bad in [
        format!("{n}="),
        format!("{n} "),
        format!("AA{n}"),
        String::new(),
        "A".repeat(5000),
    ] {
        assert_eq!(changed("n", json!(bad)), Err(JwkError::Malformed("n")));
    }
    for kid in [String::new(), "k".repeat(257), "k\n".into(), "ключ".into()] {
        assert_eq!(changed("kid", json!(kid)), Err(JwkError::Malformed("kid")));
    }
}

#[test]
fn small_large_and_weak_moduli() {
    let modulus = |bytes: usize, first: u8, last: u8| {
        let mut n = vec![0x5a; bytes];
        (n[0], n[bytes - 1]) = (first, last);
        changed("n", json!(b64(n)))
    };
    assert_eq!(modulus(64, 0x80, 1), Err(JwkError::Size(512)));
    assert_eq!(modulus(128, 0x80, 1), Err(JwkError::Size(1024)));
    assert_eq!(modulus(256, 0x7f, 1), Err(JwkError::Size(2047)));
    assert_eq!(modulus(256, 0x80, 1), Ok(2048));
    assert_eq!(modulus(512, 0xff, 1), Ok(4096));
    assert_eq!(modulus(513, 0x01, 1), Err(JwkError::Size(4097)));
    assert_eq!(modulus(256, 0x80, 2), Err(JwkError::Weak));
}

#[test]
fn exponents() {
    for e in [
        vec![1],
        vec![2],
        vec![3],
        vec![17],
        vec![1, 0, 0],
        vec![1, 0, 1, 1],
        vec![0xff; 256],
    ] {
        assert_eq!(
            changed("e", json!(b64(&e))),
            Err(JwkError::Exponent),
            "{e:?}"
        );
    }
    for e in ["", "AAEAAQ", "AQAB=", "AA"] {
        assert_eq!(changed("e", json!(e)), Err(JwkError::Malformed("e")), "{e}");
    }
}

#[test]
fn sets() {
    let parse = |keys: Value| {
        JwkSet::parse(
            json!({"keys": keys, "public_cert": {}})
                .to_string()
                .as_bytes(),
        )
    };
    let set = parse(json!([KEY_A.jwk(), KEY_B.jwk(), {"kty": "EC", "kid": "ec"}])).unwrap();
    assert_eq!((set.len(), set.skipped()), (2, &[JwkError::KeyType][..]));
    assert!(set.get("key-a").is_some() && set.get("ec").is_none() && set.get("").is_none());

    let refused = |keys: Value| parse(keys).unwrap_err();
    assert_eq!(refused(json!([])), JwkSetError::NoUsableKey);
    assert_eq!(refused(json!([{"kty": "EC"}])), JwkSetError::NoUsableKey);
    assert_eq!(refused(json!(["x"])), JwkSetError::Malformed);
    assert_eq!(refused(json!({})), JwkSetError::Malformed);
    assert_eq!(
        refused(json!([KEY_A.jwk(), KEY_A.jwk()])),
        JwkSetError::DuplicateId
    );
    let shadow = json!({"kty": "oct", "alg": "HS256", "kid": "key-a", "k": "AA"});
    assert_eq!(
        refused(json!([KEY_A.jwk(), shadow])),
        JwkSetError::DuplicateId
    );
    assert_eq!(refused(json!(vec![json!({}); 33])), JwkSetError::TooLarge);

    let bytes = |text: &str| JwkSet::parse(text.as_bytes()).unwrap_err();
    assert_eq!(bytes(&" ".repeat(65 * 1024)), JwkSetError::TooLarge);
    for bad in ["", "[]", "{}", "null", r#"{"keys":[],"keys":[]}"#] {
        assert_eq!(bytes(bad), JwkSetError::Malformed, "{bad}");
    }
}

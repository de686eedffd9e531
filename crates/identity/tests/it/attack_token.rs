//! Known attacks on the token's form, header and signature. Each starts from a token
//! that verifies, so that only the attack can be the reason of the refusal.

use futures::executor::block_on;
use nexus_identity::access::{Application, AssertionError as E};
use nexus_identity::jwk::{JwkSet, RsaKey};
use nexus_identity::jws::{self, JwsError, UnverifiedJws};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::common::{
    Certs, KEY_A, KEY_B, NOW_MS, b64, headers, person, verifier, verify, verify_with, with,
};

fn good() -> String {
    KEY_A.assertion(&person())
}

fn token_error(error: JwsError) -> E {
    E::Token(error)
}

/// A token signed by our own key under a tampered header: only the header can be the reason.
fn with_header(header: &Value) -> Result<(), E> {
    verify(&KEY_A.token(&header.to_string(), &person().to_string())).map(drop)
}

#[test]
fn the_untouched_token_verifies() {
    assert!(verify(&good()).is_ok());
    let lower = with(KEY_A.header(), "typ", json!("jwt"));
    assert_eq!(with_header(&lower), Ok(()));
}

#[test]
fn alg_none_in_every_casing() {
    for bits in 0_u32..16 {
        let alg: String = "none"
            .chars()
            .enumerate()
            .map(|(i, c)| {
                if bits >> i & 1 == 1 {
                    c.to_ascii_uppercase()
                } else {
                    c
                }
            })
            .collect();
        let header = with(KEY_A.header(), "alg", json!(alg));
        let input = format!("{}.{}", b64(header.to_string()), b64(person().to_string()));
        for signature in ["", "AA", &KEY_A.sign(&input)] {
            let token = format!("{input}.{signature}");
            assert_eq!(
                verify(&token),
                Err(token_error(JwsError::Algorithm)),
                "{alg}"
            );
        }
    }
}

#[test]
fn alg_other_than_rs256() {
    for alg in [
        json!("RS384"),
        json!("RS512"),
        json!("PS256"),
        json!("ES256"),
        json!("EdDSA"),
        json!("rs256"),
        json!("RS256 "),
        json!(" RS256"),
        json!("RS256\0"),
        json!(""),
        json!(null),
        json!(["RS256"]),
        json!(256),
        json!({"alg": "RS256"}),
    ] {
        let header = with(KEY_A.header(), "alg", alg.clone());
        assert_eq!(
            with_header(&header),
            Err(token_error(JwsError::Algorithm)),
            "{alg}"
        );
    }
}

/// HS256 keyed with what the attacker knows: our public key in the usual spellings.
#[test]
fn rs_hs_confusion() {
    use hmac::Mac as _;
    let header = with(KEY_A.header(), "alg", json!("HS256"));
    let input = format!("{}.{}", b64(header.to_string()), b64(person().to_string()));
    for secret in [KEY_A.n.clone(), KEY_A.jwk().to_string(), String::new()] {
        let mut mac = hmac::Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(input.as_bytes());
        let token = format!("{input}.{}", b64(mac.finalize().into_bytes()));
        assert_eq!(verify(&token), Err(token_error(JwsError::Algorithm)));
        // The same MAC under an RS256 header is just a bad signature.
        let input = good().rsplit_once('.').unwrap().0.to_owned();
        let mut mac = hmac::Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(input.as_bytes());
        let token = format!("{input}.{}", b64(mac.finalize().into_bytes()));
        assert_eq!(verify(&token), Err(token_error(JwsError::Signature)));
    }
}

#[test]
fn kid_is_only_compared() {
    for kid in [
        "../../../../dev/null",
        "/dev/null",
        "key-a' OR '1'='1",
        "key-a\u{0}",
        "key-a;ls",
        "https://evil.example/jwks",
        "KEY-A",
        "key-a ",
        "key",
        "",
        "*",
        "%00",
        "key-a\r\nX: y",
        "кey-a",
    ] {
        let header = with(KEY_A.header(), "kid", json!(kid));
        let result = with_header(&header);
        assert!(
            matches!(
                result,
                Err(E::Token(
                    JwsError::UnknownKey | JwsError::Malformed("header")
                ))
            ),
            "{kid:?}: {result:?}"
        );
    }
    for kid in [
        json!(null),
        json!(0),
        json!(["key-a"]),
        json!({"kid": "key-a"}),
        json!("k".repeat(257)),
    ] {
        let header = with(KEY_A.header(), "kid", kid);
        assert_eq!(
            with_header(&header),
            Err(token_error(JwsError::Malformed("header")))
        );
    }
    let mut header = KEY_A.header();
    header.as_object_mut().unwrap().remove("kid");
    assert_eq!(
        with_header(&header),
        Err(token_error(JwsError::Malformed("header")))
    );
}

/// A caller that looked up the wrong key gets no answer from it.
#[test]
fn a_key_answers_only_to_its_own_id() {
    let renamed = with(KEY_A.jwk(), "kid", json!("key-c")).to_string();
    let renamed = RsaKey::parse(renamed.as_bytes()).unwrap();
    let token = good();
    let jws = UnverifiedJws::parse(&token).unwrap();
    assert_eq!(jws.verify(&renamed), Err(JwsError::UnknownKey));
}

/// A key the attacker brings along: signed with theirs, announced in the header.
#[test]
fn keys_brought_along_are_refused() {
    let jwk = with(KEY_B.jwk(), "kid", json!("key-a"));
    for (name, value) in [
        ("jwk", jwk),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        ("x5t#S256", json!("AAAA")),
    ] {
        let header = with(KEY_A.header(), name, value);
        let forged = KEY_B.token(&header.to_string(), &person().to_string());
        let refused = Err(token_error(JwsError::ForbiddenMember(name)));
        assert_eq!(verify(&forged).map(drop), refused, "{name}");
        assert_eq!(with_header(&header), refused, "{name}, even rightly signed");
    }
    // Without the announcement it is a plain forgery.
    let forged = KEY_B.token(&KEY_A.header().to_string(), &person().to_string());
    assert_eq!(verify(&forged), Err(token_error(JwsError::Signature)));
    // Under its own id the key is unknown.
    let foreign = KEY_B.assertion(&person());
    assert_eq!(verify(&foreign), Err(token_error(JwsError::UnknownKey)));
}

#[test]
fn members_that_change_the_meaning_are_refused() {
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(null)),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
    ] {
        let header = with(KEY_A.header(), name, value);
        assert_eq!(
            with_header(&header),
            Err(token_error(JwsError::ForbiddenMember(name)))
        );
    }
    for typ in [
        json!("at+jwt"),
        json!("JOSE"),
        json!(""),
        json!(null),
        json!(["JWT"]),
    ] {
        let header = with(KEY_A.header(), "typ", typ);
        assert_eq!(
            with_header(&header),
            Err(token_error(JwsError::Malformed("header")))
        );
    }
}

/// RFC 7797: an unencoded payload, signed as such.
#[test]
fn b64_false_with_a_raw_payload() {
    let header = with(KEY_A.header(), "b64", json!(false));
    let header = with(header, "crit", json!(["b64"]));
    let input = format!("{}.{}", b64(header.to_string()), person());
    let token = format!("{input}.{}", KEY_A.sign(&input));
    assert!(verify(&token).is_err());
}

#[test]
fn repeated_names_in_the_header() {
    let twice = format!(r#"{{"alg":"none","alg":"RS256","kid":"{}"}}"#, KEY_A.kid);
    let spelled = format!(
        r#"{{"alg":"RS256","\u0061lg":"none","kid":"{}"}}"#,
        KEY_A.kid
    );
    for header in [
        twice,
        spelled,
        "[]".into(),
        "null".into(),
        String::new(),
        "{".into(),
    ] {
        let token = KEY_A.token(&header, &person().to_string());
        assert_eq!(
            verify(&token),
            Err(token_error(JwsError::Malformed("header"))),
            "{header}"
        );
    }
}

#[test]
fn exactly_one_header() {
    let token = good();
    let ask = |values: &[&[u8]]| {
        block_on(verifier().verify(&headers(values), Application::Console, NOW_MS)).map(drop)
    };
    assert_eq!(ask(&[]), Err(E::Missing));
    assert_eq!(ask(&[token.as_bytes()]), Ok(()));
    assert_eq!(
        ask(&[token.as_bytes(), token.as_bytes()]),
        Err(E::MoreThanOne)
    );
    assert_eq!(ask(&[token.as_bytes(), b""]), Err(E::MoreThanOne));
    assert_eq!(ask(&[b"", token.as_bytes()]), Err(E::MoreThanOne));
    // Two joined by a proxy.
    let joined = format!("{token}, {token}");
    assert!(matches!(
        ask(&[joined.as_bytes()]),
        Err(E::Token(JwsError::Malformed(_)))
    ));
    assert_eq!(
        ask(&[b"\xff\xfe"]),
        Err(token_error(JwsError::Malformed("token")))
    );
    assert!(ask(&[b""]).is_err());
}

#[test]
fn oversize_is_refused_before_anything_else() {
    let padded = with(person(), "custom", json!("x".repeat(16 * 1024)));
    assert_eq!(
        verify(&KEY_A.assertion(&padded)),
        Err(token_error(JwsError::TooLarge))
    );
    // The signature layer has the limit too, whoever calls it.
    let set = JwkSet::parse(&Certs::body(&[&KEY_A])).unwrap();
    assert_eq!(
        jws::verify(&KEY_A.assertion(&padded), &set),
        Err(JwsError::TooLarge)
    );
    let large = with(person(), "custom", json!("x".repeat(8 * 1024)));
    assert!(verify(&KEY_A.assertion(&large)).is_ok());
}

#[test]
fn only_one_spelling_of_a_token() {
    let token = good();
    let parts: Vec<&str> = token.split('.').collect();
    let (h, p, s) = (parts[0], parts[1], parts[2]);
    for changed in [
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{s}"),
        format!("{h}.{p}.{s}="),
        format!("{h}=.{p}.{s}"),
        format!("{h}.{p}==.{s}"),
        format!("{h}..{s}"),
        format!(".{p}.{s}"),
        format!("{h}.{p}"),
        format!("{h}.{s}"),
        format!("{h}.{p}.{s} "),
        format!(" {token}"),
        format!("{h}. {p}.{s}"),
        format!("{h}.{p}.{s}\t"),
        format!("Bearer {token}"),
        format!("\"{token}\""),
        token.replace(['-', '_'], "+"),
        token.replace('_', "/"),
        s.to_owned(),
        "..".to_owned(),
        "...".to_owned(),
    ] {
        if changed != token {
            assert!(verify(&changed).is_err(), "{changed}");
        }
    }
}

/// 256 bytes leave four unused bits in the last character of the signature: only zero is
/// canonical, or one token would have sixteen spellings.
#[test]
fn unused_bits_must_be_zero() {
    let token = good();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = alphabet.find(token.chars().last().unwrap()).unwrap();
    assert_eq!(last % 16, 0);
    for bits in 1..16 {
        let mut changed = token.clone();
        changed.pop();
        changed.push(alphabet.as_bytes()[last + bits].into());
        assert_eq!(
            verify(&changed),
            Err(token_error(JwsError::Malformed("signature")))
        );
    }
}

#[test]
fn signatures_of_other_lengths_and_values() {
    let token = good();
    let (input, signature) = token.rsplit_once('.').unwrap();
    for (signature, error) in [
        (String::new(), JwsError::Malformed("signature")),
        (signature[..340].to_owned(), JwsError::Signature),
        (signature[..4].to_owned(), JwsError::Signature),
        (b64([0; 256]), JwsError::Signature),
        (b64([0; 255]), JwsError::Signature),
        (b64([0xff; 256]), JwsError::Signature),
        (b64([1]), JwsError::Signature),
        (b64([0; 512]), JwsError::Signature),
        (KEY_A.n.clone(), JwsError::Signature),
        (b64(Sha256::digest(input)), JwsError::Signature),
        (KEY_A.sign("another message"), JwsError::Signature),
    ] {
        assert_eq!(
            verify(&format!("{input}.{signature}")),
            Err(token_error(error))
        );
    }
    // A zero byte in front: the same number, another string.
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut longer = vec![0];
    longer.extend(engine.decode(signature).unwrap());
    let token = format!("{input}.{}", b64(longer));
    assert_eq!(verify(&token), Err(token_error(JwsError::Signature)));
}

/// The parts of two good tokens mixed.
#[test]
fn payload_and_signature_belong_together() {
    let (ours, theirs) = (
        good(),
        KEY_A.assertion(&with(person(), "email", json!("eve@x.org"))),
    );
    let (ours, theirs): (Vec<_>, Vec<_>) = (ours.split('.').collect(), theirs.split('.').collect());
    let mixed = format!("{}.{}.{}", ours[0], theirs[1], ours[2]);
    assert_eq!(verify(&mixed), Err(token_error(JwsError::Signature)));
}

#[test]
fn a_private_or_symmetric_key_in_the_set_is_never_used() {
    let mut private = KEY_A.jwk();
    private["d"] = json!("AQAB");
    let oct = json!({"kty": "oct", "alg": "HS256", "use": "sig", "kid": "hs", "k": "c2VjcmV0"});
    let certs = Certs::of(&[]);
    let body = json!({"keys": [private, oct, KEY_B.jwk()]}).to_string();
    certs.answer(Ok(body.into_bytes()));
    let verifier =
        nexus_identity::access::AccessVerifier::new(crate::common::config(), certs).unwrap();
    assert_eq!(
        verify_with(&verifier, &good()),
        Err(token_error(JwsError::UnknownKey))
    );
    assert!(verify_with(&verifier, &KEY_B.assertion(&person())).is_ok());
}

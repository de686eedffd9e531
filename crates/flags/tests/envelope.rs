//! Signing and opening.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use nexus_flags::fixtures::fixture;
use nexus_flags::{
    EnvelopeError, Limits, SignedSnapshot, SigningKey, Snapshot, TrustedKey, sign, verify,
};

const LIMITS: Limits<'static> = Limits::for_environment("development");

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32])
}

fn trusted(id: &str, byte: u8) -> TrustedKey {
    TrustedKey::new(id, key(byte).verifying_key())
}

fn content() -> Snapshot {
    Snapshot {
        version: 7,
        ..fixture(2, 2)
    }
}

fn signed() -> SignedSnapshot {
    sign(&key(1), "one", &content()).expect("it signs")
}

fn open(envelope: &SignedSnapshot, limits: Limits<'_>) -> Result<Snapshot, EnvelopeError> {
    let bytes = serde_json::to_vec(envelope).expect("it serialises");
    verify(&bytes, &[trusted("two", 2), trusted("one", 1)], limits)
}

#[test]
fn what_was_signed_comes_out() {
    assert_eq!(open(&signed(), LIMITS).expect("it holds"), content());
}

#[test]
fn a_changed_payload_does_not_hold() {
    let mut envelope = signed();
    envelope.payload = envelope.payload.replace("\"version\":7", "\"version\":8");
    assert!(matches!(
        open(&envelope, LIMITS),
        Err(EnvelopeError::Signature)
    ));
    let spaced = SignedSnapshot {
        payload: format!("{} ", signed().payload),
        ..signed()
    };
    assert!(matches!(
        open(&spaced, LIMITS),
        Err(EnvelopeError::Signature)
    ));
}

#[test]
fn keys_are_found_by_id_and_not_tried_around() {
    let renamed = SignedSnapshot {
        key_id: "two".into(),
        ..signed()
    };
    assert!(matches!(
        open(&renamed, LIMITS),
        Err(EnvelopeError::Signature)
    ));
    let unknown = SignedSnapshot {
        key_id: "three".into(),
        ..signed()
    };
    assert!(matches!(
        open(&unknown, LIMITS),
        Err(EnvelopeError::UnknownKey)
    ));
}

#[test]
fn a_signature_without_the_domain_does_not_hold() {
    use base64::Engine as _;
    use nexus_flags::Signer as _;
    let bare = key(1).sign(signed().payload.as_bytes()).to_bytes();
    let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bare);
    let envelope = SignedSnapshot {
        signature,
        ..signed()
    };
    assert!(matches!(
        open(&envelope, LIMITS),
        Err(EnvelopeError::Signature)
    ));
}

#[test]
fn signatures_are_base64url_of_64_bytes() {
    for signature in ["", "AAAA", "!!!!", &format!("{}=", signed().signature)] {
        let envelope = SignedSnapshot {
            signature: signature.to_owned(),
            ..signed()
        };
        assert!(
            matches!(open(&envelope, LIMITS), Err(EnvelopeError::Signature)),
            "{signature}"
        );
    }
}

#[test]
fn environment_and_version_are_part_of_acceptance() {
    let elsewhere = Limits::for_environment("production");
    assert!(matches!(
        open(&signed(), elsewhere),
        Err(EnvelopeError::WrongEnvironment { .. })
    ));
    let same = Limits {
        min_version: 7,
        ..LIMITS
    };
    assert!(open(&signed(), same).is_ok());
    let newer = Limits {
        min_version: 8,
        ..LIMITS
    };
    let stale = open(&signed(), newer);
    assert!(matches!(
        stale,
        Err(EnvelopeError::Stale {
            found: 7,
            min_version: 8
        })
    ));
}

#[test]
fn too_large_is_refused_unread() {
    let tiny = Limits {
        max_bytes: 10,
        ..LIMITS
    };
    assert!(matches!(
        open(&signed(), tiny),
        Err(EnvelopeError::TooLarge { max_bytes: 10, .. })
    ));
}

#[test]
fn newer_fields_are_ignored() {
    let mut value = serde_json::to_value(content()).expect("it serialises");
    value["added_later"] = 1.into();
    value["experiments"][0]["added_later"] = 1.into();
    let parsed: Snapshot = serde_json::from_value(value).expect("it parses");
    assert_eq!(parsed, content());
}

#[test]
fn keys_survive_their_text_form() {
    let text = trusted("one", 1).to_base64url();
    assert_eq!(
        TrustedKey::from_base64url("one", &text).expect("a key"),
        trusted("one", 1)
    );
    let weak = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(matches!(
        TrustedKey::from_base64url("w", weak),
        Err(EnvelopeError::Key)
    ));
}

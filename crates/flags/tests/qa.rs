//! Links of testers: what is signed is what is forced, and nothing else.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use nexus_flags::{
    Engine, QaClaim, QaForce, QaLink, QaRefusal, SigningKey, Snapshot, TrustedKey, VariantRule,
    sign, sign_qa, verify_qa,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const END_MS: i64 = 1_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn trusted() -> Vec<TrustedKey> {
    vec![TrustedKey::new("k", key(1).verifying_key())]
}

fn claim() -> QaClaim {
    QaClaim {
        environment: "staging".to_owned(),
        link: "qa_1".to_owned(),
        feature: "experiment:checkout".to_owned(),
        value: "short".to_owned(),
        expires_ms: END_MS,
    }
}

fn variant_link() -> QaLink {
    QaLink {
        id: "qa_1".to_owned(),
        expires_ms: END_MS,
        forces: QaForce::Variant {
            experiment: "checkout".to_owned(),
            variant: VariantRule {
                key: "short".to_owned(),
                weight_bp: 0,
                features: Map::from_iter([("steps".to_owned(), json!(2))]),
                deployment: Some("canary".to_owned()),
            },
            position: 1,
        },
    }
}

fn engine(qa_links: Vec<QaLink>) -> Engine {
    let mut snapshot: Snapshot =
        serde_json::from_value(json!({ "version": 1, "environment": "staging", "created_ms": 0 }))
            .expect("a snapshot");
    snapshot.qa_links = qa_links;
    Engine::compile(&snapshot).expect("it compiles")
}

#[test]
fn a_link_forces_what_the_snapshot_says_until_its_end() {
    let engine = engine(vec![variant_link()]);
    let text = sign_qa(&key(1), &claim());
    let read = verify_qa(&text, &trusted(), "staging", 1).expect("signed");
    assert_eq!(read, claim());
    let forced = engine.qa(&read, 1).expect("listed");
    let decision = forced.decision().expect("a variant");
    assert_eq!(
        (decision.variant_key(), decision.variant_index()),
        ("short", 1)
    );
    assert_eq!(decision.reason(), "qa_checkout_short");
    assert_eq!(decision.deployment(), Some("canary"));
    let at_end = verify_qa(&text, &trusted(), "staging", END_MS);
    assert_eq!(at_end, Err(QaRefusal::Expired));
    assert_eq!(engine.qa(&read, END_MS).err(), Some(QaRefusal::Expired));
    let elsewhere = verify_qa(&text, &trusted(), "production", 1);
    assert_eq!(elsewhere, Err(QaRefusal::WrongEnvironment));
}

#[test]
fn a_link_that_was_taken_out_forces_nothing() {
    let refused = engine(Vec::new()).qa(&claim(), 1).err();
    assert_eq!(refused, Some(QaRefusal::Unknown));
}

#[test]
fn values_of_flags_are_named_in_short() {
    let value = |value: Value| {
        let flag = "cta".to_owned();
        QaForce::Value { flag, value }.value()
    };
    assert_eq!(value(json!(true)), "true");
    assert_eq!(value(json!("Buy now")), "\"Buy now\"");
    assert_eq!(value(json!("購入")), "(8 bytes)");
    assert_eq!(value(json!("x".repeat(100))), "(102 bytes)");
}

#[test]
fn a_signature_for_another_purpose_is_none() {
    let snapshot: Snapshot =
        serde_json::from_value(json!({ "version": 1, "environment": "staging", "created_ms": 0 }))
            .expect("a snapshot");
    let signed = sign(&key(1), "k", &snapshot).expect("signed");
    let text = sign_qa(&key(1), &claim());
    let (claim, _) = text.split_once('.').expect("two parts");
    let borrowed = format!("{claim}.{}", signed.signature);
    let refused = verify_qa(&borrowed, &trusted(), "staging", 1);
    assert_eq!(refused, Err(QaRefusal::Forged));
}

proptest! {
    /// Every change of a link's text, and every text that was never a link, is refused.
    #[test]
    fn no_altered_text_is_a_link(at in 0_usize..500, with in "[ -~]", cut in 0_usize..500) {
        let text = sign_qa(&key(1), &claim());
        let mut altered: Vec<char> = text.chars().collect();
        let at = at % altered.len();
        altered[at] = with.chars().next().expect("one");
        let altered: String = altered.into_iter().collect();
        let read = verify_qa(&altered, &trusted(), "staging", 1);
        prop_assert_eq!(read.is_ok(), altered == text);
        let cut = cut % text.len();
        prop_assert!(verify_qa(&text[..cut], &trusted(), "staging", 1).is_err());
    }

    #[test]
    fn no_other_key_signs(
        seed in 2_u8..255, feature in ".{0,40}", value in ".{0,40}", expires_ms: i64,
    ) {
        let claim = QaClaim { feature, value, expires_ms, ..claim() };
        let read = verify_qa(&sign_qa(&key(seed), &claim), &trusted(), "staging", 1);
        prop_assert_eq!(read, Err(QaRefusal::Forged));
    }

    #[test]
    fn garbage_never_panics(text in ".{0,900}") {
        prop_assert!(verify_qa(&text, &trusted(), "staging", 1).is_err());
    }

    /// What is signed but says something else than the list is not honoured: a link is for one
    /// feature, one value and one end.
    #[test]
    fn a_claim_must_say_what_the_list_says(which in 0_u8..4, other in "[a-z:]{1,9}") {
        let mut claim = claim();
        match which {
            0 => claim.link = other,
            1 => claim.feature = other,
            2 => claim.value = other,
            _ => claim.expires_ms += 1,
        }
        prop_assume!(claim != self::claim());
        prop_assert!(engine(vec![variant_link()]).qa(&claim, 1).is_err());
    }
}

use nexus_flags::{Engine, SigningKey, Snapshot, TrustedKey, sign_qa, verify_qa};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::experiment::{Command, Draft};
use crate::flag::{FlagDraft, Rule};

fn experiment() -> Experiment {
    let draft = Draft {
        id: "checkout".to_owned(),
        name: "Checkout".to_owned(),
        ..Draft::starter(Environment::Staging)
    };
    draft.create("seed".into(), "a@b.c".into(), 1).unwrap()
}

fn draft() -> QaDraft {
    QaDraft {
        page: "https://shop.example/cart?a=1#top".to_owned(),
        hours: USUAL_HOURS,
        only: Vec::new(),
    }
}

fn link(target: QaTarget) -> QaLink {
    let id = QaLinkId::from_u128(7);
    draft().link(id, Environment::Staging, target, "a@b.c", 1_000)
}

fn engine(links: Vec<nexus_flags::QaLink>) -> Engine {
    let snapshot = json!({ "version": 1, "environment": "staging", "created_ms": 0 });
    let mut snapshot: Snapshot = serde_json::from_value(snapshot).unwrap();
    snapshot.qa_links = links;
    Engine::compile(&snapshot).unwrap()
}

#[test]
fn a_link_of_a_draft_is_made_signed_and_honoured() {
    let experiment = experiment();
    let target = QaTarget::of_experiment(&experiment).remove(1);
    let link = link(target);
    let published = link.published_variant(&experiment).unwrap();
    let key = SigningKey::from_bytes(&[1; 32]);
    let text = sign_qa(&key, &published.claim("staging"));
    let url = link.url(&text);
    assert_eq!(
        url,
        format!("https://shop.example/cart?a=1&nexus_qa={text}#top")
    );
    let trusted = [TrustedKey::new("k", key.verifying_key())];
    let claim = verify_qa(&text, &trusted, "staging", 2_000).unwrap();
    let engine = engine(vec![published]);
    let forced = engine.qa(&claim, 2_000).unwrap();
    assert_eq!(forced.feature(), "experiment:checkout");
    assert_eq!(forced.value(), experiment.variants[1].key);
    let end_ms = 1_000 + 24 * HOUR_MS;
    assert!(link.is_in_force(end_ms - 1) && !link.is_in_force(end_ms));
    let revoked = link.revoked("a@b.c", 5).unwrap();
    assert!(!revoked.is_in_force(6) && revoked.revoked("a@b.c", 7).is_none());
}

#[test]
fn what_is_over_or_gone_is_not_published() {
    let draft = experiment();
    let link = link(QaTarget::of_experiment(&draft).remove(0));
    let running = draft.after(Command::Start, "a@b.c", 2).unwrap();
    let paused = running.after(Command::Pause, "a@b.c", 3).unwrap();
    for honoured in [&draft, &running, &paused] {
        assert!(link.published_variant(honoured).is_some());
    }
    let reason = String::new();
    let stopped = running.after(Command::Stop { reason }, "a@b.c", 3).unwrap();
    assert!(link.published_variant(&stopped).is_none());
    let mut renamed = draft.clone();
    renamed.variants[0].key = "other".to_owned();
    assert!(link.published_variant(&renamed).is_none());
    let mut moved = draft;
    moved.environment = Environment::Production;
    assert!(link.published_variant(&moved).is_none());
}

#[test]
fn a_flag_offers_every_value_it_can_give_once() {
    let made = |draft: FlagDraft| {
        let flag = draft.create("a@b.c", 1).unwrap();
        let targets = QaTarget::of_flag(&flag);
        targets.iter().map(QaTarget::choice).collect::<Vec<_>>()
    };
    let switch = FlagDraft {
        key: "cta".to_owned(),
        name: "CTA".to_owned(),
        ..FlagDraft::starter(Environment::Staging)
    };
    assert_eq!(made(switch.clone()), [json!(true), json!(false)]);
    let text = FlagDraft {
        kind: FlagKind::String,
        value: json!("Buy"),
        rules: ["Go", "Buy", "Go"]
            .map(|text| Rule::for_everybody(json!(text)))
            .into(),
        ..switch
    };
    assert_eq!(made(text), [json!("Buy"), json!("Go")]);
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    for page in [
        "",
        "shop.example",
        "javascript:alert(1)",
        "https:///x",
        "https://a b",
    ] {
        let page = page.to_owned();
        let problems = QaDraft { page, ..draft() }.problems();
        assert_eq!(problems[0].field, Field::QaPage);
    }
    for hours in [0, MAX_HOURS + 1] {
        let problems = QaDraft { hours, ..draft() }.problems();
        assert_eq!(problems[0].field, Field::QaHours);
    }
    assert_eq!(draft().problems(), []);
    let only = QaDraft {
        only: vec![json!("nobody")],
        ..draft()
    };
    let all = QaTarget::of_experiment(&experiment());
    assert_eq!(only.chosen(all).unwrap_err().field, Field::QaOnly);
}

proptest! {
    #[test]
    fn no_link_holds_longer_than_it_may(hours: u32, now_ms in 0_i64..2_000_000_000_000) {
        let draft = QaDraft { hours, ..draft() };
        let target = QaTarget::of_experiment(&experiment()).remove(0);
        let id = QaLinkId::from_u128(1);
        let link = draft.link(id, Environment::Staging, target, "a@b.c", now_ms);
        prop_assert!(link.expires_ms - now_ms <= i64::from(MAX_HOURS) * HOUR_MS);
    }
}

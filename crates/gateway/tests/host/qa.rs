//! Testers' links through the gateway: who opens one is forced and counted nowhere.

use std::time::Duration;

use nexus_flags::{QaClaim, QaForce, QaLink, SigningKey, Snapshot, VariantRule, sign_qa};
use nexus_gateway::Event;
use serde_json::{Map, json};

use crate::support::{Answer, KEY, World, half_and_half};

const NEVER_MS: i64 = 9_000_000_000_000;

fn forces_variant() -> QaForce {
    QaForce::Variant {
        experiment: "drafted".to_owned(),
        variant: VariantRule {
            key: "bold".to_owned(),
            weight_bp: 5_000,
            features: Map::from_iter([("headline".to_owned(), json!("Bold"))]),
            deployment: Some("canary".to_owned()),
        },
        position: 1,
    }
}

fn forces_flag() -> QaForce {
    QaForce::Value {
        flag: "button".to_owned(),
        value: json!("forced"),
    }
}

fn links() -> Vec<QaLink> {
    let link = |id: &str, forces| QaLink {
        id: id.to_owned(),
        expires_ms: NEVER_MS,
        forces,
    };
    vec![link("qa_1", forces_variant()), link("qa_2", forces_flag())]
}

/// One experiment that runs, links for another that does not, and for a flag.
fn snapshot(version: u64, qa_links: Vec<QaLink>) -> Snapshot {
    Snapshot {
        qa_links,
        ..half_and_half(version)
    }
}

fn text(link: &QaLink) -> String {
    sign_qa(&SigningKey::from_bytes(&KEY), &link.claim("staging"))
}

fn cookie(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let texts = cookies.map(|cookie| cookie.to_str().unwrap());
    let mut ours = texts.filter(|cookie| cookie.starts_with("nexus_qa="));
    ours.next().unwrap_or_default().to_owned()
}

/// Follows a link; what the browser sends from then on.
async fn follow(world: &World, link: &QaLink, sent: &str) -> String {
    let path = format!("/cart?a=1&nexus_qa={}", text(link));
    let answer = world.get(&path, &[("cookie", sent)]).await;
    assert_eq!(answer.status, 302);
    assert_eq!(answer.headers["location"], "/cart?a=1");
    let cookie = cookie(&answer);
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_tester_is_forced_and_counted_nowhere() {
    let world = World::new().await;
    world.publish(&snapshot(1, links())).await;
    let cookie = follow(&world, &links()[0], "").await;
    let cookie = follow(&world, &links()[1], &cookie).await;
    let user = ("x-nexus-user", "tester");
    let answer = world.get("/cart", &[("cookie", &cookie), user]).await;
    assert_eq!(answer.json()["origin"], "canary");
    let decision = answer.decision();
    assert_eq!(decision["assignments"]["drafted"], "bold");
    assert_eq!(decision["features"]["headline"], "Bold");
    assert_eq!(
        decision["features"]["button"], "forced",
        "before experiments"
    );
    assert_eq!(
        answer.headers["x-nexus-qa"],
        "flag:button=\"forced\"; experiment:drafted=bold"
    );
    assert_eq!(answer.headers["cache-control"], "private, no-store");
    let report = json!({ "events": [{
        "id": "0190a0a0-0000-7000-8000-000000000001", "metric": "purchase", "unit": "tester",
    }] });
    let headers = [("cookie", cookie.as_str()), user];
    let sent = world.post("/events", &headers, report.to_string());
    let sent = sent.await;
    assert_eq!(
        (sent.status, sent.json()["queued"].as_u64()),
        (202, Some(1))
    );

    // Somebody else is counted as ever, after all of the tester's.
    let other = world.get("/", &[("x-nexus-user", "other")]).await;
    assert!(!other.headers.contains_key("x-nexus-qa"));
    for _ in 0..200 {
        if !world.console.events().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let units: Vec<String> = world
        .console
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Request { unit, .. } | Event::Conversion { unit, .. } => unit,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(units, ["other"]);
}

#[tokio::test]
async fn it_can_be_left_and_revoked() {
    let world = World::new().await;
    world.publish(&snapshot(1, links())).await;
    let sent = follow(&world, &links()[0], "").await;
    let off = world
        .get("//evil.example/?nexus_qa=off", &[("cookie", &sent)])
        .await;
    assert_eq!(
        (off.status, &off.headers["location"]),
        (302, &"/evil.example/".parse().unwrap())
    );
    assert!(cookie(&off).starts_with("nexus_qa=; Path=/; Max-Age=0"));
    // Revoked: not in the snapshot any more.
    world.publish(&snapshot(2, Vec::new())).await;
    let answer = world.get("/", &[("cookie", &sent)]).await;
    assert!(!answer.headers.contains_key("x-nexus-qa"));
    let again = world
        .get(&format!("/?nexus_qa={}", text(&links()[0])), &[])
        .await;
    assert_eq!(
        (again.status, &again.headers["x-nexus-qa"]),
        (404, &"refused".parse().unwrap())
    );
}

#[tokio::test]
async fn no_forged_altered_or_expired_link_forces_anything() {
    let world = World::new().await;
    let mut all = links();
    all[1].expires_ms = 1;
    world.publish(&snapshot(1, all.clone())).await;
    let good = text(&all[0]);
    let key = SigningKey::from_bytes(&KEY);
    let claim = all[0].claim("staging");
    let elsewhere = QaClaim {
        environment: "production".to_owned(),
        ..claim.clone()
    };
    let other_value = QaClaim {
        value: "control".to_owned(),
        ..claim.clone()
    };
    let longer = QaClaim {
        expires_ms: NEVER_MS + 1,
        ..claim.clone()
    };
    let forged = sign_qa(&SigningKey::from_bytes(&[7; 32]), &claim);
    let bad = [
        ("forged", forged, 403),
        ("altered", good.replacen('e', "f", 1), 403),
        ("cut", good[..good.len() - 1].to_owned(), 403),
        ("garbage", "x.y".to_owned(), 403),
        ("empty", String::new(), 403),
        ("of another environment", sign_qa(&key, &elsewhere), 403),
        ("for another value", sign_qa(&key, &other_value), 404),
        ("for longer", sign_qa(&key, &longer), 404),
        ("expired", text(&all[1]), 410),
    ];
    for (what, text, status) in bad {
        let asked = world.get(&format!("/?nexus_qa={text}"), &[]).await;
        assert_eq!(asked.status, status, "{what}");
        assert!(!asked.headers.contains_key("set-cookie"), "{what}");
        let sent = format!("nexus_qa={text}; nexus_qa=~{text}~");
        let answer = world.get("/", &[("cookie", &sent)]).await;
        assert!(!answer.headers.contains_key("x-nexus-qa"), "{what}");
        assert_eq!(answer.status, 200);
    }
    let posted = world
        .post(&format!("/?nexus_qa={good}"), &[], String::new())
        .await;
    assert_eq!(posted.status, 200, "only a page is opened by a link");
}

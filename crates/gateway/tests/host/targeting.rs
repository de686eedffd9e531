//! Saved groups, prerequisites and holdouts: a request, an SDK's payload and OFREP say the same.

use crate::sdk::{CLIENT, SERVER, with_keys};
use crate::support::World;
use nexus_flags::Snapshot;
use nexus_flags::growthbook::{Engine as GrowthBook, Options, decrypt};
use serde_json::{Value, json};

const SECRET: &str = "nxc_encrypted";
const ENCRYPTION_KEY: &str = "c2l4dGVlbiBieXRlcyBvaw==";

/// `testers` is for a list of users, `express` needs it; both holdouts' users are left out of
/// the experiment.
fn targeted() -> Snapshot {
    let rule = |more: Value| {
        let mut step = json!({ "coverage_bp": 10_000, "seed": "s", "value": true });
        step.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!([step])
    };
    let listed = json!({ "condition": { "id": { "$inGroup": "beta" } } });
    let more: Value = json!([
        { "key": "testers", "value": false, "rules": rule(json!({ "targeting": listed })) },
        { "key": "express", "value": false, "rules": rule(json!({})),
          "prerequisites": [{ "flag": "testers", "value": true }] },
        { "key": "classic", "value": false, "rules": rule(json!({
            "prerequisites": [{ "flag": "testers", "operator": "is_not", "value": true }] })) },
    ]);
    let mut snapshot = with_keys(1);
    let more: Vec<nexus_flags::FlagRule> = serde_json::from_value(more).unwrap();
    snapshot.flags.extend(more);
    let units = (0..40).map(|n| format!("user-{}", n * 3));
    snapshot.saved_groups = [("beta".to_owned(), units.collect())].into();
    snapshot.experiments[0].slices = serde_json::from_value(json!([
        { "seed": "holdout:year", "from_bp": 3_000, "to_bp": 10_000 }
    ]))
    .unwrap();
    snapshot
}

#[tokio::test]
async fn a_request_an_sdk_and_ofrep_agree() {
    let world = World::new().await;
    world.publish(&targeted()).await;
    let page = format!("/__nexus/api/features/{CLIENT}");
    let payload = world.get(&page, &[]).await.json();
    assert_eq!(payload["savedGroups"]["beta"][1], "user-3");
    let sdk = GrowthBook::compile(&payload).unwrap();
    let options = Options::default();
    let bearer = format!("Bearer {SERVER}");
    let mut seen = [0; 3];
    for n in 0..60 {
        let user = format!("user-{n}");
        let headers = [("authorization", bearer.as_str())];
        let asked = json!({ "context": { "targetingKey": user } }).to_string();
        let page = "/__nexus/ofrep/v1/evaluate/flags";
        let answer = world.post(page, &headers, asked).await.json();
        let all = answer["flags"].as_array().unwrap();
        let attributes = json!({ "id": user });
        for (at, key) in ["testers", "express", "classic"].into_iter().enumerate() {
            let expected = (n % 3 == 0) == (key != "classic");
            let told = sdk.feature(key, &attributes, &options);
            assert_eq!(told.value, &json!(expected), "{key} {user}");
            let ofrep = all.iter().find(|flag| flag["key"] == key).unwrap();
            assert_eq!(ofrep["value"], expected, "{key} {user}");
            seen[at] += u32::from(expected);
        }
        let held = nexus_flags::bucketing::bucket("holdout:year", &user) < 3_000;
        let dealt = sdk.feature("checkout", &attributes, &options).value;
        assert!(!held || dealt.is_null(), "{user} is held out");
        let decision = world.get("/", &[("x-nexus-user", &user)]).await;
        let features = &decision.decision()["features"];
        // A flag at its off value is left out.
        let on = |key: &str| features.get(key) == Some(&json!(true));
        assert_eq!(on("express"), n % 3 == 0, "{features}");
        assert_eq!(on("classic"), n % 3 != 0, "{features}");
    }
    assert_eq!(seen, [20, 20, 40]);
}

#[tokio::test]
async fn saved_groups_are_encrypted_with_the_features() {
    let world = World::new().await;
    world.publish(&targeted()).await;
    let page = format!("/__nexus/api/features/{SECRET}");
    let body = world.get(&page, &[]).await.json();
    assert!(body.get("savedGroups").is_none(), "{body}");
    let text = body["encryptedSavedGroups"].as_str().unwrap();
    let groups: Value = serde_json::from_str(&decrypt(text, ENCRYPTION_KEY).unwrap()).unwrap();
    assert_eq!(groups["beta"][0], "user-0");
}

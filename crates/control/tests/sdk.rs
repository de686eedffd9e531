//! SDKs read what the gateways obey.

mod common;

use common::{run, world};
use nexus_control::testing::draft;
use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::experiment::{Command, rule_of};
use nexus_flags::growthbook::{Engine, Options};
use nexus_flags::{Context, CountryCode, Device, Snapshot};
use serde_json::json;

#[test]
fn an_sdk_deals_everybody_as_the_engine_does() {
    run(async {
        let w = world(1).await;
        let mut asked = draft("checkout");
        asked.targeting.condition = Some(json!({ "country": { "$in": ["JP"] } }));
        asked.variants[1]
            .features
            .insert("steps".to_owned(), json!(1));
        let viewer = w.t.person(Role::Viewer);
        let payload = || w.t.console.sdk_payload(&viewer, Environment::Production);
        assert_eq!(payload().await.unwrap().version, 0, "nothing is published");
        let running = w.started(asked).await;
        let rule = rule_of(&running).unwrap();

        let read = payload().await.unwrap();
        assert_eq!(read.version, 1);
        let alone = Snapshot {
            version: 1,
            environment: "production".to_owned(),
            created_ms: 0,
            experiments: vec![rule.clone()],
            flags: Vec::new(),
            sdk_keys: Vec::new(),
            qa_links: Vec::new(),
            saved_groups: std::collections::BTreeMap::new(),
            sampling_seed: None,
        };
        let ours = nexus_flags::Engine::compile(&alone).unwrap();
        let sdk = Engine::compile(&json!({ "features": read.features })).unwrap();
        let options = Options::default();
        let mut treated = 0;
        for n in 0..2_000 {
            let user = format!("user-{n}");
            let country = if n % 3 == 0 { "US" } else { "JP" };
            let context = Context {
                unit: &user,
                country: CountryCode::new(country).ok(),
                device: Device::Other,
                attributes: &[],
                now_ms: w.t.console.now_ms(),
            };
            let variant = rule.explain(&context, &ours).unwrap().variant;
            let attributes = json!({ "id": user, "country": country });
            let told = sdk.feature("checkout", &attributes, &options);
            let key = variant.map(|v| rule.variants[v as usize].key.as_str());
            assert_eq!(told.value.as_str(), key, "{user}");
            let steps = sdk.feature("steps", &attributes, &options);
            assert_eq!(steps.is_on(), key == Some("treatment"), "{user}");
            treated += u32::from(steps.is_on());
        }
        assert!((550..780).contains(&treated), "{treated}");

        let reason = "over".to_owned();
        w.t.console
            .command_experiment(&w.owner, "checkout", None, Command::Stop { reason })
            .await
            .unwrap();
        assert!(payload().await.unwrap().features.is_empty());
    });
}

//! Visitors, reported as gateways do, and what gateways say of them.

use nexus_control::Somebody;
use nexus_control::ingest::{IngestBatch, SampledVisitor, Samples};
use nexus_control::testing::{batch, draft, flag_draft};
use nexus_domain::Environment;
use nexus_domain::experiment::{Draft, LayerShare};
use nexus_domain::flag::FlagCommand;
use nexus_flags::{
    Context, CountryCode, Device, Engine, Prerequisite, SignedSnapshot, Snapshot, Targeting,
    ValueOperator,
};
use serde_json::json;

use super::World;

pub(crate) const PRODUCTION: Environment = Environment::Production;
pub(crate) const HOUR: i64 = 3_600_000;

pub(crate) fn visitor(n: u32) -> SampledVisitor {
    let plan = ["free", "pro", "team"][n as usize % 3];
    let attributes = [("plan", plan.to_owned()), ("age", (n % 80).to_string())];
    SampledVisitor {
        unit: format!("user-{n}"),
        country: ["JP", "US", "DE", "FR"]
            .get(n as usize % 5)
            .map(|c| (*c).to_owned()),
        device: ["mobile", "desktop"][n as usize / 7 % 2].to_owned(),
        attributes: attributes
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
    }
}

pub(crate) fn report(w: &World, below: u64, visitors: Vec<SampledVisitor>) -> IngestBatch {
    IngestBatch {
        samples: Some(Samples {
            at_ms: w.t.console.now_ms(),
            below,
            visitors,
        }),
        ..batch(vec![])
    }
}

pub(crate) async fn send(w: &World, below: u64, visitors: impl IntoIterator<Item = u32>) {
    let visitors: Vec<u32> = visitors.into_iter().collect();
    for some in visitors.chunks(500) {
        let some = some.iter().map(|n| visitor(*n)).collect();
        let sent = report(w, below, some);
        w.t.console.ingest(&w.t.gateway(), sent).await.unwrap();
    }
}

pub(crate) fn somebody(n: u32) -> Somebody {
    let SampledVisitor {
        unit,
        country,
        device,
        attributes,
    } = visitor(n);
    Somebody {
        unit,
        country: country.and_then(|code| CountryCode::new(&code).ok()),
        device: if device == "mobile" {
            Device::Mobile
        } else {
            Device::Desktop
        },
        attributes: attributes.into_iter().collect(),
    }
}

/// As a gateway asks.
pub(crate) fn asked<T>(who: &Somebody, now_ms: i64, question: impl FnOnce(&Context<'_>) -> T) -> T {
    let pairs = who.attributes.iter();
    let pairs: Vec<(&str, &str)> = pairs.map(|(n, v)| (n.as_str(), v.as_str())).collect();
    question(&Context {
        unit: &who.unit,
        country: who.country,
        device: who.device,
        attributes: &pairs,
        now_ms,
    })
}

/// What gateways have been told.
pub(crate) async fn published(w: &World) -> Engine {
    w.t.ticks("edge", 2).await.unwrap();
    let bytes = w.t.store.value("snapshot:production").unwrap();
    let signed: SignedSnapshot = serde_json::from_slice(&bytes).unwrap();
    let mut snapshot: Snapshot = serde_json::from_str(&signed.payload).unwrap();
    snapshot.lower_names();
    Engine::compile(&snapshot).unwrap()
}

pub(crate) async fn with_payments(w: &World) {
    let mut payments = flag_draft("payments");
    payments.rules[0].coverage_bp = 8_000;
    let console = &w.t.console;
    console.create_flag(&w.owner, payments).await.unwrap();
    let on = console.command_flag(
        &w.owner,
        PRODUCTION,
        "payments",
        None,
        FlagCommand::Enable,
        "",
    );
    on.await.unwrap();
}

pub(crate) fn aimed() -> Draft {
    Draft {
        targeting: Targeting {
            countries: vec![
                CountryCode::new("JP").unwrap(),
                CountryCode::new("US").unwrap(),
            ],
            condition: Some(json!({ "$or": [{ "age": { "$lt": 60 } }, { "Plan": "pro" }] })),
            ..Targeting::default()
        },
        coverage_bp: 6_000,
        layer: Some(LayerShare {
            layer: "checkout".to_owned(),
            share_bp: 7_000,
            from_bp: None,
        }),
        prerequisites: vec![Prerequisite {
            flag: "payments".to_owned(),
            operator: ValueOperator::Is,
            value: true.into(),
        }],
        ..draft("cta")
    }
}

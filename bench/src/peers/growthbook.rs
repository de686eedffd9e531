//! `growthbook-rust`: its core, which takes the attributes by reference and copies them, and
//! its client, which also copies all features for every answer.

use crate::{COUNTRIES, Evaluator, OFF, VARIANTS, key};
use anyhow::{Context as _, Result, anyhow};
use growthbook_rust::client::{GrowthBookClient, GrowthBookClientBuilder, GrowthBookClientTrait};
use growthbook_rust::dto::GrowthBookResponse;
use growthbook_rust::growthbook::GrowthBook;
use growthbook_rust::model_public::{FeatureResult, GrowthBookAttribute};
use serde_json::{Map, Value, json};
use std::pin::pin;
use std::task::{Poll, Waker};

type Caller = Option<Vec<GrowthBookAttribute>>;

/// `GrowthBook::check`.
pub struct Core(GrowthBook);

/// `GrowthBookClient::feature_result`.
pub struct Client(GrowthBookClient);

/// GrowthBook's payload.
#[must_use]
pub fn payload(flags: usize) -> Value {
    let feature = |index| {
        let rule = json!({
            "condition": { "country": { "$in": COUNTRIES } },
            "key": key(index), "seed": key(index), "hashAttribute": "id", "hashVersion": 2,
            "variations": VARIANTS, "weights": [0.5, 0.5],
        });
        (key(index), json!({ "defaultValue": OFF, "rules": [rule] }))
    };
    json!({ "features": (0..flags).map(feature).collect::<Map<_, _>>() })
}

impl Evaluator for Core {
    const NAME: &'static str = "growthbook-rust core";
    type Asker = Caller;
    type Found<'a> = FeatureResult;

    fn payload(flags: usize) -> Value {
        payload(flags)
    }

    fn load(json: &[u8]) -> Result<Self> {
        let response: GrowthBookResponse = serde_json::from_slice(json)?;
        Ok(Self(GrowthBook {
            forced_variations: None,
            features: response.features.unwrap_or_default(),
            attributes: None,
            sticky_bucket_service: None,
            saved_groups: Default::default(),
        }))
    }

    fn asker(id: &str, country: &str) -> Result<Caller> {
        attributes(id, country)
    }

    fn ask<'a>(&'a self, flag: &str, asker: &'a Caller) -> FeatureResult {
        self.0.check(flag, asker)
    }

    fn variant(found: &FeatureResult) -> Option<usize> {
        variation(found)
    }
}

impl Evaluator for Client {
    const NAME: &'static str = "growthbook-rust client";
    type Asker = Caller;
    type Found<'a> = FeatureResult;

    fn payload(flags: usize) -> Value {
        payload(flags)
    }

    fn load(json: &[u8]) -> Result<Self> {
        let response: GrowthBookResponse = serde_json::from_slice(json)?;
        let builder = GrowthBookClientBuilder::new().auto_refresh(false);
        let building = builder
            .features(response.features.unwrap_or_default())
            .build();
        // With the features given it has nothing to wait for.
        let mut context = std::task::Context::from_waker(Waker::noop());
        match pin!(building).poll(&mut context) {
            Poll::Ready(client) => Ok(Self(client.map_err(|error| anyhow!("{error:?}"))?)),
            Poll::Pending => Err(anyhow!("growthbook-rust: the client waits for something")),
        }
    }

    fn asker(id: &str, country: &str) -> Result<Caller> {
        attributes(id, country)
    }

    fn ask<'a>(&'a self, flag: &str, asker: &'a Caller) -> FeatureResult {
        self.0.feature_result(flag, asker.clone())
    }

    fn variant(found: &FeatureResult) -> Option<usize> {
        variation(found)
    }
}

fn attributes(id: &str, country: &str) -> Result<Caller> {
    let attributes = json!({ "id": id, "country": country, "plan": "pro" });
    let attributes = GrowthBookAttribute::from(attributes).map_err(|error| anyhow!("{error:?}"));
    Ok(Some(attributes.context("attributes")?))
}

fn variation(found: &FeatureResult) -> Option<usize> {
    let result = found.experiment_result.as_ref()?;
    let takes_part = result.in_experiment && result.hash_used;
    takes_part.then(|| usize::try_from(result.variation_id).ok())?
}

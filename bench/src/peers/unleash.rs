//! `unleash-yggdrasil`: `get_variant`, which answers with name, payload and both switches.
//! The strategy is the plain one, so that no second hash is computed for a rollout of all.

use crate::{COUNTRIES, Evaluator, VARIANTS, key, position};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::collections::HashMap;
use unleash_types::client_features::Context;
use unleash_yggdrasil::{EngineState, ExtendedVariantDef, UpdateMessage};

pub struct Unleash(EngineState);

impl Evaluator for Unleash {
    const NAME: &'static str = "unleash-yggdrasil";
    type Asker = Context;
    type Found<'a> = ExtendedVariantDef;

    fn payload(flags: usize) -> Value {
        json!({ "version": 2, "features": (0..flags).map(feature).collect::<Vec<_>>() })
    }

    fn load(json: &[u8]) -> Result<Self> {
        let engine = EngineState::default();
        let update = UpdateMessage::FullResponse(serde_json::from_slice(json)?);
        let warnings = engine.take_state(update);
        ensure!(warnings.is_none(), "unleash: {warnings:?}");
        Ok(Self(engine))
    }

    fn asker(id: &str, country: &str) -> Result<Context> {
        let properties = [("country", country), ("plan", "pro")];
        let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Context {
            user_id: Some(id.to_owned()),
            properties: Some(HashMap::from(properties)),
            ..Context::default()
        })
    }

    fn ask<'a>(&'a self, flag: &str, asker: &'a Context) -> ExtendedVariantDef {
        self.0.get_variant(flag, asker, &None)
    }

    fn variant(found: &ExtendedVariantDef) -> Option<usize> {
        found.feature_enabled.then(|| position(&found.name))?
    }
}

fn feature(index: usize) -> Value {
    let variants =
        VARIANTS.map(|name| json!({ "name": name, "weight": 500, "stickiness": "userId" }));
    json!({
        "name": key(index), "type": "experiment", "enabled": true,
        "strategies": [{
            "name": "default",
            "constraints": [{
                "contextName": "country", "operator": "IN", "values": COUNTRIES,
                "caseInsensitive": false, "inverted": false,
            }],
            "parameters": { "groupId": key(index), "stickiness": "userId" },
            "variants": variants,
        }],
    })
}

//! `flagsmith-flag-engine`: `get_evaluation_result`, which answers for the whole environment
//! at once. The identity is moved in and out, where its SDK copies the environment.

use crate::{COUNTRIES, Evaluator, OFF, VARIANTS, key, position};
use anyhow::Result;
use flagsmith_flag_engine::engine::get_evaluation_result;
use flagsmith_flag_engine::engine_eval::context::{EngineEvaluationContext, IdentityContext};
use flagsmith_flag_engine::engine_eval::result::{EvaluationResult, FlagResult};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::mem::swap;

pub struct Flagsmith(RefCell<EngineEvaluationContext>);

impl Evaluator for Flagsmith {
    const NAME: &'static str = "flagsmith-flag-engine";
    type Asker = RefCell<Option<IdentityContext>>;
    type Found<'a> = (EvaluationResult, Option<FlagResult>);

    fn payload(flags: usize) -> Value {
        let feature = |index| {
            let feature =
                json!({ "key": key(index), "name": key(index), "enabled": false, "value": OFF });
            (key(index), feature)
        };
        let features: Map<String, Value> = (0..flags).map(feature).collect();
        let segment = json!({
            "key": "1", "name": "three countries",
            "rules": [{ "type": "ALL", "conditions": [
                { "operator": "IN", "property": "country", "value": COUNTRIES },
            ] }],
            "overrides": (0..flags).map(feature_override).collect::<Vec<_>>(),
        });
        json!({
            "environment": { "key": "bench", "name": "bench" },
            "features": features, "segments": { "1": segment },
        })
    }

    fn load(json: &[u8]) -> Result<Self> {
        Ok(Self(RefCell::new(serde_json::from_slice(json)?)))
    }

    fn asker(id: &str, country: &str) -> Result<Self::Asker> {
        let traits = json!({ "country": country, "plan": "pro" });
        let identity = json!({ "identifier": id, "key": id, "traits": traits });
        Ok(RefCell::new(serde_json::from_value(identity)?))
    }

    fn ask<'a>(&'a self, flag: &str, asker: &'a Self::Asker) -> Self::Found<'a> {
        let (mut context, mut identity) = (self.0.borrow_mut(), asker.borrow_mut());
        swap(&mut context.identity, &mut identity);
        let mut result = get_evaluation_result(&context);
        swap(&mut context.identity, &mut identity);
        let found = result.flags.remove(flag);
        (result, found)
    }

    fn variant(found: &Self::Found<'_>) -> Option<usize> {
        let flag = found.1.as_ref().filter(|flag| flag.enabled)?;
        position(&flag.value.value)
    }
}

fn feature_override(index: usize) -> Value {
    let variants = VARIANTS.map(|value| json!({ "key": value, "value": value, "weight": 50.0 }));
    json!({
        "key": key(index), "name": key(index), "enabled": true, "value": OFF,
        "priority": 0.0, "variants": variants,
    })
}

//! `launchdarkly-server-sdk-evaluation`: `evaluate` on a flag that is borrowed from a map.
//! Its SDK copies the flag out of the store first.

use crate::{COUNTRIES, Evaluator, OFF, VARIANTS, key, position};
use anyhow::{Result, anyhow};
use launchdarkly_server_sdk_evaluation::{
    Context, ContextBuilder, Detail, Flag, FlagValue, Segment, Store, evaluate,
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

pub struct LaunchDarkly(Flags);

struct Flags(HashMap<String, Flag>);

impl Store for Flags {
    fn flag(&self, key: &str) -> Option<Flag> {
        self.0.get(key).cloned()
    }

    fn segment(&self, _: &str) -> Option<Segment> {
        None
    }
}

impl Evaluator for LaunchDarkly {
    const NAME: &'static str = "launchdarkly-server-sdk-evaluation";
    type Asker = Context;
    type Found<'a> = Option<Detail<&'a FlagValue>>;

    fn payload(flags: usize) -> Value {
        let flags = (0..flags).map(|index| (key(index), flag(index)));
        Value::Object(flags.collect::<Map<_, _>>())
    }

    fn load(json: &[u8]) -> Result<Self> {
        Ok(Self(Flags(serde_json::from_slice(json)?)))
    }

    fn asker(id: &str, country: &str) -> Result<Context> {
        let mut builder = ContextBuilder::new(id);
        builder.set_string("country", country);
        builder.set_string("plan", "pro");
        builder.build().map_err(|error| anyhow!(error))
    }

    fn ask<'a>(&'a self, flag: &str, asker: &'a Context) -> Self::Found<'a> {
        let flag = self.0.0.get(flag)?;
        Some(evaluate(&self.0, flag, asker, None))
    }

    fn variant(found: &Self::Found<'_>) -> Option<usize> {
        match found.as_ref()?.value? {
            FlagValue::Str(value) => position(value),
            _ => None,
        }
    }
}

fn flag(index: usize) -> Value {
    let [first, second] = VARIANTS;
    json!({
        "key": key(index), "version": 1, "on": true, "salt": key(index),
        "targets": [], "prerequisites": [], "clientSide": false,
        "variations": [first, second, OFF], "offVariation": 2, "fallthrough": { "variation": 2 },
        "rules": [{
            "id": "half", "trackEvents": false,
            "clauses": [{ "attribute": "country", "op": "in", "values": COUNTRIES, "negate": false }],
            "rollout": { "variations": [
                { "variation": 0, "weight": 50_000 },
                { "variation": 1, "weight": 50_000 },
            ] },
        }],
    })
}

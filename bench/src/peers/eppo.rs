//! `eppo_core`: `get_assignment` with the time given, without an event to log.

use crate::{COUNTRIES, Evaluator, VARIANTS, key, position};
use anyhow::Result;
use chrono::{DateTime, Utc};
use eppo_core::eval::get_assignment;
use eppo_core::ufc::{Assignment, UniversalFlagConfig, VariationType};
use eppo_core::{Attributes, Configuration, SdkMetadata, Str};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub struct Eppo(Configuration);

impl Evaluator for Eppo {
    const NAME: &'static str = "eppo_core";
    type Asker = (Str, Arc<Attributes>);
    type Found<'a> = Option<Assignment>;

    fn payload(flags: usize) -> Value {
        let flags: Map<String, Value> = (0..flags).map(|index| (key(index), flag(index))).collect();
        json!({
            "createdAt": "2026-01-01T00:00:00Z", "format": "SERVER",
            "environment": { "name": "bench" }, "flags": flags,
        })
    }

    fn load(json: &[u8]) -> Result<Self> {
        let sdk = SdkMetadata {
            name: "bench",
            version: "0",
        };
        let flags = UniversalFlagConfig::from_json(sdk, json.to_vec())?;
        Ok(Self(Configuration::from_server_response(flags, None)))
    }

    fn asker(id: &str, country: &str) -> Result<Self::Asker> {
        let attributes = [("country", country), ("plan", "pro")];
        let attributes = attributes.map(|(name, value)| (Str::new(name), value.into()));
        Ok((Str::new(id), Arc::new(attributes.into_iter().collect())))
    }

    fn ask<'a>(&'a self, flag: &str, asker: &'a Self::Asker) -> Option<Assignment> {
        let (id, attributes) = asker;
        let (kind, now) = (Some(VariationType::String), DateTime::<Utc>::UNIX_EPOCH);
        get_assignment(Some(&self.0), flag, id, attributes, kind, now).ok()?
    }

    fn variant(found: &Option<Assignment>) -> Option<usize> {
        position(found.as_ref()?.value.as_str()?)
    }
}

fn flag(index: usize) -> Value {
    let variation = |value: &str| (value.to_owned(), json!({ "key": value, "value": value }));
    let variations: Map<String, Value> = VARIANTS.into_iter().map(variation).collect();
    let split = |value: &str, start: u32| {
        let ranges = json!([{ "start": start, "end": start + 5_000 }]);
        json!({ "variationKey": value, "shards": [{ "salt": key(index), "ranges": ranges }] })
    };
    json!({
        "key": key(index), "enabled": true, "variationType": "STRING", "totalShards": 10_000,
        "variations": variations,
        "allocations": [{
            "key": "half", "doLog": false,
            "rules": [{ "conditions": [
                { "attribute": "country", "operator": "ONE_OF", "value": COUNTRIES },
            ] }],
            "splits": [split(VARIANTS[0], 0), split(VARIANTS[1], 5_000)],
        }],
    })
}

//! What SDKs are told, from one start or end to the next.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use bytes::Bytes;
use http::HeaderValue;
use nexus_flags::growthbook::{Engine, PayloadError, encrypt};
use nexus_flags::{SdkKey, Snapshot, payload};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::time::rfc3339;

/// The payload and its evaluator.
pub(crate) struct View {
    /// Nothing starts or ends in this time.
    pub(super) steady: Range<i64>,
    /// Names this content; every gateway of the environment gives it the same name.
    pub(super) tag: String,
    pub(super) evaluator: Engine,
    /// Flags with one value for everybody.
    pub(super) constants: HashSet<Box<str>>,
    /// Rules that take in a share of those they match.
    pub(super) shares: HashSet<Box<str>>,
    /// When this came to be.
    pub(super) since_ms: i64,
    features: Bytes,
    clear: Bytes,
    /// By the key's position.
    encrypted: Box<[OnceLock<Option<Bytes>>]>,
}

impl View {
    pub(super) fn new(snapshot: &Snapshot, now_ms: i64) -> Result<Self, PayloadError> {
        let steady = payload::steady(snapshot, now_ms);
        let features = payload::features(snapshot, now_ms);
        let evaluator = Engine::compile(&json!({ "features": features }))?;
        let shares = shares(&features).into_iter().map(Box::from).collect();
        let features = Bytes::from(Value::Object(features).to_string());
        let since_ms = snapshot.created_ms.max(steady.start);
        let keys = snapshot.sdk_keys.len();
        Ok(Self {
            tag: format!("{}-{}", snapshot.version, steady.start.max(0)),
            evaluator,
            constants: payload::constants(snapshot).map(Box::from).collect(),
            shares,
            clear: body("features", &features, since_ms),
            features,
            encrypted: std::iter::repeat_with(OnceLock::new).take(keys).collect(),
            since_ms,
            steady,
        })
    }

    /// As an entity tag (RFC 9110 §8.8.3).
    pub(super) fn etag(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("\"{}\"", self.tag)).ok()
    }

    /// The payload for the key at this position. `None` when its encryption key is none:
    /// what was to be encrypted is not sent in clear.
    pub(super) fn payload(&self, position: usize, key: &SdkKey) -> Option<Bytes> {
        let Some(secret) = &key.encryption_key else {
            return Some(self.clear.clone());
        };
        let made = self.encrypted.get(position)?;
        made.get_or_init(|| self.encrypt(secret)).clone()
    }

    /// The vector is drawn from key and text: the same payload is the same bytes at every
    /// gateway, and no vector serves two texts.
    fn encrypt(&self, key: &str) -> Option<Bytes> {
        let text = std::str::from_utf8(&self.features).ok()?;
        let digest = Sha256::new().chain_update(key).chain_update(text);
        let (iv, _) = digest
            .finalize()
            .split_first_chunk::<16>()
            .map(|(a, b)| (*a, b.len()))?;
        let encrypted = encrypt(text, key, iv).ok()?;
        let encrypted = Value::from(encrypted).to_string();
        Some(body(
            "encryptedFeatures",
            encrypted.as_bytes(),
            self.since_ms,
        ))
    }
}

/// The payload as GrowthBook's API gives it.
fn body(name: &str, features: &[u8], since_ms: i64) -> Bytes {
    let none = if name == "features" {
        ""
    } else {
        "\"features\":{},"
    };
    let mut body = format!("{{\"status\":200,{none}\"{name}\":").into_bytes();
    body.extend_from_slice(features);
    body.extend_from_slice(format!(",\"dateUpdated\":\"{}\"}}", rfc3339(since_ms)).as_bytes());
    body.into()
}

fn shares(features: &Map<String, Value>) -> BTreeSet<&str> {
    let rules = features.values().filter_map(|feature| feature.get("rules"));
    let rules = rules.filter_map(Value::as_array).flatten();
    rules
        .filter(|rule| rule.get("range").is_some())
        .filter_map(|rule| rule.get("id")?.as_str())
        .collect()
}

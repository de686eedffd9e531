//! What SDKs are told, from one start or end to the next.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::HeaderValue;
use nexus_flags::growthbook::{PayloadError, encrypt};
use nexus_flags::{SdkKey, Snapshot, payload};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::evaluator::{Constant, Constants, Evaluator};
use crate::time::rfc3339;

/// The payload, and its evaluator once somebody asks for it.
pub(crate) struct View {
    /// Nothing starts or ends in this time.
    pub(super) steady: Range<i64>,
    /// Names this content; every gateway of the environment gives it the same name.
    pub(super) tag: String,
    /// When this came to be.
    pub(super) since_ms: i64,
    constants: Arc<Constants>,
    clear: Bytes,
    /// The parts of `clear` that are encrypted for some keys.
    features: Bytes,
    /// What conditions refer to; empty when there is none.
    groups: String,
    /// By the key's position.
    encrypted: Box<[OnceLock<Option<Bytes>>]>,
    evaluator: OnceLock<Result<Evaluator, PayloadError>>,
}

fn constants(snapshot: &Snapshot) -> Constants {
    let constants = payload::constants(snapshot);
    let named = constants.map(|flag| {
        let constant = match flag.is_off {
            true => Constant::Off,
            false => Constant::Fixed,
        };
        (flag.key.as_str().into(), constant)
    });
    named.collect()
}

impl View {
    pub(super) fn new(snapshot: &Snapshot, now_ms: i64) -> Self {
        let steady = payload::steady(snapshot, now_ms);
        let features = Value::Object(payload::features(snapshot, now_ms)).to_string();
        let since_ms = snapshot.created_ms.max(steady.start);
        let groups = match snapshot.saved_groups.is_empty() {
            true => String::new(),
            false => Value::Object(payload::saved_groups(&snapshot.saved_groups)).to_string(),
        };
        let head = "{\"status\":200,\"features\":";
        let after = part("savedGroups", &groups);
        let clear = body(head, &features, &after, since_ms);
        let start = head.len();
        let keys = snapshot.sdk_keys.len();
        Self {
            tag: format!("{}-{}", snapshot.version, steady.start.max(0)),
            constants: Arc::new(constants(snapshot)),
            features: clear.slice(start..start + features.len()),
            clear,
            groups,
            encrypted: std::iter::repeat_with(OnceLock::new).take(keys).collect(),
            evaluator: OnceLock::new(),
            since_ms,
            steady,
        }
    }

    /// # Errors
    /// When the payload has more regular expressions than one evaluator holds.
    pub(super) fn evaluator(&self) -> Result<&Evaluator, &PayloadError> {
        let made = self.evaluator.get_or_init(|| {
            Evaluator::new(&self.features, &self.groups, Arc::clone(&self.constants))
        });
        made.as_ref()
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
        let secret = |text: &str| {
            let digest = Sha256::new().chain_update(key).chain_update(text);
            let digest = digest.finalize();
            let (iv, _) = digest.split_first_chunk::<16>()?;
            Some(Value::from(encrypt(text, key, *iv).ok()?).to_string())
        };
        let features = secret(std::str::from_utf8(&self.features).ok()?)?;
        let groups = match self.groups.is_empty() {
            true => String::new(),
            false => secret(&self.groups)?,
        };
        let head = "{\"status\":200,\"features\":{},\"encryptedFeatures\":";
        let after = part("encryptedSavedGroups", &groups);
        Some(body(head, &features, &after, self.since_ms))
    }
}

/// The payload as GrowthBook's API gives it.
fn body(head: &str, features: &str, after: &str, since_ms: i64) -> Bytes {
    [head, features, after, &tail(since_ms)].concat().into()
}

/// A further field, where there is something to say.
fn part(name: &str, json: &str) -> String {
    match json.is_empty() {
        true => String::new(),
        false => format!(",\"{name}\":{json}"),
    }
}

fn tail(since_ms: i64) -> String {
    format!(",\"dateUpdated\":\"{}\"}}", rfc3339(since_ms))
}

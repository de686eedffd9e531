//! What SDKs are told, from one start or end to the next.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::HeaderValue;
use nexus_flags::growthbook::{PayloadError, encrypt};
use nexus_flags::{SdkKey, Snapshot, payload};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::evaluator::{Constants, Evaluator};
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
    /// The part of `clear` that is encrypted for some keys.
    features: Bytes,
    /// By the key's position.
    encrypted: Box<[OnceLock<Option<Bytes>>]>,
    evaluator: OnceLock<Result<Evaluator, PayloadError>>,
}

impl View {
    pub(super) fn new(snapshot: &Snapshot, now_ms: i64) -> Self {
        let steady = payload::steady(snapshot, now_ms);
        let features = Value::Object(payload::features(snapshot, now_ms)).to_string();
        let since_ms = snapshot.created_ms.max(steady.start);
        let clear = body("{\"status\":200,\"features\":", &features, since_ms);
        let start = clear.len() - features.len() - tail(since_ms).len();
        let keys = snapshot.sdk_keys.len();
        Self {
            tag: format!("{}-{}", snapshot.version, steady.start.max(0)),
            constants: Arc::new(payload::constants(snapshot).map(Box::from).collect()),
            features: clear.slice(start..start + features.len()),
            clear,
            encrypted: std::iter::repeat_with(OnceLock::new).take(keys).collect(),
            evaluator: OnceLock::new(),
            since_ms,
            steady,
        }
    }

    /// # Errors
    /// When the payload has more regular expressions than one evaluator holds.
    pub(super) fn evaluator(&self) -> Result<&Evaluator, &PayloadError> {
        let made = self
            .evaluator
            .get_or_init(|| Evaluator::new(&self.features, Arc::clone(&self.constants)));
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
        let text = std::str::from_utf8(&self.features).ok()?;
        let digest = Sha256::new().chain_update(key).chain_update(text);
        let digest = digest.finalize();
        let (iv, _) = digest.split_first_chunk::<16>()?;
        let encrypted = Value::from(encrypt(text, key, *iv).ok()?).to_string();
        let head = "{\"status\":200,\"features\":{},\"encryptedFeatures\":";
        Some(body(head, &encrypted, self.since_ms))
    }
}

/// The payload as GrowthBook's API gives it.
fn body(head: &str, features: &str, since_ms: i64) -> Bytes {
    [head, features, &tail(since_ms)].concat().into()
}

fn tail(since_ms: i64) -> String {
    format!(",\"dateUpdated\":\"{}\"}}", rfc3339(since_ms))
}

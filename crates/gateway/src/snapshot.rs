//! The snapshot in force.
//!
//! A new one replaces it only when it is signed by a trusted key, made for this
//! environment, newer, and sensible. Whatever else is offered, the last good one stays.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwapOption, Guard};
use bytes::Bytes;
use nexus_flags::{
    CompileError, Engine, EnvelopeError, Limits, QaClaim, QaRefusal, TrustedKey, verify, verify_qa,
};
use serde::Serialize;

use crate::sdk::Published;
use crate::time::rfc3339;

/// Keeps the last good snapshot. Reading never waits.
pub struct SnapshotHolder {
    environment: String,
    keys: Vec<TrustedKey>,
    current: ArcSwapOption<Engine>,
    published: ArcSwapOption<Published>,
    history: Mutex<History>,
}

/// A good snapshot, compiled and for SDKs.
type Next = (Engine, Option<Published>);

#[derive(Default)]
struct History {
    /// The envelope in force.
    envelope: Bytes,
    loaded_ms: Option<i64>,
    last_poll_ms: Option<i64>,
    last_error: Option<String>,
}

/// What an offer led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// It is in force now.
    Taken { version: u64 },
    /// It was in force already.
    Unchanged,
}

/// Why an offer changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error("the snapshot makes no sense: {0}")]
    Compile(#[from] CompileError),
    #[error("version {0} is in force with another content")]
    SameVersion(u64),
}

/// What the status page says about the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnapshotStatus {
    /// Version in force; `null` when there is none.
    pub version: Option<u64>,
    /// When the console made it.
    pub created_at: Option<String>,
    /// When this gateway took it.
    pub loaded_at: Option<String>,
    /// Milliseconds since the console made it.
    pub age_ms: Option<i64>,
    /// When the source was asked last.
    pub last_poll_at: Option<String>,
    /// What was wrong the last time; `null` when nothing was.
    pub last_error: Option<String>,
}

impl SnapshotHolder {
    /// Empty: nothing is decided until a good snapshot is offered.
    #[must_use]
    pub fn new(environment: &str, keys: Vec<TrustedKey>) -> Self {
        Self {
            environment: environment.to_owned(),
            keys,
            current: ArcSwapOption::empty(),
            published: ArcSwapOption::empty(),
            history: Mutex::default(),
        }
    }

    /// The one in force.
    #[must_use]
    pub fn current(&self) -> Guard<Option<Arc<Engine>>> {
        self.current.load()
    }

    /// It as it was published, where it has keys for SDKs.
    pub(crate) fn published(&self) -> Option<Arc<Published>> {
        self.published.load_full()
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        self.current().as_ref().map(|engine| engine.version())
    }

    /// The claim of a tester's link that a trusted key has signed for this environment.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn verify_qa(&self, text: &str, now_ms: i64) -> Result<QaClaim, QaRefusal> {
        verify_qa(text, &self.keys, &self.environment, now_ms)
    }

    /// Considers an envelope.
    ///
    /// # Errors
    /// Why it was refused; the one in force stays.
    pub fn offer(&self, envelope: &Bytes, now_ms: i64) -> Result<Offer, Refusal> {
        let mut history = self.history();
        history.last_poll_ms = Some(now_ms);
        let outcome = self.consider(envelope, &history.envelope);
        history.last_error = outcome.as_ref().err().map(ToString::to_string);
        let Some((engine, published)) = outcome? else {
            return Ok(Offer::Unchanged);
        };
        let version = engine.version();
        self.published.store(published.map(Arc::new));
        self.current.store(Some(Arc::new(engine)));
        history.envelope = envelope.clone();
        history.loaded_ms = Some(now_ms);
        Ok(Offer::Taken { version })
    }

    /// Notes that the source has nothing published.
    pub fn nothing_published(&self, now_ms: i64) {
        let mut history = self.history();
        history.last_poll_ms = Some(now_ms);
        let kept = self
            .version()
            .map(|version| format!("nothing is published; version {version} is kept"));
        history.last_error = kept;
    }

    /// Notes that the source could not be asked.
    pub fn source_failed(&self, problem: String, now_ms: i64) {
        let mut history = self.history();
        history.last_poll_ms = Some(now_ms);
        history.last_error = Some(problem);
    }

    /// `None` when it is the one in force, byte by byte.
    fn consider(&self, envelope: &Bytes, in_force: &Bytes) -> Result<Option<Next>, Refusal> {
        let version = self.version();
        if version.is_some() && envelope == in_force {
            return Ok(None);
        }
        let limits = Limits {
            min_version: version.unwrap_or(0),
            ..Limits::for_environment(&self.environment)
        };
        let mut snapshot = verify(envelope, &self.keys, limits)?;
        if version == Some(snapshot.version) {
            return Err(Refusal::SameVersion(snapshot.version));
        }
        let published = Published::new(&snapshot);
        // Attributes come in headers, whose names have no case.
        snapshot.lower_names();
        Ok(Some((Engine::compile(&snapshot)?, published)))
    }

    /// For the status page.
    #[must_use]
    pub fn status(&self, now_ms: i64) -> SnapshotStatus {
        let history = self.history();
        let current = self.current();
        let created_ms = current.as_ref().map(|engine| engine.created_ms());
        SnapshotStatus {
            version: current.as_ref().map(|engine| engine.version()),
            created_at: created_ms.map(rfc3339),
            loaded_at: history.loaded_ms.map(rfc3339),
            age_ms: created_ms.map(|created_ms| now_ms.saturating_sub(created_ms)),
            last_poll_at: history.last_poll_ms.map(rfc3339),
            last_error: history.last_error.clone(),
        }
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use nexus_flags::{SigningKey, Snapshot, sign};
    use serde_json::json;

    use super::*;

    fn envelope(version: u64, environment: &str, key: u8) -> Bytes {
        let snapshot = Snapshot {
            version,
            environment: environment.to_owned(),
            created_ms: 1_000,
            experiments: Vec::new(),
            flags: Vec::new(),
            sdk_keys: Vec::new(),
            qa_links: Vec::new(),
            saved_groups: std::collections::BTreeMap::new(),
            sampling_seed: None,
        };
        let signed = sign(&SigningKey::from_bytes(&[key; 32]), "k", &snapshot).unwrap();
        serde_json::to_vec(&signed).unwrap().into()
    }

    fn holder() -> SnapshotHolder {
        let key = SigningKey::from_bytes(&[1; 32]).verifying_key();
        SnapshotHolder::new("staging", vec![TrustedKey::new("k", key)])
    }

    #[test]
    fn newer_snapshots_are_taken_and_the_same_is_no_news() {
        let holder = holder();
        assert_eq!(holder.version(), None);
        let five = envelope(5, "staging", 1);
        assert_eq!(holder.offer(&five, 1).unwrap(), Offer::Taken { version: 5 });
        assert_eq!(holder.offer(&five, 2).unwrap(), Offer::Unchanged);
        assert_eq!(
            holder.offer(&envelope(6, "staging", 1), 3).unwrap(),
            Offer::Taken { version: 6 }
        );
        assert_eq!(holder.version(), Some(6));
        assert_eq!(holder.status(5_000).age_ms, Some(4_000));
    }

    #[test]
    fn nothing_else_replaces_the_last_good_one() {
        let holder = holder();
        holder.offer(&envelope(5, "staging", 1), 1).unwrap();
        let mut torn = envelope(6, "staging", 1).to_vec();
        torn.truncate(50);
        let same_version = {
            let text = String::from_utf8(envelope(5, "staging", 1).to_vec()).unwrap();
            Bytes::from(text + " ")
        };
        let bad = [
            envelope(6, "staging", 2),
            envelope(6, "production", 1),
            envelope(4, "staging", 1),
            same_version,
            torn.into(),
            Bytes::new(),
        ];
        for envelope in bad {
            assert!(holder.offer(&envelope, 2).is_err());
            assert_eq!(holder.version(), Some(5));
            assert!(holder.status(2).last_error.is_some());
        }
        holder.source_failed("KV is down".to_owned(), 3);
        assert_eq!(holder.status(3).last_error.as_deref(), Some("KV is down"));
        holder.offer(&envelope(6, "staging", 1), 4).unwrap();
        assert_eq!(holder.status(4).last_error, None);
    }

    #[test]
    fn attributes_match_whatever_the_case_of_their_names() {
        let targeting = json!({ "attributes": [
            { "name": "Plan", "operator": "is", "values": ["Pro"] },
        ], "condition": { "$or": [{ "Plan": { "$in": ["Pro"] } }] } });
        let variants = json!([
            { "key": "a", "weight_bp": 5_000 }, { "key": "b", "weight_bp": 5_000 },
        ]);
        let step = json!({ "coverage_bp": 10_000, "seed": "s", "value": true,
            "targeting": targeting });
        let snapshot = json!({ "version": 1, "environment": "staging", "created_ms": 0,
            "experiments": [{ "id": "x", "seed": "s", "coverage_bp": 10_000,
                "variants": variants, "targeting": targeting }],
            "flags": [{ "key": "f", "value": false, "rules": [step] }] });
        let snapshot: Snapshot = serde_json::from_value(snapshot).unwrap();
        let signed = sign(&SigningKey::from_bytes(&[1; 32]), "k", &snapshot).unwrap();
        let holder = holder();
        let envelope = serde_json::to_vec(&signed).unwrap().into();
        holder.offer(&envelope, 1).unwrap();
        let current = holder.current();
        let engine = current.as_ref().unwrap();
        let takes_part = |value| {
            let context = nexus_flags::Context {
                unit: "u",
                country: None,
                device: nexus_flags::Device::Other,
                attributes: &[("plan", value)],
                now_ms: 1,
            };
            let mut decisions = nexus_flags::Decisions::default();
            engine.decide(&context, &mut decisions);
            let flag = engine.decide_all_flags(&context).next().unwrap();
            (engine.decided(&decisions).count(), flag.value == true)
        };
        assert_eq!(takes_part("Pro"), (1, true));
        assert_eq!(takes_part("pro"), (0, false), "values keep their case");
    }

    proptest::proptest! {
        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            proptest::prop_assert!(holder().offer(&bytes.into(), 0).is_err());
        }
    }
}

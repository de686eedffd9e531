//! The snapshot as it was published, for SDKs.
//!
//! The engine lowers attribute names, because to it they come in headers. SDKs' contexts
//! have case, so they are answered from the snapshot itself. It is kept as text, a seventh
//! of what it takes as a structure, since it is read only when something starts or ends.

use std::sync::{Arc, Mutex, PoisonError};

use nexus_flags::{SdkKey, Snapshot};

use super::key::changes_token;
use super::rate::Buckets;
use super::view::View;

/// A snapshot with keys.
pub(crate) struct Published {
    version: u64,
    keys: Vec<SdkKey>,
    pub(super) buckets: Buckets,
    /// By the keys' positions, see [`changes_token`].
    pub(super) tokens: Box<[Option<String>]>,
    text: Box<[u8]>,
    /// Made at the first question, and anew when something starts or ends.
    view: Mutex<Option<Arc<View>>>,
}

impl Published {
    /// `None` when nobody can ask, so that it takes no memory then.
    pub(crate) fn new(snapshot: &Snapshot) -> Option<Self> {
        if snapshot.sdk_keys.is_empty() {
            return None;
        }
        Some(Self {
            version: snapshot.version,
            keys: snapshot.sdk_keys.clone(),
            buckets: Buckets::new(snapshot.sdk_keys.len()),
            tokens: snapshot.sdk_keys.iter().map(changes_token).collect(),
            text: serde_json::to_vec(snapshot).ok()?.into(),
            view: Mutex::new(None),
        })
    }

    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn keys(&self) -> &[SdkKey] {
        &self.keys
    }

    /// What SDKs are told at this moment. The text is our own, so there always is one.
    pub(crate) fn view(&self, now_ms: i64) -> Option<Arc<View>> {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(view) = view.as_ref().filter(|view| view.steady.contains(&now_ms)) {
            return Some(Arc::clone(view));
        }
        let snapshot: Snapshot = serde_json::from_slice(&self.text).ok()?;
        let made = Arc::new(View::new(&snapshot, now_ms));
        *view = Some(Arc::clone(&made));
        Some(made)
    }
}

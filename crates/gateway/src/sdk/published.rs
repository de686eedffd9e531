//! The snapshot as it was published, for SDKs.
//!
//! The engine lowers attribute names, because to it they come in headers. SDKs' contexts
//! have case, so they are answered from the snapshot itself.

use std::sync::{Arc, Mutex, PoisonError};

use nexus_flags::growthbook::PayloadError;
use nexus_flags::{SdkKey, Snapshot};

use super::view::View;

/// A snapshot with keys.
pub(crate) struct Published {
    snapshot: Snapshot,
    /// Made at the first question, and anew when something starts or ends.
    view: Mutex<Option<Arc<View>>>,
}

impl Published {
    pub(crate) const fn new(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            view: Mutex::new(None),
        }
    }

    pub(crate) const fn version(&self) -> u64 {
        self.snapshot.version
    }

    pub(crate) fn keys(&self) -> &[SdkKey] {
        &self.snapshot.sdk_keys
    }

    /// What SDKs are told at this moment.
    ///
    /// # Errors
    /// When the payload has more regular expressions than one evaluator holds.
    pub(crate) fn view(&self, now_ms: i64) -> Result<Arc<View>, PayloadError> {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(view) = view.as_ref().filter(|view| view.steady.contains(&now_ms)) {
            return Ok(Arc::clone(view));
        }
        let made = Arc::new(View::new(&self.snapshot, now_ms)?);
        *view = Some(Arc::clone(&made));
        Ok(made)
    }
}

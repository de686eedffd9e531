//! The last requests, as tests and people read them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// How many requests are kept.
const KEPT: usize = 500;

/// One request and how it ended. Headers and bodies are not kept: they may
/// hold secrets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoggedRequest {
    /// Counts up from 1 since the start.
    pub number: u64,
    /// When it came, RFC 3339 in UTC.
    pub at: String,
    /// The HTTP method.
    pub method: String,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
    /// `None` when the client got no answer.
    pub status: Option<u16>,
    /// Milliseconds from head received to answer ready.
    pub duration_ms: f64,
    /// The rule that interfered, if one did.
    pub fault: Option<String>,
}

/// A ring of the last 500 requests.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Mutex<(u64, VecDeque<LoggedRequest>)>,
}

impl Journal {
    /// The requests, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<LoggedRequest> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.1.iter().cloned().collect()
    }

    /// Forgets all requests; the numbers go on.
    pub fn clear(&self) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .clear();
    }

    pub(crate) fn push(&self, mut request: LoggedRequest) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.0 += 1;
        request.number = entries.0;
        entries.1.push_back(request);
        if entries.1.len() > KEPT {
            entries.1.pop_front();
        }
    }
}

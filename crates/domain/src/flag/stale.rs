//! Flags whose time is over: nobody decides by them any more.

use serde::{Deserialize, Serialize};

use super::Flag;

/// How long a flag must have done nothing new to count as stale.
pub const STALE_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// A value that the flag gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueSeen {
    /// JSON, cut to 200 characters.
    pub value: String,
    pub first_ms: i64,
    pub last_ms: i64,
}

/// Why a flag can go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "because")]
pub enum Stale {
    /// The day has come that was set for it.
    Due { due_ms: i64 },
    /// It has given everybody the same for 30 days.
    OneValue { value: String },
    /// No gateway has given it to anybody for 30 days.
    Unused,
}

impl Flag {
    /// Why it can go; none for a permanent or archived one, and for one that was changed
    /// lately. `since_ms` is when the environment's gateways began to count.
    #[must_use]
    pub fn stale(&self, seen: &[ValueSeen], since_ms: Option<i64>, now_ms: i64) -> Option<Stale> {
        if self.permanent || self.archived {
            return None;
        }
        if let Some(due_ms) = self.due_ms.filter(|due_ms| *due_ms <= now_ms) {
            return Some(Stale::Due { due_ms });
        }
        let old_ms = now_ms - STALE_MS;
        let counted_long = since_ms.is_some_and(|since_ms| since_ms < old_ms);
        if self.updated_ms >= old_ms || !counted_long {
            return None;
        }
        let mut lately = seen.iter().filter(|one| one.last_ms >= old_ms);
        match (lately.next(), lately.next()) {
            (None, _) => Some(Stale::Unused),
            (Some(only), None) if seen.iter().any(|one| one.first_ms < old_ms) => {
                let value = only.value.clone();
                Some(Stale::OneValue { value })
            }
            _ => None,
        }
    }
}

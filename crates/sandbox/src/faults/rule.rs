//! What a rule says.

use http::Method;
use serde::{Deserialize, Serialize};

use super::glob;

/// Longest delay, in milliseconds.
const DELAY_MS: u64 = 600_000;

/// Which requests to disturb, and how. As JSON every field may be left out;
/// a rule must say at least one of `status`, `delay_ms`, `cut`, `drop_reply`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultRule {
    /// Names the rule in the log; empty asks for a number.
    pub id: String,
    /// An HTTP method; `None` is any.
    pub method: Option<String>,
    /// A pattern for the whole path: `*` within a segment, `**` across.
    pub path: String,
    /// Answer with this status instead of doing the request.
    pub status: Option<u16>,
    /// The Cloudflare error code in that answer's envelope.
    pub code: u32,
    /// `Retry-After` of that answer, in seconds.
    #[serde(alias = "retry_after")]
    pub retry_after_s: Option<u32>,
    /// Wait before anything else, in milliseconds.
    pub delay_ms: u64,
    /// Cut the connection instead of doing the request.
    pub cut: bool,
    /// Do the request, then cut the connection instead of answering.
    pub drop_reply: bool,
    /// The chance that a matching request is disturbed, 0 to 1.
    pub probability: f64,
    /// How many more requests to disturb; `None` is no limit.
    pub remaining: Option<u32>,
    /// Makes the chances repeatable.
    pub seed: u64,
    /// How many requests were disturbed so far.
    pub fired: u64,
}

impl Default for FaultRule {
    fn default() -> Self {
        Self {
            id: String::new(),
            method: None,
            path: "**".to_owned(),
            status: None,
            code: 10001,
            retry_after_s: None,
            delay_ms: 0,
            cut: false,
            drop_reply: false,
            probability: 1.0,
            remaining: None,
            seed: 0,
            fired: 0,
        }
    }
}

/// Why a rule was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// Nothing would happen.
    #[error("say what to do: a status, a delay, a cut connection or a dropped reply")]
    Nothing,
    /// More than one of status, cut and dropped reply.
    #[error("choose one of a status, a cut connection and a dropped reply")]
    Several,
    /// The status is no error a server gives.
    #[error("the status must be between 400 and 599")]
    Status,
    /// The method is not one.
    #[error("the method must be an HTTP method in capitals, or left out")]
    Method,
    /// Too long an id or path.
    #[error("the id may have 64 letters, digits, hyphens and underscores, the path 1 to 512 bytes")]
    Text,
    /// The delay is too long.
    #[error("the delay must be at most 600000 ms")]
    Delay,
    /// Not a probability.
    #[error("the probability must be between 0 and 1")]
    Probability,
    /// The table is full.
    #[error("there are too many rules; remove some first")]
    TooMany,
}

impl FaultRule {
    pub(super) fn check(&self) -> Result<(), FaultError> {
        let ends = [self.status.is_some(), self.cut, self.drop_reply];
        let id_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let known = |m: &str| {
            let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
            all.contains(&m)
        };
        match ends.iter().filter(|e| **e).count() {
            0 if self.delay_ms == 0 => return Err(FaultError::Nothing),
            0 | 1 => {}
            _ => return Err(FaultError::Several),
        }
        if self.status.is_some_and(|s| !(400..=599).contains(&s)) {
            return Err(FaultError::Status);
        }
        if self.method.as_deref().is_some_and(|m| !known(m)) {
            return Err(FaultError::Method);
        }
        if self.id.len() > 64
            || !self.id.bytes().all(id_byte)
            || !(1..=512).contains(&self.path.len())
        {
            return Err(FaultError::Text);
        }
        if self.delay_ms > DELAY_MS {
            return Err(FaultError::Delay);
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(FaultError::Probability);
        }
        Ok(())
    }

    pub(super) fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_deref().is_none_or(|m| m == method.as_str())
            && glob::matches(&self.path, path)
    }
}

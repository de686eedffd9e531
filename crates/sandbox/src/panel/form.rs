//! The form that adds a rule: fields as text, empty for "not said".

use serde::Deserialize;

use crate::FaultRule;
use crate::faults::FaultError;

/// What the browser sent; kept as sent, to show again if it is refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AddRule {
    pub(super) method: String,
    pub(super) path: String,
    /// `status`, `cut`, `drop_reply` or `delay`.
    pub(super) effect: String,
    pub(super) status: String,
    pub(super) code: String,
    pub(super) retry_after_s: String,
    pub(super) delay_ms: String,
    pub(super) probability: String,
    pub(super) remaining: String,
    pub(super) seed: String,
}

impl Default for AddRule {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            method: String::new(),
            path: text("/client/v4/**"),
            effect: text("status"),
            status: text("503"),
            code: text("10001"),
            retry_after_s: String::new(),
            delay_ms: String::new(),
            probability: text("1"),
            remaining: String::new(),
            seed: String::new(),
        }
    }
}

impl AddRule {
    /// The rule the fields describe; what is not a number is out of range.
    pub(super) fn rule(&self) -> Result<FaultRule, FaultError> {
        let fallback = FaultRule::default();
        let by_status = self.effect == "status";
        let status = number(&self.status, FaultError::Status)?;
        let probability = number(&self.probability, FaultError::Probability)?;
        Ok(FaultRule {
            method: Some(self.method.trim().to_owned()).filter(|m| !m.is_empty()),
            path: self.path.trim().to_owned(),
            status: status.filter(|_| by_status),
            code: number(&self.code, FaultError::Status)?.unwrap_or(fallback.code),
            retry_after_s: number(&self.retry_after_s, FaultError::Delay)?.filter(|_| by_status),
            delay_ms: number(&self.delay_ms, FaultError::Delay)?.unwrap_or(0),
            cut: self.effect == "cut",
            drop_reply: self.effect == "drop_reply",
            probability: probability.unwrap_or(fallback.probability),
            remaining: number(&self.remaining, FaultError::Probability)?,
            seed: number(&self.seed, FaultError::Probability)?.unwrap_or(0),
            ..fallback
        })
    }
}

fn number<T: std::str::FromStr>(text: &str, error: FaultError) -> Result<Option<T>, FaultError> {
    let text = text.trim();
    if text.is_empty() {
        Ok(None)
    } else {
        text.parse().map(Some).map_err(|_| error)
    }
}

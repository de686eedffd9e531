//! Trying again, for calls that are safe to repeat.

use crate::error::Error;

/// How often and how patiently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Attempts in all; at least one is made.
    pub attempts: u32,
    /// Upper limit of the first wait; doubles with each further one.
    pub first_ms: u64,
    /// Upper limit of any wait. A `Retry-After` beyond it ends the attempts.
    pub max_ms: u64,
}

impl Retries {
    /// One attempt only: for callers that try again by themselves.
    pub const NONE: Self = Self {
        attempts: 1,
        first_ms: 0,
        max_ms: 0,
    };
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_ms: 200,
            max_ms: 3_000,
        }
    }
}

impl Retries {
    /// How long to wait before the next attempt after `made` of them; `None` to
    /// give up. Exponential with full jitter, and never shorter than the other
    /// side asked for.
    pub(crate) fn wait_ms(&self, made: u32, error: &Error, random: u64) -> Option<u64> {
        if made >= self.attempts || !error.is_passing() {
            return None;
        }
        let doublings = made.saturating_sub(1).min(20);
        let limit_ms = self
            .first_ms
            .saturating_mul(1 << doublings)
            .min(self.max_ms);
        let jitter_ms = random % (limit_ms + 1);
        match error.retry_after_ms() {
            Some(asked_ms) if asked_ms > self.max_ms => None,
            Some(asked_ms) => Some(asked_ms.max(jitter_ms)),
            None => Some(jitter_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn busy(retry_after_ms: Option<u64>) -> Error {
        Error::Busy {
            status: 429,
            errors: Vec::new(),
            retry_after_ms,
        }
    }

    proptest! {
        #[test]
        fn waits_are_bounded_and_end(made in 1u32..10, random: u64, asked in proptest::option::of(0u64..10_000)) {
            let retries = Retries::default();
            match retries.wait_ms(made, &busy(asked), random) {
                Some(ms) => {
                    prop_assert!(made < retries.attempts && ms <= retries.max_ms);
                    prop_assert!(asked.is_none_or(|asked| ms >= asked));
                }
                None => prop_assert!(made >= retries.attempts || asked.is_some_and(|a| a > retries.max_ms)),
            }
        }
    }

    #[test]
    fn a_refusal_is_not_repeated() {
        let refused = Error::Denied { errors: Vec::new() };
        assert_eq!(Retries::default().wait_ms(1, &refused, 0), None);
        assert_eq!(Retries::NONE.wait_ms(1, &busy(None), 0), None);
    }
}

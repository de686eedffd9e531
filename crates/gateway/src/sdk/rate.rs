//! How often a key may ask: a bucket of tokens for each key of the snapshot.
//!
//! Written as the time at which the bucket is full again (generic cell rate algorithm,
//! ITU-T I.371): one number for each key, and no key that is not in the snapshot has any.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits::SDK_BURST_S;

const SECOND_NS: u64 = 1_000_000_000;

/// The buckets, by the keys' positions. Another snapshot begins with full ones.
pub(super) struct Buckets(Box<[AtomicU64]>);

impl Buckets {
    pub(super) fn new(keys: usize) -> Self {
        Self(
            std::iter::repeat_with(AtomicU64::default)
                .take(keys)
                .collect(),
        )
    }

    /// Takes a token of the key at this position; `rate` tokens a second come back.
    ///
    /// # Errors
    /// The whole seconds after which there is one again.
    pub(super) fn take(&self, position: usize, rate: u32, now_us: u64) -> Result<(), u64> {
        let Some(bucket) = self.0.get(position).filter(|_| rate > 0) else {
            return Ok(());
        };
        let token_ns = SECOND_NS / u64::from(rate);
        let (now_ns, burst_ns) = (now_us.saturating_mul(1_000), SDK_BURST_S * SECOND_NS);
        let mut wait_ns = 0;
        let taken = bucket.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_ns| {
            // No bucket is emptier than empty: a clock that was set back begins anew.
            let is_stale = full_ns > now_ns + burst_ns;
            let full_ns = if is_stale {
                now_ns
            } else {
                full_ns.max(now_ns)
            };
            let next_ns = full_ns + token_ns;
            wait_ns = next_ns.saturating_sub(now_ns + burst_ns);
            (wait_ns == 0).then_some(next_ns)
        });
        taken.map(|_| ()).map_err(|_| wait_ns.div_ceil(SECOND_NS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of so many requests pass at one moment.
    fn passed(buckets: &Buckets, position: usize, requests: u64, now_us: u64) -> u64 {
        let each = (0..requests).map(|_| buckets.take(position, 10, now_us));
        each.filter(Result::is_ok).count() as u64
    }

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let buckets = Buckets::new(2);
        assert_eq!(passed(&buckets, 0, 1_000, 1), 10 * SDK_BURST_S);
        assert_eq!(buckets.take(0, 10, 1), Err(1));
        assert_eq!(passed(&buckets, 0, 1_000, 1_000_001), 10);
        assert_eq!(
            passed(&buckets, 1, 1_000, 1_000_001),
            10 * SDK_BURST_S,
            "each key"
        );
        assert_eq!(passed(&buckets, 0, 1_000, 3_600_000_000), 10 * SDK_BURST_S);
    }

    #[test]
    fn no_rate_is_no_limit_and_a_clock_set_back_locks_nobody_out() {
        let buckets = Buckets::new(1);
        assert!((0..100_000).all(|_| buckets.take(0, 0, 1).is_ok()));
        assert!(buckets.take(9, 1, 1).is_ok());
        assert!(buckets.take(0, 1, 3_600_000_000).is_ok());
        assert!(buckets.take(0, 1, 1).is_ok());
    }

    proptest::proptest! {
        /// In any time no more pass than a burst and the rate times it.
        #[test]
        fn never_more_than_the_rate(rate in 1_u32..5_000, pauses in proptest::collection::vec(0_u64..200_000, 1..400)) {
            let buckets = Buckets::new(1);
            let (mut now_us, mut passed) = (1, 0_u64);
            for pause_us in &pauses {
                now_us += pause_us;
                passed += u64::from(buckets.take(0, rate, now_us).is_ok());
            }
            let most = u64::from(rate) * SDK_BURST_S + u64::from(rate) * now_us / 1_000_000 + 1;
            proptest::prop_assert!(passed <= most, "{passed} of at most {most}");
        }
    }
}

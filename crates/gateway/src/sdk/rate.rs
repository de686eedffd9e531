//! How much somebody may ask: a bucket of tokens for each key of the snapshot, and some for
//! the addresses of those who show none.
//!
//! Written as the time at which the bucket is full again (generic cell rate algorithm,
//! ITU-T I.371): one number for each key, and no key that is not in the snapshot has any.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits::SDK_BURST_S;

const SECOND_NS: u64 = 1_000_000_000;

/// Buckets that all addresses share: so many that few strangers meet in one.
const ADDRESSES: usize = 8_192;

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

    /// Takes tokens of the key at this position; `rate` tokens a second come back. What costs
    /// more than a full bucket holds costs a full one.
    ///
    /// # Errors
    /// The whole seconds after which there are as many again.
    pub(super) fn take(
        &self,
        position: usize,
        tokens: u64,
        rate: u32,
        now_us: u64,
    ) -> Result<(), u64> {
        let Some(bucket) = self.0.get(position).filter(|_| rate > 0) else {
            return Ok(());
        };
        let (now_ns, burst_ns) = (now_us.saturating_mul(1_000), SDK_BURST_S * SECOND_NS);
        let cost_ns = (SECOND_NS / u64::from(rate)).saturating_mul(tokens);
        let cost_ns = cost_ns.min(burst_ns);
        let mut wait_ns = 0;
        let taken = bucket.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_ns| {
            // No bucket is emptier than empty: a clock that was set back begins anew.
            let is_stale = full_ns > now_ns + burst_ns;
            let full_ns = if is_stale {
                now_ns
            } else {
                full_ns.max(now_ns)
            };
            let next_ns = full_ns + cost_ns;
            wait_ns = next_ns.saturating_sub(now_ns + burst_ns);
            (wait_ns == 0).then_some(next_ns)
        });
        taken.map(|_| ()).map_err(|_| wait_ns.div_ceil(SECOND_NS))
    }
}

/// Buckets of those who show no key. The hash has a key of its own, so nobody chooses whom to
/// share one with.
pub(crate) struct Addresses {
    buckets: Buckets,
    hash: RandomState,
}

impl Default for Addresses {
    fn default() -> Self {
        Self {
            buckets: Buckets::new(ADDRESSES),
            hash: RandomState::new(),
        }
    }
}

impl Addresses {
    /// As [`Buckets::take`], by the network of an address.
    pub(crate) fn take(
        &self,
        address: IpAddr,
        tokens: u64,
        rate: u32,
        now_us: u64,
    ) -> Result<(), u64> {
        let hash = self.hash.hash_one(network(address));
        let position = usize::try_from(hash % ADDRESSES as u64).unwrap_or_default();
        self.buckets.take(position, tokens, rate, now_us)
    }
}

/// Whoever has an IPv6 address mostly has 2^64 of them.
const fn network(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits() as u128,
        IpAddr::V6(address) => address.to_bits() >> 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of so many requests pass at one moment.
    fn passed(buckets: &Buckets, position: usize, requests: u64, now_us: u64) -> u64 {
        let each = (0..requests).map(|_| buckets.take(position, 1, 10, now_us));
        each.filter(Result::is_ok).count() as u64
    }

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let buckets = Buckets::new(2);
        assert_eq!(passed(&buckets, 0, 1_000, 1), 10 * SDK_BURST_S);
        assert_eq!(buckets.take(0, 1, 10, 1), Err(1));
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
        assert!((0..100_000).all(|_| buckets.take(0, 1, 0, 1).is_ok()));
        assert!(buckets.take(9, 1, 1, 1).is_ok());
        assert!(buckets.take(0, 1, 1, 3_600_000_000).is_ok());
        assert!(buckets.take(0, 1, 1, 1).is_ok());
    }

    #[test]
    fn what_costs_more_takes_more_and_never_more_than_a_full_bucket() {
        let buckets = Buckets::new(1);
        assert_eq!(buckets.take(0, 30, 10, 1), Ok(()));
        assert_eq!(buckets.take(0, 30, 10, 1), Err(1), "20 are left");
        assert_eq!(buckets.take(0, 20, 10, 1), Ok(()));
        assert_eq!(buckets.take(0, 1_000, 10, 1), Err(5));
        assert_eq!(buckets.take(0, 1_000, 10, 5_000_001), Ok(()));
    }

    #[test]
    fn each_address_has_its_own_and_a_network_of_ipv6_is_one() {
        let addresses = Addresses::default();
        let of = |text: &str| addresses.take(text.parse().unwrap(), 50, 10, 1).is_ok();
        assert!(of("192.0.2.1") && !of("192.0.2.1"));
        assert!(of("2001:db8::1") && !of("2001:db8::ffff:2"));
        let others = (0..100).filter(|n| of(&format!("198.51.100.{n}"))).count();
        assert!(others > 90, "{others} of 100");
    }

    proptest::proptest! {
        /// In any time no more pass than a burst and the rate times it.
        #[test]
        fn never_more_than_the_rate(rate in 1_u32..5_000, asked in proptest::collection::vec((0_u64..200_000, 1_u64..5), 1..400)) {
            let buckets = Buckets::new(1);
            let (mut now_us, mut passed) = (1, 0_u64);
            for (pause_us, tokens) in &asked {
                now_us += pause_us;
                let is_taken = buckets.take(0, *tokens, rate, now_us).is_ok();
                // A bucket of a rate of 1 holds five.
                passed += if is_taken { *tokens } else { 0 };
            }
            let most = u64::from(rate) * SDK_BURST_S + u64::from(rate) * now_us / 1_000_000 + 1;
            proptest::prop_assert!(passed <= most, "{passed} of at most {most}");
        }
    }
}

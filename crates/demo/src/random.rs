//! A small generator of pseudo-random numbers: repeatable runs matter here, secrecy not.

/// `SplitMix64` (Steele, Lea, Flood 2014): 64 bits of state, passes `BigCrush`.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator from the operating system's entropy.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn from_system() -> anyhow::Result<Self> {
        let seed = getrandom::u64().map_err(|error| anyhow::anyhow!("no entropy: {error}"))?;
        Ok(Self(seed))
    }

    /// Any 64-bit number.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in 0..1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A number in `0..bound`; 0 when the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// An index with probability in proportion to its weight; 0 when no weight is positive.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        weights
            .iter()
            .rposition(|weight| *weight > 0.0)
            .unwrap_or(0)
    }

    /// An exponentially distributed waiting time with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// A UUIDv7 for this moment (RFC 9562 §5.7).
    pub fn uuid(&mut self, now_ms: u64) -> uuid::Uuid {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.bits().to_le_bytes());
        bytes[8..].copy_from_slice(&self.bits().to_le_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(now_ms, &bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats() {
        let (mut a, mut b) = (Random::seeded(7), Random::seeded(7));
        assert!((0..100).all(|_| a.bits() == b.bits()));
        assert_ne!(Random::seeded(7).bits(), Random::seeded(8).bits());
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::seeded(1);
        let mut seen = [0_u32; 3];
        for _ in 0..30_000 {
            seen[random.weighted(&[1.0, 0.0, 2.0])] += 1;
        }
        assert_eq!(seen[1], 0);
        assert!((9_500..10_500).contains(&seen[0]), "{seen:?}");
    }

    #[test]
    fn waiting_times_have_their_mean() {
        let mut random = Random::seeded(2);
        let mean = (0..50_000).map(|_| random.exponential(20.0)).sum::<f64>() / 50_000.0;
        assert!((19.5..20.5).contains(&mean), "{mean}");
    }

    proptest::proptest! {
        #[test]
        fn numbers_stay_in_their_range(seed: u64, bound in 1_usize..1000) {
            let mut random = Random::seeded(seed);
            proptest::prop_assert!(random.below(bound) < bound);
            proptest::prop_assert!((0.0..1.0).contains(&random.unit()));
            proptest::prop_assert!(random.exponential(1.0) >= 0.0);
        }
    }
}

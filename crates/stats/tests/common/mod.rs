//! Seeded randomness for simulations: xorshift64* (Vigna 2016). The same runs every time.

pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// How many of `units` succeed, each with probability `rate`.
    pub(crate) fn successes(&mut self, units: u64, rate: f64) -> u64 {
        let limit = (rate * u64::MAX as f64) as u64;
        (0..units).filter(|_| self.next() < limit).count() as u64
    }
}

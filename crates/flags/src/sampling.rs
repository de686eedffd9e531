//! Which visitors stand for all: the same ones at every gateway.
//!
//! A visitor has a rank, a keyed hash of the unit that is spread evenly and has nothing to do
//! with the hashes that deal variants. Whoever ranks below a limit is an unbiased sample of
//! all who came, however often and wherever they came. Samples of several gateways and
//! minutes merge by keeping who is below the smallest limit: a theta sketch (Dasgupta, Lang,
//! Rhodes and Thaler, *A framework for estimating stream expression cardinalities*, ICDT
//! 2016). The key stands in the snapshot, so nobody outside can choose ids of low rank.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::engine::Engine;
use crate::snapshot::{Snapshot, Targeting};

/// Ranks lie below this; JavaScript counts so far without loss.
pub const RANKS: u64 = 1 << 52;

/// Ranks units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sampler {
    key: [u64; 2],
}

impl Sampler {
    /// From a snapshot's seed: 32 hexadecimal digits.
    #[must_use]
    pub fn new(seed: &str) -> Option<Self> {
        let seed = (seed.len() == 32).then(|| u128::from_str_radix(seed, 16))?;
        let seed = seed.ok()?;
        Some(Self {
            key: [(seed >> 64) as u64, seed as u64],
        })
    }

    /// The unit's rank, below [`RANKS`].
    #[must_use]
    pub fn rank(&self, unit: &str) -> u64 {
        siphash(self.key, unit.as_bytes()) >> 12
    }
}

impl Engine {
    /// The unit's rank; none where the snapshot asks for no samples, or nobody is known.
    #[must_use]
    pub fn rank(&self, unit: &str) -> Option<u64> {
        let sampler = self.sampler.filter(|_| !unit.is_empty())?;
        Some(sampler.rank(unit))
    }

    /// Names of the attributes that the snapshot's rules look at, in byte order; without
    /// `id`, `country` and `device`, which every context has.
    #[must_use]
    pub fn attribute_names(&self) -> &[Box<str>] {
        &self.attribute_names
    }
}

impl Targeting {
    /// Names of the attributes that it looks at; without `id`, `country` and `device`.
    #[must_use]
    pub fn attribute_names(&self) -> BTreeSet<&str> {
        let rules = self.attributes.iter();
        let mut found: BTreeSet<&str> = rules.map(|rule| rule.name.as_str()).collect();
        if let Some(condition) = &self.condition {
            names_of_condition(condition, &mut found);
        }
        for own in ["id", "country", "device"] {
            found.remove(own);
        }
        found
    }
}

/// Every name that a targeting of the snapshot asks for.
pub(crate) fn names_asked_for(snapshot: &Snapshot) -> Box<[Box<str>]> {
    let targetings = snapshot.targetings();
    let found: BTreeSet<&str> = targetings.flat_map(Targeting::attribute_names).collect();
    found.into_iter().map(Box::from).collect()
}

fn names_of_condition<'v>(condition: &'v Value, found: &mut BTreeSet<&'v str>) {
    match condition {
        Value::Array(items) => items
            .iter()
            .for_each(|item| names_of_condition(item, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if name.starts_with('$') {
                    names_of_condition(value, found);
                } else {
                    found.insert(name);
                }
            }
        }
        _ => {}
    }
}

/// SipHash-2-4 (Aumasson and Bernstein, *SipHash: a fast short-input PRF*, 2012).
fn siphash([k0, k1]: [u64; 2], bytes: &[u8]) -> u64 {
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    let mut take_in = |word: u64| {
        v[3] ^= word;
        round(&mut v);
        round(&mut v);
        v[0] ^= word;
    };
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        take_in(little_endian(word));
    }
    let length = (bytes.len() as u64) << 56;
    take_in(length | little_endian(words.remainder()));
    v[2] ^= 0xff;
    (0..4).for_each(|_| round(&mut v));
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

/// Of at most eight bytes.
fn little_endian(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference's key and inputs: bytes 0, 1, 2, …
    #[test]
    fn the_hash_is_that_of_the_reference() {
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let input: Vec<u8> = (0..15).collect();
        assert_eq!(siphash(key, &[]), 0x726f_db47_dd0e_0e31);
        assert_eq!(siphash(key, &input[..1]), 0x74f8_39c5_93dc_67fd);
        assert_eq!(siphash(key, &input[..8]), 0x93f5_f579_9a93_2462);
        assert_eq!(siphash(key, &input), 0xa129_ca61_49be_45e5);
    }

    #[test]
    fn a_seed_is_32_hexadecimal_digits() {
        assert!(Sampler::new(&"0f".repeat(16)).is_some());
        for bad in [
            "",
            "0f",
            &"xy".repeat(16),
            &"0f".repeat(17),
            "+f".repeat(16).as_str(),
        ] {
            assert_eq!(Sampler::new(bad), None, "{bad}");
        }
    }

    /// A tenth of the ranks holds a tenth of the units, within four standard errors.
    #[test]
    fn ranks_are_spread_evenly() {
        let sampler = Sampler::new(&"5a".repeat(16)).unwrap();
        let mut tenths = [0u32; 10];
        for n in 0..20_000 {
            let rank = sampler.rank(&format!("user-{n}"));
            tenths[(rank * 10 / RANKS) as usize] += 1;
        }
        let error = (20_000.0f64 * 0.1 * 0.9).sqrt();
        for tenth in tenths {
            assert!(
                (f64::from(tenth) - 2_000.0).abs() < 4.0 * error,
                "{tenths:?}"
            );
        }
    }
}

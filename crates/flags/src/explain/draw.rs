//! How a unit is drawn, with everything that goes into it: whoever wants to can compute it.

use std::ops::Range;

use serde::Serialize;

use crate::bucketing::{Fnv1a, fraction};

/// The version of GrowthBook's hash that everything is drawn by.
const HASH_VERSION: u32 = 2;

/// A unit's place under a seed: `fnv1a32(decimal(fnv1a32(seed + unit))) % 10000`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draw {
    /// Stands before the unit in what is hashed.
    pub seed: String,
    /// Of GrowthBook's hash.
    pub hash_version: u32,
    /// `fnv1a32(seed + unit)`.
    pub hash: u32,
    /// Of 10 000.
    pub bucket: u16,
    /// The bucket as a number in `[0, 1)`.
    pub value: f64,
    /// The buckets that are let in; of an experiment those of each variant, which may be none.
    pub ranges: Vec<Buckets>,
}

/// Buckets one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Buckets {
    pub from: u16,
    /// Exclusive.
    pub to: u16,
}

impl Draw {
    pub(super) fn new(seed: &str, unit: &str, ranges: impl Iterator<Item = Range<u16>>) -> Self {
        let hash = Fnv1a::EMPTY.text(seed).text(unit);
        let bucket = hash.bucket();
        let ranges = ranges.map(|range| Buckets {
            from: range.start,
            to: range.end,
        });
        Self {
            seed: seed.to_owned(),
            hash_version: HASH_VERSION,
            hash: hash.value(),
            bucket,
            value: fraction(bucket),
            ranges: ranges.collect(),
        }
    }

    /// Position of the range that holds the bucket.
    #[must_use]
    pub fn holder(&self) -> Option<u32> {
        let mut ranges = (0..).zip(&self.ranges);
        let holds = |range: &Buckets| (range.from..range.to).contains(&self.bucket);
        ranges.find_map(|(index, range)| holds(range).then_some(index))
    }
}

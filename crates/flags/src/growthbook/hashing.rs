//! Who falls where: identities, seeded hashes, filters and namespaces.

use serde_json::{Map, Value};

use super::attribute::{Attribute, text_field, truthy_field};
use super::number::NumberText;
use crate::bucketing::{self, BucketRange, Fnv1a};

/// The attribute that tells units apart unless a rule names another.
pub(super) const DEFAULT_ATTRIBUTE: &str = "id";

/// A unit: the attribute it is known by and its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity<'a> {
    pub(super) attribute: &'a str,
    pub(super) value: Attribute<'a>,
}

impl Identity<'_> {
    /// Calls `f` with the value's text; a number's is written on the stack.
    pub(super) fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> Option<R> {
        match self.value {
            Attribute::Text(text) => Some(f(text)),
            Attribute::Number(number) => Some(f(NumberText::new(number).as_str())),
            _ => None,
        }
    }
}

/// A hash function with its seed, as far as it can be computed ahead.
#[derive(Debug, Clone)]
pub(super) enum Hasher {
    /// Version 1 hashes the seed last.
    First(Box<str>),
    Second(Fnv1a),
    /// A version of a later specification: nobody has a hash.
    Unknown,
}

impl Hasher {
    pub(super) fn new(seed: &str, version: Option<u64>) -> Self {
        match version {
            Some(1) => Self::First(seed.into()),
            Some(2) => Self::Second(Fnv1a::EMPTY.text(seed)),
            _ => Self::Unknown,
        }
    }

    /// Reads `hashVersion`; missing and zero mean `default`.
    pub(super) fn read(object: &Map<String, Value>, seed: &str, default: u64) -> Self {
        let version = truthy_field(object, "hashVersion");
        Self::new(seed, version.map_or(Some(default), whole_number))
    }

    /// The unit's place in `[0, 1)`.
    #[inline]
    pub(super) fn hash(&self, unit: &Identity<'_>) -> Option<f64> {
        unit.with_text(|text| match self {
            Self::First(seed) => bucketing::hash(seed, text, 1),
            Self::Second(seeded) => Some(bucketing::fraction(seeded.text(text).bucket())),
            Self::Unknown => None,
        })?
    }
}

/// Lets in the units that fall into one of the ranges.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) attribute: Box<str>,
    hasher: Hasher,
    ranges: Box<[BucketRange]>,
}

impl Filter {
    /// The `filters` of a rule. What is not an object lets nobody in.
    pub(super) fn read_all(filters: &Value) -> Box<[Self]> {
        match filters {
            Value::Array(filters) => filters.iter().map(Self::read).collect(),
            other => [Self::read(other)].into(),
        }
    }

    fn read(filter: &Value) -> Self {
        let nothing = Map::new();
        let filter = filter.as_object().unwrap_or(&nothing);
        let seed = text_field(filter, "seed").unwrap_or_default();
        Self {
            attribute: text_field(filter, "attribute")
                .unwrap_or(DEFAULT_ATTRIBUTE)
                .into(),
            hasher: Hasher::read(filter, seed, 2),
            ranges: filter.get("ranges").map(read_ranges).unwrap_or_default(),
        }
    }

    pub(super) fn admits(&self, unit: &Identity<'_>) -> bool {
        let within = |hash: f64| self.ranges.iter().any(|range| range.contains(hash));
        self.hasher.hash(unit).is_some_and(within)
    }
}

/// A slice of all units that experiments share without overlap: GrowthBook's older form of
/// a filter, always hashed by version 1 with the seed `__<name>`.
#[derive(Debug, Clone)]
pub struct Namespace {
    hasher: Hasher,
    range: BucketRange,
}

impl Namespace {
    /// The units of `[start, end)` of the namespace.
    #[must_use]
    pub fn new(name: &str, start: f64, end: f64) -> Self {
        Self {
            hasher: Hasher::new(&format!("__{name}"), Some(1)),
            range: BucketRange { start, end },
        }
    }

    /// `[name, start, end]`; anything else holds nobody.
    pub(super) fn read(json: &Value) -> Self {
        let part = |index: usize| json.as_array().and_then(|parts| parts.get(index));
        let limit = |index: usize| part(index).and_then(Value::as_f64).unwrap_or(0.0);
        let name = part(0).and_then(Value::as_str).unwrap_or_default();
        Self::new(name, limit(1), limit(2))
    }

    /// Whether a unit falls into it.
    #[must_use]
    pub fn contains(&self, unit: &str) -> bool {
        self.admits(&Identity {
            attribute: DEFAULT_ATTRIBUTE,
            value: Attribute::Text(unit),
        })
    }

    pub(super) fn admits(&self, unit: &Identity<'_>) -> bool {
        self.hasher
            .hash(unit)
            .is_some_and(|hash| self.range.contains(hash))
    }
}

/// `[start, end]`; anything else holds nobody.
pub(super) fn read_range(json: &Value) -> BucketRange {
    let limit = |index: usize| json.get(index).and_then(Value::as_f64).unwrap_or(0.0);
    BucketRange {
        start: limit(0),
        end: limit(1),
    }
}

pub(super) fn read_ranges(json: &Value) -> Box<[BucketRange]> {
    json.as_array()
        .into_iter()
        .flatten()
        .map(read_range)
        .collect()
}

/// Also of a number that is written with a fraction of zero.
pub(super) fn whole_number(json: &Value) -> Option<u64> {
    let number = json.as_f64()?;
    (number.trunc() == number && (0.0..1e15).contains(&number)).then_some(number as u64)
}

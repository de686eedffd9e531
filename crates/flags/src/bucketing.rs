//! GrowthBook's bucketing: FNV-1a hashes, bucket ranges and the choice of a variation.
//!
//! Source: the GrowthBook SDK specification 0.12.0 ("hash", "getBucketRange",
//! "chooseVariation", "getEqualWeights"); its published cases run as a test of this crate.
//!
//! The specification computes with doubles. Doubles round, and at some boundaries the
//! rounding decides (coverage 0.72 of a fifth ends at 0.344 or just above). So ranges are
//! computed here with the same operations in the same order, and only then turned into
//! whole buckets ([`BucketRange::buckets`]) that every request is compared with.

/// Buckets of hash version 2.
pub const BUCKETS: u16 = 10_000;

const OFFSET_BASIS: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

/// A 32-bit FNV-1a hash under way, fed with UTF-16 code units as JavaScript's strings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fnv1a(u32);

impl Fnv1a {
    /// The hash of the empty text.
    pub const EMPTY: Self = Self(OFFSET_BASIS);

    /// The hash of what was fed so far, followed by `text`.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        if text.is_ascii() {
            return self.ascii(text.as_bytes());
        }
        Self(
            text.encode_utf16()
                .fold(self.0, |hash, unit| step(hash, u32::from(unit))),
        )
    }

    fn ascii(self, bytes: &[u8]) -> Self {
        Self(
            bytes
                .iter()
                .fold(self.0, |hash, byte| step(hash, u32::from(*byte))),
        )
    }

    /// The 32 bits.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.0
    }

    /// Second half of hash version 2: the hash of the decimal digits of this hash, as a
    /// bucket below [`BUCKETS`].
    #[must_use]
    pub fn bucket(self) -> u16 {
        (step_digits(self.0) % u32::from(BUCKETS)) as u16
    }
}

#[inline]
const fn step(hash: u32, unit: u32) -> u32 {
    (hash ^ unit).wrapping_mul(PRIME)
}

/// FNV-1a of `number` written in decimal. Most numbers have nine or ten digits; all of theirs
/// are computed before the first is needed, so that the processor does not wait for divisions.
#[inline]
fn step_digits(number: u32) -> u32 {
    if number < 100_000_000 {
        return step_few_digits(number);
    }
    let [first, second, third, fourth, fifth] = five_digits(number / 100_000);
    let tenth = step(OFFSET_BASIS, u32::from(b'0') + first);
    let hash = if first == 0 { OFFSET_BASIS } else { tenth };
    let hash = [second, third, fourth, fifth].iter().fold(hash, digit);
    five_digits(number % 100_000).iter().fold(hash, digit)
}

#[inline]
fn digit(hash: u32, digit: &u32) -> u32 {
    step(hash, u32::from(b'0') + digit)
}

/// Of a number below 100,000, the first digit first, leading zeros included.
///
/// `number / 10^4` with 32 binary places: the next digit is what a multiplication by ten brings
/// before the point. The constant is rounded up by less than one, so after four of them the
/// error is below `10^5 · 10^4 / 2^32 < 1`, and no digit is wrong.
#[inline]
fn five_digits(number: u32) -> [u32; 5] {
    const TEN_THOUSANDTH: u64 = (1 << 32) / 10_000 + 1;
    let mut rest = u64::from(number) * TEN_THOUSANDTH;
    let mut digits = [0; 5];
    for digit in &mut digits {
        *digit = (rest >> 32) as u32;
        rest = (rest & u64::from(u32::MAX)) * 10;
    }
    digits
}

fn step_few_digits(number: u32) -> u32 {
    let mut digits = [0; DIGITS];
    let mut rest = number;
    let mut start = DIGITS;
    loop {
        start -= 1;
        digits[start] = rest % 10;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    digits[start..].iter().fold(OFFSET_BASIS, digit)
}

/// Decimal digits of the largest 32-bit number.
const DIGITS: usize = 10;

/// How many hashes [`buckets`] computes side by side.
pub(crate) const LANES: usize = 8;

/// [`Fnv1a::text`] and [`Fnv1a::bucket`] for several seeds and one unit. One hash is a
/// chain of multiplications that wait for each other; eight side by side keep the
/// processor busy and are several times as fast.
#[inline]
pub(crate) fn buckets(seeded: &[Fnv1a; LANES], unit: &str) -> [u16; LANES] {
    let mut hashes = seeded.map(Fnv1a::value);
    let mut feed = |code: u32| {
        for hash in &mut hashes {
            *hash = step(*hash, code);
        }
    };
    if unit.is_ascii() {
        unit.bytes().for_each(|byte| feed(u32::from(byte)));
    } else {
        unit.encode_utf16().for_each(|code| feed(u32::from(code)));
    }
    step_digits_lanes(hashes).map(|hash| (hash % u32::from(BUCKETS)) as u16)
}

/// [`step_digits`] without a branch: leading zeros are computed and then not used.
fn step_digits_lanes(numbers: [u32; LANES]) -> [u32; LANES] {
    let mut digits = [[0; LANES]; DIGITS];
    let mut rest = numbers;
    for row in digits.iter_mut().rev() {
        for (digit, rest) in row.iter_mut().zip(&mut rest) {
            *digit = *rest % 10;
            *rest /= 10;
        }
    }
    let mut hashes = [OFFSET_BASIS; LANES];
    // Whether a digit other than a leading zero was met; the last one always counts.
    let mut started = [0; LANES];
    for (position, row) in digits.iter().enumerate() {
        let last = u32::from(position == DIGITS - 1);
        for lane in 0..LANES {
            started[lane] |= row[lane] | last;
            let next = step(hashes[lane], u32::from(b'0') + row[lane]);
            hashes[lane] = if started[lane] == 0 {
                hashes[lane]
            } else {
                next
            };
        }
    }
    hashes
}

/// Bucket of `unit` under `seed`, below [`BUCKETS`], by hash version 2:
/// `fnv1a32(decimal(fnv1a32(seed + unit))) % 10000`.
#[must_use]
pub fn bucket(seed: &str, unit: &str) -> u16 {
    Fnv1a::EMPTY.text(seed).text(unit).bucket()
}

/// GrowthBook's `hash(seed, value, version)`: a number in `[0, 1)`. Version 1 is there for
/// namespaces and imports only: it correlates users across experiments. Other versions
/// have no answer.
#[must_use]
pub fn hash(seed: &str, value: &str, version: u32) -> Option<f64> {
    match version {
        1 => {
            let hash = Fnv1a::EMPTY.text(value).text(seed).value();
            Some(f64::from(hash % 1_000) / 1_000.0)
        }
        2 => Some(fraction(bucket(seed, value))),
        _ => None,
    }
}

#[inline]
pub(crate) fn fraction(bucket: u16) -> f64 {
    f64::from(bucket) / f64::from(BUCKETS)
}

/// Half-open range `[start, end)` of hash values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BucketRange {
    pub start: f64,
    pub end: f64,
}

impl BucketRange {
    /// Whether a hash value lies inside.
    #[must_use]
    pub fn contains(&self, hash: f64) -> bool {
        (hash >= self.start) & (hash < self.end)
    }

    /// The buckets of hash version 2 whose hash value lies inside.
    #[must_use]
    pub fn buckets(&self) -> std::ops::Range<u16> {
        first_bucket_from(self.start)..first_bucket_from(self.end)
    }
}

/// The first bucket whose hash value is not below `limit`.
fn first_bucket_from(limit: f64) -> u16 {
    let (mut low, mut high) = (0, BUCKETS);
    while low < high {
        let middle = low.midpoint(high);
        if fraction(middle) < limit {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// GrowthBook's `getEqualWeights`.
#[must_use]
pub fn equal_weights(variations: usize) -> Vec<f64> {
    vec![1.0 / variations as f64; variations]
}

/// GrowthBook's `getBucketRanges`. Each variation's range starts where it would start at
/// full coverage, so that raising the coverage only ever takes new units in. Weights of the
/// wrong number, or that do not sum to 1 within 0.01, count as equal weights.
#[must_use]
pub fn bucket_ranges(
    variations: usize,
    coverage: f64,
    weights: Option<&[f64]>,
) -> Vec<BucketRange> {
    let coverage = coverage.clamp(0.0, 1.0);
    let usable = |weights: &&[f64]| {
        weights.len() == variations && (0.99..=1.01).contains(&weights.iter().sum::<f64>())
    };
    let weights = weights
        .filter(usable)
        .map_or_else(|| equal_weights(variations), <[f64]>::to_vec);
    let mut cumulative = 0.0;
    let range = |weight: f64| {
        let start = cumulative;
        cumulative += weight;
        BucketRange {
            start,
            end: start + coverage * weight,
        }
    };
    weights.into_iter().map(range).collect()
}

/// GrowthBook's `chooseVariation`: the first range that holds the hash value.
#[must_use]
pub fn choose_variation(hash: f64, ranges: &[BucketRange]) -> Option<usize> {
    // From the last to the first, without a branch: it would be guessed wrong as often as not.
    let mut chosen = usize::MAX;
    for (position, range) in ranges.iter().enumerate().rev() {
        chosen = if range.contains(hash) {
            position
        } else {
            chosen
        };
    }
    (chosen < ranges.len()).then_some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vector of the reference survey: seed `exp`, unit `user-123`.
    #[test]
    fn known_vector() {
        assert_eq!(bucket("exp", "user-123"), 281);
        assert_eq!(hash("exp", "user-123", 1), Some(0.178));
    }

    #[test]
    fn digits_are_those_of_to_string() {
        let edges = [0, 1, 9, 10, 99, 100, 999_999_999, 1_000_000_000, u32::MAX];
        let others = (0..100_000).map(|n: u32| n.wrapping_mul(0x9e37_79b9) >> (n % 4));
        for number in edges
            .into_iter()
            .chain(99_999_990..100_000_010)
            .chain(others)
        {
            let expected = Fnv1a::EMPTY.text(&number.to_string()).value();
            assert_eq!(step_digits(number), expected, "{number}");
            assert_eq!(
                step_digits_lanes([number; LANES]),
                [expected; LANES],
                "{number}"
            );
        }
    }

    #[test]
    fn five_digits_are_those_of_to_string() {
        for number in 0..100_000 {
            let text: String = five_digits(number).map(|d| d.to_string()).concat();
            assert_eq!(text, format!("{number:05}"));
        }
    }

    #[test]
    fn lanes_agree_with_single_hashes() {
        let seeds = ["a", "b", "", "é", "seed-4", "seed-5", "seed-6", "seed-7"];
        let seeded = seeds.map(|seed| Fnv1a::EMPTY.text(seed));
        for n in 0..20_000 {
            let unit = if n % 3 == 0 {
                format!("usér-{n}")
            } else {
                format!("user-{n}")
            };
            assert_eq!(
                buckets(&seeded, &unit),
                seeds.map(|seed| bucket(seed, &unit)),
                "{unit}"
            );
        }
    }

    #[test]
    fn a_seed_can_be_hashed_ahead() {
        for (seed, unit) in [("s", "u"), ("", ""), ("é", "😀"), ("a", "é")] {
            let whole = Fnv1a::EMPTY.text(&format!("{seed}{unit}"));
            assert_eq!(Fnv1a::EMPTY.text(seed).text(unit), whole);
        }
    }

    #[test]
    fn buckets_agree_with_doubles_everywhere() {
        for coverage_bp in (0..=10_000).step_by(37) {
            let ranges =
                bucket_ranges(3, f64::from(coverage_bp) / 10_000.0, Some(&[0.2, 0.3, 0.5]));
            for bucket in 0..BUCKETS {
                let by_double = choose_variation(fraction(bucket), &ranges);
                let by_bucket = ranges.iter().position(|r| r.buckets().contains(&bucket));
                assert_eq!(
                    by_double, by_bucket,
                    "coverage {coverage_bp} bucket {bucket}"
                );
            }
        }
    }

    #[test]
    fn numbers_that_are_none_hold_nobody() {
        let ranges = bucket_ranges(2, f64::NAN, None);
        assert_eq!(choose_variation(0.1, &ranges), None);
        assert_eq!(
            choose_variation(f64::NAN, &bucket_ranges(2, 1.0, None)),
            None
        );
    }
}

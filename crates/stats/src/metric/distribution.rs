//! The values of all events of an arm in few numbers, and any quantile of them.
//!
//! Values are counted in bins of a fixed grid, as HdrHistogram does it: 128 bins from one
//! power of two to the next, so that no bin is wider than 1/128 (0.8 %) of its values, and
//! whole numbers up to 255 have bins of their own. Only integers decide the bin: the same
//! value is in the same bin on every machine.
//!
//! Several events of one unit are not independent. How much the share of events below a cut
//! varies needs the sums over units of `c²` and `c n`, with `n` the unit's events and `c` those
//! below the cut. Both are kept as what they grow by from one bin to the next: a unit
//! contributes to the bins that its own events are in and to no others. All sums are integers,
//! so the whole is the same in whatever order units change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Clusters, Summary};
use crate::special::normal_quantile;

/// Bits of a value that choose its bin, besides the leading one.
const BITS: u32 = 7;
const PER_OCTAVE: u64 = 1 << BITS;

/// The bin of a value; of the negative one the bin's negative.
fn bin(value: i64) -> i16 {
    let size = value.unsigned_abs();
    let shift = (63 - size.max(PER_OCTAVE).leading_zeros()) - BITS;
    let index = (u64::from(shift) << BITS) + (size >> shift);
    let index = i16::try_from(index).unwrap_or(i16::MAX);
    if value < 0 { -index } else { index }
}

/// From where to where the values reach that are rounded to integers of this bin. Zero has
/// no width: it is most often no small number, but none.
fn edges(bin: i16) -> (f64, f64) {
    let index = u64::from(bin.unsigned_abs());
    if index == 0 {
        return (0.0, 0.0);
    }
    let shift = (index >> BITS).saturating_sub(1);
    let low = (index - (shift << BITS)) << shift;
    let (low, high) = (low as f64 - 0.5, (low + (1 << shift)) as f64 - 0.5);
    if bin < 0 { (-high, -low) } else { (low, high) }
}

/// Events of one unit by bin, those without any left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(BTreeMap<i16, u32>);

impl Values {
    /// One event more, in the smallest unit that is told apart.
    pub fn add(&mut self, value: i64) {
        let events = self.0.entry(bin(value)).or_default();
        *events = events.saturating_add(1);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the unit contributes to each of its bins.
    fn terms(&self) -> impl Iterator<Item = (i16, Term)> {
        let all: i64 = self.0.values().map(|events| i64::from(*events)).sum();
        let mut below = 0;
        self.0.iter().map(move |(bin, events)| {
            let events = i64::from(*events);
            let term = Term {
                events,
                squares: events * (2 * below + events),
                products: events * all,
            };
            below += events;
            (*bin, term)
        })
    }
}

impl FromIterator<i64> for Values {
    fn from_iter<T: IntoIterator<Item = i64>>(values: T) -> Self {
        let mut all = Self::default();
        values.into_iter().for_each(|value| all.add(value));
        all
    }
}

/// Sums over units of one bin: what `c`, `c²` and `c n` grow by in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[i64; 3]", into = "[i64; 3]")]
struct Term {
    events: i64,
    squares: i64,
    products: i64,
}

impl From<[i64; 3]> for Term {
    fn from([events, squares, products]: [i64; 3]) -> Self {
        Self {
            events,
            squares,
            products,
        }
    }
}

impl From<Term> for [i64; 3] {
    fn from(term: Term) -> Self {
        [term.events, term.squares, term.products]
    }
}

impl Term {
    fn add(&mut self, sign: i64, other: Self) {
        self.events += sign * other.events;
        self.squares += sign * other.squares;
        self.products += sign * other.products;
    }
}

/// All units of an arm that have events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    units: i64,
    bins: BTreeMap<i16, Term>,
}

impl Distribution {
    /// A unit that had some events has others now.
    pub fn exchange(&mut self, before: &Values, after: &Values) {
        for (sign, values) in [(-1, before), (1, after)] {
            self.units += sign * i64::from(!values.is_empty());
            for (bin, term) in values.terms() {
                let sums = self.bins.entry(bin).or_default();
                sums.add(sign, term);
                if *sums == Term::default() {
                    self.bins.remove(&bin);
                }
            }
        }
    }

    /// Units of another part join; no unit may be in both.
    pub fn add(&mut self, other: &Self) {
        self.units = self.units.saturating_add(other.units);
        for (bin, term) in &other.bins {
            self.bins.entry(*bin).or_default().add(1, *term);
        }
    }

    /// As many units more, each with one event of zero.
    pub fn add_zeros(&mut self, units: u64) {
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        if units > 0 {
            self.units = self.units.saturating_add(units);
            let term = Term::from([units; 3]);
            self.bins.entry(0).or_default().add(1, term);
        }
    }

    /// Units with events.
    #[must_use]
    pub fn units(&self) -> u64 {
        u64::try_from(self.units).unwrap_or(0)
    }

    #[must_use]
    pub fn events(&self) -> u64 {
        let events: i64 = self.bins.values().map(|term| term.events).sum();
        u64::try_from(events).unwrap_or(0)
    }

    /// The value below which that share of the events lies, taking the events of a bin as
    /// spread evenly over it; none without events.
    #[must_use]
    pub fn value_at(&self, level: f64) -> Option<f64> {
        let wanted = level * self.events() as f64;
        let mut below = 0;
        let mut found = None;
        for (bin, term) in self.bins.iter().filter(|(_, term)| term.events > 0) {
            let (low, high) = edges(*bin);
            let part = (wanted - below as f64) / term.events as f64;
            found = Some(low + part.clamp(0.0, 1.0) * (high - low));
            below += term.events;
            if below as f64 >= wanted {
                break;
            }
        }
        found
    }

    /// The quantile with its standard error; `unit` is what one means that was added.
    ///
    /// Deng, Knoblich and Lu (KDD 2018), section 4.2: with `s` the standard error of the share
    /// of events below the quantile, by the delta method over units, the values at the levels
    /// `level ± z s` bound it, `z` the normal quantile of 97.5 %; its standard error is their
    /// distance by `2 z`. The position of a value within its bin is unknown and doesn't average
    /// out: that of an even distribution over the bin, `width² / 12`, is added to the variance.
    #[must_use]
    pub fn quantile(&self, level: f64, unit: f64) -> BinnedQuantile {
        let value = self.value_at(level);
        let error = value.and_then(|value| self.standard_error(level, value));
        BinnedQuantile {
            level,
            units: self.units(),
            events: self.events(),
            value: value.map(|value| value * unit),
            error: error.map(|error| error * unit),
        }
    }

    fn standard_error(&self, level: f64, value: f64) -> Option<f64> {
        let z = normal_quantile(0.975);
        let reach = z * self.variance_of_share(level)?.max(0.0).sqrt();
        if level - reach <= 0.0 || level + reach >= 1.0 {
            return None;
        }
        let (low, high) = (self.value_at(level - reach)?, self.value_at(level + reach)?);
        let error = (high - low) / (2.0 * z);
        let (low, high) = edges(bin(value.round() as i64));
        let width = high - low;
        Some((error * error + width * width / 12.0).sqrt())
    }

    /// Of the share of events below the quantile. The variance is known at the edges of bins:
    /// that at the nearest one is that of independent events times how much more they vary in
    /// truth, and so is the quantile's. Where all events are in one bin they are taken for
    /// as alike within a unit as can be.
    fn variance_of_share(&self, level: f64) -> Option<f64> {
        if self.units < 2 {
            return None;
        }
        let (mut below, mut nearest) = (Term::default(), None);
        let all = self.events() as f64;
        for term in self.bins.values() {
            below.add(1, *term);
            let share = below.events as f64 / all;
            let distance = (share - level).abs();
            let is_nearer = nearest.is_none_or(|(least, _, _)| distance < least);
            if share > 0.0 && share < 1.0 && is_nearer {
                nearest = Some((distance, share, below));
            }
        }
        // At the end all are below: `c = n`.
        let events_squares = below.squares as f64;
        let independent = |share: f64| share * (1.0 - share) / all;
        let factor = match nearest {
            None => events_squares / all,
            Some((_, share, below)) => {
                let clusters = Clusters {
                    units: self.units(),
                    below: below.events as f64,
                    below_squares: below.squares as f64,
                    events: all,
                    events_squares,
                    products: below.products as f64,
                };
                clusters.variance_of_share() / independent(share)
            }
        };
        Some(factor * independent(level))
    }
}

/// A quantile of a [`Distribution`]. Quantiles do not merge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BinnedQuantile {
    /// Which quantile, between 0 and 1.
    pub level: f64,
    /// Units with events.
    pub units: u64,
    pub events: u64,
    /// None without events.
    pub value: Option<f64>,
    /// Standard error; none of too few events to tell.
    pub error: Option<f64>,
}

impl BinnedQuantile {
    pub(super) fn summary(&self) -> Option<Summary> {
        let error = self.error?;
        let variance = error * error * self.units as f64;
        Some(Summary::unadjusted(self.units, self.value?, variance))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bins_follow_each_other_without_a_gap() {
        let mut end = 0.5;
        for index in 1..=bin(i64::MAX) {
            let (low, high) = edges(index);
            assert_eq!(low, end, "{index}");
            assert!(high - low <= 1.0 || (high - low) / low <= 1.0 / 127.0);
            assert_eq!(edges(-index), (-high, -low));
            end = high;
        }
        assert_eq!(end, 2_f64.powi(63));
    }

    #[test]
    fn the_median_of_a_few_whole_numbers_is_what_is_read_off_them() {
        let mut all = Distribution::default();
        for value in [10, 20, 30] {
            all.exchange(&Values::default(), &Values::from_iter([value]));
        }
        assert_eq!(all.value_at(0.5), Some(20.0));
        assert_eq!((all.units(), all.events()), (3, 3));
        assert_eq!(Distribution::default().quantile(0.5, 1.0).value, None);
        // Of two users none has come back, of two hundred neither: the median is zero.
        all.add_zeros(4);
        assert_eq!(all.quantile(0.5, 1e-3).value, Some(0.0));
        assert_eq!(all.quantile(0.9, 1e-3).error, None, "seven tell little");
    }

    fn unit() -> impl Strategy<Value = Vec<i64>> {
        proptest::collection::vec(-2_000_i64..200_000, 0..6)
    }

    proptest! {
        #[test]
        fn a_value_is_within_the_edges_of_its_bin(value in any::<i64>()) {
            let (low, high) = edges(bin(value));
            let value = value as f64;
            prop_assert!(low <= value && value <= high, "{low} {value} {high}");
        }

        /// From one user's events to others, in any order: only the last ones count.
        #[test]
        fn what_is_exchanged_is_what_is_counted_at_once(
            turns in proptest::collection::vec((0_usize..4, unit()), 1..20),
        ) {
            let mut grown = Distribution::default();
            let mut now: [Vec<i64>; 4] = Default::default();
            for (i, next) in turns {
                let [before, after] = [&now[i], &next].map(|v| v.iter().copied().collect());
                grown.exchange(&before, &after);
                now[i] = next;
            }
            let mut at_once = Distribution::default();
            for values in now.iter().rev() {
                at_once.exchange(&Values::default(), &values.iter().copied().collect());
            }
            prop_assert_eq!(&grown, &at_once);
            let text = serde_json::to_string(&grown).unwrap();
            prop_assert_eq!(serde_json::from_str::<Distribution>(&text).unwrap(), grown);
        }

        /// The sums at a cut are those of a look at every user.
        #[test]
        fn the_sums_at_a_cut_are_those_of_all_users(
            users in proptest::collection::vec(unit(), 2..8), level in 0.05_f64..0.95,
        ) {
            let mut all = Distribution::default();
            for user in &users {
                all.exchange(&Values::default(), &user.iter().copied().collect());
            }
            let with_any: Vec<&Vec<i64>> = users.iter().filter(|u| !u.is_empty()).collect();
            let events: usize = users.iter().map(Vec::len).sum();
            let cuts = all.bins.keys().map(|b| edges(*b).1);
            let share = |cut: f64| {
                let below = users.iter().flatten().filter(|v| **v as f64 <= cut).count();
                below as f64 / events as f64
            };
            let inner: Vec<f64> = cuts.filter(|cut| share(*cut) < 1.0).collect();
            prop_assume!(with_any.len() > 1 && !inner.is_empty());
            let cut = inner.into_iter().min_by(|a, b| {
                (share(*a) - level).abs().total_cmp(&(share(*b) - level).abs())
            }).unwrap();
            let p = share(cut);
            let n = with_any.len() as f64;
            // The delta method, written out: the residuals of a ratio have mean zero.
            let squares: f64 = with_any.iter().map(|user| {
                let below = user.iter().filter(|v| **v as f64 <= cut).count() as f64;
                (below - p * user.len() as f64).powi(2)
            }).sum();
            let variance = squares * n / (n - 1.0) / (events as f64).powi(2);
            let expected = variance / (p * (1.0 - p)) * level * (1.0 - level);
            let found = all.variance_of_share(level).unwrap();
            prop_assert!((found - expected).abs() <= 1e-9 * (1.0 + expected), "{found} {expected}");
        }
    }
}

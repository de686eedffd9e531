//! The sums of one metric in one group of units: all that a comparison needs of them.

use std::ops::{AddAssign, Neg, Sub};

use crate::Result;
use crate::sql::Cells;

/// A query for the sums of `$from`, which come after `$keys`: see [`Moments::read`].
macro_rules! select_sums {
    ($keys:literal, $from:literal) => {
        concat!(
            "SELECT ",
            $keys,
            ", units, sum, base, pre, pre_base, sum_squares, sum_base, sum_pre, sum_pre_base, \
             base_squares, base_pre, base_pre_base, pre_squares, pre_pre_base, pre_base_squares \
             FROM ",
            $from
        )
    };
}
pub(super) use select_sums;

/// Numbers of a unit: above the line, below it, and both before the exposure. All but the
/// first are 0 where the metric has none such.
pub(crate) const NUMBERS: usize = 4;
const PRODUCTS: usize = NUMBERS * (NUMBERS + 1) / 2;

/// Sums over units of their numbers, and of the products of any two, in the order
/// 00, 01, 02, 03, 11, 12, 13, 22, 23, 33. They add: of the whole they are the sum of
/// those of the parts. Units without any number add nothing.
///
/// Sums are exact whatever the order; the last digits of large products may depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    /// Units counted, where a metric counts some of the exposed only; else 0.
    pub(crate) units: i64,
    /// Ones, events or thousandths.
    pub(crate) sums: [i64; NUMBERS],
    pub(crate) products: [f64; PRODUCTS],
}

impl Moments {
    pub(crate) const NOTHING: Self = Self {
        units: 0,
        sums: [0; NUMBERS],
        products: [0.0; PRODUCTS],
    };

    /// Of one unit.
    pub(crate) fn of(numbers: [i64; NUMBERS]) -> Self {
        let mut products = [0.0; PRODUCTS];
        let pairs = numbers
            .iter()
            .enumerate()
            .flat_map(|(i, a)| numbers.iter().skip(i).map(move |b| *a as f64 * *b as f64));
        for (place, product) in products.iter_mut().zip(pairs) {
            *place = product;
        }
        Self {
            units: 0,
            sums: numbers,
            products,
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// The last columns of a row, as the tables have them.
    pub(crate) fn read(row: &mut Cells) -> Result<Self> {
        let mut moments = Self {
            units: row.i64()?,
            ..Self::default()
        };
        for sum in &mut moments.sums {
            *sum = row.i64()?;
        }
        for product in &mut moments.products {
            *product = row.f64()?;
        }
        Ok(moments)
    }

    fn with(
        mut self,
        other: &Self,
        sum: fn(i64, i64) -> i64,
        product: fn(f64, f64) -> f64,
    ) -> Self {
        self.units = sum(self.units, other.units);
        for (a, b) in self.sums.iter_mut().zip(other.sums) {
            *a = sum(*a, b);
        }
        for (a, b) in self.products.iter_mut().zip(other.products) {
            *a = product(*a, b);
        }
        self
    }
}

impl AddAssign<&Self> for Moments {
    fn add_assign(&mut self, other: &Self) {
        *self = self.with(other, i64::saturating_add, |a, b| a + b);
    }
}

impl Sub for Moments {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.with(&other, i64::saturating_sub, |a, b| a - b)
    }
}

impl Neg for Moments {
    type Output = Self;

    fn neg(self) -> Self {
        Self::default() - self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_in_the_order_of_the_columns() {
        let moments = Moments::of([2, 3, 5, 7]);
        let expected = [4.0, 6.0, 10.0, 14.0, 9.0, 15.0, 21.0, 25.0, 35.0, 49.0];
        assert_eq!(moments.products, expected);
        let mut twice = moments;
        twice += &moments;
        assert_eq!(twice - moments, moments);
    }
}

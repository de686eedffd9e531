//! From values to places on paper.

/// Linear, from a range of values to a range of places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    #[must_use]
    pub(super) fn new(from: (f64, f64), to: (f64, f64)) -> Self {
        let same = (from.1 - from.0).abs() < f64::EPSILON;
        let from = if same { (from.0, from.0 + 1.0) } else { from };
        Self { from, to }
    }

    #[must_use]
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value - self.from.0) / (self.from.1 - self.from.0);
        self.to.0 + share * (self.to.1 - self.to.0)
    }

    /// As [`Self::at`], kept within the paper.
    #[must_use]
    pub(super) fn within(&self, value: f64) -> f64 {
        let (low, high) = (self.to.0.min(self.to.1), self.to.0.max(self.to.1));
        self.at(value).clamp(low, high)
    }
}

/// Round values (1, 2 or 5 times a power of ten) across a range, about `count`.
#[must_use]
pub fn ticks(low: f64, high: f64, count: u32) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return vec![low];
    }
    // A little finer than asked for rather than much coarser.
    let rough = 0.7 * span / f64::from(count.max(1));
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(power * 10.0);
    let first = (low / step).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).take(50).map(|i| i as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_maps_its_ends() {
        let scale = Scale::new((0.0, 10.0), (100.0, 0.0));
        assert_eq!(scale.at(0.0), 100.0);
        assert_eq!(scale.at(10.0), 0.0);
        assert_eq!(scale.within(20.0), 0.0);
        assert!(Scale::new((3.0, 3.0), (0.0, 1.0)).at(3.0).is_finite());
    }

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks(0.0, 100.0, 4), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(0.0, 9.0, 4), [0.0, 2.0, 4.0, 6.0, 8.0]);
        for (low, high) in [(-0.031, 0.124), (0.0, 1.0), (12_000.0, 98_765.0)] {
            let found = ticks(low, high, 4);
            assert!((2..=7).contains(&found.len()), "{found:?}");
            assert!(found.iter().all(|t| (low..=high + 1e-9).contains(t)));
        }
        assert_eq!(ticks(1.0, 1.0, 4), [1.0]);
        assert_eq!(ticks(f64::NAN, 1.0, 4).len(), 1);
    }
}

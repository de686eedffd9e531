//! What the control page can change, and what it shows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Most requests per second that may be asked for.
const MAX_RATE: f64 = 2_000.0;

/// How the crowd behaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Mean over a day.
    pub rate_per_second: f64,
    /// Length of a day.
    pub day_seconds: f64,
    /// Name of the metric that a conversion reports.
    pub metric: String,
    /// Share of those who convert and saw a variant that `conversion_by_variant` does not
    /// name.
    pub conversion: f64,
    /// Share of those who convert, by variant key.
    pub conversion_by_variant: BTreeMap<String, f64>,
}

impl Default for Settings {
    fn default() -> Self {
        let by_variant = [("control", 0.10), ("treatment", 0.13)];
        Self {
            rate_per_second: 50.0,
            day_seconds: 86_400.0,
            metric: "conversion".to_owned(),
            conversion: 0.10,
            conversion_by_variant: by_variant
                .map(|(key, share)| (key.to_owned(), share))
                .into(),
        }
    }
}

impl Settings {
    /// # Errors
    /// What is out of its range.
    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.0..=MAX_RATE).contains(&self.rate_per_second) {
            return Err(format!(
                "the rate must be between 0 and {MAX_RATE} requests per second"
            ));
        }
        if !(1.0..=86_400.0 * 7.0).contains(&self.day_seconds) {
            return Err("a day has between 1 and 604800 seconds".to_owned());
        }
        if self.metric.is_empty() || self.metric.len() > 64 {
            return Err("a metric's name has 1 to 64 characters".to_owned());
        }
        let shares = self
            .conversion_by_variant
            .values()
            .chain([&self.conversion]);
        if shares.into_iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err("a conversion is a share between 0 and 1".to_owned());
        }
        Ok(())
    }

    /// Share of those who convert after they saw this variant.
    pub(super) fn conversion_of(&self, variant: &str) -> f64 {
        self.conversion_by_variant
            .get(variant)
            .copied()
            .unwrap_or(self.conversion)
    }

    /// The chance of who sees these variants of as many experiments: each changes it by as much
    /// as alone.
    pub(super) fn conversion_among<'a>(&self, variants: impl IntoIterator<Item = &'a str>) -> f64 {
        let change = |variant| match self.conversion > 0.0 {
            true => self.conversion_of(variant) / self.conversion,
            false => 1.0,
        };
        let mut chances = variants
            .into_iter()
            .map(|v| (self.conversion_of(v), change(v)));
        let first = chances.next().map_or(self.conversion, |(chance, _)| chance);
        chances
            .fold(first, |chance, (_, change)| chance * change)
            .min(1.0)
    }
}

/// What the crowd has done since it started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Requests answered with anything.
    pub answered: u64,
    /// Of these, with a status of 500 or more.
    pub failed: u64,
    /// Requests without an answer.
    pub unanswered: u64,
    /// Visits left out because too many were under way.
    pub shed: u64,
    /// Conversions that the gateway accepted.
    pub conversions: u64,
    /// Conversions that it did not.
    pub conversions_refused: u64,
    /// Visitors remembered.
    pub known_visitors: usize,
    /// Answers by `experiment=variant`.
    pub seen: BTreeMap<String, u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn experiments_change_a_chance_each_by_as_much_as_alone() {
        let by_variant = [("b".to_owned(), 0.13), ("bad".to_owned(), 0.0)];
        let settings = Settings {
            conversion: 0.1,
            conversion_by_variant: by_variant.into(),
            ..Settings::default()
        };
        let among = |variants: &[&str]| settings.conversion_among(variants.iter().copied());
        for (variants, chance) in [
            (&[][..], 0.1),
            (&["control"], 0.1),
            (&["b"], 0.13),
            (&["b", "held-out", "others"], 0.13),
            (&["b", "b"], 0.169),
            (&["b", "bad"], 0.0),
        ] {
            assert!((among(variants) - chance).abs() < 1e-12, "{variants:?}");
        }
        let nobody = Settings {
            conversion: 0.0,
            ..settings
        };
        assert_eq!(nobody.conversion_among(["b", "c"]), 0.13);
    }

    #[test]
    fn ranges_are_kept() {
        assert_eq!(Settings::default().check(), Ok(()));
        let broken = [
            Settings {
                rate_per_second: f64::NAN,
                ..Settings::default()
            },
            Settings {
                rate_per_second: 2_001.0,
                ..Settings::default()
            },
            Settings {
                day_seconds: 0.0,
                ..Settings::default()
            },
            Settings {
                metric: String::new(),
                ..Settings::default()
            },
            Settings {
                conversion_by_variant: [("a".to_owned(), 1.5)].into(),
                ..Settings::default()
            },
        ];
        assert!(broken.iter().all(|settings| settings.check().is_err()));
    }
}

//! What rules would do with the visitors of the last day: estimates for whoever edits, and
//! what a change would change.

mod estimate;
mod shown;
mod what_if;

use std::collections::BTreeMap;

use nexus_domain::Environment;
use nexus_flags::{CountryCode, Device, RANKS};
use serde::{Deserialize, Serialize};

use crate::sql::sql;
use crate::views::{AudienceShare, TrafficWindow};
use crate::{Console, Result, Somebody};

pub(crate) const HOUR_MS: i64 = 3_600_000;
/// For so long visitors are kept.
pub(crate) const WINDOW_MS: i64 = 24 * HOUR_MS;
/// Most visitors of an environment that are kept.
pub(crate) const KEPT: u32 = 2_000;
/// The half width of a 95 % interval in standard errors.
const Z: f64 = 1.959_963_985;

/// A visitor as it is kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sampled {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<CountryCode>,
    pub(crate) device: Device,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
}

/// Everybody of a time whose rank lies below a limit.
pub(crate) struct Traffic {
    environment: Environment,
    from_ms: i64,
    until_ms: i64,
    /// The share of all visitors who are in the sample.
    share: f64,
    /// When each was seen last, and who it was.
    pub(crate) visitors: Vec<(i64, Somebody)>,
}

impl Console {
    /// The visitors of the last 24 hours.
    pub(crate) async fn recent_visitors(&self, environment: Environment) -> Result<Traffic> {
        let until_ms = self.now_ms();
        let from_ms = until_ms - WINDOW_MS;
        let row = self
            .row(sql!(
                "SELECT MIN(below), MIN(first_ms) FROM sample_limits \
                 WHERE environment = ?1 AND hour_ms > ?2",
                environment.as_str(),
                from_ms - HOUR_MS
            ))
            .await?;
        let (below, first_ms) = match row {
            Some(mut cells) => (cells.maybe_u64()?, cells.maybe_i64()?),
            None => (None, None),
        };
        let below = below.unwrap_or(RANKS).min(RANKS);
        let rows = self
            .rows(sql!(
                "SELECT unit, seen_ms, context FROM traffic_samples \
                 WHERE environment = ?1 AND seen_ms >= ?2 AND rank < ?3 ORDER BY rank",
                environment.as_str(),
                from_ms,
                below
            ))
            .await?;
        let mut visitors = Vec::with_capacity(rows.len());
        for mut row in rows {
            let (unit, seen_ms) = (row.text()?, row.i64()?);
            let Sampled {
                country,
                device,
                attributes,
            } = row.json()?;
            let somebody = Somebody {
                unit,
                country,
                device,
                attributes: attributes.into_iter().collect(),
            };
            visitors.push((seen_ms, somebody));
        }
        Ok(Traffic {
            environment,
            from_ms: first_ms.map_or(from_ms, |first_ms| first_ms.max(from_ms)),
            until_ms,
            share: below as f64 / RANKS as f64,
            visitors,
        })
    }
}

impl Traffic {
    /// Only those who were seen from then on.
    fn since(mut self, from_ms: i64) -> Self {
        self.visitors.retain(|(seen_ms, _)| *seen_ms >= from_ms);
        self.from_ms = self.from_ms.max(from_ms);
        self
    }

    fn count(&self) -> u32 {
        u32::try_from(self.visitors.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn window(&self) -> TrafficWindow {
        TrafficWindow {
            environment: self.environment,
            from_ms: self.from_ms,
            until_ms: self.until_ms,
            all: self.part(self.count()),
        }
    }

    /// So many of the sample, and what they stand for.
    pub(crate) fn part(&self, sampled: u32) -> AudienceShare {
        let [share, low, high] = wilson(sampled, self.count());
        let [visitors, fewest, most] = stood_for(sampled, self.share);
        AudienceShare {
            sampled,
            share,
            low,
            high,
            visitors,
            fewest,
            most,
        }
    }
}

/// A share and its 95 % interval by the score method (Wilson, *Probable inference, the law of
/// succession, and statistical inference*, 1927).
fn wilson(part: u32, all: u32) -> [f64; 3] {
    if all == 0 {
        return [0.0, 0.0, 1.0];
    }
    let (k, n) = (f64::from(part), f64::from(all));
    let (p, z2) = (k / n, Z * Z);
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // Rounding must not make the bounds of nobody and of all others than 0 and 1.
    let low = if part == 0 {
        0.0
    } else {
        (middle - half).max(0.0)
    };
    let high = if part == all {
        1.0
    } else {
        (middle + half).min(1.0)
    };
    [p, low, high]
}

/// How many visitors a part of a sample stands for, each having been in it with this chance;
/// with the 95 % interval. Of N the sample holds a binomial number, so N solves
/// (k - Np)² = z² N p (1 - p).
fn stood_for(part: u32, chance: f64) -> [u64; 3] {
    let k = f64::from(part);
    let spread = Z * Z * (1.0 - chance);
    let half = (spread * (k + spread / 4.0)).max(0.0).sqrt();
    let (low, high) = (k + spread / 2.0 - half, k + spread / 2.0 + half);
    let whole = |number: f64| (number / chance).round().max(0.0) as u64;
    // Who is in the sample has come.
    [whole(k), whole(low).max(u64::from(part)), whole(high)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Newcombe, *Two-sided confidence intervals for the single proportion* (1998), table I.
    #[test]
    fn the_interval_is_that_of_the_literature() {
        for (part, all, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let [share, found_low, found_high] = wilson(part, all);
            assert!((share - f64::from(part) / f64::from(all)).abs() < 1e-12);
            assert!((found_low - low).abs() < 5e-5, "{found_low}");
            assert!((found_high - high).abs() < 5e-5, "{found_high}");
        }
        assert_eq!(wilson(0, 0), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn a_sample_of_everybody_stands_for_itself() {
        assert_eq!(stood_for(57, 1.0), [57, 57, 57]);
        assert_eq!(stood_for(0, 1.0), [0, 0, 0]);
        let [visitors, fewest, most] = stood_for(100, 0.1);
        assert_eq!(visitors, 1_000);
        assert!(
            (820..840).contains(&fewest) && (1_195..1_215).contains(&most),
            "{fewest} {most}"
        );
    }

    proptest! {
        #[test]
        fn intervals_hold_their_estimates(all in 0u32..3_000, part in 0u32..3_000, chance in 0.001..=1.0f64) {
            let part = part.min(all);
            let [share, low, high] = wilson(part, all);
            prop_assert!(0.0 <= low && low <= share && share <= high && high <= 1.0);
            let [visitors, fewest, most] = stood_for(part, chance);
            prop_assert!(u64::from(part) <= fewest && fewest <= visitors && visitors <= most);
        }
    }
}

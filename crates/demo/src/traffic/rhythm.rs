//! When people are awake.

/// Where visitors come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Country {
    /// ISO 3166-1 alpha-2.
    pub(super) code: &'static str,
    /// Share of the visitors, up to a factor.
    pub(super) weight: f64,
    /// Local time, without summer time.
    pub(super) utc_offset_hours: f64,
    /// The Cloudflare data centre that such a visitor usually meets.
    pub(super) colo: &'static str,
}

const fn country(
    code: &'static str,
    weight: f64,
    utc_offset_hours: f64,
    colo: &'static str,
) -> Country {
    Country {
        code,
        weight,
        utc_offset_hours,
        colo,
    }
}

/// Twenty countries, most of the visitors first.
pub(super) const COUNTRIES: [Country; 20] = [
    country("JP", 24.0, 9.0, "NRT"),
    country("US", 20.0, -6.0, "IAD"),
    country("DE", 8.0, 1.0, "FRA"),
    country("GB", 7.0, 0.0, "LHR"),
    country("IN", 6.5, 5.5, "BOM"),
    country("FR", 5.0, 1.0, "CDG"),
    country("BR", 4.0, -3.0, "GRU"),
    country("CA", 3.5, -5.0, "YYZ"),
    country("KR", 3.0, 9.0, "ICN"),
    country("AU", 2.8, 10.0, "SYD"),
    country("NL", 2.5, 1.0, "AMS"),
    country("ES", 2.2, 1.0, "MAD"),
    country("IT", 2.2, 1.0, "MXP"),
    country("SG", 2.0, 8.0, "SIN"),
    country("SE", 1.5, 1.0, "ARN"),
    country("MX", 1.5, -6.0, "QRO"),
    country("PL", 1.3, 1.0, "WAW"),
    country("TW", 1.2, 8.0, "TPE"),
    country("ZA", 1.0, 2.0, "JNB"),
    country("CH", 0.8, 1.0, "ZRH"),
];

/// How far the busiest and the quietest hour are from the mean.
const SWING: f64 = 0.8;
/// Local hour at which most people are there.
const PEAK_HOUR: f64 = 20.0;

/// How busy each country is at one moment; the mean over a day is 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rhythm {
    utc_hour: f64,
}

impl Rhythm {
    /// At a time since 1970, with days of this length.
    pub(super) fn at(now_ms: u64, day_seconds: f64) -> Self {
        let days = now_ms as f64 / 1000.0 / day_seconds.max(1.0);
        Self {
            utc_hour: days.fract() * 24.0,
        }
    }

    /// Of one country.
    fn of(self, country: &Country) -> f64 {
        let local_hour = self.utc_hour + country.utc_offset_hours;
        let angle = (local_hour - PEAK_HOUR) / 24.0 * std::f64::consts::TAU;
        SWING.mul_add(angle.cos(), 1.0)
    }

    /// Of all countries together.
    pub(super) fn intensity(self) -> f64 {
        self.weights().iter().sum::<f64>() / COUNTRIES.iter().map(|c| c.weight).sum::<f64>()
    }

    /// How many visitors each country sends now, up to a factor.
    pub(super) fn weights(self) -> [f64; COUNTRIES.len()] {
        COUNTRIES.map(|country| country.weight * self.of(&country))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_mean_one_and_a_peak_in_the_evening() {
        let hours: Vec<f64> = (0..24)
            .map(|h| {
                Rhythm {
                    utc_hour: f64::from(h),
                }
                .intensity()
            })
            .collect();
        let mean = hours.iter().sum::<f64>() / 24.0;
        assert!((mean - 1.0).abs() < 1e-9, "{mean}");
        let japan = |utc_hour: f64| Rhythm { utc_hour }.of(&COUNTRIES[0]);
        assert!(japan(11.0) > 1.79, "20:00 in Tokyo");
        assert!(japan(23.0) < 0.21, "8:00 in Tokyo");
    }

    #[test]
    fn days_can_be_compressed() {
        let at = |seconds: u64| Rhythm::at(seconds * 1000, 60.0).utc_hour;
        assert!((at(30) - 12.0).abs() < 1e-6 && (at(90) - 12.0).abs() < 1e-6);
    }
}

//! Time zones: civil times as people read and type them.

use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeZone as _, Timelike as _, Utc};
use chrono_tz::{OffsetName as _, Tz};

use crate::lang::Lang;

/// An IANA time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

/// Why a typed local time names no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalTimeError {
    /// Not of the form `2026-11-21T19:41`.
    NotATime,
    /// The clock skipped or repeats that time in the zone.
    Skipped,
}

/// Zones offered first in lists; any IANA name can be typed.
pub const COMMON: [&str; 22] = [
    "UTC",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Helsinki",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/Mexico_City",
];

impl Zone {
    pub const UTC: Self = Self(Tz::UTC);

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        name.trim().parse().ok().map(Self)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    fn at(self, ms: i64) -> DateTime<Tz> {
        let utc = DateTime::<Utc>::from_timestamp_millis(ms).unwrap_or_default();
        utc.with_timezone(&self.0)
    }

    /// Date and time to the second with the zone's abbreviation:
    /// `21 Nov 2026, 19:41:05 UTC`, `2026年11月21日 19:41:05 UTC`.
    #[must_use]
    pub fn exact(self, ms: i64, lang: Lang) -> String {
        let at = self.at(ms);
        let abbreviation = self.abbreviation(at);
        format!(
            "{}{} {:02}:{:02}:{:02} {abbreviation}",
            date(at, lang),
            if lang == Lang::En { "," } else { "" },
            at.hour(),
            at.minute(),
            at.second(),
        )
    }

    /// As [`Self::exact`], without seconds.
    #[must_use]
    pub fn minute(self, ms: i64, lang: Lang) -> String {
        let at = self.at(ms);
        let abbreviation = self.abbreviation(at);
        format!(
            "{}{} {:02}:{:02} {abbreviation}",
            date(at, lang),
            if lang == Lang::En { "," } else { "" },
            at.hour(),
            at.minute(),
        )
    }

    /// `21 Nov 2026`.
    #[must_use]
    pub fn day(self, ms: i64, lang: Lang) -> String {
        date(self.at(ms), lang)
    }

    /// Tick of a chart: as much of date and time as the axis' span needs.
    #[must_use]
    pub fn tick(self, ms: i64, span_ms: i64, lang: Lang) -> String {
        let at = self.at(ms);
        let day = self.short_day(ms, lang);
        if span_ms > 8 * 86_400_000 {
            day
        } else if span_ms > 20 * 3_600_000 {
            format!("{day} {:02}:{:02}", at.hour(), at.minute())
        } else if span_ms > 5 * 60_000 {
            format!("{:02}:{:02}", at.hour(), at.minute())
        } else {
            format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
        }
    }

    /// `21 Nov`, `11/21`.
    #[must_use]
    pub fn short_day(self, ms: i64, lang: Lang) -> String {
        let at = self.at(ms);
        match lang {
            Lang::En => format!("{} {}", at.day(), month(at.month())),
            Lang::Ja => format!("{}/{}", at.month(), at.day()),
        }
    }

    /// The starts of its days from one moment up to another; none where the clock skips it.
    #[must_use]
    pub fn midnights(self, from_ms: i64, until_ms: i64) -> Vec<i64> {
        let days = until_ms.saturating_sub(from_ms) / 86_400_000 + 2;
        let dates = self.at(from_ms).date_naive().iter_days();
        let starts = dates
            .take(usize::try_from(days).unwrap_or(0))
            .filter_map(|day| day.and_hms_opt(0, 0, 0))
            .filter_map(|start| self.0.from_local_datetime(&start).earliest());
        let starts = starts.map(|start| start.timestamp_millis());
        starts
            .filter(|ms| (from_ms..=until_ms).contains(ms))
            .collect()
    }

    fn abbreviation(self, at: DateTime<Tz>) -> String {
        let name = at.offset().abbreviation().unwrap_or_default();
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.to_owned()
        } else {
            format!("UTC{name}")
        }
    }

    /// Value of a `datetime-local` input.
    #[must_use]
    pub fn local(self, ms: i64) -> String {
        self.at(ms).format("%Y-%m-%dT%H:%M").to_string()
    }

    /// The moment a person typed into a `datetime-local` input.
    ///
    /// # Errors
    /// [`LocalTimeError`].
    pub fn moment(self, typed: &str) -> Result<i64, LocalTimeError> {
        let typed = typed.trim();
        let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(typed, form).ok())
            .ok_or(LocalTimeError::NotATime)?;
        let moment = self.0.from_local_datetime(&local).single();
        moment
            .map(|m| m.timestamp_millis())
            .ok_or(LocalTimeError::Skipped)
    }
}

fn date<T: chrono::TimeZone>(at: DateTime<T>, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{} {} {}", at.day(), month(at.month()), at.year()),
        Lang::Ja => format!("{}年{}月{}日", at.year(), at.month(), at.day()),
    }
}

const fn month(number: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    match number {
        1..=12 => NAMES[(number - 1) as usize],
        _ => "",
    }
}

/// `2026-11-21T19:41:05Z`, for `<time datetime>`.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(ms)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_290_065_000;

    #[test]
    fn a_moment_reads_in_its_zone_and_language() {
        let tokyo = Zone::parse("Asia/Tokyo").unwrap();
        assert_eq!(Zone::UTC.exact(AT, Lang::En), "21 Nov 2026, 19:41:05 UTC");
        assert_eq!(tokyo.minute(AT, Lang::Ja), "2026年11月22日 04:41 JST");
        assert_eq!(rfc3339(AT), "2026-11-21T19:41:05Z");
    }

    #[test]
    fn days_start_at_midnight_of_the_zone_also_where_the_clock_changes() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let moment = |typed: &str| berlin.moment(typed).unwrap();
        let starts = ["2026-10-25T00:00", "2026-10-26T00:00"].map(moment);
        let (from_ms, until_ms) = (moment("2026-10-24T00:01"), moment("2026-10-26T00:00"));
        assert_eq!(berlin.midnights(from_ms, until_ms), starts);
        assert_eq!(berlin.short_day(starts[0], Lang::Ja), "10/25");
        assert!(berlin.midnights(until_ms, from_ms).is_empty());
    }

    #[test]
    fn what_is_typed_comes_back() {
        for name in COMMON {
            let zone = Zone::parse(name).unwrap();
            let minute = AT - AT % 60_000;
            assert_eq!(zone.moment(&zone.local(minute)), Ok(minute), "{name}");
        }
    }

    #[test]
    fn skipped_and_repeated_times_are_refused() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        assert_eq!(
            berlin.moment("2026-03-29T02:30"),
            Err(LocalTimeError::Skipped)
        );
        assert_eq!(
            berlin.moment("2026-10-25T02:30"),
            Err(LocalTimeError::Skipped)
        );
        assert_eq!(berlin.moment("tomorrow"), Err(LocalTimeError::NotATime));
        assert_eq!(Zone::parse("Mars/Olympus"), None);
    }
}

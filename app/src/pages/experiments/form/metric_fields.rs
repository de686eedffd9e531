//! A metric as typed, and what it means.

use nexus_domain::experiment::{
    Among, Better, Counted, MAX_PRE_DAYS, Metric, MetricKind, MetricRole,
};

use crate::format::{bp, parse_bp, parse_minutes, parse_number};
use crate::host::Form;
use crate::lang::{Lang, Words as _};
use crate::text::life::LengthWord;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricFields {
    pub key: String,
    /// Name of the conversion; empty: the key.
    pub event: String,
    pub kind: String,
    pub better: String,
    pub role: String,
    pub margin: String,
    /// Of what decides: standard deviation in percent of the mean; empty: as usual.
    pub spread: String,
    pub cap: String,
    /// As `12h` or `7d`.
    pub window: String,
    /// Of a retention, as `7-14`.
    pub days: String,
    /// Of a ratio: the conversion below the line, and what is counted of both.
    pub over: String,
    pub top: String,
    pub bottom: String,
    /// Of a quantile, in percent, and what it is of.
    pub level: String,
    pub among: String,
    /// Days before the exposure.
    pub pre: String,
}

impl MetricFields {
    #[must_use]
    pub(super) fn of(metric: &Metric, lang: Lang) -> Self {
        let text = str::to_owned;
        let window = |hours| window_text(hours, lang);
        let mut fields = Self {
            key: metric.key.clone(),
            event: metric.event.clone(),
            kind: text(metric.kind.as_str()),
            better: text(match metric.better {
                Better::Higher => "higher",
                Better::Lower => "lower",
            }),
            window: metric.window_hours.map(window).unwrap_or_default(),
            pre: pre_text(metric.pre_days),
            ..Self::default()
        };
        match &metric.kind {
            MetricKind::Mean { cap } => {
                fields.cap = cap.map(|cap| cap.to_string()).unwrap_or_default();
            }
            MetricKind::Retention {
                from_day,
                until_day,
            } => fields.days = format!("{from_day}-{until_day}"),
            MetricKind::Ratio { top, over, bottom } => {
                fields.top = text(top.as_str());
                fields.over.clone_from(over);
                fields.bottom = text(bottom.as_str());
            }
            MetricKind::Quantile { level_bp, among } => {
                fields.level = bp(*level_bp);
                fields.among = text(among.as_str());
            }
            MetricKind::Proportion | MetricKind::Count => {}
        }
        match metric.role {
            MetricRole::Secondary => fields.role = text("secondary"),
            MetricRole::Guardrail { margin_bp } => {
                fields.role = text("guardrail");
                fields.margin = bp(margin_bp);
            }
            MetricRole::Primary { spread_bp } => {
                fields.role = text("primary");
                fields.spread = (f64::from(spread_bp) / 100.0).to_string();
            }
        }
        fields
    }

    /// Every row sends all its fields, so the n-th of each belong together.
    #[must_use]
    pub(super) fn of_form(form: &Form) -> Vec<Self> {
        let names = [
            "event", "kind", "better", "role", "margin", "spread", "cap", "window", "days", "over",
            "top", "bottom", "level", "among", "pre",
        ];
        let columns = names.map(|name| form.all(&format!("metric_{name}")));
        let row = |(i, key): (usize, &str)| {
            let cell =
                |list: &Vec<&str>| list.get(i).map_or(String::new(), |v| v.trim().to_owned());
            let [
                event,
                kind,
                better,
                role,
                margin,
                spread,
                cap,
                window,
                days,
                over,
                top,
                bottom,
                level,
                among,
                pre,
            ] = columns.each_ref().map(cell);
            Self {
                key: key.trim().to_owned(),
                event,
                kind,
                better,
                role,
                margin,
                spread,
                cap,
                window,
                days,
                over,
                top,
                bottom,
                level,
                among,
                pre,
            }
        };
        form.all("metric_key")
            .into_iter()
            .enumerate()
            .map(row)
            .filter(|row| !row.key.is_empty())
            .collect()
    }

    /// Whether something is said of what is closed at first.
    #[must_use]
    pub(super) fn has_more(&self) -> bool {
        let parts = [&self.event, &self.window, &self.pre];
        parts.iter().any(|part| !part.is_empty())
    }

    /// All that was typed, in the order of the form.
    #[must_use]
    pub(super) fn line(&self) -> String {
        let parts = [
            &self.key,
            &self.event,
            &self.kind,
            &self.days,
            &self.top,
            &self.over,
            &self.bottom,
            &self.level,
            &self.among,
            &self.better,
            &self.role,
            &self.margin,
            &self.spread,
            &self.cap,
            &self.window,
            &self.pre,
        ];
        let known: Vec<&str> = parts
            .map(String::as_str)
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        known.join(" · ")
    }

    /// What can't be read becomes what no check lets through: its own problem
    /// names the range.
    #[must_use]
    pub(super) fn metric(&self) -> Metric {
        Metric {
            key: self.key.clone(),
            event: self.event.clone(),
            kind: self.meant_kind(),
            better: if self.better == "lower" {
                Better::Lower
            } else {
                Better::Higher
            },
            role: self.meant_role(),
            window_hours: window_hours(&self.window),
            pre_days: pre_days(&self.pre),
        }
    }

    fn meant_role(&self) -> MetricRole {
        match self.role.as_str() {
            "guardrail" => {
                let margin_bp = parse_bp(&self.margin).unwrap_or(0);
                MetricRole::Guardrail { margin_bp }
            }
            "primary" => {
                // More than all of it is usual, and more than fits into a share.
                let typed = self.spread.trim_end_matches(['%', '％']);
                let spread_bp = match typed {
                    "" => MetricRole::USUAL_SPREAD_BP,
                    typed => parse_number(typed).map_or(0, |n| (n * 100.0).round() as u32),
                };
                MetricRole::Primary { spread_bp }
            }
            _ => MetricRole::Secondary,
        }
    }

    fn meant_kind(&self) -> MetricKind {
        let counted = |typed: &str| Counted::parse(typed).unwrap_or_default();
        match self.kind.as_str() {
            "count" => MetricKind::Count,
            "mean" => MetricKind::Mean {
                cap: (!self.cap.is_empty()).then(|| parse_number(&self.cap).unwrap_or(-1.0)),
            },
            "retention" => {
                let ends = self.days.split_once(['-', '–', '〜', '~']);
                let (from, until) = ends.unwrap_or((&self.days, ""));
                MetricKind::Retention {
                    from_day: whole(from).unwrap_or(0),
                    until_day: whole(until).unwrap_or(0),
                }
            }
            "ratio" => MetricKind::Ratio {
                top: counted(&self.top),
                over: self.over.clone(),
                bottom: counted(&self.bottom),
            },
            "quantile" => MetricKind::Quantile {
                level_bp: parse_bp(self.level.trim_start_matches(['p', 'P'])).unwrap_or(0),
                among: Among::parse(&self.among).unwrap_or_default(),
            },
            _ => MetricKind::Proportion,
        }
    }
}

fn whole(typed: &str) -> Option<u16> {
    let number = parse_number(typed)?;
    (number.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(&number))
        .then_some(number as u16)
}

/// None when nothing was typed; 0, which no check lets through, when it can't be read.
pub(super) fn window_hours(typed: &str) -> Option<u32> {
    (!typed.is_empty()).then(|| window_of(typed).unwrap_or(0))
}

/// Days before the exposure; nothing is none.
pub(super) fn pre_days(typed: &str) -> u16 {
    match typed {
        "" => 0,
        typed => whole(typed).unwrap_or(MAX_PRE_DAYS + 1),
    }
}

#[must_use]
pub(super) fn pre_text(days: u16) -> String {
    match days {
        0 => String::new(),
        days => days.to_string(),
    }
}

/// `7d`, `12h`, `3日`; a number alone is hours.
fn window_of(typed: &str) -> Option<u32> {
    match parse_minutes(typed) {
        Some(minutes) => minutes.is_multiple_of(60).then_some(minutes / 60),
        None => whole(typed).map(u32::from),
    }
}

/// Hours as somebody who reads this language types them: whole days as days.
#[must_use]
pub(crate) fn window_text(hours: u32, lang: Lang) -> String {
    let (number, unit) = match hours > 0 && hours.is_multiple_of(24) {
        true => (hours / 24, LengthWord::Days),
        false => (hours, LengthWord::Hours),
    };
    format!("{number}{}", unit.text(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_typed_in_days_or_hours() {
        for (typed, hours) in [
            ("7d", 168),
            ("12h", 12),
            ("36", 36),
            (" 2 D", 48),
            ("３日間", 72),
        ] {
            assert_eq!(window_of(typed), Some(hours), "{typed}");
            for lang in Lang::ALL {
                assert_eq!(window_of(&window_text(hours, lang)), Some(hours));
            }
        }
        assert_eq!(window_text(168, Lang::En), "7d");
        assert_eq!(window_text(168, Lang::Ja), "7日");
        assert_eq!(window_text(12, Lang::Ja), "12時間");
        assert_eq!(window_of("soon"), None);
        assert_eq!(window_of("90 min"), None);
        assert_eq!(window_of("1.5d"), None);
    }
}

//! Numbers as people read them. English and Japanese share digit grouping and
//! decimal sign, so only words differ, those are in [`crate::text`], and what
//! large numbers are counted in.

use crate::half_width::half_width;
use crate::lang::Lang;

/// `12,345`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A short count for axes and tight places: `950`, `1.2k`, `34k`, `5.6M`; in Japanese `950`,
/// `1,200`, `3.4万`, `560万`, `3億`.
#[must_use]
pub fn short(n: f64, lang: Lang) -> String {
    short_beside(n, n, lang)
}

/// As [`short`], counted in what the largest label of the same axis is counted in: `0.5k` beside
/// `1.5k`, `0.5万` beside `1.5万`.
#[must_use]
pub fn short_beside(n: f64, largest: f64, lang: Lang) -> String {
    let (unit, name) = match (lang, largest.abs()) {
        (Lang::En, size) if size >= 999_500.0 => (1e6, "M"),
        (Lang::En, size) if size >= 999.5 => (1e3, "k"),
        (Lang::Ja, size) if size >= 99_995_000.0 => (1e8, "億"),
        (Lang::Ja, size) if size >= 9_999.5 => (1e4, "万"),
        _ => (1.0, ""),
    };
    // Of steps of ten thousand one decimal is worth more than of steps of a thousand.
    let fine = match lang {
        Lang::En => 9.95,
        Lang::Ja => 99.95,
    };
    let value = n.abs() / unit;
    let decimals = usize::from(!name.is_empty() && value < fine);
    let text = format!("{value:.decimals$}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "0" {
        return "0".to_owned();
    }
    let digits = text.parse().map_or_else(|_| text.to_owned(), count);
    let sign = if n < -0.5 { "−" } else { "" };
    format!("{sign}{digits}{name}")
}

/// An e-value beside its threshold: `1,240`, `3.1e12` where nobody counts digits, and `> 10¹⁵`
/// where it only says that there is no doubt.
#[must_use]
pub fn evidence_ratio(e_value: f64) -> String {
    match e_value {
        e if e < 1e7 => count(e.round() as u64),
        e if e <= 1e15 => format!("{e:.1e}"),
        _ => "> 10¹⁵".to_owned(),
    }
}

/// A mean as people read it: `12,345.60`, and more digits where it is small.
#[must_use]
pub fn amount(value: f64) -> String {
    let decimals = if value != 0.0 && value.abs() < 0.1 {
        4
    } else {
        2
    };
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), count);
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{whole}.{rest}")
}

/// A difference in a metric's own unit with its sign: `+0.0312`.
#[must_use]
pub fn difference(value: f64) -> String {
    let sign = match value {
        v if v > 0.0 => "+",
        v if v < 0.0 => "−",
        _ => "±",
    };
    format!("{sign}{}", amount(value.abs()))
}

/// A difference of shares in percentage points, with its sign: `+3.1`; two decimals below one.
#[must_use]
pub fn difference_of_shares(value: f64) -> String {
    if !value.is_finite() {
        return "∞".to_owned();
    }
    let points = value.abs() * 100.0;
    let decimals = if points < 1.0 { 2 } else { 1 };
    let text = format!("{points:.decimals$}");
    let sign = match value {
        _ if text.chars().all(|c| c == '0' || c == '.') => "±",
        v if v < 0.0 => "−",
        _ => "+",
    };
    format!("{sign}{text}")
}

/// A share as percent: `4.2%`; two decimals below 1 %, none from a thousand: `15,002%`.
#[must_use]
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if let Some(text) = large_percent(value) {
        return text;
    }
    let decimals = if value != 0.0 && value.abs() < 1.0 {
        2
    } else {
        1
    };
    format!("{value:.decimals$}%")
}

/// `15,002%`, without its sign; none of what is small enough for decimals.
fn large_percent(value: f64) -> Option<String> {
    let rounded = || format!("{}%", count(value.abs().round() as u64));
    (value.is_finite() && value.abs() >= 999.5).then(rounded)
}

/// A relative change with its sign: `+12.4%`, `−3.0%`. The minus is U+2212,
/// as wide as the plus.
#[must_use]
pub fn change(relative: f64) -> String {
    let value = relative * 100.0;
    if !value.is_finite() {
        return "∞".to_owned();
    }
    if let Some(text) = large_percent(value) {
        let sign = if value < 0.0 { '−' } else { '+' };
        return format!("{sign}{text}");
    }
    let sign = match value {
        v if v >= 0.05 => "+",
        v if v <= -0.05 => "−",
        _ => "±",
    };
    format!("{sign}{:.1}%", value.abs())
}

/// Basis points as percent without needless zeros: 10,000 → `100`, 1,250 → `12.5`.
#[must_use]
pub fn bp(bp: u16) -> String {
    let text = format!("{}.{:02}", bp / 100, bp % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Percent as a person types it (`12.5`, `12.5 %`, `１２．５`) to basis points.
/// `None` when it is not a number; out of 0..=655.35 it saturates, so that the
/// range check of the draft can name the limits.
#[must_use]
pub fn parse_bp(typed: &str) -> Option<u16> {
    let value = parse_number(typed.trim().trim_end_matches(['%', '％']))?;
    Some((value * 100.0).round().clamp(0.0, f64::from(u16::MAX)) as u16)
}

/// A whole number as a person types it (`12,000`, `12 000`, `１２０００`).
#[must_use]
pub fn parse_count(typed: &str) -> Option<u64> {
    let plain: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，' | '、'))
        .collect();
    let value = parse_number(&plain)?;
    (value.fract() == 0.0 && value < 9e15).then_some(value as u64)
}

/// A length of time in minutes: `30 min`, `12h`, `7 d`, `３日間`; none without a unit.
#[must_use]
pub fn parse_minutes(typed: &str) -> Option<u32> {
    let typed = half_width(typed).to_ascii_lowercase();
    let at = typed.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = typed.split_at(at);
    let minutes = match unit.trim() {
        "m" | "min" | "分" | "分間" => 1,
        "h" | "時間" => 60,
        "d" | "日" | "日間" => 24 * 60,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(minutes)
}

/// A decimal number; full-width digits as Japanese keyboards type them count.
#[must_use]
pub fn parse_number(typed: &str) -> Option<f64> {
    let ascii = half_width(typed);
    let plain = ascii.chars().all(|c| matches!(c, '0'..='9' | '.' | '-'));
    ascii
        .parse::<f64>()
        .ok()
        .filter(|v| plain && v.is_finite() && *v >= 0.0)
}

/// A p-value: `0.032`, `< 0.001`.
#[must_use]
pub fn p_value(p: f64) -> String {
    if p < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}

/// The first characters of a long id or digest: `a1b2c3d4…`.
#[must_use]
pub fn short_hex(hex: &str) -> String {
    match (hex.get(..8), hex.len()) {
        (Some(head), 15..) => format!("{head}…"),
        _ => hex.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_unit() {
        for (typed, minutes) in [
            ("30 min", Some(30)),
            ("12h", Some(720)),
            ("７ｄ", Some(10_080)),
            ("３日間", Some(4_320)),
            ("7", None),
            ("1.5d", None),
            ("999999999d", None),
        ] {
            assert_eq!(parse_minutes(typed), minutes, "{typed}");
        }
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(evidence_ratio(1_240.4), "1,240");
        assert_eq!(evidence_ratio(3.14e12), "3.1e12");
        assert_eq!(evidence_ratio(f64::MAX), "> 10¹⁵");
        assert_eq!(percent(0.0425), "4.2%");
        assert_eq!(percent(0.0042), "0.42%");
        assert_eq!(percent(9.994), "999.4%");
        assert_eq!(percent(150.017), "15,002%");
        assert_eq!(amount(12_345.6), "12,345.60");
        assert_eq!(amount(-0.0312), "−0.0312");
        assert_eq!(difference(0.3), "+0.30");
        assert_eq!(difference(-0.0312), "−0.0312");
        assert_eq!(difference_of_shares(0.031), "+3.1");
        assert_eq!(difference_of_shares(-0.0004), "−0.04");
        assert_eq!(difference_of_shares(0.00001), "±0.00");
        assert_eq!(difference_of_shares(f64::INFINITY), "∞");
        assert_eq!(change(0.124), "+12.4%");
        assert_eq!(change(-0.03), "−3.0%");
        assert_eq!(change(0.0), "±0.0%");
        assert_eq!(change(150.017), "+15,002%");
        assert_eq!(change(-150.017), "−15,002%");
        assert_eq!(bp(10_000), "100");
        assert_eq!(bp(1_250), "12.5");
        assert_eq!(bp(5), "0.05");
    }

    #[test]
    fn large_numbers_are_counted_as_the_reader_does() {
        for (n, en, ja) in [
            (0.0, "0", "0"),
            (-0.3, "0", "0"),
            (999.0, "999", "999"),
            (1_240.0, "1.2k", "1,240"),
            (2_500.0, "2.5k", "2,500"),
            (-2_000.0, "−2k", "−2,000"),
            (9_999.4, "10k", "9,999"),
            (9_999.6, "10k", "1万"),
            (15_000.0, "15k", "1.5万"),
            (34_000.0, "34k", "3.4万"),
            (147_490.0, "147k", "14.7万"),
            (999_600.0, "1M", "100万"),
            (3_000_000.0, "3M", "300万"),
            (12_345_678.0, "12M", "1,235万"),
            (99_996_000.0, "100M", "1億"),
            (350_000_000.0, "350M", "3.5億"),
            (1_200_000_000.0, "1,200M", "12億"),
        ] {
            assert_eq!(short(n, Lang::En), en, "{n}");
            assert_eq!(short(n, Lang::Ja), ja, "{n}");
        }
    }

    #[test]
    fn labels_of_an_axis_are_counted_alike() {
        for (values, en, ja) in [
            (
                [0.0, 500.0, 900.0],
                ["0", "500", "900"],
                ["0", "500", "900"],
            ),
            (
                [0.0, 500.0, 1_500.0],
                ["0", "0.5k", "1.5k"],
                ["0", "500", "1,500"],
            ),
            (
                [5_000.0, 10_000.0, 15_000.0],
                ["5k", "10k", "15k"],
                ["0.5万", "1万", "1.5万"],
            ),
        ] {
            let said = |lang| values.map(|n| short_beside(n, values[2], lang));
            assert_eq!(said(Lang::En), en);
            assert_eq!(said(Lang::Ja), ja);
        }
    }

    #[test]
    fn typed_counts_are_whole() {
        for typed in ["12000", "12,000", " 12 000 ", "１２，０００"] {
            assert_eq!(parse_count(typed), Some(12_000), "{typed}");
        }
        for bad in ["", "1.5", "-1", "1e3", "99999999999999999999"] {
            assert_eq!(parse_count(bad), None, "{bad}");
        }
    }

    #[test]
    fn typed_percentages_come_back() {
        for basis_points in [0, 1, 5, 50, 333, 1_250, 5_000, 10_000] {
            assert_eq!(parse_bp(&bp(basis_points)), Some(basis_points));
        }
        assert_eq!(parse_bp("１２．５％"), Some(1_250));
        assert_eq!(parse_bp("12.5 %"), Some(1_250));
        for bad in ["", "x", "1e3", "-1", "inf", "NaN", "1,5"] {
            assert_eq!(parse_bp(bad), None, "{bad}");
        }
        assert_eq!(parse_bp("99999"), Some(u16::MAX));
    }
}

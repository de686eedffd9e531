//! Tables as CSV (RFC 4180).
//!
//! Names are slugs, and the rest are numbers and words of ours, so nothing needs quotes and no
//! spreadsheet takes a cell for a formula: a minus is at the head of numbers only.

use serde::Serialize;
use serde_json::Value;

use crate::views::{CourseRow, QuantileRow, ResultRow, SliceRow};

/// A line of a table that can be saved.
pub trait TableRow: Serialize {
    /// Of the columns, as in JSON.
    const HEAD: &'static [&'static str];

    fn cells(&self) -> Vec<String>;
}

#[must_use]
pub fn csv<R: TableRow>(rows: &[R]) -> String {
    let mut text = R::HEAD.join(",");
    text.push_str("\r\n");
    for row in rows {
        text.push_str(&row.cells().join(","));
        text.push_str("\r\n");
    }
    text
}

/// As in JSON, but nothing for null, and numbers without an exponent.
fn cell(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(Value::Number(number)) => match number.as_i64() {
            Some(whole) => whole.to_string(),
            None => number.as_f64().unwrap_or_default().to_string(),
        },
        _ => String::new(),
    }
}

/// The columns are the fields.
macro_rules! columns {
    ($row:ty: $($name:ident),*) => {
        impl TableRow for $row {
            const HEAD: &'static [&'static str] = &[$(stringify!($name)),*];

            fn cells(&self) -> Vec<String> {
                vec![$(cell(&self.$name)),*]
            }
        }
    };
}

columns!(ResultRow: metric, role, variant, users, value, lift, low, high, p_value, chance_to_win,
    verdict, margin, scale, correction);
columns!(CourseRow: metric, at_ms, variant, users, new_users, total, new_total, value, lift, low,
    high);
columns!(SliceRow: metric, by, slice, variant, users, value, lift, low, high, verdict, scale,
    split_p_value);
columns!(QuantileRow: metric, level, variant, value);

#[cfg(test)]
mod tests {
    use nexus_domain::experiment::{Dimension, Scale};

    use super::*;
    use crate::views::{MarginState, Verdict};

    fn result() -> ResultRow {
        ResultRow {
            metric: "revenue".to_owned(),
            role: "guardrail",
            variant: "b".to_owned(),
            users: 3,
            value: Some(1.5),
            lift: Some(-0.25),
            low: Some(-0.5),
            high: Some(0.0),
            p_value: None,
            chance_to_win: None,
            verdict: Some(Verdict::NotEnoughData),
            margin: Some(MarginState::Unclear),
            scale: Some(Scale::Relative),
            correction: None,
        }
    }

    fn point() -> CourseRow {
        CourseRow {
            metric: "revenue".to_owned(),
            at_ms: 1_000,
            variant: "b".to_owned(),
            users: 3,
            new_users: 1,
            total: Some(-2.5),
            new_total: Some(f64::NAN),
            value: None,
            lift: None,
            low: None,
            high: None,
        }
    }

    fn slice() -> SliceRow {
        SliceRow {
            metric: "revenue".to_owned(),
            by: Dimension::Country,
            slice: "JP".to_owned(),
            variant: "b".to_owned(),
            users: 3,
            value: None,
            lift: None,
            low: None,
            high: None,
            verdict: Some(Verdict::Better),
            scale: Some(Scale::Absolute),
            split_p_value: 0.5,
        }
    }

    #[test]
    fn missing_numbers_are_empty_cells() {
        assert_eq!(
            csv(&[result()]).lines().nth(1),
            Some("revenue,guardrail,b,3,1.5,-0.25,-0.5,0,,,not_enough_data,unclear,relative,")
        );
        assert_eq!(
            csv(&[point()]).lines().nth(1),
            Some("revenue,1000,b,3,1,-2.5,,,,,")
        );
        assert_eq!(
            csv(&[slice()]).lines().nth(1),
            Some("revenue,country,JP,b,3,,,,,better,absolute,0.5")
        );
    }

    /// The columns are the fields, in their order, so CSV and JSON never differ.
    #[test]
    fn the_columns_are_those_of_the_json() {
        fn check<R: TableRow>(row: &R) {
            assert_eq!(row.cells().len(), R::HEAD.len());
            let json = serde_json::to_string(row).unwrap();
            let places = R::HEAD
                .iter()
                .map(|name| json.find(&format!("\"{name}\":")).unwrap());
            assert!(places.is_sorted(), "{json}");
            assert_eq!(json.matches("\":").count(), R::HEAD.len(), "{json}");
        }
        let quantile = QuantileRow {
            metric: "load".to_owned(),
            level: 0.95,
            variant: "b".to_owned(),
            value: None,
        };
        check(&result());
        check(&point());
        check(&slice());
        check(&quantile);
    }
}

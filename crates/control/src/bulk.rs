//! Statements for many rows or keys at once: a round trip to the database costs
//! more than a row.

use std::sync::OnceLock;

use crate::ports::{Capacity, Statement, Value};

/// Rows of one statement, largest first.
const SIZES: [usize; 7] = [1_024, 256, 64, 32, 16, 4, 1];

/// A statement around a list of rows: `before VALUES (?, ?), (?, ?) … after`, of `N` values
/// each. Kept in a `static`, so that its texts are made once.
pub(crate) struct Bulk<const N: usize> {
    before: &'static str,
    after: &'static str,
    texts: OnceLock<[String; SIZES.len()]>,
}

impl<const N: usize> Bulk<N> {
    pub(crate) const fn new(before: &'static str, after: &'static str) -> Self {
        Self {
            before,
            after,
            texts: OnceLock::new(),
        }
    }

    /// As few statements as the database can take for all rows.
    pub(crate) fn statements(
        &'static self,
        rows: impl IntoIterator<Item = [Value; N]>,
        capacity: Capacity,
    ) -> Vec<Statement> {
        let texts = self.texts.get_or_init(|| SIZES.map(|rows| self.text(rows)));
        let values: Vec<Value> = rows.into_iter().flatten().collect();
        let mut rest = values.into_iter();
        let mut all = Vec::new();
        for (size, sql) in SIZES.iter().zip(texts) {
            let width = size * N;
            while width <= capacity.values.max(N) && rest.len() >= width {
                let values = rest.by_ref().take(width).collect();
                all.push(Statement { sql, values });
            }
        }
        all
    }

    /// With places that have no number: SQLite looks for a number among all that came
    /// before it, which is slow where there are thousands.
    fn text(&self, rows: usize) -> String {
        let row = format!("({})", ["?"; N].join(", "));
        let rows = vec![row; rows].join(", ");
        format!("{} VALUES {rows} {}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PAIRS: Bulk<2> = Bulk::new("INSERT INTO pairs (a, b)", "ON CONFLICT DO NOTHING");

    fn pairs(count: i64, values: usize) -> Vec<Statement> {
        let rows = (0..count).map(|n| [n.into(), (-n).into()]);
        PAIRS.statements(rows, Capacity { values, rows: 1 })
    }

    #[test]
    fn every_row_is_in_one_statement_in_its_order() {
        for count in [0, 1, 2, 15, 16, 21, 100, 1_024, 3_000] {
            for most in [100, 32_766] {
                let all = pairs(count, most);
                assert!(all.iter().all(|s| s.values.len() <= most), "{most}");
                let rows: Vec<Value> = all.into_iter().flat_map(|s| s.values).collect();
                let wanted = (0..count).flat_map(|n| [Value::from(n), Value::from(-n)]);
                assert_eq!(rows, wanted.collect::<Vec<_>>());
            }
        }
        assert_eq!(pairs(1_024, 32_766).len(), 1);
    }

    #[test]
    fn a_row_has_a_place_for_each_value() {
        assert_eq!(
            PAIRS.text(2),
            "INSERT INTO pairs (a, b) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING"
        );
    }
}

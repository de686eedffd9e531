//! What a statement gave, and how it is shown as JSON.

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// How rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `results: [{column: value}]`
    Objects,
    /// `results: {columns: [], rows: [[]]}`
    Arrays,
}

/// `{results, success, meta}` of one statement. Columns keep their order.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) shape: Shape,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Value>>,
    pub(super) meta: Value,
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self {
            shape,
            columns,
            rows,
            meta,
        } = self;
        let mut out = to.serialize_struct("Outcome", 3)?;
        match shape {
            Shape::Arrays => out.serialize_field("results", &Table { columns, rows })?,
            Shape::Objects => {
                let rows: Vec<_> = rows.iter().map(|cells| Object { columns, cells }).collect();
                out.serialize_field("results", &rows)?;
            }
        }
        out.serialize_field("success", &true)?;
        out.serialize_field("meta", meta)?;
        out.end()
    }
}

#[derive(Serialize)]
struct Table<'o> {
    columns: &'o [String],
    rows: &'o [Vec<Value>],
}

struct Object<'o> {
    columns: &'o [String],
    cells: &'o [Value],
}

impl Serialize for Object<'_> {
    /// Of columns with one name the last is shown, as on D1.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for (at, (column, cell)) in self.columns.iter().zip(self.cells).enumerate() {
            if !self.columns[at + 1..].contains(column) {
                map.serialize_entry(column, cell)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_keep_their_order_and_the_last_of_a_name_wins() {
        let columns = ["b", "a", "b"].map(str::to_owned).to_vec();
        let rows = vec![vec![json!(1), json!(2), json!(3)]];
        let mut outcome = Outcome {
            shape: Shape::Objects,
            columns,
            rows,
            meta: json!({}),
        };
        let text = serde_json::to_string(&outcome).unwrap();
        assert_eq!(
            text,
            r#"{"results":[{"a":2,"b":3}],"success":true,"meta":{}}"#
        );
        outcome.shape = Shape::Arrays;
        let text = serde_json::to_string(&outcome).unwrap();
        assert!(text.starts_with(r#"{"results":{"columns":["b","a","b"],"rows":[[1,2,3]]}"#));
    }
}

//! From rows to JSON.

use serde_json::{Map, Value, json};

use super::text::{escape, list, scalar, text};
use super::{ConditionForm, ConditionGroup, ConditionRow, Join, RowOperator};

impl ConditionForm {
    pub(super) fn json(&self) -> Value {
        match (self.join, &self.groups[..]) {
            (Join::All, [only]) => only.json(),
            (join, groups) => joined(join, groups.iter().map(ConditionGroup::json)),
        }
    }
}

impl ConditionGroup {
    /// Rows in the order of their names fit into one object, which keeps that order only.
    fn json(&self) -> Value {
        let fits = self.rows.is_sorted_by(|a, b| a.name() < b.name());
        let rows = self.rows.iter().map(|row| (row.name(), row.test()));
        match self.join {
            Join::All if fits => Value::Object(rows.collect::<Map<_, _>>()),
            join => joined(join, self.rows.iter().map(ConditionRow::json)),
        }
    }
}

fn joined(join: Join, parts: impl Iterator<Item = Value>) -> Value {
    let name = match join {
        Join::All => "$and",
        Join::Any => "$or",
        Join::None => "$nor",
    };
    json!({ name: parts.collect::<Vec<_>>() })
}

impl ConditionRow {
    fn name(&self) -> String {
        match self.operator {
            RowOperator::InSaved => "$savedGroups".to_owned(),
            RowOperator::NotInSaved => "$not".to_owned(),
            _ => self.attribute.trim().to_owned(),
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({ self.name(): self.test() })
    }

    fn test(&self) -> Value {
        use RowOperator as Is;
        let typed = &self.value;
        match self.operator {
            Is::Is => scalar(typed),
            Is::IsNot => json!({ "$ne": scalar(typed) }),
            Is::OneOf => json!({ "$in": list(typed) }),
            Is::NoneOf => json!({ "$nin": list(typed) }),
            Is::InGroup => json!({ "$inGroup": text(typed) }),
            Is::NotInGroup => json!({ "$notInGroup": text(typed) }),
            Is::InSaved => json!([text(typed)]),
            Is::NotInSaved => json!({ "$savedGroups": [text(typed)] }),
            Is::Contains => json!({ "$regex": escape(&text(typed)) }),
            Is::DoesNotContain => json!({ "$notRegex": escape(&text(typed)) }),
            Is::StartsWith => json!({ "$regex": format!("^{}", escape(&text(typed))) }),
            Is::EndsWith => json!({ "$regex": format!("{}$", escape(&text(typed))) }),
            Is::Matches => json!({ "$regex": text(typed) }),
            Is::DoesNotMatch => json!({ "$notRegex": text(typed) }),
            Is::Greater => json!({ "$gt": scalar(typed) }),
            Is::AtLeast => json!({ "$gte": scalar(typed) }),
            Is::Less => json!({ "$lt": scalar(typed) }),
            Is::AtMost => json!({ "$lte": scalar(typed) }),
            Is::VersionIs => json!({ "$veq": text(typed) }),
            Is::VersionIsNot => json!({ "$vne": text(typed) }),
            Is::VersionOver => json!({ "$vgt": text(typed) }),
            Is::VersionAtLeast => json!({ "$vgte": text(typed) }),
            Is::VersionUnder => json!({ "$vlt": text(typed) }),
            Is::VersionAtMost => json!({ "$vlte": text(typed) }),
            Is::Exists => json!({ "$exists": true }),
            Is::IsMissing => json!({ "$exists": false }),
        }
    }
}

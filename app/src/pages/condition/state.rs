//! A condition exactly as typed: in rows, or as JSON.

use nexus_domain::condition::{
    ConditionForm, ConditionGroup, ConditionRow, Join, MAX_GROUPS, MAX_ROWS, RowOperator,
};
use nexus_domain::{Field as At, Problem};
use serde_json::Value;

use super::lists::with_codes;
use crate::host::Form;
use crate::pages::typed::{Reader, object};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConditionTyped {
    pub rows: ConditionForm,
    /// What is typed instead of the rows.
    pub json: Option<String>,
    /// Group and row that were just added: they get the focus.
    pub focused: Option<(usize, usize)>,
    pub note: Option<ConditionNote>,
}

/// Why a switch between rows and JSON was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionNote {
    CannotShow,
    NotYet,
}

impl ConditionTyped {
    #[must_use]
    pub fn of(condition: Option<&Value>) -> Self {
        let Some(condition) = condition else {
            return Self::default();
        };
        match ConditionForm::of_json(condition) {
            Some(rows) => Self {
                rows,
                ..Self::default()
            },
            None => Self::of_text(pretty(condition)),
        }
    }

    #[must_use]
    pub fn of_text(json: String) -> Self {
        Self {
            json: Some(json),
            ..Self::default()
        }
    }

    /// The fields whose names begin with `prefix`, after what its own buttons ask for.
    #[must_use]
    pub fn of_form(form: &Form, prefix: &str) -> Self {
        let name = |part: &str| format!("{prefix}condition{part}");
        let json = form.trimmed(&name(""));
        let mut typed = match form.get(&name("_as")) {
            "rows" => Self {
                rows: rows_of(form, &name),
                ..Self::default()
            },
            _ if json.is_empty() && !form.has(&name("_as")) => Self::default(),
            _ => Self::of_text(json),
        };
        if let Some(asked) = form.get("do").strip_prefix(&name(":")) {
            typed.rearrange(asked);
        }
        typed
    }

    #[must_use]
    pub fn is_blank(&self) -> bool {
        match &self.json {
            Some(json) => json.is_empty() && self.focused.is_none(),
            None => self.rows.groups.is_empty(),
        }
    }

    fn rearrange(&mut self, asked: &str) {
        let mut parts = asked.split(':');
        let act = parts.next().unwrap_or_default();
        let mut index = || parts.next().and_then(|part| part.parse::<usize>().ok());
        let (group, row) = (index(), index());
        let groups = &mut self.rows.groups;
        let rows: usize = groups.iter().map(|group| group.rows.len()).sum();
        match (act, group, row) {
            ("add-group" | "add-group-saved", ..)
                if groups.len() < MAX_GROUPS && rows < MAX_ROWS =>
            {
                groups.push(ConditionGroup {
                    join: Join::All,
                    rows: vec![new_row(act)],
                });
                self.focused = Some((groups.len() - 1, 0));
            }
            ("add" | "add-saved", Some(group), _) if rows < MAX_ROWS => {
                if let Some(of) = groups.get_mut(group) {
                    of.rows.push(new_row(act));
                    self.focused = Some((group, of.rows.len() - 1));
                }
            }
            ("remove", Some(group), Some(row)) => {
                if let Some(of) = groups.get_mut(group).filter(|of| row < of.rows.len()) {
                    of.rows.remove(row);
                    self.focused = Some((group, row.saturating_sub(1)));
                }
                groups.retain(|group| !group.rows.is_empty());
            }
            ("remove-group", Some(group), _) if group < groups.len() => {
                groups.remove(group);
                self.focused = Some((group.saturating_sub(1), 0));
            }
            ("json", ..) => self.switch_to_json(),
            ("rows", ..) => self.switch_to_rows(),
            _ => {}
        }
    }

    fn switch_to_json(&mut self) {
        if !self.rows.is_complete() {
            self.note = Some(ConditionNote::NotYet);
            return;
        }
        let condition = self.rows.condition();
        self.json = Some(condition.as_ref().map(pretty).unwrap_or_default());
        self.focused = Some((0, 0));
    }

    fn switch_to_rows(&mut self) {
        let json = self.json.as_deref().unwrap_or_default();
        let rows = match json.is_empty() {
            true => Some(ConditionForm::default()),
            false => serde_json::from_str(json)
                .ok()
                .and_then(|condition: Value| ConditionForm::of_json(&condition)),
        };
        match rows {
            Some(rows) => {
                self.rows = rows;
                self.json = None;
                self.focused = Some((0, 0));
            }
            None => self.note = Some(ConditionNote::CannotShow),
        }
    }

    /// What is meant; a problem of the field when it cannot be read.
    pub(crate) fn condition(&self, read: &mut Reader, field: At) -> Option<Value> {
        match &self.json {
            Some(json) if json.is_empty() => None,
            Some(json) => Some(object(read, field, json).into()),
            None => {
                if !self.rows.is_complete() {
                    read.note(field, Problem::Incomplete);
                }
                self.rows.condition()
            }
        }
    }

    /// As text, to compare two.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.json {
            Some(json) => json.clone(),
            None => self
                .rows
                .condition()
                .as_ref()
                .map(pretty)
                .unwrap_or_default(),
        }
    }
}

/// The row that a button adds: about an attribute, or about saved groups.
fn new_row(act: &str) -> ConditionRow {
    ConditionRow {
        operator: match act.ends_with("-saved") {
            true => RowOperator::InSaved,
            false => RowOperator::default(),
        },
        ..ConditionRow::default()
    }
}

fn pretty(condition: &Value) -> String {
    serde_json::to_string_pretty(condition).unwrap_or_default()
}

/// Every row and group sends all its fields, so the n-th of each belong together.
fn rows_of(form: &Form, name: &impl Fn(&str) -> String) -> ConditionForm {
    let all = |part: &str| form.all(&name(part));
    let at = |list: &[&str], i: usize| list.get(i).map_or(String::new(), |v| v.trim().to_owned());
    let join = |name: &str| Join::parse(name).unwrap_or_default();
    let joins = all("_group_join");
    let mut groups: Vec<(&str, ConditionGroup)> = all("_group")
        .into_iter()
        .take(MAX_GROUPS)
        .enumerate()
        .map(|(i, mark)| {
            let join = join(&at(&joins, i));
            let rows = Vec::new();
            (mark, ConditionGroup { join, rows })
        })
        .collect();
    let (attributes, operators) = (all("_attribute"), all("_operator"));
    let values = all("_value");
    for (i, mark) in all("_row").into_iter().take(MAX_ROWS).enumerate() {
        if let Some((_, group)) = groups.iter_mut().find(|(known, _)| *known == mark) {
            group.rows.push(with_codes(ConditionRow {
                attribute: at(&attributes, i),
                operator: RowOperator::parse(&at(&operators, i)).unwrap_or_default(),
                value: at(&values, i),
            }));
        }
    }
    ConditionForm {
        join: join(form.get(&name("_join"))),
        groups: groups.into_iter().map(|(_, group)| group).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn typed(pressed: &str) -> ConditionTyped {
        let form = Form::from([
            ("r-condition_as", "rows"),
            ("r-condition_join", "all"),
            ("r-condition_group", "0"),
            ("r-condition_group_join", "all"),
            ("r-condition_row", "0"),
            ("r-condition_attribute", "plan"),
            ("r-condition_operator", "one_of"),
            ("r-condition_value", "pro, team"),
            ("r-condition_group", "1"),
            ("r-condition_group_join", "any"),
            ("r-condition_row", "1"),
            ("r-condition_attribute", "age"),
            ("r-condition_operator", "at_least"),
            ("r-condition_value", "18"),
            ("r-condition_row", "1"),
            ("r-condition_attribute", "staff"),
            ("r-condition_operator", "exists"),
            ("r-condition_value", ""),
            ("do", pressed),
        ]);
        ConditionTyped::of_form(&form, "r-")
    }

    #[test]
    fn fields_become_the_condition_they_show() {
        let expected = json!({ "$and": [
            { "plan": { "$in": ["pro", "team"] } },
            { "$or": [{ "age": { "$gte": 18 } }, { "staff": { "$exists": true } }] },
        ] });
        let condition = typed("").condition(&mut Reader::default(), At::Condition);
        assert_eq!(condition, Some(expected.clone()));
        assert_eq!(ConditionTyped::of(Some(&expected)), typed(""));
    }

    #[test]
    fn buttons_add_and_remove_rows_and_groups() {
        let rows = |pressed: &str| -> Vec<usize> {
            let typed = typed(pressed);
            typed.rows.groups.iter().map(|g| g.rows.len()).collect()
        };
        assert_eq!(rows("r-condition:add:0"), [2, 2]);
        assert_eq!(rows("r-condition:add-group"), [1, 2, 1]);
        assert_eq!(rows("r-condition:add-saved:0"), [2, 2]);
        let saved = typed("r-condition:add-saved:0").rows.groups[0].rows[1].clone();
        assert_eq!(saved.operator, RowOperator::InSaved);
        assert_eq!(rows("r-condition:remove:1:0"), [1, 1]);
        // The last row takes its group along.
        assert_eq!(rows("r-condition:remove:0:0"), [2]);
        assert_eq!(rows("r-condition:remove-group:1"), [1]);
        for elsewhere in [
            "condition:add:0",
            "r-condition:add:7",
            "r-condition:remove:0:9",
        ] {
            assert_eq!(rows(elsewhere), [1, 2], "{elsewhere}");
        }
    }

    #[test]
    fn rows_become_json_and_json_becomes_rows_where_it_can() {
        let mut typed = typed("r-condition:json");
        let json = typed.json.clone().unwrap();
        assert!(json.contains("\"$gte\": 18"), "{json}");
        typed.rearrange("rows");
        assert_eq!((typed.json.clone(), typed.rows.groups.len()), (None, 2));
        let mut other = ConditionTyped::of(Some(&json!({ "tags": { "$size": 2 } })));
        other.rearrange("rows");
        assert_eq!(other.note, Some(ConditionNote::CannotShow));
        assert!(other.json.is_some());
        typed.rows.groups[0].rows[0].attribute.clear();
        typed.rearrange("json");
        assert_eq!(
            (typed.json, typed.note),
            (None, Some(ConditionNote::NotYet))
        );
    }

    #[test]
    fn a_row_that_lacks_something_is_a_problem_of_the_condition() {
        let mut typed = typed("");
        typed.rows.groups[0].rows[0].value.clear();
        let mut read = Reader::default();
        typed.condition(&mut read, At::Condition);
        assert_eq!(read.problems[0].problem, Problem::Incomplete);
    }
}

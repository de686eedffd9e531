//! From JSON to rows, as far as rows can say it.

use serde_json::{Map, Value};

use super::text::{list_typed, literal, scalar_typed, text_typed};
use super::{ConditionForm, ConditionGroup, ConditionRow, Join, MAX_GROUPS, MAX_ROWS, RowOperator};

impl ConditionForm {
    /// The form of a condition; none when it says what rows cannot.
    #[must_use]
    pub fn of_json(condition: &Value) -> Option<Self> {
        let form = whole(condition.as_object()?)?;
        let rows: usize = form.groups.iter().map(|group| group.rows.len()).sum();
        (form.groups.len() <= MAX_GROUPS && rows <= MAX_ROWS).then_some(form)
    }
}

impl ConditionRow {
    /// As it is read from its own JSON: an expression that only searches a text is a search.
    pub(super) fn normal(&self) -> Self {
        let json = self.json();
        let rows = json.as_object().and_then(rows);
        rows.and_then(|mut rows| rows.pop())
            .unwrap_or_else(|| self.clone())
    }
}

type Fields = Map<String, Value>;

fn whole(fields: &Fields) -> Option<ConditionForm> {
    let (join, groups) = match split(fields)? {
        (rows, joined) if joined.is_empty() => (Join::All, vec![of_rows(rows)]),
        (rows, joined) if rows.is_empty() && joined.len() == 1 => match joined.first()? {
            (join, parts) if parts.iter().all(|part| row(part).is_some()) => {
                (Join::All, vec![flat(*join, parts)?])
            }
            (join, parts) => {
                let groups = parts.iter().map(|part| group(part.as_object()?));
                (*join, groups.collect::<Option<_>>()?)
            }
        },
        (rows, joined) => {
            let joined = joined.iter().map(|(join, parts)| flat(*join, parts));
            let own = (!rows.is_empty()).then(|| of_rows(rows));
            let groups = own.into_iter().map(Some).chain(joined);
            (Join::All, groups.collect::<Option<_>>()?)
        }
    };
    let groups: Vec<ConditionGroup> = groups;
    let is_empty = |group: &ConditionGroup| group.rows.is_empty();
    match &groups[..] {
        // `{}` is everybody.
        [only] if is_empty(only) && fields.is_empty() => Some(ConditionForm::default()),
        groups if groups.is_empty() || groups.iter().any(is_empty) => None,
        _ => Some(ConditionForm { join, groups }),
    }
}

fn group(fields: &Fields) -> Option<ConditionGroup> {
    match split(fields)? {
        (rows, joined) if joined.is_empty() => Some(of_rows(rows)),
        (rows, joined) if rows.is_empty() && joined.len() == 1 => {
            let (join, parts) = joined.first()?;
            flat(*join, parts)
        }
        _ => None,
    }
}

fn of_rows(rows: Vec<ConditionRow>) -> ConditionGroup {
    let join = Join::All;
    ConditionGroup { join, rows }
}

/// A group whose every part is one row.
fn flat(join: Join, parts: &[Value]) -> Option<ConditionGroup> {
    let rows: Vec<ConditionRow> = parts.iter().map(row).collect::<Option<_>>()?;
    let join = match rows.len() {
        1 if join == Join::Any => Join::All,
        _ => join,
    };
    Some(ConditionGroup { join, rows })
}

fn row(part: &Value) -> Option<ConditionRow> {
    let mut rows = rows(part.as_object()?)?;
    let row = rows.pop()?;
    rows.is_empty().then_some(row)
}

type Joined<'v> = Vec<(Join, &'v [Value])>;

/// The rows of an object's attributes, and the lists it joins.
fn split(fields: &Fields) -> Option<(Vec<ConditionRow>, Joined<'_>)> {
    let (mut own, mut joined) = (Vec::new(), Vec::new());
    for (name, value) in fields {
        let join = match name.as_str() {
            "$and" => Join::All,
            "$or" => Join::Any,
            "$nor" => Join::None,
            "$savedGroups" => {
                own.extend(saved(RowOperator::InSaved, value)?);
                continue;
            }
            "$not" if names_one_group(value) => {
                let groups = value.get("$savedGroups")?;
                own.extend(saved(RowOperator::NotInSaved, groups)?);
                continue;
            }
            "$not" => {
                joined.push((Join::None, std::slice::from_ref(value)));
                continue;
            }
            name if name.starts_with('$') => return None,
            name => {
                own.extend(tests(name, value)?);
                continue;
            }
        };
        joined.push((join, value.as_array()?.as_slice()));
    }
    Some((own, joined))
}

/// A row for each saved group that the user is or is not in.
fn saved(operator: RowOperator, groups: &Value) -> Option<Vec<ConditionRow>> {
    let groups = groups.as_array().filter(|groups| !groups.is_empty())?;
    let row = |group: &Value| {
        Some(ConditionRow {
            attribute: String::new(),
            operator,
            value: text_typed(group.as_str()?),
        })
    };
    groups.iter().map(row).collect()
}

/// `{"$savedGroups": ["japan"]}`: of several its negation would be no row for each.
fn names_one_group(part: &Value) -> bool {
    let fields = part.as_object().filter(|fields| fields.len() == 1);
    let groups = fields.and_then(|fields| fields.get("$savedGroups")?.as_array());
    groups.is_some_and(|groups| groups.len() == 1)
}

fn rows(fields: &Fields) -> Option<Vec<ConditionRow>> {
    let (rows, joined) = split(fields)?;
    joined.is_empty().then_some(rows)
}

/// What is asked of one attribute, a row for each operator.
fn tests(name: &str, value: &Value) -> Option<Vec<ConditionRow>> {
    // What people type is trimmed.
    if name.is_empty() || name.trim() != name {
        return None;
    }
    let row = |(operator, value): (RowOperator, String)| ConditionRow {
        attribute: name.to_owned(),
        operator,
        value,
    };
    match value {
        Value::Array(_) => None,
        Value::Object(operators) if operators.is_empty() => None,
        Value::Object(operators) => {
            let tests = operators.iter().map(|(name, operand)| test(name, operand));
            tests.map(|found| found.map(row)).collect()
        }
        scalar => Some(vec![row((RowOperator::Is, scalar_typed(scalar)))]),
    }
}

fn test(name: &str, operand: &Value) -> Option<(RowOperator, String)> {
    use RowOperator as Is;
    let scalar = |operator| {
        let is_scalar = !operand.is_array() && !operand.is_object();
        is_scalar.then(|| (operator, scalar_typed(operand)))
    };
    let ordered = |operator| match operand.is_number() || operand.is_string() {
        true => scalar(operator),
        false => None,
    };
    let list = |operator| {
        let items = operand.as_array().filter(|items| !items.is_empty())?;
        let plain = |item: &Value| !item.is_array() && !item.is_object();
        let all = items.iter().all(plain);
        all.then(|| (operator, list_typed(items)))
    };
    let text = |operator| Some((operator, text_typed(operand.as_str()?)));
    match name {
        "$eq" => scalar(Is::Is),
        "$ne" => scalar(Is::IsNot),
        "$in" => list(Is::OneOf),
        "$nin" => list(Is::NoneOf),
        "$inGroup" => text(Is::InGroup),
        "$notInGroup" => text(Is::NotInGroup),
        "$gt" => ordered(Is::Greater),
        "$gte" => ordered(Is::AtLeast),
        "$lt" => ordered(Is::Less),
        "$lte" => ordered(Is::AtMost),
        "$veq" => text(Is::VersionIs),
        "$vne" => text(Is::VersionIsNot),
        "$vgt" => text(Is::VersionOver),
        "$vgte" => text(Is::VersionAtLeast),
        "$vlt" => text(Is::VersionUnder),
        "$vlte" => text(Is::VersionAtMost),
        "$exists" => Some(match operand.as_bool()? {
            true => (Is::Exists, String::new()),
            false => (Is::IsMissing, String::new()),
        }),
        "$regex" => pattern(operand.as_str()?),
        "$notRegex" => {
            let pattern = operand.as_str()?;
            Some(match literal(pattern) {
                Some(plain) => (Is::DoesNotContain, text_typed(&plain)),
                None => (Is::DoesNotMatch, text_typed(pattern)),
            })
        }
        _ => None,
    }
}

fn pattern(pattern: &str) -> Option<(RowOperator, String)> {
    let begins = || literal(pattern.strip_prefix('^')?);
    let ends = || literal(pattern.strip_suffix('$')?);
    Some(if let Some(plain) = literal(pattern) {
        (RowOperator::Contains, text_typed(&plain))
    } else if let Some(plain) = begins() {
        (RowOperator::StartsWith, text_typed(&plain))
    } else if let Some(plain) = ends() {
        (RowOperator::EndsWith, text_typed(&plain))
    } else {
        (RowOperator::Matches, text_typed(pattern))
    })
}

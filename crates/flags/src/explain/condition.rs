//! A condition line by line. Each part is a condition of its own, and the one evaluator is
//! asked about it: nothing is evaluated a second way.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::growthbook::Lists;
use crate::targeting::Asker;

/// Of a longer list so many values are told.
const TOLD: usize = 10;

/// One part of a condition, and its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConditionLine {
    /// How many parts it is within. The parts of a line are the lines below it that are one
    /// level deeper.
    pub depth: u32,
    pub asks: Asks,
    pub passed: bool,
}

/// What a part asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "asks")]
pub enum Asks {
    /// Each of its parts holds.
    All,
    /// One of its parts holds.
    Any,
    /// None of its parts holds.
    None,
    /// The condition of this name holds; its part says which that is.
    Named { name: String },
    /// An attribute compares so.
    Attribute {
        /// A path, as `address.city`.
        attribute: String,
        /// As conditions write it: `$eq`, `$in` and so on.
        operator: String,
        /// Of a list the first values.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        wanted: Value,
        /// How many more values the list has.
        more: u32,
        /// As the condition sees it; null when nothing is there.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
        found: Option<Value>,
    },
}

/// Conditions that have names, by which the lines call them.
#[derive(Debug, Clone, Default)]
pub struct NamedConditions(Vec<(String, Value)>);

impl NamedConditions {
    /// Names and their conditions, as snapshots spell them out.
    #[must_use]
    pub fn new(named: Vec<(String, Value)>) -> Self {
        Self(named)
    }

    fn name_of(&self, condition: &Value) -> Option<&str> {
        let mut named = self.0.iter();
        let found = named.find(|(_, known)| known == condition);
        found.map(|(name, _)| name.as_str())
    }
}

/// The parts of a condition, in the order in which it is read.
pub(super) fn lines(
    condition: &Value,
    context: &Context<'_>,
    lists: &Lists,
    named: &NamedConditions,
) -> Vec<ConditionLine> {
    let mut work = Work {
        asker: Asker::new(condition, context, lists),
        named,
        lines: Vec::new(),
    };
    match (work.named.name_of(condition), all_of(condition)) {
        // That all of them must hold says the step itself.
        (None, Some(parts)) => parts.iter().for_each(|part| work.part(part, 0)),
        _ => work.part(condition, 0),
    }
    work.lines
}

struct Work<'w> {
    asker: Asker<'w>,
    named: &'w NamedConditions,
    lines: Vec<ConditionLine>,
}

impl Work<'_> {
    /// A condition, wherever one may stand.
    fn part(&mut self, condition: &Value, depth: u32) {
        if let Some(name) = self.named.name_of(condition) {
            let name = name.to_owned();
            self.note(Asks::Named { name }, condition, depth);
            self.unnamed(condition, depth + 1);
        } else {
            self.unnamed(condition, depth);
        }
    }

    fn unnamed(&mut self, condition: &Value, depth: u32) {
        match &clauses(condition)[..] {
            [only] => self.clause(only, depth),
            several => {
                self.note(Asks::All, condition, depth);
                for clause in several {
                    self.clause(clause, depth + 1);
                }
            }
        }
    }

    /// A condition of one field with at most one operator.
    fn clause(&mut self, clause: &Value, depth: u32) {
        let Some((name, value)) = clause.as_object().and_then(|fields| fields.iter().next()) else {
            return;
        };
        let join = match name.as_str() {
            "$and" => Asks::All,
            "$or" => Asks::Any,
            "$nor" | "$not" => Asks::None,
            name => return self.attribute(name, value, clause, depth),
        };
        self.note(join, clause, depth);
        match value {
            Value::Array(parts) => parts.iter().for_each(|part| self.part(part, depth + 1)),
            part => self.part(part, depth + 1),
        }
    }

    fn attribute(&mut self, attribute: &str, value: &Value, clause: &Value, depth: u32) {
        let (operator, operand) = match operators(value).and_then(|fields| fields.iter().next()) {
            Some((operator, operand)) => (operator.as_str(), operand),
            None => ("$eq", value),
        };
        if operator == "$not" {
            self.note(Asks::None, clause, depth);
            return self.part(&json!({ attribute: operand }), depth + 1);
        }
        let (wanted, more) = shortened(operand);
        let asks = Asks::Attribute {
            attribute: attribute.to_owned(),
            operator: operator.to_owned(),
            wanted,
            more,
            found: self.asker.found(attribute),
        };
        self.note(asks, clause, depth);
    }

    fn note(&mut self, asks: Asks, condition: &Value, depth: u32) {
        let passed = self.asker.passes(condition);
        self.lines.push(ConditionLine {
            depth,
            asks,
            passed,
        });
    }
}

/// The parts of a condition that is nothing but a list of those that must all hold.
fn all_of(condition: &Value) -> Option<Vec<Value>> {
    let clauses = clauses(condition);
    match &clauses[..] {
        [only] => only.get("$and")?.as_array().cloned(),
        _ => Some(clauses),
    }
}

/// A condition for each field and each operator.
fn clauses(condition: &Value) -> Vec<Value> {
    let fields = condition.as_object().into_iter().flatten();
    let clauses = fields.flat_map(|(name, value)| match operators(value) {
        Some(tests) if !name.starts_with('$') => {
            let tests = tests.iter();
            let tests = tests.map(|(operator, operand)| json!({ name: { operator: operand } }));
            tests.collect()
        }
        _ => vec![json!({ name: value })],
    });
    clauses.collect()
}

/// Fields that are operators on one value.
fn operators(value: &Value) -> Option<&Map<String, Value>> {
    let fields = value.as_object()?;
    let all = fields.keys().all(|name| name.starts_with('$'));
    (all && !fields.is_empty()).then_some(fields)
}

fn shortened(operand: &Value) -> (Value, u32) {
    match operand {
        Value::Array(items) if items.len() > TOLD => {
            let more = u32::try_from(items.len() - TOLD).unwrap_or(u32::MAX);
            (Value::Array(items[..TOLD].to_vec()), more)
        }
        operand => (operand.clone(), 0),
    }
}

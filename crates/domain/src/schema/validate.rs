//! Whether a value is what its schema asks for.

use std::cell::{Cell, RefCell};

use serde_json::{Map, Value};

use super::{SchemaFault, is_type, pattern, referred};

/// Steps that one question may take: a few references that name each other twice would
/// otherwise cost exponential time.
const BUDGET: u32 = 100_000;
/// References within references.
const MAX_DEPTH: u32 = 64;
/// What is asked for is shown up to so many characters.
const SHOWN: usize = 80;
/// So many faults are counted.
const COUNTED: usize = 100;

/// The places where the value breaks the schema, which has passed [`super::schema_fault`], in the
/// order of the value: what is wrong with the whole comes before what is within it.
pub(crate) fn value_faults(schema: &Value, value: &Value) -> Vec<SchemaFault> {
    let budget = Cell::new(BUDGET);
    let asked = Asked {
        root: schema,
        budget: &budget,
        most: COUNTED,
        found: RefCell::default(),
    };
    let (Ok(()) | Err(Enough)) = asked.schema("", schema, value, MAX_DEPTH);
    let mut found = asked.found.into_inner();
    found.sort_by_cached_key(|fault| position(value, &fault.at));
    found
}

/// Which of its siblings each step on the way to a place is.
fn position(value: &Value, at: &str) -> Vec<usize> {
    let mut here = Some(value);
    let steps = at.split('/').skip(1).map_while(|step| {
        let (index, next) = step_into(here?, step)?;
        here = Some(next);
        Some(index)
    });
    steps.collect()
}

fn step_into<'v>(value: &'v Value, step: &str) -> Option<(usize, &'v Value)> {
    match value {
        Value::Array(items) => {
            let index: usize = step.parse().ok()?;
            Some((index, items.get(index)?))
        }
        Value::Object(fields) => {
            let name = step.replace("~1", "/").replace("~0", "~");
            let mut fields = fields.iter().enumerate();
            fields.find_map(|(index, (field, value))| (*field == name).then_some((index, value)))
        }
        _ => None,
    }
}

struct Asked<'s> {
    root: &'s Value,
    budget: &'s Cell<u32>,
    /// After so many faults it stops.
    most: usize,
    found: RefCell<Vec<SchemaFault>>,
}

struct Enough;

type Valid = Result<(), Enough>;

impl Asked<'_> {
    fn schema(&self, at: &str, schema: &Value, value: &Value, depth: u32) -> Valid {
        let left = self.budget.get().checked_sub(1);
        let (Some(left), Some(depth)) = (left, depth.checked_sub(1)) else {
            return self.too_long(at);
        };
        self.budget.set(left);
        match schema {
            Value::Object(keywords) => keywords.iter().try_for_each(|(name, operand)| {
                self.keyword(at, keywords, (name, operand), value, depth)
            }),
            Value::Bool(false) => self.broken(at, "false", ""),
            _ => Ok(()),
        }
    }

    fn is(&self, schema: &Value, value: &Value, depth: u32) -> bool {
        let one = Self {
            root: self.root,
            budget: self.budget,
            most: 1,
            found: RefCell::default(),
        };
        one.schema("", schema, value, depth).is_ok()
    }

    /// Goes on while fewer were found than are counted.
    fn broken(&self, at: &str, keyword: &str, asked: &str) -> Valid {
        let fault = SchemaFault {
            at: at.to_owned(),
            keyword: keyword.to_owned(),
            asked: shortened(asked),
        };
        let mut found = self.found.borrow_mut();
        if !found.contains(&fault) {
            found.push(fault);
        }
        match found.len() < self.most {
            true => Ok(()),
            false => Err(Enough),
        }
    }

    /// A value that could not be checked to the end does not fit.
    fn too_long(&self, at: &str) -> Valid {
        if self.found.borrow().is_empty() {
            self.broken(at, "$ref", "…")?;
        }
        Err(Enough)
    }

    fn keyword(
        &self,
        at: &str,
        all: &Map<String, Value>,
        (name, operand): (&str, &Value),
        value: &Value,
        depth: u32,
    ) -> Valid {
        let holds = |right: bool| match right {
            true => Ok(()),
            false => self.broken(at, name, &asked_for(name, operand)),
        };
        let list = operand.as_array().map(Vec::as_slice).unwrap_or_default();
        let passing = || list.iter().filter(|one| self.is(one, value, depth));
        match name {
            "type" => holds(match operand {
                Value::Array(names) => names
                    .iter()
                    .any(|name| is_type(name.as_str().unwrap_or_default(), value)),
                name => is_type(name.as_str().unwrap_or_default(), value),
            }),
            "enum" => holds(list.iter().any(|one| same(one, value))),
            "const" => holds(same(operand, value)),
            "$ref" => match referred(self.root, operand.as_str().unwrap_or_default()) {
                Some(schema) => self.schema(at, schema, value, depth),
                None => self.broken(at, name, &asked_for(name, operand)),
            },
            "allOf" => list
                .iter()
                .try_for_each(|one| self.schema(at, one, value, depth)),
            "anyOf" => holds(passing().next().is_some()),
            "oneOf" => holds(passing().take(2).count() == 1),
            "not" => holds(!self.is(operand, value, depth)),
            "if" => {
                let branch = match self.is(operand, value, depth) {
                    true => "then",
                    false => "else",
                };
                let branch = all.get(branch);
                branch.map_or(Ok(()), |schema| self.schema(at, schema, value, depth))
            }
            name => match value {
                Value::Object(fields) => self.object(at, all, (name, operand), fields, depth),
                Value::Array(items) => self.array(at, all, (name, operand), items, depth),
                Value::String(text) => holds(text_holds(name, operand, text)),
                Value::Number(_) => holds(number_holds(name, operand, value)),
                Value::Null | Value::Bool(_) => Ok(()),
            },
        }
    }

    fn object(
        &self,
        at: &str,
        all: &Map<String, Value>,
        (name, operand): (&str, &Value),
        fields: &Map<String, Value>,
        depth: u32,
    ) -> Valid {
        let holds = |right: bool| match right {
            true => Ok(()),
            false => self.broken(at, name, &asked_for(name, operand)),
        };
        let within = |field: &str| format!("{at}/{}", escaped(field));
        let has_all = |names: &Value| {
            let names = names.as_array().into_iter().flatten();
            let mut names = names.filter_map(Value::as_str);
            names.try_for_each(|field| match fields.contains_key(field) {
                true => Ok(()),
                false => self.broken(at, name, field),
            })
        };
        let count = fields.len() as u64;
        match name {
            "properties" => named(operand).try_for_each(|(field, schema)| {
                let found = fields.get(field);
                found.map_or(Ok(()), |value| {
                    self.schema(&within(field), schema, value, depth)
                })
            }),
            "patternProperties" => named(operand).try_for_each(|(expression, schema)| {
                let found = pattern(expression);
                let mut fields = fields.iter();
                fields.try_for_each(|(field, value)| match &found {
                    Some(found) if found.is_match(field) => {
                        self.schema(&within(field), schema, value, depth)
                    }
                    _ => Ok(()),
                })
            }),
            "additionalProperties" => {
                let none = Value::Null;
                let own = all.get("properties").unwrap_or(&none);
                let patterns = named(all.get("patternProperties").unwrap_or(&none));
                let patterns: Vec<_> = patterns.filter_map(|(text, _)| pattern(text)).collect();
                let is_known = |field: &str| {
                    own.get(field).is_some() || patterns.iter().any(|one| one.is_match(field))
                };
                let mut others = fields.iter().filter(|(field, _)| !is_known(field));
                others.try_for_each(|(field, value)| match operand {
                    Value::Bool(false) => self.broken(at, name, field),
                    schema => self.schema(&within(field), schema, value, depth),
                })
            }
            "propertyNames" => {
                let fits = |field: &str| self.is(operand, &Value::from(field), depth);
                let mut others = fields.keys().filter(|field| !fits(field));
                others.try_for_each(|field| self.broken(at, name, field))
            }
            "required" => has_all(operand),
            "dependentRequired" => {
                let mut there = named(operand).filter(|(field, _)| fields.contains_key(*field));
                there.try_for_each(|(_, names)| has_all(names))
            }
            "minProperties" => holds(operand.as_u64().is_none_or(|min| count >= min)),
            "maxProperties" => holds(operand.as_u64().is_none_or(|max| count <= max)),
            _ => Ok(()),
        }
    }

    fn array(
        &self,
        at: &str,
        all: &Map<String, Value>,
        (name, operand): (&str, &Value),
        items: &[Value],
        depth: u32,
    ) -> Valid {
        let holds = |right: bool| match right {
            true => Ok(()),
            false => self.broken(at, name, &asked_for(name, operand)),
        };
        let count = items.len() as u64;
        let first = all.get("prefixItems").and_then(Value::as_array);
        let first = first.map_or(0, Vec::len);
        match name {
            "items" => {
                let mut others = items.iter().enumerate().skip(first);
                others.try_for_each(|(i, item)| {
                    self.schema(&format!("{at}/{i}"), operand, item, depth)
                })
            }
            "prefixItems" => {
                let schemas = operand.as_array().into_iter().flatten();
                let mut pairs = schemas.zip(items).enumerate();
                pairs.try_for_each(|(i, (schema, item))| {
                    self.schema(&format!("{at}/{i}"), schema, item, depth)
                })
            }
            "contains" => {
                let found = items.iter().filter(|item| self.is(operand, item, depth));
                let found = found.count() as u64;
                let limit = |name: &str| all.get(name).and_then(Value::as_u64);
                let max = limit("maxContains").unwrap_or(u64::MAX);
                holds((limit("minContains").unwrap_or(1)..=max).contains(&found))
            }
            "minItems" => holds(operand.as_u64().is_none_or(|min| count >= min)),
            "maxItems" => holds(operand.as_u64().is_none_or(|max| count <= max)),
            "uniqueItems" if operand == &Value::Bool(true) => {
                let twice = |(i, one): (usize, &Value)| {
                    let mut before = items.iter().take(i);
                    before.any(|other| same(one, other))
                };
                holds(!items.iter().enumerate().any(twice))
            }
            _ => Ok(()),
        }
    }
}

/// Names and patterns as they are, values one after the other, anything else as JSON.
fn asked_for(keyword: &str, operand: &Value) -> String {
    let list = operand.as_array().into_iter().flatten();
    let parts: Vec<String> = match (keyword, operand) {
        ("type" | "pattern" | "$ref", Value::String(text)) => return text.clone(),
        ("type", Value::Array(_)) => list.filter_map(Value::as_str).map(str::to_owned).collect(),
        ("enum", Value::Array(_)) => list.map(Value::to_string).collect(),
        (_, other) => return other.to_string(),
    };
    parts.join(", ")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A name as a JSON pointer has it.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn named(operand: &Value) -> impl Iterator<Item = (&String, &Value)> {
    operand.as_object().into_iter().flatten()
}

fn text_holds(name: &str, operand: &Value, text: &str) -> bool {
    let length = || text.chars().count() as u64;
    match name {
        "minLength" => operand.as_u64().is_none_or(|min| length() >= min),
        "maxLength" => operand.as_u64().is_none_or(|max| length() <= max),
        "pattern" => {
            let found = operand.as_str().and_then(pattern);
            found.is_some_and(|found| found.is_match(text))
        }
        _ => true,
    }
}

fn number_holds(name: &str, operand: &Value, value: &Value) -> bool {
    let (Some(limit), Some(number)) = (operand.as_f64(), value.as_f64()) else {
        return true;
    };
    match name {
        "minimum" => number >= limit,
        "maximum" => number <= limit,
        "exclusiveMinimum" => number > limit,
        "exclusiveMaximum" => number < limit,
        "multipleOf" => {
            // Shares of a decimal step are not exact in binary.
            let steps = number / limit;
            (steps - steps.round()).abs() < 1e-9 * steps.abs().max(1.0)
        }
        _ => true,
    }
}

/// Equal as JSON Schema has it: 1 and 1.0 are one number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let mut fields = a.iter();
            a.len() == b.len() && fields.all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

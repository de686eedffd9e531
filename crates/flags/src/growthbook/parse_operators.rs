//! From an operator's JSON to its compiled test.

use serde_json::{Map, Value};

use super::attribute::truthy;
use super::group_ids::Listing;
use super::operators::{Kind, Literal, Orders, Test};
use super::parse::{COMBINING, Parser};
use super::set::{ValueSet, fold};

const LESS: Orders = orders(true, false, false);
const LESS_OR_EQUAL: Orders = orders(true, true, false);
const EQUAL: Orders = orders(false, true, false);
const GREATER_OR_EQUAL: Orders = orders(false, true, true);
const GREATER: Orders = orders(false, false, true);

const fn orders(less: bool, equal: bool, greater: bool) -> Orders {
    Orders {
        less,
        equal,
        greater,
    }
}

impl Parser<'_> {
    /// What stands where a value is expected: operators, or a value to be equal to.
    pub(super) fn value(&self, json: &Value, levels: usize) -> Test {
        match json {
            Value::Object(fields) if is_operators(fields) => self.operators(fields, levels),
            Value::Object(_) | Value::Array(_) => Test::Equals(Box::new(json.clone())),
            scalar => Literal::new(scalar).map_or(Test::Fails, Test::Is),
        }
    }

    fn operators(&self, fields: &Map<String, Value>, levels: usize) -> Test {
        // Too deep is as good as unknown: nobody passes, under `$not` neither.
        let Some(levels) = levels.checked_sub(1) else {
            return Test::Unknown;
        };
        let mut tests = fields
            .iter()
            .map(|(name, operand)| self.operator(name, operand, levels));
        match (fields.len(), tests.next()) {
            (1, Some(only)) => only,
            (_, first) => Test::All(first.into_iter().chain(tests).collect()),
        }
    }

    fn operator(&self, name: &str, operand: &Value, levels: usize) -> Test {
        let order = |orders| Literal::new(operand).map_or(Test::Fails, |l| Test::Order(orders, l));
        let version =
            |orders| Literal::new(operand).map_or(Test::Fails, |l| Test::Version(orders, l));
        match name {
            "$eq" => Literal::new(operand).map_or(Test::Fails, Test::Is),
            "$ne" => Test::not(Literal::new(operand).map_or(Test::Fails, Test::Is)),
            "$lt" => order(LESS),
            "$lte" => order(LESS_OR_EQUAL),
            "$gt" => order(GREATER),
            "$gte" => order(GREATER_OR_EQUAL),
            "$veq" => version(EQUAL),
            "$vne" => Test::not(version(EQUAL)),
            "$vlt" => version(LESS),
            "$vlte" => version(LESS_OR_EQUAL),
            "$vgt" => version(GREATER),
            "$vgte" => version(GREATER_OR_EQUAL),
            "$exists" => Test::Exists(truthy(operand)),
            "$type" => kind(operand).map_or(Test::Fails, Test::Type),
            "$not" => Test::not(self.value(operand, levels)),
            name => self.list_operator(name, operand, levels),
        }
    }

    fn list_operator(&self, name: &str, operand: &Value, levels: usize) -> Test {
        let items = operand.as_array().map(Vec::as_slice);
        let set = |test: fn(Box<ValueSet>) -> Test, new: fn(&[Value]) -> ValueSet| {
            items.map(|items| test(Box::new(new(items))))
        };
        let every = |test: &dyn Fn(&Value) -> Test| {
            items.map(|items| Test::EachFound(items.iter().map(test).collect()))
        };
        let test = match name {
            "$in" => set(Test::In, ValueSet::new),
            "$nin" => set(Test::In, ValueSet::new).map(Test::not),
            "$ini" => set(Test::InFolded, ValueSet::folded),
            "$nini" => set(Test::InFolded, ValueSet::folded).map(Test::not),
            "$all" => every(&|item| self.value(item, levels)),
            "$alli" => every(&|item| self.folded_value(item, levels)),
            "$size" => Some(Test::Size(Box::new(self.value(operand, levels)))),
            "$elemMatch" => self.element(operand, levels),
            "$regex" => Some(self.matches(operand, false)),
            "$regexi" => Some(self.matches(operand, true)),
            "$notRegex" => Some(Test::not(self.matches(operand, false))),
            "$notRegexi" => Some(Test::not(self.matches(operand, true))),
            "$inGroup" => Some(self.in_group(operand)),
            "$notInGroup" => Some(self.not_in_group(operand)),
            // These belong where a condition does; on a value they never match.
            "$or" | "$nor" | "$and" | "$savedGroup" | "$savedGroups" => Some(Test::Fails),
            // A later specification may know it.
            _ => Some(Test::Unknown),
        };
        test.unwrap_or(Test::Fails)
    }

    fn folded_value(&self, json: &Value, levels: usize) -> Test {
        match json {
            Value::String(text) => Test::IsFolded(fold(text).into()),
            json => self.value(json, levels),
        }
    }

    /// Operators test each element itself, anything else is a condition on its fields.
    fn element(&self, operand: &Value, levels: usize) -> Option<Test> {
        let fields = operand.as_object()?;
        let combines = fields.keys().any(|key| COMBINING.contains(&key.as_str()));
        Some(if is_operators(fields) && !combines {
            Test::Element(Box::new(self.operators(fields, levels)))
        } else {
            Test::ElementFields(Box::new(self.nested(operand, levels)))
        })
    }

    /// An expression we cannot run may be one that another SDK can (look-around, say), so
    /// what it says is unknown rather than no.
    fn matches(&self, operand: &Value, ignore_case: bool) -> Test {
        let Some(expression) = operand.as_str() else {
            return Test::Fails;
        };
        match self.patterns.compile(expression, ignore_case) {
            Some(regex) => Test::Matches(Box::new(regex)),
            None => Test::Unknown,
        }
    }

    fn in_group(&self, operand: &Value) -> Test {
        match self.groups.listing(operand) {
            Listing::Group(index) => Test::InGroup(index),
            Listing::Absent => Test::Fails,
        }
    }

    fn not_in_group(&self, operand: &Value) -> Test {
        match self.groups.listing(operand) {
            Listing::Group(index) => Test::NotInGroup(index),
            Listing::Absent => Test::always(),
        }
    }
}

/// Whether an object holds operators; an empty one holds none, and so passes.
fn is_operators(fields: &Map<String, Value>) -> bool {
    fields.keys().all(|key| key.starts_with('$'))
}

fn kind(operand: &Value) -> Option<Kind> {
    Some(match operand.as_str()? {
        "null" => Kind::Null,
        "boolean" => Kind::Boolean,
        "number" => Kind::Number,
        "string" => Kind::String,
        "array" => Kind::Array,
        "object" => Kind::Object,
        _ => return None,
    })
}

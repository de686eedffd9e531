//! Tests of one value: the operators, resolved ahead of time.

use std::cmp::Ordering;

use regex_lite::Regex;
use serde_json::Value;

use super::attribute::Attribute;
use super::condition::{Condition, Scope};
use super::number::NumberText;
use super::outcome::Outcome;
use super::set::{ValueSet, fold};
use super::version;

/// What a value has to be.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// All of them; none is a test that always passes.
    All(Box<[Test]>),
    Not(Box<Test>),
    Fails,
    Unknown,
    Is(Literal),
    /// Equal without regard to case, of texts in lower case.
    IsFolded(Box<str>),
    /// Equal in content, for lists and objects.
    Equals(Box<Value>),
    In(Box<ValueSet>),
    InFolded(Box<ValueSet>),
    /// In the saved group at this index.
    InGroup(u32),
    NotInGroup(u32),
    Order(Orders, Literal),
    Version(Orders, Literal),
    Exists(bool),
    Type(Kind),
    Size(Box<Test>),
    /// Some element passes.
    Element(Box<Test>),
    /// Some element has fields that satisfy the condition.
    ElementFields(Box<Condition>),
    /// Each test passes for some element.
    EachFound(Box<[Test]>),
    Matches(Box<Regex>),
}

/// A value that `===` can be true for.
#[derive(Debug, Clone)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Number(f64),
    Text(Box<str>),
}

/// Which orders an operator accepts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Orders {
    pub(super) less: bool,
    pub(super) equal: bool,
    pub(super) greater: bool,
}

/// The names of `$type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Test {
    /// The test every value passes.
    pub(super) fn always() -> Self {
        Self::All(Box::default())
    }

    pub(super) fn not(test: Self) -> Self {
        Self::Not(Box::new(test))
    }

    #[inline]
    pub(super) fn check<'a>(&self, value: Attribute<'a>, scope: &Scope<'_, 'a>) -> Outcome {
        match self {
            Self::Is(literal) => value.is(literal.as_attribute()).into(),
            Self::In(set) => set.contains(value).into(),
            Self::All(tests) => Outcome::all(tests.iter().map(|test| test.check(value, scope))),
            Self::Not(test) => test.check(value, scope).opposite(),
            Self::Fails => Outcome::Fail,
            Self::Unknown => Outcome::Unknown,
            Self::InGroup(group) => scope.groups.member(*group, value),
            Self::NotInGroup(group) => scope.groups.stranger(*group, value),
            other => other.check_rare(value, scope),
        }
    }

    /// Apart, to keep the usual tests small enough to inline.
    fn check_rare<'a>(&self, value: Attribute<'a>, scope: &Scope<'_, 'a>) -> Outcome {
        match self {
            Self::IsFolded(text) => is_folded(value, text).into(),
            Self::Equals(json) => equals(value, json).into(),
            Self::InFolded(set) => set.contains_folded(value).into(),
            Self::Order(orders, literal) => in_order(value, literal, *orders).into(),
            Self::Version(orders, literal) => version_in_order(value, literal, *orders).into(),
            Self::Exists(wanted) => ((value != Attribute::Null) == *wanted).into(),
            Self::Type(kind) => (Kind::of(value) == *kind).into(),
            Self::Matches(regex) => {
                matches!(value, Attribute::Text(text) if regex.is_match(text)).into()
            }
            other => other.check_list(value, scope),
        }
    }

    fn check_list<'a>(&self, value: Attribute<'a>, scope: &Scope<'_, 'a>) -> Outcome {
        let Attribute::List(items) = value else {
            return Outcome::Fail;
        };
        let found = |test: &Self| Outcome::any(items.iter().map(|i| test.check(i.into(), scope)));
        match self {
            Self::Size(test) => test.check(Attribute::Number(items.len() as f64), scope),
            Self::EachFound(tests) => Outcome::all(tests.iter().map(found)),
            Self::Element(test) => {
                let present = items.iter().filter(|item| !item.is_null());
                Outcome::any(present.map(|item| test.check(item.into(), scope)))
            }
            Self::ElementFields(condition) => {
                let present = items.iter().filter(|item| !item.is_null());
                Outcome::any(present.map(|item| condition.evaluate(&scope.of_element(item))))
            }
            _ => Outcome::Fail,
        }
    }
}

impl Literal {
    /// Nothing for lists and objects.
    pub(super) fn new(value: &Value) -> Option<Self> {
        match value.into() {
            Attribute::Null => Some(Self::Null),
            Attribute::Bool(flag) => Some(Self::Bool(flag)),
            Attribute::Number(number) => Some(Self::Number(number)),
            Attribute::Text(text) => Some(Self::Text(text.into())),
            Attribute::List(_) | Attribute::Map(_) => None,
        }
    }

    #[inline]
    fn as_attribute(&self) -> Attribute<'_> {
        match self {
            Self::Null => Attribute::Null,
            Self::Bool(flag) => Attribute::Bool(*flag),
            Self::Number(number) => Attribute::Number(*number),
            Self::Text(text) => Attribute::Text(text),
        }
    }
}

impl Orders {
    fn accept(self, order: Ordering) -> bool {
        match order {
            Ordering::Less => self.less,
            Ordering::Equal => self.equal,
            Ordering::Greater => self.greater,
        }
    }
}

impl Kind {
    fn of(value: Attribute<'_>) -> Self {
        match value {
            Attribute::Null => Self::Null,
            Attribute::Bool(_) => Self::Boolean,
            Attribute::Number(_) => Self::Number,
            Attribute::Text(_) => Self::String,
            Attribute::List(_) => Self::Array,
            Attribute::Map(_) => Self::Object,
        }
    }
}

fn is_folded(value: Attribute<'_>, lower: &str) -> bool {
    matches!(value, Attribute::Text(text) if *fold(text) == *lower)
}

/// Numbers with numbers, texts with texts by UTF-16 code units; nothing else has an order.
fn in_order(value: Attribute<'_>, literal: &Literal, orders: Orders) -> bool {
    let order = match (value, literal.as_attribute()) {
        (Attribute::Number(a), Attribute::Number(b)) => a.partial_cmp(&b),
        (Attribute::Text(a), Attribute::Text(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
        _ => None,
    };
    order.is_some_and(|order| orders.accept(order))
}

/// A version is a text. Two numbers compare as if they were written out.
fn version_in_order(value: Attribute<'_>, literal: &Literal, orders: Orders) -> bool {
    let order = match (value, literal.as_attribute()) {
        (Attribute::Text(a), Attribute::Text(b)) => version::compare(a, b),
        (Attribute::Number(a), Attribute::Number(b)) => {
            version::compare(NumberText::new(a).as_str(), NumberText::new(b).as_str())
        }
        _ => return false,
    };
    orders.accept(order)
}

/// Equal in content. Numbers compare as doubles, the order of an object's keys is ignored.
fn equals(value: Attribute<'_>, json: &Value) -> bool {
    match (value, Attribute::from(json)) {
        (Attribute::List(a), Attribute::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equals(a.into(), b))
        }
        (Attribute::Map(a), Attribute::Map(b)) => {
            let same =
                |(key, a): (&String, &Value)| b.get(key).is_some_and(|b| equals(a.into(), b));
            a.len() == b.len() && a.iter().all(same)
        }
        (a, b) => a.is(b),
    }
}

//! Conditions, compiled: who is meant.
//!
//! Source: `evalCondition` of the GrowthBook SDK specification 0.12.0.

use std::cell::Cell;

use serde_json::Value;

use super::groups::{GroupTest, Groups};
use super::operators::Test;
use super::outcome::Outcome;
use super::path::{Path, Subject};

/// Clauses that must all pass.
#[derive(Debug, Clone, Default)]
pub(super) struct Condition(pub(super) Box<[Clause]>);

#[derive(Debug, Clone)]
pub(super) enum Clause {
    All(Box<[Condition]>),
    /// At least one; never empty, because an empty `$or` passes.
    Any(Box<[Condition]>),
    Not(Box<Clause>),
    Attribute(Path, Test),
    Group(GroupTest),
    Fails,
    Broken,
}

/// What conditions are evaluated against.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s, 'a> {
    pub(super) groups: &'s Groups,
    pub(super) subject: Subject<'a>,
    pub(super) trail: Option<&'s Trail<'s>>,
    pub(super) budget: &'s Budget,
}

/// The saved groups we are inside of, to notice a cycle.
pub(super) struct Trail<'s> {
    pub(super) group: u32,
    /// Levels of conditions on the stack so far.
    pub(super) levels: usize,
    pub(super) parent: Option<&'s Trail<'s>>,
}

impl<'a> Scope<'_, 'a> {
    /// The same question about one element of a list.
    pub(super) fn of_element(&self, element: &'a Value) -> Self {
        Self {
            subject: Subject::Element(element.into()),
            ..*self
        }
    }
}

impl Trail<'_> {
    pub(super) fn holds(&self, group: u32) -> bool {
        self.group == group || self.parent.is_some_and(|parent| parent.holds(group))
    }
}

/// How many saved groups one question may still enter. A few groups that name each other
/// twice would otherwise cost exponential time.
#[derive(Debug)]
pub(super) struct Budget(Cell<u32>);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(Cell::new(4_096))
    }

    /// Whether there was one left.
    pub(super) fn spend(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

impl Condition {
    /// A condition nobody can satisfy, for what cannot be read.
    pub(super) fn broken() -> Self {
        Self([Clause::Broken].into())
    }

    #[inline]
    pub(super) fn evaluate(&self, scope: &Scope<'_, '_>) -> Outcome {
        Outcome::all(self.0.iter().map(|clause| clause.evaluate(scope)))
    }

    #[inline]
    pub(super) fn passes(&self, scope: &Scope<'_, '_>) -> bool {
        self.evaluate(scope) == Outcome::Pass
    }
}

impl Clause {
    #[inline]
    pub(super) fn evaluate(&self, scope: &Scope<'_, '_>) -> Outcome {
        match self {
            Self::Attribute(path, test) => test.check(path.find(&scope.subject), scope),
            Self::All(conditions) => Outcome::all(conditions.iter().map(|c| c.evaluate(scope))),
            Self::Any(conditions) => Outcome::any(conditions.iter().map(|c| c.evaluate(scope))),
            Self::Not(clause) => clause.evaluate(scope).opposite(),
            Self::Group(test) => test.evaluate(scope),
            Self::Fails => Outcome::Fail,
            Self::Broken => Outcome::Broken,
        }
    }
}

//! Why a snapshot cannot be obeyed.

use std::fmt;

use crate::growthbook::ConditionProblem;

/// A fault in a snapshot and where it is. The gateway keeps what it has; the console shows
/// the message to whoever published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct CompileError {
    /// Path in the snapshot, such as `experiments[3].variants[1].weight_bp`.
    pub path: String,
    /// What is wrong there.
    pub problem: CompileProblem,
}

/// What is wrong in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileProblem {
    #[error("there are {found}, at most {limit} are allowed")]
    TooMany { found: usize, limit: usize },
    #[error("there are {found}, at least {limit} are needed")]
    TooFew { found: usize, limit: usize },
    #[error("it has {bytes} bytes, at most {limit} are allowed")]
    TooLong { bytes: usize, limit: usize },
    #[error("it must not be empty")]
    Empty,
    #[error("only ASCII letters, digits and . _ - : / are allowed")]
    BadKey,
    #[error("{0:?} is there twice")]
    Duplicate(String),
    #[error("the weights sum to {sum} basis points instead of 10000")]
    WeightSum { sum: u64 },
    #[error("{found} basis points are more than 10000")]
    AboveWhole { found: u16 },
    #[error("it must be after start_ms")]
    EndsBeforeStart,
    #[error("it must be after the step before it")]
    NotLater,
    #[error("it is not a text, a number or a truth value")]
    NotScalar,
    #[error("there is no flag {0:?}")]
    UnknownFlag(String),
    #[error("flags need each other in a circle: {0}")]
    Circle(String),
    #[error("flags need each other over more than {limit} levels: {path}")]
    TooManyLevels { limit: usize, path: String },
    #[error(transparent)]
    Condition(#[from] ConditionProblem),
}

/// Where we are in a snapshot. Written out only when something is wrong.
#[derive(Clone, Copy)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(crate) const fn root(field: &'a str) -> Self {
        Self {
            parent: None,
            step: Step::Field(field),
        }
    }

    pub(crate) const fn field(&'a self, field: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Field(field),
        }
    }

    pub(crate) const fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    pub(crate) fn fault(&self, problem: CompileProblem) -> CompileError {
        CompileError {
            path: self.to_string(),
            problem,
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Field(field) if self.parent.is_some() => write!(f, ".{field}"),
            Step::Field(field) => f.write_str(field),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

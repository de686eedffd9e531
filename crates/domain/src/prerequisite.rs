//! What flags and experiments may need of other flags.

use nexus_flags::{CompileError, CompileProblem, Prerequisite};

use crate::ids::{FlagKey, is_flag_key};
use crate::{Field, FieldProblem, Problem};

/// Of one flag, one rule or one experiment.
const MAX_PREREQUISITES: usize = 5;
const MAX_VALUE: usize = 120;

/// What is wrong with prerequisites by themselves.
pub(crate) fn prerequisite_problems(prerequisites: &[Prerequisite]) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    let mut note = |problem| found.push(FieldProblem::new(Field::Prerequisites, problem));
    if prerequisites.len() > MAX_PREREQUISITES {
        let max = MAX_PREREQUISITES as u32;
        note(Problem::TooMany { max });
    }
    for prerequisite in prerequisites {
        let value = &prerequisite.value;
        if !is_flag_key(&prerequisite.flag) {
            let flag = prerequisite.flag.chars().take(FlagKey::MAX_LEN).collect();
            note(Problem::NoSuchFlag { flag });
        } else if !(value.is_boolean() || value.is_number() || value.is_string()) {
            note(Problem::NotComparable);
        } else if value
            .as_str()
            .is_some_and(|text| text.chars().count() > MAX_VALUE)
        {
            let max = MAX_VALUE as u32;
            note(Problem::TooLong { max });
        }
    }
    found
}

/// What [`nexus_flags::check_prerequisites`] found among the flags and experiments of an
/// environment.
#[must_use]
pub fn prerequisite_fault(error: &CompileError) -> Problem {
    match &error.problem {
        CompileProblem::UnknownFlag(flag) => Problem::NoSuchFlag { flag: flag.clone() },
        CompileProblem::Circle(path) => Problem::FlagCircle { path: path.clone() },
        CompileProblem::TooManyLevels { limit, .. } => Problem::TooManyLevels {
            max: u32::try_from(*limit).unwrap_or(u32::MAX),
        },
        CompileProblem::TooMany { limit, .. } => Problem::TooMany {
            max: u32::try_from(*limit).unwrap_or(u32::MAX),
        },
        _ => Problem::NotComparable,
    }
}

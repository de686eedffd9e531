//! What is wrong with a form, said at the field and above the form.

use leptos::prelude::*;
use nexus_domain::{Field, FieldProblem, Problem};

use crate::cx::Cx;
use crate::text::problem::{ProblemWord, place, placed_problem, problem_text};
use crate::ui::error_summary;

/// The first problem of a field, worded.
#[must_use]
pub fn error_of(cx: &Cx, problems: &[FieldProblem], field: Field) -> Option<String> {
    let mut problems = problems.iter().filter(|p| !is_consequence(problems, p));
    problems
        .find(|p| p.field == field)
        .map(|p| problem_text(cx, &p.problem))
}

/// Every problem in the order of the form, with a link to its field; nothing when there is none.
#[must_use]
pub fn summary(cx: &Cx, problems: &[FieldProblem]) -> AnyView {
    let own = problems.iter().filter(|p| !is_consequence(problems, p));
    let mut own: Vec<&FieldProblem> = own.collect();
    own.sort_by_key(|p| match p.field.row() {
        Some((list, row)) => (list, Some(row), p.field),
        None => (p.field, None, p.field),
    });
    let title = cx.f(ProblemWord::Summary, &[&own.len().to_string()]);
    let item = |p: &FieldProblem| (place(p.field).1, placed_problem(cx, p));
    error_summary(title, own.into_iter().map(item).collect())
}

/// An id that is left empty follows from the name: without one there is nothing to say of it.
fn is_consequence(problems: &[FieldProblem], found: &FieldProblem) -> bool {
    let unnamed = FieldProblem::new(Field::Name, Problem::Required);
    matches!(found.field, Field::Id | Field::Key)
        && found.problem == Problem::Required
        && problems.contains(&unnamed)
}

//! What is wrong with a form, said at the field and above the form.

use leptos::prelude::*;
use nexus_domain::{Field, FieldProblem};

use crate::cx::Cx;
use crate::text::problem::{ProblemWord, place, problem_text};
use crate::ui::error_summary;

/// The first problem of a field, worded.
#[must_use]
pub fn error_of(cx: &Cx, problems: &[FieldProblem], field: Field) -> Option<String> {
    problems
        .iter()
        .find(|p| p.field == field)
        .map(|p| problem_text(cx, &p.problem))
}

/// Every problem with a link to its field; nothing when there is none.
#[must_use]
pub fn summary(cx: &Cx, problems: &[FieldProblem]) -> AnyView {
    let title = cx.f(ProblemWord::Summary, &[&problems.len().to_string()]);
    let items = problems
        .iter()
        .map(|p| {
            let (word, id) = place(p.field);
            let text = problem_text(cx, &p.problem);
            (id, format!("{}: {text}", cx.t(word)))
        })
        .collect();
    error_summary(title, items)
}

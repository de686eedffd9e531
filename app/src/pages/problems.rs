//! What is wrong with a form, said at the field and above the form.

use leptos::prelude::*;
use nexus_domain::{Field, FieldProblem, Problem};

use crate::cx::Cx;
use crate::text::problem::{ITEM, ProblemWord, found_text, place, place_title};
use crate::ui::error_summary;

/// What is wrong with a field, worded: a list where it is more than one thing.
#[must_use]
pub fn error_of(cx: &Cx, problems: &[FieldProblem], field: Field) -> Option<String> {
    let own = problems
        .iter()
        .filter(|p| p.field == field && !is_consequence(problems, p));
    list_of(own.map(|p| found_text(cx, p)).collect())
}

/// One sentence as it is, several as a list without repetitions.
#[must_use]
pub(crate) fn list_of(said: Vec<String>) -> Option<String> {
    let mut each: Vec<String> = Vec::new();
    for text in said {
        if !each.contains(&text) {
            each.push(text);
        }
    }
    match each.len() {
        0 | 1 => each.pop(),
        _ => Some(format!("{ITEM}{}", each.join(ITEM))),
    }
}

/// Every problem in the order of the form, with a link to its field; nothing when there is none.
#[must_use]
pub fn summary(cx: &Cx, problems: &[FieldProblem]) -> AnyView {
    summary_said(cx, problems, None, |p| found_text(cx, p))
}

/// As [`summary`], of one of several forms on a page.
#[must_use]
pub fn summary_within(cx: &Cx, form: &str, problems: &[FieldProblem]) -> AnyView {
    summary_said(cx, problems, Some(form), |p| found_text(cx, p))
}

/// As [`summary`], in words of the page's own.
#[must_use]
pub(crate) fn summary_said(
    cx: &Cx,
    problems: &[FieldProblem],
    form: Option<&str>,
    said: impl Fn(&FieldProblem) -> String,
) -> AnyView {
    let own = problems.iter().filter(|p| !is_consequence(problems, p));
    let mut own: Vec<&FieldProblem> = own.collect();
    own.sort_by_key(|p| match p.field.row() {
        Some((list, row)) => (list, Some(row), p.field),
        None => (p.field, None, p.field),
    });
    let title = cx.f(ProblemWord::Summary, &[&own.len().to_string()]);
    // What is wrong with one control is said in one place.
    let controls = own.chunk_by(|a, b| place(a.field).1 == place(b.field).1);
    let items = controls.filter_map(|found| {
        let (_, control) = place(found.first()?.field);
        let title = place_title(cx, found.first()?.field);
        let form = form.map(|form| format!("{form}: ")).unwrap_or_default();
        let text = list_of(found.iter().map(|p| said(p)).collect())?;
        let space = if text.starts_with(ITEM) { "" } else { " " };
        Some((control, format!("{form}{title}:{space}{text}")))
    });
    error_summary(title, items.collect())
}

/// An id that is left empty follows from the name: without one there is nothing to say of it.
fn is_consequence(problems: &[FieldProblem], found: &FieldProblem) -> bool {
    let unnamed = FieldProblem::new(Field::Name, Problem::Required);
    matches!(found.field, Field::Id | Field::Key)
        && found.problem == Problem::Required
        && problems.contains(&unnamed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_one_control_is_one_list_at_it_and_above() {
        let cx = Cx::outside_pages();
        let found = |field, problem| FieldProblem::new(field, problem);
        let problems = [
            found(Field::Ramp, Problem::NoStart),
            found(Field::Name, Problem::Required),
            found(Field::Ramp, Problem::NotGrowing),
            found(Field::Ramp, Problem::NoStart),
        ];
        let said = error_of(&cx, &problems, Field::Ramp).unwrap();
        assert_eq!(said.matches(ITEM).count(), 2, "{said}");
        let name = error_of(&cx, &problems, Field::Name).unwrap();
        assert!(!name.contains(ITEM), "{name}");
        let html = summary_within(&cx, "Preview", &problems).to_html();
        assert_eq!(html.matches("href=\"#ramp\"").count(), 1, "{html}");
        assert_eq!(html.matches("class=\"listed\"").count(), 1, "{html}");
        assert!(html.contains("Preview: Name: Fill this in."), "{html}");
        assert!(html.contains("4 to correct"), "{html}");
    }
}

//! Fields that the form of a new key and that of an existing one share.

use leptos::prelude::*;
use nexus_domain::{Field as At, FieldProblem};

use crate::cx::Cx;
use crate::pages::problems::{error_of, list_of, summary_said};
use crate::text::problem::found_text;
use crate::text::sdk_keys::SdkKeyWord as W;
use crate::ui::{Field, Input, input, text_area};

/// One a line; empty lines say nothing.
pub(super) fn origins_of(typed: &str) -> Vec<String> {
    let lines = typed.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

pub(super) fn name_field(cx: &Cx, value: &str, problems: &[FieldProblem]) -> AnyView {
    let field = Field::new("name", cx.t(W::Name))
        .help(cx.t(W::NameHelp))
        .error(error_of(cx, problems, At::Name))
        .required();
    input(Input::text(field, "name", value))
}

pub(super) fn origins_field(cx: &Cx, typed: &str, problems: &[FieldProblem]) -> AnyView {
    let field = Field::new("origins", cx.t(W::Origins))
        .help(cx.t(W::OriginsHelp))
        .error(origins_error(cx, typed, problems));
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let area = text_area(
        field.id.clone(),
        "origins",
        3,
        typed,
        "mono",
        described,
        invalid,
    );
    field.wrap(area)
}

/// What is wrong with any of them.
fn origins_error(cx: &Cx, typed: &str, problems: &[FieldProblem]) -> Option<String> {
    let of_origins = |p: &&FieldProblem| matches!(p.field, At::Origins | At::Origin(_));
    let wrong = problems.iter().filter(of_origins);
    list_of(wrong.map(|p| said(cx, typed, p)).collect())
}

/// The summary of a form with origins.
pub(super) fn summary(cx: &Cx, typed: &str, problems: &[FieldProblem]) -> AnyView {
    summary_said(cx, problems, None, |p| said(cx, typed, p))
}

/// A wrong origin is named by its text.
fn said(cx: &Cx, typed: &str, found: &FieldProblem) -> String {
    let text = found_text(cx, found);
    let At::Origin(i) = found.field else {
        return text;
    };
    let origins = origins_of(typed);
    origins
        .get(usize::from(i))
        .map_or(text.clone(), |origin| cx.f(W::OriginSaid, &[origin, &text]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_origin() {
        let typed = " https://a.example\n\n https://b.example \n";
        assert_eq!(
            origins_of(typed),
            ["https://a.example", "https://b.example"]
        );
        assert!(origins_of(" \n").is_empty());
    }
}

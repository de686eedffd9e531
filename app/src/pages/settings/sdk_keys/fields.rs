//! Fields that the form of a new key and that of an existing one share.

use leptos::prelude::*;
use nexus_domain::{Field as At, FieldProblem};

use crate::cx::Cx;
use crate::pages::problems::error_of;
use crate::text::problem::problem_text;
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
        .error(origins_error(cx, problems));
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

/// What is wrong with any of them, each with its number.
fn origins_error(cx: &Cx, problems: &[FieldProblem]) -> Option<String> {
    let wrong = problems.iter().filter_map(|p| {
        let text = problem_text(cx, &p.problem);
        match p.field {
            At::Origins => Some(text),
            At::Origin(i) => {
                let number = (u32::from(i) + 1).to_string();
                Some(cx.f(W::OriginLine, &[&number, &text]))
            }
            _ => None,
        }
    });
    let wrong: Vec<String> = wrong.collect();
    (!wrong.is_empty()).then(|| wrong.join(" "))
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

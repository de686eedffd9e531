//! Pages of an experiment's life.

use nexus_app::pages::experiments::detail::view_detail;
use nexus_app::pages::experiments::form::{FormState, FormView, view_form};
use nexus_domain::experiment::Method;
use nexus_domain::{Field, FieldProblem, Problem};

use super::sample_pages::Build;
use super::samples as s;

const HOME: &str = "/experiments/checkout-short";

pub(crate) const PAGES: &[(&str, &str, Build)] = &[
    ("detail-safeguards", HOME, |cx| {
        view_detail(cx, &s::safeguarded())
    }),
    ("detail-stopped-latency", HOME, |cx| {
        view_detail(cx, &s::stopped_by(0))
    }),
    ("detail-stopped-conversion", HOME, |cx| {
        view_detail(cx, &s::stopped_by(1))
    }),
    ("detail-stopped-metric", HOME, |cx| {
        view_detail(cx, &s::stopped_by(2))
    }),
    ("detail-stopped-split", HOME, |cx| {
        view_detail(cx, &s::stopped_by(3))
    }),
    ("detail-stopped-answer", HOME, |cx| {
        view_detail(cx, &s::stopped_by(4))
    }),
    (
        "form-safeguards",
        "/experiments/checkout-short/edit",
        |cx| {
            let mut draft = s::draft();
            draft.guardrail = s::every_safeguard();
            draft.method = Method::FixedHorizon {
                planned_users: 40_000,
            };
            let form = FormView {
                state: &FormState::of_draft(&draft),
                problems: &[FieldProblem::new(
                    Field::StopOnVerdict,
                    Problem::OneLookOnly,
                )],
                editing: Some(("Shorter checkout".to_owned(), 1)),
                locked: false,
                conflict: None,
            };
            view_form(cx, &form)
        },
    ),
];

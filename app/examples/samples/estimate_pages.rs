//! Pages about recent visitors, in every state.

use nexus_app::Cx;
use nexus_app::pages::estimate::Estimated;
use nexus_app::pages::experiments::command::{Asked, Typed, view_command};
use nexus_app::pages::experiments::form::{FormState, FormView, view_form};
use nexus_app::pages::experiments::why::{Asking as WhyPage, view_why};
use nexus_app::pages::flags::detail::{self as flag_detail, Switching};
use nexus_app::pages::flags::form::{FlagForm, FlagFormView};
use nexus_app::pages::question::Question;
use nexus_app::shell::Page;
use nexus_control::views::{AudienceEstimate, Verdict, WhatIf};
use nexus_domain::experiment::{Draft, Status};
use nexus_domain::flag::{FlagDraft, FlagStatus};
use nexus_domain::{Environment, Field, FieldProblem, Problem};

use super::sample_pages::Build;
use super::samples as s;

pub(crate) const PAGES: &[(&str, &str, Build)] = &[
    ("estimate", "/experiments/new", |cx| form(cx, s::audience())),
    ("estimate-small", "/experiments/new", |cx| {
        form(cx, s::small_audience())
    }),
    ("estimate-empty", "/experiments/new", |cx| {
        form(cx, s::no_audience())
    }),
    ("estimate-wrong", "/experiments/new", |cx| {
        let code = "Atlantis".to_owned();
        let problem = FieldProblem::new(Field::Countries, Problem::UnknownCountry { code });
        form(cx, Estimated::Wrong(vec![problem]))
    }),
    ("estimate-failed", "/experiments/new", |cx| {
        form(cx, Estimated::Failed)
    }),
    (
        "estimate-flag",
        "/flags/production/new-checkout/edit",
        |cx| flag_form(cx, FlagStatus::On),
    ),
    (
        "estimate-flag-off",
        "/flags/production/new-checkout/edit",
        |cx| flag_form(cx, FlagStatus::Off),
    ),
    ("estimate-flag-new", "/flags/new", |cx| {
        let state = FlagForm::of_draft(&FlagDraft::starter(Environment::Production), cx.lang);
        let form = FlagFormView {
            state: &state,
            problems: &[],
            editing: None,
            conflict: None,
            estimate: Some(Estimated::Failed),
        };
        nexus_app::pages::flags::form::view_form(cx, &form)
    }),
    ("what-if", "/experiments/checkout-short/why", |cx| {
        why(cx, &s::what_if())
    }),
    ("what-if-empty", "/experiments/checkout-short/why", |cx| {
        why(cx, &s::no_what_if())
    }),
    ("what-if-start", "/experiments/checkout-short/start", |cx| {
        let typed = Typed {
            what_if: Some(s::what_if()),
            ..Typed::default()
        };
        let detail = s::detail(Status::Draft, Verdict::NotEnoughData);
        view_command(cx, Asked::Start, &detail, &typed)
    }),
    ("what-if-flag", "/flags/production/new-checkout", |cx| {
        let mut tried = s::tried(FlagStatus::Off, "");
        tried.what_if = Some(s::flag_what_if());
        let detail = s::flag_detail(FlagStatus::Off);
        flag_detail::view_flag(cx, &detail, &tried, &Switching::default())
    }),
];

fn form(cx: &Cx, estimate: Estimated<AudienceEstimate>) -> Page {
    let form = FormView {
        state: &FormState::of_draft(&Draft::starter(Environment::Production), cx.lang),
        problems: &[],
        editing: None,
        locked: false,
        takes_back: false,
        conflict: None,
        estimate: Some(estimate),
    };
    view_form(cx, &form)
}

fn flag_form(cx: &Cx, status: FlagStatus) -> Page {
    let form = FlagFormView {
        state: &FlagForm::of_draft(&FlagDraft::of(&s::flag(status)), cx.lang),
        problems: &[],
        editing: Some(("New checkout".to_owned(), 6)),
        conflict: None,
        estimate: Some(s::flag_estimate(status == FlagStatus::On)),
    };
    nexus_app::pages::flags::form::view_form(cx, &form)
}

fn why(cx: &Cx, what_if: &WhatIf) -> Page {
    let asking = WhyPage {
        what_if: Some(what_if.clone()),
        ..s::asking(Status::Draft, Question::default(), "")
    };
    view_why(cx, &asking)
}

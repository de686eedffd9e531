//! Pages that say why somebody gets what, in every state.

use nexus_app::Cx;
use nexus_app::pages::experiments::why::{Asking, view_why};
use nexus_app::pages::flags::detail::{self as flag_detail, Switching};
use nexus_app::pages::question::{Comparing, Outcome, Question};
use nexus_app::shell::Page;
use nexus_control::views::WhyCompared;
use nexus_domain::experiment::Status;
use nexus_domain::flag::FlagStatus;

use super::sample_pages::Build;
use super::samples as s;

const WHY: &str = "/experiments/checkout-short/why";

pub(crate) const PAGES: &[(&str, &str, Build)] = &[
    ("why", WHY, |cx| {
        let asking = s::asking(Status::Running, s::asked_about_user(), "user-42");
        view_why(cx, &asking)
    }),
    ("why-outside", WHY, |cx| {
        let question = Question {
            user: "user-42".to_owned(),
            ..Question::default()
        };
        let asking = Asking {
            visitors: Some(Vec::new()),
            ..s::asking(Status::Draft, question, "")
        };
        view_why(cx, &asking)
    }),
    ("why-wrong", WHY, |cx| {
        let question = Question {
            country: "Atlantis".to_owned(),
            attributes: "plan=pro, staff".to_owned(),
            ..Question::default()
        };
        let asking = Asking {
            visitors: None,
            ..s::asking(Status::Running, question, "")
        };
        view_why(cx, &asking)
    }),
    ("why-wrong-json", WHY, |cx| {
        let question = Question {
            attributes: "{\n  \"id\": \"ann\",\n  \"plan\" \"pro\"\n}".to_owned(),
            ..Question::default()
        };
        view_why(cx, &s::asking(Status::Running, question, ""))
    }),
    ("why-compare", WHY, |cx| {
        compared(cx, s::comparing("", "", Outcome::NotAsked))
    }),
    ("why-compared", WHY, |cx| {
        let answer = Outcome::Answer(Box::new(s::compared()));
        compared(cx, s::comparing("41", "42", answer))
    }),
    ("why-compared-without-answers", WHY, |cx| {
        let answer = Outcome::Answer(Box::new(s::compared_without_answers()));
        compared(cx, s::comparing("38", "39", answer))
    }),
    ("why-compared-missing", WHY, |cx| {
        compared(
            cx,
            s::comparing("7", "42", Outcome::Missing("7".to_owned())),
        )
    }),
    ("why-compared-nothing", WHY, |cx| {
        let nothing = Comparing {
            snapshots: Vec::new(),
            ..s::comparing("", "", Outcome::NotAsked)
        };
        compared(cx, nothing)
    }),
    ("flag-compared", "/flags/production/new-checkout", |cx| {
        let detail = s::flag_detail(FlagStatus::On);
        let tried = s::tried_comparing();
        flag_detail::view_flag(cx, &detail, &tried, &Switching::default())
    }),
];

fn compared(cx: &Cx, comparing: Comparing<WhyCompared>) -> Page {
    let asking = Asking {
        comparing: Some(comparing),
        ..s::asking(Status::Running, s::asked_about_user(), "user-42")
    };
    view_why(cx, &asking)
}

//! Pages of an experiment's life.

use nexus_app::pages::experiments::command::{self, Asked, view_command};
use nexus_app::pages::experiments::detail::view_detail;
use nexus_app::pages::experiments::form::{FormState, FormView, view_form};
use nexus_app::pages::experiments::meanwhile::Meanwhile;
use nexus_app::pages::experiments::recompute::{self, view_recompute};
use nexus_app::pages::experiments::schedule::{Typed, view_schedule};
use nexus_app::pages::experiments::widen::{self, view_widen};
use nexus_app::pages::layers::view_layers;
use nexus_app::pages::settings::environments::{self, view_environments};
use nexus_control::views::RecomputeStatus;
use nexus_domain::Environment;
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{Method, Status, Verb};
use nexus_domain::{Field, FieldProblem, Problem};

use super::sample_pages::Build;
use super::samples as s;

const HOME: &str = "/experiments/checkout-short";
const RECOMPUTE: &str = "/experiments/checkout-short/recompute";

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
            draft.ramp = s::ramp();
            draft.method = Method::FixedHorizon {
                planned_users: 40_000,
            };
            let form = FormView {
                state: &FormState::of_draft(&draft, cx.lang),
                problems: &[FieldProblem::new(
                    Field::StopOnVerdict,
                    Problem::OneLookOnly,
                )],
                editing: Some(("Shorter checkout".to_owned(), 1)),
                locked: false,
                takes_back: true,
                conflict: None,
                estimate: None,
            };
            view_form(cx, &form)
        },
    ),
    ("detail-scheduled", HOME, |cx| {
        view_detail(cx, &s::scheduled())
    }),
    ("detail-missed", HOME, |cx| view_detail(cx, &s::missed())),
    ("detail-ramping", HOME, |cx| {
        view_detail(cx, &s::ramping(None))
    }),
    ("detail-ramp-held", HOME, |cx| {
        view_detail(cx, &s::ramping(Some("ops@autoforge.example")))
    }),
    ("schedule", "/experiments/checkout-short/schedule", |cx| {
        let detail = s::missed();
        view_schedule(cx, &detail, &Typed::of(cx, &detail.experiment))
    }),
    (
        "schedule-errors",
        "/experiments/checkout-short/schedule",
        |cx| {
            let typed = Typed {
                start: "2027-03-14T02:30".to_owned(),
                timezone: "America/New_York".to_owned(),
                problems: vec![FieldProblem::new(Field::StartAt, Problem::TimeSkipped)],
                ..Typed::default()
            };
            view_schedule(cx, &s::missed(), &typed)
        },
    ),
    (
        "unschedule",
        "/experiments/checkout-short/unschedule",
        |cx| {
            let typed = command::Typed::default();
            view_command(cx, Asked::Unschedule, &s::scheduled(), &typed)
        },
    ),
    ("hold-ramp", "/experiments/checkout-short/hold-ramp", |cx| {
        let typed = command::Typed::default();
        view_command(cx, Asked::HoldRamp, &s::ramping(None), &typed)
    }),
    (
        "continue-ramp",
        "/experiments/checkout-short/continue-ramp",
        |cx| {
            let detail = s::ramping(Some("ops@autoforge.example"));
            let typed = command::Typed::default();
            view_command(cx, Asked::ContinueRamp, &detail, &typed)
        },
    ),
    (
        "resume-meanwhile",
        "/experiments/checkout-short/resume",
        |cx| {
            let typed = command::Typed {
                meanwhile: Some(Meanwhile::of(s::revisions(Status::Running), 1)),
                ..command::Typed::default()
            };
            view_command(cx, Asked::Resume, &s::paused(), &typed)
        },
    ),
    ("move-end", "/experiments/checkout-short/move-end", |cx| {
        let detail = s::ending();
        let typed = widen::Typed::of(&detail.experiment);
        view_widen(cx, Verb::MoveEnd, &detail, &typed)
    }),
    (
        "move-end-errors",
        "/experiments/checkout-short/move-end",
        |cx| {
            let typed = widen::Typed {
                end: "2026-11-01T09:00".to_owned(),
                problems: vec![
                    FieldProblem::new(Field::EndAt, Problem::NotLater),
                    FieldProblem::new(Field::Reason, Problem::Required),
                ],
                ..widen::Typed::default()
            };
            view_widen(cx, Verb::MoveEnd, &s::ending(), &typed)
        },
    ),
    (
        "move-end-judged",
        "/experiments/checkout-short/move-end",
        |cx| {
            let mut detail = s::ending();
            detail.experiment.method = Method::FixedHorizon {
                planned_users: 40_000,
            };
            let typed = widen::Typed::of(&detail.experiment);
            view_widen(cx, Verb::MoveEnd, &detail, &typed)
        },
    ),
    (
        "grow-coverage",
        "/experiments/checkout-short/grow-coverage",
        |cx| {
            let detail = s::ramping(None);
            let typed = widen::Typed::of(&detail.experiment);
            view_widen(cx, Verb::GrowCoverage, &detail, &typed)
        },
    ),
    (
        "grow-coverage-errors",
        "/experiments/checkout-short/grow-coverage",
        |cx| {
            let problem = Problem::NotMore { than_bp: 5_000 };
            let typed = widen::Typed {
                coverage: "20".to_owned(),
                problems: vec![FieldProblem::new(Field::Coverage, problem)],
                ..widen::Typed::default()
            };
            view_widen(cx, Verb::GrowCoverage, &s::ending(), &typed)
        },
    ),
    ("start-ramped", "/experiments/checkout-short/start", |cx| {
        let typed = command::Typed::default();
        view_command(cx, Asked::Start, &s::scheduled(), &typed)
    }),
    ("detail-review-needed", HOME, |cx| {
        view_detail(cx, &s::reviewed(Status::Draft, None))
    }),
    ("detail-in-review", HOME, |cx| {
        view_detail(cx, &s::reviewed(Status::InReview, None))
    }),
    ("detail-approved", HOME, |cx| {
        view_detail(cx, &s::reviewed(Status::Approved, Some(true)))
    }),
    ("detail-sent-back", HOME, |cx| {
        view_detail(cx, &s::reviewed(Status::Draft, Some(false)))
    }),
    (
        "ask-review",
        "/experiments/checkout-short/ask-review",
        |cx| {
            let typed = command::Typed::default();
            let detail = s::reviewed(Status::Draft, None);
            view_command(cx, Asked::AskReview, &detail, &typed)
        },
    ),
    (
        "withdraw-review",
        "/experiments/checkout-short/withdraw-review",
        |cx| {
            let typed = command::Typed::default();
            let detail = s::reviewed(Status::InReview, None);
            view_command(cx, Asked::WithdrawReview, &detail, &typed)
        },
    ),
    ("unarchive", "/experiments/checkout-short/unarchive", |cx| {
        let detail = s::reviewed(Status::Archived, None);
        view_command(cx, Asked::Unarchive, &detail, &command::Typed::default())
    }),
    ("approve-own", "/experiments/checkout-short/approve", |cx| {
        let typed = command::Typed::default();
        let detail = s::reviewed(Status::InReview, None);
        view_command(cx, Asked::Approve, &detail, &typed)
    }),
    (
        "send-back-errors",
        "/experiments/checkout-short/send-back",
        |cx| {
            let typed = command::Typed {
                problems: vec![FieldProblem::new(Field::Reason, Problem::Required)],
                ..command::Typed::default()
            };
            let detail = s::reviewed(Status::InReview, None);
            view_command(cx, Asked::SendBack, &detail, &typed)
        },
    ),
    ("layers", "/layers", |cx| view_layers(cx, &s::layers())),
    ("layers-none", "/layers", |cx| view_layers(cx, &[])),
    ("environments", "/settings/environments", |cx| {
        let rules = Environment::ALL.map(|environment| EnvironmentRules {
            environment,
            review: environment == Environment::Production,
            raw_days: 30,
        });
        view_environments(cx, &rules, None)
    }),
    ("environments-errors", "/settings/environments", |cx| {
        let rules = Environment::ALL.map(|environment| EnvironmentRules {
            environment,
            review: false,
            raw_days: 0,
        });
        let typed = environments::Typed {
            environment: Environment::Production,
            review: true,
            raw_days: "many".to_owned(),
            problems: vec![FieldProblem::new(
                Field::RawDays,
                Problem::not_whole(Field::RawDays),
            )],
        };
        view_environments(cx, &rules, Some(&typed))
    }),
    ("recompute", RECOMPUTE, |cx| {
        let found = s::recomputable(None, None);
        view_recompute(cx, &found, &recompute::Typed::of(&found.experiment))
    }),
    ("recompute-running", RECOMPUTE, |cx| {
        let found = s::recomputable(Some(RecomputeStatus::Running), None);
        view_recompute(cx, &found, &recompute::Typed::of(&found.experiment))
    }),
    ("recompute-done", RECOMPUTE, |cx| {
        let found = s::recomputable(Some(RecomputeStatus::Done), None);
        view_recompute(cx, &found, &recompute::Typed::of(&found.experiment))
    }),
    ("recompute-refused", RECOMPUTE, |cx| {
        let problem = Problem::RawEventsSince {
            since_ms: s::NOW_MS - 3_600_000,
            from_ms: s::NOW_MS - 86_400_000,
        };
        let found = s::recomputable(Some(RecomputeStatus::Failed), Some(problem));
        view_recompute(cx, &found, &recompute::Typed::of(&found.experiment))
    }),
    ("recompute-errors", RECOMPUTE, |cx| {
        let found = s::recomputable(None, None);
        let mut typed = recompute::Typed::of(&found.experiment);
        typed.problems = vec![FieldProblem::new(
            Field::Metric(0),
            Problem::FixedAfterStart,
        )];
        view_recompute(cx, &found, &typed)
    }),
];

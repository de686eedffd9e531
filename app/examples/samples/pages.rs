//! Every page in its states, by name.

use nexus_app::Cx;
use nexus_app::pages::audit::{entry, list as audit_list};
use nexus_app::pages::calculator::{CalculatorState, view_calculator};
use nexus_app::pages::experiments::command::{Asked, Typed, view_command};
use nexus_app::pages::experiments::decide;
use nexus_app::pages::experiments::detail::metric::view_metric;
use nexus_app::pages::experiments::detail::view_detail;
use nexus_app::pages::experiments::form::{
    Choices, Conflict, FormState, FormView, Merge, view_form,
};
use nexus_app::pages::experiments::list;
use nexus_app::pages::experiments::revisions::view_revisions;
use nexus_app::pages::revisions::Compared;
use nexus_app::pages::settings::{appearance, member, members, sdk_keys, token, tokens};
use nexus_app::pages::{confirm, overview, states};
use nexus_app::shell::Page;
use nexus_control::Error;
use nexus_control::views::{AuditQuery, ExperimentQuery, TokenOnce, Verdict};
use nexus_domain::access::{Action, Scope};
use nexus_domain::experiment::{Draft, Status};
use nexus_domain::{Field, FieldProblem, Problem};

use super::samples as s;

pub(crate) type Build = fn(&Cx) -> Page;

/// Name, path and view of every page state.
pub(crate) fn pages() -> impl Iterator<Item = &'static (&'static str, &'static str, Build)> {
    PAGES
        .iter()
        .chain(super::estimate_pages::PAGES)
        .chain(super::why_pages::PAGES)
        .chain(super::flag_pages::PAGES)
        .chain(s::GROUP_PAGES)
        .chain(super::life_pages::PAGES)
        .chain(s::HOLDOUT_PAGES)
        .chain(s::TEAM_PAGES)
}

const PAGES: &[(&str, &str, Build)] = &[
    ("overview", "/", |cx| {
        overview::view_overview(cx, &s::overview(false))
    }),
    ("overview-calm", "/", |cx| {
        overview::view_overview(cx, &s::overview(true))
    }),
    ("overview-empty", "/", |cx| {
        overview::view_overview(cx, &s::empty_overview())
    }),
    ("experiments", "/experiments", |cx| {
        list::view_list(cx, &list::query_of(""), &s::page(s::rows(), 20, 57))
    }),
    ("experiments-empty", "/experiments", |cx| {
        list::view_list(cx, &list::query_of(""), &s::page(Vec::new(), 20, 0))
    }),
    ("experiments-none-fit", "/experiments", |cx| {
        let query = ExperimentQuery {
            q: "zzz".to_owned(),
            ..list::query_of("")
        };
        list::view_list(cx, &query, &s::page(Vec::new(), 20, 0))
    }),
    ("detail-running", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::detail(Status::Running, Verdict::Better))
    }),
    ("detail-unclear", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::detail(Status::Paused, Verdict::Unclear))
    }),
    ("detail-broken", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::detail(Status::Running, Verdict::BrokenSplit))
    }),
    ("detail-harm", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::detail(Status::Stopped, Verdict::Harmful))
    }),
    ("detail-decided", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::decided())
    }),
    ("decide", "/experiments/checkout-short/decide", |cx| {
        let detail = s::detail(Status::Running, Verdict::Better);
        let typed = decide::Typed::of(&detail.experiment);
        decide::view_decide(cx, &detail, &s::shipping(), &typed)
    }),
    (
        "decide-unchosen",
        "/experiments/checkout-short/decide",
        |cx| {
            let typed = decide::Typed {
                unchosen: true,
                ..decide::Typed::default()
            };
            decide::view_decide(cx, &s::decided(), &s::shipping(), &typed)
        },
    ),
    ("detail-draft", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::detail(Status::Draft, Verdict::NotEnoughData))
    }),
    ("detail-waiting", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::grouped(0, Status::Running))
    }),
    ("detail-ended-early", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::grouped(0, Status::Stopped))
    }),
    ("detail-look-open", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::grouped(1, Status::Running))
    }),
    ("detail-looks", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::grouped(2, Status::Running))
    }),
    ("detail-metrics", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::measured())
    }),
    ("detail-primary", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::decided_by_metric())
    }),
    ("detail-absolute", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::absolute())
    }),
    ("metric-goal", "/experiments/checkout-short/goal", |cx| {
        view_metric(cx, &s::goal())
    }),
    (
        "metric-ratio",
        "/experiments/checkout-short/metrics/order-value",
        |cx| view_metric(cx, &s::order_value()),
    ),
    (
        "metric-quantile",
        "/experiments/checkout-short/metrics/page-load-p95",
        |cx| view_metric(cx, &s::page_load()),
    ),
    ("metric-waiting", "/experiments/checkout-short/goal", |cx| {
        view_metric(cx, &s::waiting())
    }),
    ("metric-empty", "/experiments/checkout-short/goal", |cx| {
        view_metric(cx, &s::unmeasured())
    }),
    ("metric-silent", "/experiments/checkout-short/goal", |cx| {
        view_metric(cx, &s::silent())
    }),
    (
        "metric-valueless",
        "/experiments/checkout-short/metrics/order-value",
        |cx| view_metric(cx, &s::valueless()),
    ),
    (
        "metric-valueless-ended",
        "/experiments/checkout-short/metrics/order-value",
        |cx| view_metric(cx, &s::valueless_ended()),
    ),
    ("form-metrics", "/experiments/checkout-short/edit", |cx| {
        let mut draft = s::draft();
        draft.metrics = s::measured().experiment.metrics;
        let form = FormView {
            state: &FormState::of_draft(&draft, cx.lang),
            problems: &[],
            editing: Some(("Shorter checkout".to_owned(), 1)),
            locked: false,
            takes_back: false,
            conflict: None,
            estimate: None,
        };
        view_form(cx, &form)
    }),
    ("form-primary", "/experiments/checkout-short/edit", |cx| {
        let mut draft = s::draft();
        draft.metrics = s::decided_by_metric().experiment.metrics;
        let form = FormView {
            state: &FormState::of_draft(&draft, cx.lang),
            problems: &[],
            editing: Some(("Shorter checkout".to_owned(), 1)),
            locked: false,
            takes_back: false,
            conflict: None,
            estimate: None,
        };
        view_form(cx, &form)
    }),
    ("detail-bayesian", "/experiments/checkout-short", |cx| {
        view_detail(cx, &s::bayesian())
    }),
    ("calculator", "/calculator", |cx| {
        let state = CalculatorState {
            users_per_day: "2000".to_owned(),
            ..CalculatorState::default()
        };
        view_calculator(cx, &state, Ok(&s::calculated(&state)))
    }),
    ("calculator-mean", "/calculator", |cx| {
        let state = CalculatorState {
            kind: "mean".to_owned(),
            variants: "3".to_owned(),
            ..CalculatorState::default()
        };
        view_calculator(cx, &state, Ok(&s::calculated(&state)))
    }),
    ("calculator-decrease", "/calculator", |cx| {
        let state = CalculatorState {
            direction: "decrease".to_owned(),
            variants: "3".to_owned(),
            weights: "80, 10, 10".to_owned(),
            users_per_day: "2000".to_owned(),
            ..CalculatorState::default()
        };
        view_calculator(cx, &state, Ok(&s::calculated(&state)))
    }),
    ("calculator-errors", "/calculator", |cx| {
        let state = CalculatorState {
            baseline: "all".to_owned(),
            power: String::new(),
            ..CalculatorState::default()
        };
        let problems = state.query().err().unwrap_or_default();
        view_calculator(cx, &state, Err(&problems))
    }),
    ("form-new", "/experiments/new", |cx| {
        let state = FormState::of_draft(&s::draft(), cx.lang);
        let form = FormView {
            state: &state,
            problems: &[],
            editing: None,
            locked: false,
            takes_back: false,
            conflict: None,
            estimate: None,
        };
        view_form(cx, &form)
    }),
    ("form-errors", "/experiments/new", |cx| {
        let mut state = FormState::of_draft(&s::draft(), cx.lang);
        state.name = String::new();
        state.audience.countries = "JP, Atlantis".to_owned();
        state.variants[0].weight = "60".to_owned();
        state.variants[1].key = "Two steps".to_owned();
        state.safeguards.max_error_rate = "five".to_owned();
        let problems = state.draft().err().unwrap_or_default();
        let form = FormView {
            state: &state,
            problems: &problems,
            editing: None,
            locked: false,
            takes_back: false,
            conflict: None,
            estimate: None,
        };
        view_form(cx, &form)
    }),
    ("form-conflict", "/experiments/checkout-short/edit", |cx| {
        let base = FormState::of_draft(&s::draft(), cx.lang);
        let theirs = FormState {
            name: "Fewer steps".to_owned(),
            coverage: "20".to_owned(),
            ..base.clone()
        };
        let mut state = FormState {
            coverage: "30".to_owned(),
            ramp: "5% 1d".to_owned(),
            ..base.clone()
        };
        let merge = Merge {
            from: 4,
            base: Some(base),
            theirs,
            started: false,
        };
        let href = "/experiments/checkout-short/edit".to_owned();
        let named = ("Fewer steps".to_owned(), href);
        let conflict = Conflict::new(named, &merge, &state, &Choices::default());
        conflict.merge(&mut state, &merge.theirs);
        let editing = Some(("Fewer steps".to_owned(), 5));
        let form = FormView {
            state: &state,
            problems: &[],
            editing,
            locked: false,
            takes_back: false,
            conflict: Some(conflict),
            estimate: None,
        };
        view_form(cx, &form)
    }),
    ("form-locked", "/experiments/checkout-short/edit", |cx| {
        let state = FormState::of_draft(&Draft::of(&s::experiment(Status::Running)), cx.lang);
        let editing = Some(("Shorter checkout".to_owned(), 4));
        let form = FormView {
            state: &state,
            problems: &[],
            editing,
            locked: true,
            takes_back: false,
            conflict: None,
            estimate: None,
        };
        view_form(cx, &form)
    }),
    ("revisions", "/experiments/checkout-short/revisions", |cx| {
        let compared = Compared { from: 1, to: 2 };
        view_revisions(cx, &s::revisions(Status::Draft), compared, &[])
    }),
    (
        "revisions-started",
        "/experiments/checkout-short/revisions",
        |cx| {
            let compared = Compared { from: 2, to: 3 };
            view_revisions(cx, &s::revisions(Status::Running), compared, &[])
        },
    ),
    ("start", "/experiments/checkout-short/start", |cx| {
        let detail = s::detail(Status::Draft, Verdict::NotEnoughData);
        view_command(cx, Asked::Start, &detail, &Typed::default())
    }),
    ("start-refused", "/experiments/checkout-short/start", |cx| {
        let detail = s::detail(Status::Draft, Verdict::NotEnoughData);
        let full = Problem::LayerFull { free_bp: 1_500 };
        let typed = Typed {
            problems: vec![FieldProblem::new(Field::LayerShare, full)],
            ..Typed::default()
        };
        view_command(cx, Asked::Start, &detail, &typed)
    }),
    ("pause", "/experiments/checkout-short/pause", |cx| {
        let detail = s::detail(Status::Running, Verdict::Better);
        view_command(cx, Asked::Pause, &detail, &Typed::default())
    }),
    ("resume", "/experiments/checkout-short/resume", |cx| {
        let detail = s::detail(Status::Paused, Verdict::Better);
        view_command(cx, Asked::Resume, &detail, &Typed::default())
    }),
    ("stop", "/experiments/checkout-short/stop", |cx| {
        let detail = s::detail(Status::Running, Verdict::Better);
        let typed = Typed {
            name: Some("checkout".to_owned()),
            ..Typed::default()
        };
        view_command(cx, Asked::Stop, &detail, &typed)
    }),
    ("audit", "/audit", |cx| {
        audit_list::view_list(
            cx,
            &AuditQuery::default(),
            &s::page(s::audit_rows(), 50, 1_285),
            None,
        )
    }),
    ("audit-verified", "/audit/verify", |cx| {
        let page = s::page(s::audit_rows(), 50, 1_285);
        audit_list::view_list(
            cx,
            &AuditQuery::default(),
            &page,
            Some(&s::verification(true)),
        )
    }),
    ("audit-tampered", "/audit/verify", |cx| {
        let page = s::page(Vec::new(), 50, 0);
        audit_list::view_list(
            cx,
            &AuditQuery::default(),
            &page,
            Some(&s::verification(false)),
        )
    }),
    ("audit-entry", "/audit/1283", |cx| {
        entry::view_entry(cx, &s::audit_rows()[1], &s::proof())
    }),
    ("members", "/settings/members", |cx| {
        members::view_members(cx, &s::members())
    }),
    ("member-new", "/settings/members/new", |cx| {
        member::view_member(cx, &member::MemberForm::default(), &[])
    }),
    ("member", "/settings/members/x", |cx| {
        let form = member::MemberForm {
            existing: Some(("x".to_owned(), 2)),
            email: "ren@autoforge.example".to_owned(),
            grants: s::members()[1].grants.clone(),
            ..member::MemberForm::default()
        };
        member::view_member(cx, &form, &[])
    }),
    ("sdk-keys", "/settings/sdk-keys", |cx| {
        sdk_keys::list::view_list(cx, None, &s::sdk_keys())
    }),
    ("sdk-keys-empty", "/settings/sdk-keys", |cx| {
        sdk_keys::list::view_list(cx, None, &[])
    }),
    ("sdk-key-new", "/settings/sdk-keys/new", s::sdk_key_form),
    ("sdk-key-once", "/settings/sdk-keys/new", s::sdk_key_once),
    ("sdk-key", "/settings/sdk-keys/x", |cx| {
        s::sdk_key_page(cx, 0)
    }),
    ("sdk-key-server", "/settings/sdk-keys/x", |cx| {
        s::sdk_key_page(cx, 1)
    }),
    ("sdk-key-viewer", "/settings/sdk-keys/x", s::sdk_key_viewer),
    ("sdk-key-revoked", "/settings/sdk-keys/x", |cx| {
        s::sdk_key_page(cx, 2)
    }),
    (
        "sdk-key-revoke",
        "/settings/sdk-keys/x/revoke",
        s::sdk_key_revoke,
    ),
    (
        "sdk-key-rotate",
        "/settings/sdk-keys/x/encryption",
        s::sdk_key_rotate,
    ),
    ("tokens", "/settings/tokens", |cx| {
        tokens::view_tokens(cx, &s::tokens())
    }),
    ("tokens-empty", "/settings/tokens", |cx| {
        tokens::view_tokens(cx, &[])
    }),
    ("token-revoke", "/settings/tokens/x/revoke", |cx| {
        tokens::view_revoke(cx, &s::tokens()[0], None)
    }),
    ("token-new", "/settings/tokens/new", |cx| {
        let form = token::TokenForm {
            scopes: vec![Scope::Ingest],
            ..token::TokenForm::default()
        };
        token::view_form(cx, &form, &[])
    }),
    ("token-once", "/confirm/x", |cx| {
        let row = s::tokens().remove(0);
        token::view_once(
            cx,
            &TokenOnce {
                row,
                secret: "nxt_5f0c8b6d3a7e41d2b9c4".to_owned(),
            },
        )
    }),
    ("confirm", "/step-up/x", |cx| {
        confirm::view_confirm(cx, &s::pending())
    }),
    ("step-up", "/confirm/x", |cx| {
        confirm::view_step_up(cx, "/step-up/x".to_owned())
    }),
    (
        "appearance",
        "/settings/appearance",
        appearance::view_appearance,
    ),
    ("not-found", "/nowhere", |cx| {
        let error = Error::NotFound {
            kind: "page",
            id: "/nowhere".to_owned(),
        };
        states::failed(cx, &error, None)
    }),
    ("forbidden", "/audit", |cx| {
        states::failed(
            cx,
            &Error::Forbidden {
                action: Action::ViewAudit,
            },
            None,
        )
    }),
    ("conflict", "/experiments/checkout-short/pause", |cx| {
        states::failed(
            cx,
            &Error::Conflict {
                expected: 3,
                actual: 4,
            },
            None,
        )
    }),
    ("refused", "/experiments/checkout-short/pause", |cx| {
        states::failed(cx, &Error::Refused(Status::Stopped), None)
    }),
    ("unavailable", "/", |cx| {
        let error = Error::Unavailable {
            what: "database",
            cause: "locked".into(),
        };
        states::failed(cx, &error, None)
    }),
    ("internal", "/", |cx| {
        states::failed(cx, &Error::internal("broken"), None)
    }),
];

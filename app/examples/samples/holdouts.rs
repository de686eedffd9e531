//! Samples of holdouts: their pages in every state.

use nexus_app::Cx;
use nexus_app::pages::estimate::Estimated;
use nexus_app::pages::holdouts::{HoldoutChoice, detail, list, new, stop};
use nexus_app::shell::Page;
use nexus_control::views::{
    HoldoutDetail, HoldoutEstimate, HoldoutRow, UnboundRule, Use, UseKind, Verdict, WhatIf,
};
use nexus_domain::experiment::Status;
use nexus_domain::holdout::{HELD_OUT, Holdout, HoldoutDraft, OTHERS};
use nexus_domain::{Environment, Field, FieldProblem, Problem};

use super::{DAY, NOW_MS};

type Build = fn(&Cx) -> Page;

pub(crate) const HOLDOUT_PAGES: &[(&str, &str, Build)] = &[
    ("holdouts", "/holdouts", |cx| list::view_list(cx, &rows())),
    ("holdouts-empty", "/holdouts", |cx| list::view_list(cx, &[])),
    ("holdout", "/holdouts/year-2027", |cx| {
        detail::view_holdout(cx, &sample(true))
    }),
    ("holdout-split-broken", "/holdouts/year-2027", |cx| {
        let mut sample = sample(true);
        sample.results.verdict = Verdict::BrokenSplit;
        sample.results.srm.broken = true;
        detail::view_holdout(cx, &sample)
    }),
    ("holdout-stopped", "/holdouts/year-2027", |cx| {
        let mut sample = sample(false);
        let gone = sample
            .holdout
            .stopped("ren@autoforge.example", NOW_MS - DAY);
        sample.holdout = gone.unwrap_or(sample.holdout);
        detail::view_holdout(cx, &sample)
    }),
    ("holdout-new", "/holdouts/new", |cx| {
        let draft = HoldoutDraft::starter(Environment::Production);
        new::view_form(
            cx,
            &new::HoldoutForm::of_draft(&draft),
            &[],
            Some(&estimate()),
        )
    }),
    ("holdout-new-errors", "/holdouts/new", |cx| {
        let draft = HoldoutDraft::starter(Environment::Production);
        let problems = [
            FieldProblem::new(Field::Name, Problem::Required),
            FieldProblem::new(Field::Holdout, Problem::OneGlobalHoldout),
        ];
        new::view_form(cx, &new::HoldoutForm::of_draft(&draft), &problems, None)
    }),
    ("holdout-stop", "/holdouts/year-2027/stop", |cx| {
        stop::view_stop(
            cx,
            &made("year-2027", "2027", true),
            Some("year".to_owned()),
        )
    }),
];

fn estimate() -> Estimated<HoldoutEstimate> {
    let WhatIf {
        window, changed, ..
    } = super::flag_what_if();
    Estimated::Ready(HoldoutEstimate {
        window,
        held_out: changed,
        waiting: sample(true).experiments,
    })
}

pub(crate) fn made(id: &str, name: &str, global: bool) -> Holdout {
    let draft = HoldoutDraft {
        id: id.to_owned(),
        name: name.to_owned(),
        global,
        goal: "purchase".to_owned(),
        ..HoldoutDraft::starter(Environment::Production)
    };
    let made = draft.create("mika@autoforge.example", NOW_MS - 60 * DAY);
    made.unwrap_or_else(|p| unreachable!("the sample is valid: {p:?}"))
}

fn rows() -> Vec<HoldoutRow> {
    let stopped = made("year-2026", "2026", true).stopped("ren@autoforge.example", NOW_MS - DAY);
    let row = |holdout, held_out| HoldoutRow {
        holdout,
        held_out,
        others: held_out * 19,
    };
    let mut rows = vec![
        row(made("year-2027", "2027", true), 10_482),
        row(
            Holdout {
                team: Some("search".to_owned()),
                ..made("search-2027", "Search, 2027", false)
            },
            4_120,
        ),
        row(made("onboarding", "Onboarding", false), 1_044),
    ];
    rows.extend(stopped.map(|holdout| row(holdout, 51_003)));
    rows
}

fn sample(used: bool) -> HoldoutDetail {
    let mut results = super::detail(Status::Running, Verdict::Better).results;
    results.variants.truncate(2);
    for (variant, key) in results.variants.iter_mut().zip([HELD_OUT, OTHERS]) {
        key.clone_into(&mut variant.key);
    }
    let experiments = [
        ("checkout-short", "Shorter checkout"),
        ("hero-video", "Hero video"),
    ];
    let experiments = experiments.map(|(id, name)| Use {
        kind: UseKind::Experiment,
        id: id.to_owned(),
        name: name.to_owned(),
    });
    HoldoutDetail {
        holdout: made("year-2027", "2027", true),
        results,
        experiments: match used {
            true => experiments.into(),
            false => Vec::new(),
        },
        unbound: match used {
            true => unbound(),
            false => Vec::new(),
        },
        propagation: super::propagation(),
        history: super::audit_rows(),
    }
}

fn unbound() -> Vec<UnboundRule> {
    let rule =
        |flag: &str, name: &str, rule_name: &str, exemption: Option<&str>, permanent| UnboundRule {
            flag: flag.to_owned(),
            flag_name: name.to_owned(),
            rule: "r1".to_owned(),
            rule_name: rule_name.to_owned(),
            exemption: exemption.map(str::to_owned),
            permanent,
        };
    let reason = Some("決済の不具合修正のため");
    vec![
        rule("new-checkout", "New checkout", "Staff first", reason, false),
        rule("payments", "Payments", "", None, true),
        rule("search-v2", "Search, second version", "Japan", None, false),
    ]
}

/// Those that a rule's form offers.
pub(crate) fn holdout_choices() -> Vec<HoldoutChoice> {
    let all = [
        made("year-2027", "2027", true),
        made("search-team", "Search team", false),
    ];
    let choices = all.into_iter().map(|holdout| HoldoutChoice {
        id: holdout.id.to_string(),
        binds: holdout.binds_flags_now(),
        name: holdout.name,
    });
    choices.collect()
}

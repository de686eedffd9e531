//! Hand-made views for the preview and the rendering tests: a plausible console
//! at a fixed moment.

#![allow(dead_code, reason = "each user takes the samples it needs")]

mod audit;
mod edge;
mod estimates;
mod flags;
mod holdouts;
mod imports;
mod life;
mod methods;
mod metrics;
mod notes;
mod overview;
mod saved_groups;
mod sdk_keys;
mod settings;
mod team;
mod why;

use std::sync::Arc;

use nexus_app::{AssetManifest, Cx, Density, Lang, Live, Theme, Zone};
use nexus_control::views::*;
use nexus_domain::Environment;
use nexus_domain::access::{Grant, Role};
use nexus_domain::actor::{Actor, Principal, SignIn};
use nexus_domain::audit::{Cause, Entry, EntryDraft};
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{
    Draft, DraftVariant, Evidence, Experiment, GuardrailEvidence, LayerShare, Outcome, Scale,
    Status, Stop,
};
use nexus_domain::ids::MemberId;
use nexus_domain::{Field, FieldProblem, Problem};
use nexus_flags::growthbook::{ConditionFault, ConditionProblem, Operand};
use nexus_flags::{CountryCode, Device};

pub(crate) use audit::*;
pub(crate) use edge::*;
pub(crate) use estimates::*;
pub(crate) use flags::*;
pub(crate) use holdouts::*;
pub(crate) use imports::*;
pub(crate) use life::*;
pub(crate) use methods::*;
pub(crate) use metrics::*;
pub(crate) use notes::*;
pub(crate) use overview::*;
pub(crate) use saved_groups::*;
pub(crate) use sdk_keys::*;
pub(crate) use settings::*;
pub(crate) use team::*;
pub(crate) use why::*;

/// 21 November 2026, 19:41:05 UTC.
pub(crate) const NOW_MS: i64 = 1_795_290_065_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

pub(crate) fn actor(role: Role) -> Actor {
    Actor {
        principal: Principal::Person {
            member: MemberId::from_u128(0x0193_5a4d),
            email: "mika@autoforge.example".to_owned(),
        },
        grants: vec![Grant {
            role,
            environment: None,
        }],
        sign_in: SignIn::AccessMfa,
        step_up: None,
        request_id: "0193".to_owned(),
    }
}

pub(crate) fn cx(lang: Lang, theme: Theme, role: Role, path: &str, assets: &AssetManifest) -> Cx {
    Cx {
        lang,
        theme,
        density: Density::Regular,
        zone: if lang == Lang::Ja {
            Zone::parse("Asia/Tokyo").unwrap_or(Zone::UTC)
        } else {
            Zone::UTC
        },
        now_ms: NOW_MS,
        nonce: "nonce".to_owned(),
        request_id: "01935a4d7c0e7000800000000000002a".to_owned(),
        path: path.to_owned(),
        actor: Some(Arc::new(actor(role))),
        assets: Arc::new(assets.clone()),
        live: Live::Stream,
        ..Cx::outside_pages()
    }
}

pub(crate) fn draft() -> Draft {
    let mut draft = Draft::starter(Environment::Production);
    draft.id = "checkout-short".to_owned();
    draft.name = "Shorter checkout".to_owned();
    draft.hypothesis = "If checkout takes two steps instead of four, more visitors finish it, \
        because fewer are lost between pages."
        .to_owned();
    draft.team = Some("checkout".to_owned());
    draft.variants = vec![
        DraftVariant {
            key: "control".to_owned(),
            name: "Four steps".to_owned(),
            weight_bp: 3_334,
            features: serde_json::Map::new(),
            deployment: None,
        },
        DraftVariant {
            key: "two-steps".to_owned(),
            name: "Two steps".to_owned(),
            weight_bp: 3_333,
            features: serde_json::Map::from_iter([("steps".to_owned(), 2.into())]),
            deployment: Some("canary".to_owned()),
        },
        DraftVariant {
            key: "one-page".to_owned(),
            name: "One page".to_owned(),
            weight_bp: 3_333,
            features: serde_json::Map::from_iter([("steps".to_owned(), 1.into())]),
            deployment: Some("canary".to_owned()),
        },
    ];
    draft.coverage_bp = 5_000;
    draft.targeting.countries = ["JP", "US"]
        .into_iter()
        .filter_map(|c| CountryCode::new(c).ok())
        .collect();
    draft.targeting.devices = vec![Device::Mobile, Device::Desktop];
    draft.targeting.condition = Some(serde_json::json!({
        "$or": [{ "plan": "pro" }, { "app": { "$vgte": "2.0.0" } }],
    }));
    draft.layer = Some(LayerShare {
        layer: "checkout".to_owned(),
        share_bp: 4_000,
        from_bp: None,
    });
    draft.schedule.timezone = "Asia/Tokyo".to_owned();
    draft.schedule.end_ms = Some(NOW_MS + 9 * DAY);
    draft.goal = "purchase".to_owned();
    draft
}

pub(crate) fn experiment(status: Status) -> Experiment {
    let made = draft().create(
        "seed".to_owned(),
        "mika@autoforge.example".to_owned(),
        NOW_MS - 3 * DAY,
    );
    let mut experiment = made.unwrap_or_else(|p| unreachable!("the sample is valid: {p:?}"));
    experiment.status = status;
    if !status.is_before_start() {
        experiment.started_ms = Some(NOW_MS - 2 * DAY);
        experiment.version = 4;
    }
    if status == Status::Stopped {
        experiment.stopped_ms = Some(NOW_MS - 20 * MINUTE);
        experiment.stop = Some(Stop::Guardrail(errors()));
    }
    experiment
}

fn errors() -> GuardrailEvidence {
    GuardrailEvidence {
        variant: "one-page".to_owned(),
        errors: 412,
        users: 3_120,
        max_error_rate_bp: 500,
        e_value: 1_240.0,
        threshold: 20.0,
    }
}

fn lift(relative: f64, low: f64, high: f64, p_value: f64, verdict: Verdict) -> Lift {
    Lift {
        relative,
        low,
        high,
        scale: Scale::Relative,
        p_value: Some(p_value),
        chance_to_win: None,
        verdict,
    }
}

pub(crate) fn results(verdict: Verdict) -> Results {
    let variant =
        |key: &str, name: &str, users: u64, rate: f64, lift, e_value: f64| VariantResult {
            key: key.to_owned(),
            name: name.to_owned(),
            exposures: users,
            conversions: (users as f64 * rate) as u64,
            rate: Some(rate),
            errored_users: users / 90,
            error_rate: Some(0.011),
            lift,
            variance_reduced: None,
            planned_users: 24_600,
            guardrail_e_value: e_value,
            guardrail_threshold: 20.0,
        };
    let series = (0..60)
        .map(|i| {
            let t = f64::from(i + 1) / 60.0;
            let wave = (f64::from(i) * 0.7).sin() * 0.03 / (1.0 + f64::from(i) * 0.15);
            let width = 0.09 / t.sqrt();
            let at = |mid: f64| Some((mid + wave, mid + wave - width, mid + wave + width));
            let by_night = 0.04 * (2.0 * t * std::f64::consts::TAU).sin();
            let users = (18_240.0 * (t + by_night)) as u64;
            SeriesPoint {
                at_ms: NOW_MS - 2 * DAY + i64::from(i) * 48 * MINUTE,
                exposures: vec![users, users * 99 / 100, users * 98 / 100],
                conversions: vec![users / 10, users * 11 / 100, users / 11],
                lifts: vec![at(0.124 * t.sqrt().min(1.0) + 0.01), at(-0.02)],
            }
        })
        .collect();
    Results {
        verdict,
        variants: vec![
            variant("control", "Four steps", 18_240, 0.1012, None, 0.4),
            variant(
                "two-steps",
                "Two steps",
                18_057,
                0.1141,
                Some(lift(0.127, 0.041, 0.213, 0.0031, Verdict::Better)),
                1.9,
            ),
            variant(
                "one-page",
                "One page",
                17_874,
                0.0989,
                Some(lift(-0.023, -0.108, 0.062, 0.62, Verdict::Unclear)),
                7.2,
            ),
        ],
        srm: Srm {
            p_value: 0.41,
            alpha: 0.001,
            broken: verdict == Verdict::BrokenSplit,
        },
        quality: quality(verdict),
        planned_users_per_variant: 24_600,
        safeguards: Vec::new(),
        days_to_plan: Some(2),
        plan_reached: false,
        horizon: None,
        metrics: Vec::new(),
        series,
        course: Vec::new(),
        updated_ms: NOW_MS,
    }
}

pub(crate) fn audit_rows() -> Vec<AuditRow> {
    let entry = |seq: u64, ago: i64, actor: Actor, action, kind, id: &str, cause: Option<Cause>| {
        let draft = EntryDraft {
            action,
            object_kind: kind,
            object_id: id.to_owned(),
            environment: Some(Environment::Production),
            before_digest: Some("4f1c".repeat(16)),
            after_digest: Some("9ab2".repeat(16)),
            reason: cause.map(Into::into),
        };
        let entry = Entry::new(seq, NOW_MS - ago, &actor, draft);
        AuditRow {
            leaf_hash: "6e340b9cffb37a98".repeat(4),
            entry,
        }
    };
    let mika = || actor(Role::Owner);
    let guardrail = || Actor::system("guardrail", "0193".to_owned());
    let publisher = || Actor::system("publisher", "0193".to_owned());
    vec![
        entry(
            1_284,
            4 * MINUTE,
            publisher(),
            "snapshot.republish",
            "snapshot",
            "snapshot:production",
            None,
        ),
        entry(
            1_283,
            20 * MINUTE,
            guardrail(),
            "experiment.stop_for_harm",
            "experiment",
            "hero-video",
            Some(Cause::safeguard(&Evidence::Errors(errors()))),
        ),
        entry(
            1_282,
            3 * HOUR,
            mika(),
            "experiment.start",
            "experiment",
            "checkout-short",
            None,
        ),
        entry(
            1_281,
            4 * HOUR,
            mika(),
            "experiment.edit",
            "experiment",
            "checkout-short",
            None,
        ),
        entry(
            1_280,
            DAY,
            Actor::cli("ops", "0193".to_owned()),
            "token.create",
            "token",
            "tok_0193",
            None,
        ),
        entry(
            1_279,
            2 * DAY,
            Actor::system("schedule", "0193".to_owned()),
            "experiment.step_ramp",
            "experiment",
            "checkout-short",
            Some(Cause::Coverage {
                from_bp: 500,
                to_bp: 2_000,
                words: String::new(),
            }),
        ),
        entry(
            1_278,
            3 * DAY,
            mika(),
            "experiment.decide",
            "experiment",
            "hero-video",
            Some(Cause::Decision {
                outcome: Outcome::Inconclusive,
                words: "Hero video".to_owned(),
            }),
        ),
        entry(
            1_277,
            4 * DAY,
            Actor::system("schedule", "0193".to_owned()),
            "experiment.miss_start",
            "experiment",
            "hero-video",
            Some(Cause::Missed {
                problems: vec![FieldProblem::new(
                    Field::Condition,
                    Problem::BadCondition {
                        detail: "condition.plan.$in: a list is expected".to_owned(),
                        fault: Some(ConditionFault {
                            path: "condition.plan.$in".to_owned(),
                            problem: ConditionProblem::Operand {
                                expected: Operand::List,
                            },
                        }),
                    },
                )],
            }),
        ),
        entry(
            1_276,
            5 * DAY,
            mika(),
            "experiment.restore",
            "experiment",
            "hero-video",
            Some(Cause::Restored { revision: 3 }),
        ),
    ]
}

pub(crate) fn rows() -> Vec<ExperimentRow> {
    let row = |id: &str, name: &str, status, exposures, verdict, ago: i64| ExperimentRow {
        id: id.to_owned(),
        name: name.to_owned(),
        team: (id == "checkout-short").then(|| "checkout".to_owned()),
        environment: Environment::Production,
        status,
        variants: 3,
        coverage_bp: if id == "prompt-tone" { 2_000 } else { 5_000 },
        ramp: (id == "prompt-tone").then(ramp_place),
        planned_ms: (status == Status::Scheduled).then_some(NOW_MS + 3 * HOUR),
        exposures,
        started_ms: (!status.is_before_start()).then_some(NOW_MS - ago - DAY),
        updated_ms: NOW_MS - ago,
        primary: (id == "prompt-tone").then(|| "answer-seconds".to_owned()),
        verdict,
    };
    vec![
        row(
            "checkout-short",
            "Shorter checkout",
            Status::Running,
            54_171,
            Some(Verdict::Better),
            4 * MINUTE,
        ),
        row(
            "prompt-tone",
            "Friendlier prompt tone",
            Status::Running,
            8_210,
            Some(Verdict::Unclear),
            2 * HOUR,
        ),
        row(
            "hero-video",
            "Video on the landing page",
            Status::Stopped,
            9_348,
            Some(Verdict::Harmful),
            20 * MINUTE,
        ),
        row(
            "pricing-annual",
            "Annual price first",
            Status::Paused,
            21_004,
            Some(Verdict::Worse),
            DAY,
        ),
        row(
            "search-rank",
            "Ranking by quality score",
            Status::Running,
            1_920,
            Some(Verdict::BrokenSplit),
            3 * DAY,
        ),
        row(
            "onboarding",
            "Onboarding without a tour",
            Status::Draft,
            0,
            None,
            5 * DAY,
        ),
        row(
            "black-friday",
            "Black Friday banner",
            Status::Scheduled,
            0,
            None,
            5 * DAY,
        ),
        row(
            "cache-warm",
            "Warm cache for templates",
            Status::Running,
            640,
            Some(Verdict::NotEnoughData),
            6 * DAY,
        ),
    ]
}

pub(crate) fn detail(status: Status, verdict: Verdict) -> ExperimentDetail {
    ExperimentDetail {
        experiment: experiment(status),
        results: results(verdict),
        propagation: propagation(),
        rules: EnvironmentRules {
            environment: Environment::Production,
            review: false,
            raw_days: 0,
        },
        flags_off: Vec::new(),
        would_join: Vec::new(),
        history: audit_rows().into_iter().skip(1).collect(),
        comments: comments(),
    }
}

pub(crate) fn page<T>(items: Vec<T>, per_page: u32, total: u64) -> Page<T> {
    Page {
        items,
        total,
        page: 1,
        per_page,
    }
}

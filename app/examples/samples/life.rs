//! Experiments in every state of their life.

use nexus_control::views::{
    ExperimentDetail, Layer, LayerPart, RampPlace, Recomputable, Recomputation, RecomputeStatus,
    Recounted, SafeguardState, Seen, Verdict,
};
use nexus_domain::Environment;
use nexus_domain::audit::RecomputeFailure;
use nexus_domain::experiment::{
    Better, CoverageStep, Evidence, GuardrailEvidence, MaxLatency, Method, MinConversion, Missed,
    Ramping, Review, ReviewAnswer, Safeguards, Scale, SplitShare, Status, Stop,
};
use nexus_domain::{Field, FieldProblem, Problem};

use super::{DAY, HOUR, MINUTE, NOW_MS, detail};

pub(crate) fn every_safeguard() -> Safeguards {
    Safeguards {
        max_error_rate_bp: 500,
        max_latency: Some(MaxLatency {
            limit_ms: 1_500,
            share_bp: 500,
        }),
        min_conversion: Some(MinConversion {
            rate_bp: 800,
            within_hours: 24,
        }),
        stop_on_metrics: true,
        stop_on_split: true,
        stop_on_verdict: true,
        min_hours: 168,
    }
}

fn latency(variant: &str, slow: u64, e_value: f64) -> Evidence {
    Evidence::Latency {
        variant: variant.to_owned(),
        slow,
        users: 17_600,
        limit_ms: 1_500,
        share_bp: 500,
        e_value,
        threshold: 40.0,
    }
}

fn conversion(variant: &str, conversions: u64, e_value: f64) -> Evidence {
    Evidence::Conversion {
        variant: variant.to_owned(),
        conversions,
        users: 9_020,
        min_rate_bp: 800,
        within_hours: 24,
        e_value,
        threshold: 40.0,
    }
}

fn metric(variant: &str, relative: f64) -> Evidence {
    Evidence::Metric {
        variant: variant.to_owned(),
        metric: "refund".to_owned(),
        better: Better::Lower,
        margin_bp: 500,
        relative,
        low: relative - 0.04,
        high: relative + 0.04,
        scale: Scale::Relative,
        users: 17_874,
        control_users: 18_240,
    }
}

fn split() -> Evidence {
    let share = |variant: &str, users, weight_bp| SplitShare {
        variant: variant.to_owned(),
        users,
        weight_bp,
    };
    Evidence::Split {
        users: vec![
            share("control", 18_240, 3_334),
            share("two-steps", 18_057, 3_333),
            share("one-page", 17_874, 3_333),
        ],
        p_value: 0.000_04,
        alpha: 0.01,
    }
}

fn answer() -> Evidence {
    Evidence::Verdict {
        variant: "two-steps".to_owned(),
        metric: None,
        is_better: true,
        method: Method::AlwaysValid,
        relative: 0.127,
        low: 0.041,
        high: 0.213,
        scale: Scale::Relative,
        p_value: Some(0.003_1),
        chance_to_win: None,
        users: 18_057,
        control_users: 18_240,
    }
}

/// Everything is watched; the answer is there and waits for the minimum duration.
pub(crate) fn safeguarded() -> ExperimentDetail {
    let mut detail = detail(Status::Running, Verdict::Better);
    detail.experiment.guardrail = every_safeguard();
    let errors = Evidence::Errors(GuardrailEvidence {
        variant: "control".to_owned(),
        errors: 202,
        users: 18_240,
        max_error_rate_bp: 500,
        e_value: 0.4,
        threshold: 60.0,
    });
    let quiet = |evidence| SafeguardState {
        evidence,
        seen: Seen::Quiet,
    };
    let until_ms = NOW_MS + 5 * DAY;
    detail.results.safeguards = vec![
        quiet(errors),
        quiet(latency("two-steps", 240, 0.02)),
        quiet(latency("one-page", 981, 9.4)),
        quiet(conversion("two-steps", 1_020, 0.01)),
        quiet(conversion("one-page", 705, 3.1)),
        quiet(metric("two-steps", 0.011)),
        quiet(metric("one-page", 0.062)),
        quiet(split()),
        SafeguardState {
            evidence: answer(),
            seen: Seen::Waits { until_ms },
        },
    ];
    detail
}

/// By a safeguard, in the order of [`stops`].
pub(crate) fn stopped_by(n: usize) -> ExperimentDetail {
    let mut detail = detail(Status::Stopped, Verdict::Harmful);
    detail.experiment.guardrail = every_safeguard();
    detail.experiment.stop = stops().into_iter().nth(n).map(Stop::Safeguard);
    detail.experiment.stopped_ms = Some(NOW_MS - HOUR - MINUTE);
    detail
}

fn stops() -> [Evidence; 5] {
    [
        latency("one-page", 1_204, 88.0),
        conversion("one-page", 612, 140.0),
        metric("one-page", 0.131),
        split(),
        answer(),
    ]
}

pub(crate) fn ramp_place() -> RampPlace {
    RampPlace {
        step: 2,
        of: 4,
        coverage_bp: 2_000,
        next_ms: Some(NOW_MS + 5 * HOUR),
        held_by: None,
    }
}

pub(crate) fn ramp() -> Vec<CoverageStep> {
    let step = |coverage_bp, minutes| CoverageStep {
        coverage_bp,
        minutes,
    };
    vec![step(500, 1_440), step(2_000, 2_880), step(3_500, 90)]
}

/// At its second step, going on or held.
pub(crate) fn ramping(held_by: Option<&str>) -> ExperimentDetail {
    let mut detail = detail(Status::Running, Verdict::Unclear);
    detail.experiment.ramp = ramp();
    detail.experiment.ramping = Some(Ramping {
        step: 1,
        since_ms: NOW_MS - DAY,
        next_ms: held_by.is_none().then_some(NOW_MS + DAY),
        left_ms: DAY,
        held_by: held_by.map(str::to_owned),
    });
    detail
}

/// Ends in a day by itself.
pub(crate) fn ending() -> ExperimentDetail {
    let mut detail = detail(Status::Running, Verdict::Unclear);
    detail.experiment.schedule.end_ms = Some(NOW_MS + DAY);
    detail.flags_off = vec!["checkout.ButtonText".to_owned()];
    detail
}

pub(crate) fn paused() -> ExperimentDetail {
    detail(Status::Paused, Verdict::Unclear)
}

/// Starts tomorrow by itself.
pub(crate) fn scheduled() -> ExperimentDetail {
    let mut detail = detail(Status::Scheduled, Verdict::NotEnoughData);
    detail.experiment.ramp = ramp();
    detail.experiment.schedule.start_ms = Some(NOW_MS + DAY + HOUR);
    detail.experiment.schedule.end_ms = None;
    detail.would_join = vec![super::made("year-2027", "2027", true).held_back()];
    detail
}

/// Was to start an hour ago.
pub(crate) fn missed() -> ExperimentDetail {
    let mut detail = detail(Status::Draft, Verdict::NotEnoughData);
    let problem = Problem::LayerFull { free_bp: 1_500 };
    detail.experiment.missed = Some(Missed {
        planned_ms: Some(NOW_MS - HOUR),
        at_ms: NOW_MS - HOUR,
        problems: vec![FieldProblem::new(Field::LayerShare, problem)],
    });
    detail
}

/// On the way to its approval in an environment that asks for one.
pub(crate) fn reviewed(status: Status, approved: Option<bool>) -> ExperimentDetail {
    let mut detail = detail(status, Verdict::NotEnoughData);
    detail.rules.review = true;
    let answer = |approved| ReviewAnswer {
        approved,
        by: "aki@autoforge.example".to_owned(),
        at_ms: NOW_MS - HOUR,
        words: if approved {
            "Coverage and guardrails are fine.".to_owned()
        } else {
            "Start with 5 % and add the refund guardrail.".to_owned()
        },
    };
    let asked = approved.is_some() || status == Status::InReview;
    detail.experiment.review = asked.then(|| Review {
        asked_by: "mika@autoforge.example".to_owned(),
        asked_ms: NOW_MS - 3 * HOUR,
        words: "Please look at the targeting.".to_owned(),
        answer: approved.map(answer),
    });
    detail
}

pub(crate) fn recomputable(
    newest: Option<RecomputeStatus>,
    obstacle: Option<Problem>,
) -> Recomputable {
    let experiment = detail(Status::Running, Verdict::Unclear).experiment;
    let newest = newest.map(|status| Recomputation {
        status,
        asked_by: "mika@autoforge.example".to_owned(),
        asked_ms: NOW_MS - 4 * MINUTE,
        ended_ms: (status != RecomputeStatus::Running).then_some(NOW_MS - MINUTE),
        events_done: 412_300,
        events_all: 1_204_518,
        metrics: None,
        attempts: 0,
        failure: (status == RecomputeStatus::Failed).then_some(RecomputeFailure::Gone),
        outcome: (status == RecomputeStatus::Done).then(|| {
            let recounted = |variant: &str, users, converted| Recounted {
                variant: variant.to_owned(),
                exposures_before: users,
                conversions_before: converted,
                exposures: users,
                conversions: converted,
            };
            vec![
                recounted("control", 18_240, 1_642),
                recounted("treatment", 17_874, 1_790),
            ]
        }),
    });
    Recomputable {
        raw_days: 30,
        raw_since_ms: Some(NOW_MS - 20 * DAY),
        needed_ms: experiment.started_ms,
        obstacle,
        newest,
        experiment,
    }
}

/// A layer with room, one that is full.
pub(crate) fn layers() -> Vec<Layer> {
    let part = |id: &str, name: &str, status, share_bp, from_bp| LayerPart {
        experiment: id.to_owned(),
        name: name.to_owned(),
        status,
        share_bp,
        from_bp,
    };
    let (running, draft) = (Status::Running, Status::Draft);
    vec![
        Layer {
            environment: Environment::Production,
            name: "checkout".to_owned(),
            parts: vec![
                part(
                    "checkout-short",
                    "Shorter checkout",
                    running,
                    3_000,
                    Some(0),
                ),
                part("one-page", "One page", Status::Paused, 2_000, Some(5_000)),
                part("hero-video", "Hero video", draft, 4_000, None),
            ],
            free_bp: 5_000,
            largest_free_bp: 3_000,
        },
        Layer {
            environment: Environment::Staging,
            name: "search".to_owned(),
            parts: vec![part("search-team", "Search team", running, 10_000, Some(0))],
            free_bp: 0,
            largest_free_bp: 0,
        },
    ]
}

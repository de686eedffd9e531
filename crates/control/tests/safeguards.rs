//! What stops an experiment by itself, with its numbers, and when nothing does.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::ops::Range;

use common::{World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::{MarginState, Seen, Verdict};
use nexus_domain::experiment::{
    Better, Draft, Evidence, MaxLatency, Method, Metric, MetricKind, MetricRole, MinConversion,
    Safeguards, Scale, Status,
};

const HOUR_MS: i64 = 3_600_000;

fn with(guardrail: Safeguards) -> Draft {
    Draft {
        guardrail,
        ..draft("a")
    }
}

fn off() -> Safeguards {
    Safeguards::errors_only(10_000)
}

fn five_percent_within_two_hours() -> Draft {
    with(Safeguards {
        min_conversion: Some(MinConversion {
            rate_bp: 500,
            within_hours: 2,
        }),
        ..off()
    })
}

async fn tell(w: &World, events: Vec<IngestEvent>) {
    for some in events.chunks(1_000) {
        let gateway = w.t.gateway();
        let reply = w.t.console.ingest(&gateway, batch(some.to_vec()));
        assert_eq!(reply.await.unwrap().accepted as usize, some.len());
    }
}

/// Half of so many users each; `converts` says who does.
fn users(n: u64, at_ms: i64, converts: impl Fn(bool, u64) -> bool) -> Vec<IngestEvent> {
    some_users(0..n, at_ms, converts)
}

fn some_users(
    all: Range<u64>,
    at_ms: i64,
    converts: impl Fn(bool, u64) -> bool,
) -> Vec<IngestEvent> {
    let mut events = Vec::new();
    for u in all {
        let (unit, is_treatment) = (format!("u{u}"), u % 2 == 1);
        let variant = if is_treatment { "treatment" } else { "control" };
        events.push(request(2 * u, at_ms, &unit, "a", variant, 200));
        if converts(is_treatment, u / 2) {
            events.push(conversion(2 * u + 1, at_ms + 1, &unit, "conversion"));
        }
    }
    events
}

async fn stopped_by(w: &World) -> (Evidence, String) {
    let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
    assert_eq!(detail.experiment.status, Status::Stopped);
    let newest = &detail.history[0].entry;
    assert_eq!(newest.actor_kind, "system");
    let evidence = detail.experiment.stop.unwrap().evidence().unwrap();
    assert_eq!(newest.action, evidence.audit_action());
    (evidence, newest.reason.clone().unwrap())
}

async fn state(w: &World) -> Vec<Seen> {
    let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
    let states = detail.results.safeguards.iter();
    states.map(|s| s.seen).collect()
}

#[test]
fn a_variant_that_keeps_users_waiting_is_stopped_and_each_user_counts_once() {
    run(async {
        let w = world(60).await;
        w.started(with(Safeguards {
            max_latency: Some(MaxLatency {
                limit_ms: 1_000,
                share_bp: 500,
            }),
            ..off()
        }))
        .await;
        let waited = |n: u64, user: u64, variant: &str, ms: f64, deployment: &str| {
            let mut event = request(n, NOW_MS, &format!("u{user}"), "a", variant, 200);
            let IngestEvent::Request(r) = &mut event else {
                panic!("not a request");
            };
            (r.duration_ms, r.deployment) = (ms, Some(deployment.to_owned()));
            event
        };
        let mut events = Vec::new();
        for u in 0..40 {
            // A slow answer counts once however often it happens; SDKs measure none.
            events.push(waited(10 * u, u, "treatment", 1_000.5, "stable"));
            events.push(waited(10 * u + 1, u, "treatment", 5_000.0, "stable"));
            events.push(waited(10 * u + 2, u, "treatment", 1.0, "stable"));
            events.push(waited(10 * u + 3, 1_000 + u, "treatment", 0.0, ""));
            events.push(waited(10 * u + 4, 2_000 + u, "control", 9_000.0, "stable"));
        }
        tell(&w, events).await;
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 1);
        let (evidence, said) = stopped_by(&w).await;
        let Evidence::Latency {
            variant,
            slow,
            users,
            e_value,
            threshold,
            ..
        } = evidence
        else {
            panic!("{evidence:?}");
        };
        assert_eq!((variant.as_str(), slow, users), ("treatment", 40, 40));
        assert!(e_value >= threshold && (threshold - 20.0).abs() < 1e-9);
        assert!(
            said.contains("40 of 40 users waited longer than 1000 ms"),
            "{said}"
        );
    });
}

#[test]
fn too_few_conversions_stop_only_when_users_have_had_their_time() {
    run(async {
        let w = world(61).await;
        w.started(five_percent_within_two_hours()).await;
        tell(&w, users(1_200, NOW_MS, |treatment, _| !treatment)).await;
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 0);
        w.t.clock.advance(HOUR_MS);
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 0, "too early");
        w.t.clock.advance(2 * HOUR_MS);
        // Those who came just now say nothing of those who came before, as well as they do.
        let now_ms = NOW_MS + 3 * HOUR_MS;
        tell(&w, some_users(1_200..2_400, now_ms, |_, _| true)).await;
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 1);
        let (evidence, said) = stopped_by(&w).await;
        let Evidence::Conversion {
            variant,
            conversions,
            users,
            ..
        } = &evidence
        else {
            panic!("{evidence:?}");
        };
        assert_eq!(
            (variant.as_str(), *conversions, *users),
            ("treatment", 0, 600)
        );
        assert!(said.contains("0 conversions of 600 users"), "{said}");
        assert!(said.contains("at least 5.00 % are required"), "{said}");
        let results = w.t.console.experiment(&w.owner, "a").await.unwrap().results;
        assert_eq!(results.verdict, Verdict::Harmful);
    });
}

#[test]
fn whoever_converts_late_has_converted() {
    run(async {
        let w = world(64).await;
        w.started(five_percent_within_two_hours()).await;
        tell(&w, users(1_200, NOW_MS, |_, _| false)).await;
        let (later_ms, of_each) = (NOW_MS + 3 * HOUR_MS, 40);
        w.t.clock.advance(3 * HOUR_MS);
        let late = (0..2 * of_each).map(|u| {
            let unit = format!("u{u}");
            conversion(2 * u + 1, later_ms, &unit, "conversion")
        });
        tell(&w, late.collect()).await;
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 0);
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        let states = detail.results.safeguards;
        let judged = states.iter().find_map(|state| match state.evidence {
            Evidence::Conversion {
                conversions, users, ..
            } => Some((conversions, users)),
            _ => None,
        });
        assert_eq!(judged, Some((of_each, 600)));
    });
}

#[test]
fn a_guardrail_metric_beyond_its_margin_is_harm_and_waits_for_nothing() {
    run(async {
        let w = world(62).await;
        let metrics = vec![Metric {
            key: "refund".to_owned(),
            kind: MetricKind::Proportion,
            better: Better::Lower,
            role: MetricRole::Guardrail { margin_bp: 500 },
            ..Metric::default()
        }];
        let guardrail = Safeguards {
            stop_on_metrics: true,
            min_hours: 24,
            ..off()
        };
        w.started(Draft {
            metrics,
            ..with(guardrail)
        })
        .await;
        let mut events = users(4_000, NOW_MS, |_, _| false);
        for u in 0..4_000u64 {
            // A tenth of the control's users, a third of the treatment's.
            if (u % 2 == 0 && u % 20 == 0) || (u % 2 == 1 && u % 3 == 0) {
                events.push(conversion(
                    100_000 + u,
                    NOW_MS + 1,
                    &format!("u{u}"),
                    "refund",
                ));
            }
        }
        tell(&w, events).await;
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 1);
        let (evidence, _) = stopped_by(&w).await;
        let Evidence::Metric {
            metric, low, high, ..
        } = &evidence
        else {
            panic!("{evidence:?}");
        };
        assert!(metric == "refund" && *low > 0.05 && low < high);
        // What arrives late changes the counts, not why it was stopped.
        let late = (0..1_000u64).map(|u| {
            let unit = format!("u{}", 2 * u);
            conversion(200_000 + u, NOW_MS + 1, &unit, "refund")
        });
        tell(&w, late.collect()).await;
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        let states = detail.results.safeguards;
        let kept = states.iter().find(|state| state.evidence == evidence);
        assert_eq!(
            kept.map(|state| state.seen),
            Some(Seen::Stops),
            "{states:?}"
        );
    });
}

#[test]
fn before_the_minimum_duration_a_broken_split_and_an_answer_wait() {
    run(async {
        let w = world(63).await;
        w.started(with(Safeguards {
            stop_on_split: true,
            stop_on_verdict: true,
            min_hours: 6,
            ..off()
        }))
        .await;
        tell(
            &w,
            users(6_000, NOW_MS, |treatment, u| {
                u % 10 == 0 || (treatment && u % 3 == 0)
            }),
        )
        .await;
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 0);
        let until_ms = NOW_MS + 6 * HOUR_MS;
        assert_eq!(state(&w).await, [Seen::Quiet, Seen::Waits { until_ms }]);
        w.t.clock.advance(6 * HOUR_MS);
        assert_eq!(w.t.ticks("a", 3).await.unwrap().stopped, 1, "once");
        let (evidence, said) = stopped_by(&w).await;
        let Evidence::Verdict {
            variant,
            is_better,
            users,
            low,
            ..
        } = &evidence
        else {
            panic!("{evidence:?}");
        };
        assert!(*is_better && *low > 0.0);
        assert_eq!((variant.as_str(), *users), ("treatment", 3_000));
        assert!(
            said.contains("always_valid interval without zero"),
            "{said}"
        );
    });
}

#[test]
fn a_broken_split_stops_when_asked_to_and_no_answer_is_believed_before() {
    run(async {
        let w = world(64).await;
        w.started(with(Safeguards {
            stop_on_split: true,
            stop_on_verdict: true,
            ..off()
        }))
        .await;
        let mut events = users(2_000, NOW_MS, |treatment, _| treatment);
        for u in 0..1_000 {
            events.push(request(
                50_000 + u,
                NOW_MS,
                &format!("more{u}"),
                "a",
                "control",
                200,
            ));
        }
        tell(&w, events).await;
        assert_eq!(w.t.ticks("a", 3).await.unwrap().stopped, 1);
        let (evidence, _) = stopped_by(&w).await;
        let Evidence::Split { users, p_value, .. } = &evidence else {
            panic!("{evidence:?}");
        };
        assert_eq!((users[0].users, users[1].users), (2_000, 1_000));
        assert!(*p_value < 0.01);
    });
}

#[test]
fn a_group_sequential_answer_stops_at_its_look_with_the_counts_of_that_look() {
    run(async {
        let w = world(65).await;
        let method = Method::GroupSequential {
            looks: 2,
            planned_users: 4_000,
        };
        w.started(Draft {
            method,
            ..with(Safeguards {
                stop_on_verdict: true,
                ..off()
            })
        })
        .await;
        let all = users(2_400, NOW_MS, |treatment, u| {
            u % 10 == 0 || (treatment && u % 2 == 0)
        });
        let (before, rest) = all.split_at(all.len() / 2);
        tell(&w, before.to_vec()).await;
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 0, "no look yet");
        tell(&w, rest.to_vec()).await;
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 1);
        let (evidence, _) = stopped_by(&w).await;
        let Evidence::Verdict {
            users,
            control_users,
            p_value,
            ..
        } = &evidence
        else {
            panic!("{evidence:?}");
        };
        assert!(users + control_users >= 2_000 && p_value.is_none());
    });
}

/// Who crashes, of the control and of the treatment, in tenths; and whether that stops.
async fn crashes(seed: u64, better: Better, control: u64, treatment: u64) -> (World, u32) {
    let w = world(seed).await;
    let metrics = vec![Metric {
        key: "crash".to_owned(),
        kind: MetricKind::Proportion,
        better,
        role: MetricRole::Guardrail { margin_bp: 500 },
        ..Metric::default()
    }];
    let guardrail = Safeguards {
        stop_on_metrics: true,
        ..off()
    };
    w.started(Draft {
        metrics,
        ..with(guardrail)
    })
    .await;
    let mut events = users(2_000, NOW_MS, |_, _| false);
    for u in 0..2_000u64 {
        let tenths = if u % 2 == 0 { control } else { treatment };
        if u / 2 % 10 < tenths {
            let unit = format!("u{u}");
            events.push(conversion(100_000 + u, NOW_MS + 1, &unit, "crash"));
        }
    }
    tell(&w, events).await;
    let stopped = w.t.ticks("a", 2).await.unwrap().stopped;
    (w, stopped)
}

#[test]
fn harm_that_the_control_has_none_of_stops() {
    run(async {
        let (w, stopped) = crashes(66, Better::Lower, 0, 3).await;
        assert_eq!(stopped, 1);
        let (evidence, said) = stopped_by(&w).await;
        let Evidence::Metric {
            scale,
            relative,
            low,
            ..
        } = &evidence
        else {
            panic!("{evidence:?}");
        };
        assert_eq!(*scale, Scale::Absolute);
        assert!((relative - 0.3).abs() < 1e-9 && *low > 0.0);
        assert!(said.contains("difference +0.3000"), "{said}");
    });
}

#[test]
fn a_good_thing_that_falls_to_nothing_stops_and_a_bad_one_does_not() {
    run(async {
        let (w, stopped) = crashes(67, Better::Higher, 3, 0).await;
        assert_eq!(stopped, 1);
        let (evidence, _) = stopped_by(&w).await;
        let Evidence::Metric { relative, high, .. } = &evidence else {
            panic!("{evidence:?}");
        };
        assert!(*relative == -1.0 && *high < -0.05);
        let (w, stopped) = crashes(68, Better::Lower, 3, 0).await;
        assert_eq!(stopped, 0);
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        let margin = detail.results.metrics[0].variants[1].margin;
        assert_eq!(margin, Some(MarginState::Kept));
    });
}

#[test]
fn an_answer_that_nobody_converts_stops() {
    run(async {
        let w = world(69).await;
        w.started(with(Safeguards {
            stop_on_verdict: true,
            ..off()
        }))
        .await;
        let some = |treatment: bool, u: u64| !treatment && u % 10 < 3;
        tell(&w, users(2_000, NOW_MS, some)).await;
        assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 1);
        let (evidence, _) = stopped_by(&w).await;
        assert!(
            matches!(&evidence, Evidence::Verdict { is_better: false, high, .. } if *high < 0.0),
            "{evidence:?}"
        );
    });
}

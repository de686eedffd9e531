//! Counting is exact, whatever the order and however often events come.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::Error;
use nexus_control::ingest::{IngestBatch, IngestEvent, IngestReply, RepeatsEvent};
use nexus_control::ports::{Database as _, Row, Statement, Value};
use nexus_control::testing::{Break, NOW_MS, SeededRandom, batch, conversion, draft, request};
use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::experiment::Command;
use nexus_flags::fixtures::mutated;
use proptest::prelude::*;

async fn send(w: &World, events: Vec<IngestEvent>) -> IngestReply {
    w.t.console
        .ingest(&w.t.gateway(), batch(events))
        .await
        .unwrap()
}

async fn stats(w: &World) -> Vec<Row> {
    let sql = "SELECT experiment_id, variant, exposures, conversions, errored_users, conflicts \
               FROM variant_stats ORDER BY experiment_id, variant";
    let mut rows =
        w.db.query(Statement {
            sql,
            values: vec![],
        })
        .await
        .unwrap();
    let sql = "SELECT SUM(requests), SUM(errors) FROM traffic";
    rows.extend(
        w.db.query(Statement {
            sql,
            values: vec![],
        })
        .await
        .unwrap(),
    );
    rows
}

#[test]
fn repeated_requests_are_traffic_and_nothing_else() {
    run(async {
        let w = world(8).await;
        w.started(draft("a")).await;
        let repeats = |n: u64, requests, errors| {
            IngestEvent::Repeats(RepeatsEvent {
                id: format!("{n:032x}"),
                at_ms: NOW_MS,
                requests,
                errors,
            })
        };
        let exposure = request(1, NOW_MS, "u", "a", "control", 200);
        let events = vec![
            exposure.clone(),
            repeats(2, 39, 4),
            repeats(3, 0, 0),
            repeats(4, 1, 2),
        ];
        let reply = send(&w, events.clone()).await;
        assert_eq!((reply.accepted, reply.rejected.len()), (2, 2));
        assert_eq!(send(&w, events).await.duplicate, 2);
        let mut alone = stats(&w).await;
        let traffic = alone.pop().unwrap();
        assert_eq!(traffic, [Value::Integer(40), Value::Integer(4)]);
        let other = world(8).await;
        other.started(draft("a")).await;
        send(&other, vec![exposure]).await;
        let mut without = stats(&other).await;
        without.pop();
        assert_eq!(alone, without, "no variant's counts move");
    });
}

#[test]
fn bad_events_are_named_and_good_ones_count() {
    run(async {
        let w = world(1).await;
        w.started(draft("a")).await;
        let mut foreign = draft("b");
        foreign.environment = Environment::Staging;
        w.started(foreign).await;
        w.t.console
            .create_experiment(&w.owner, draft("c"))
            .await
            .unwrap();
        let day = 86_400_000;
        let mut no_id = request(9, NOW_MS, "u", "a", "control", 200);
        if let IngestEvent::Request(e) = &mut no_id {
            e.id = "1; DROP TABLE units".into();
        }
        let reply = send(
            &w,
            vec![
                request(1, NOW_MS, "u", "a", "control", 200),
                request(2, NOW_MS, "u", "a", "nothing", 200),
                request(3, NOW_MS, "u", "b", "control", 200),
                request(4, NOW_MS, "u", "c", "control", 200),
                request(5, NOW_MS - day - 1, "u", "a", "control", 200),
                request(6, NOW_MS + 5 * 60_000 + 1, "u", "a", "control", 200),
                request(7, NOW_MS, "", "a", "control", 200),
                request(8, NOW_MS, "u", "a", "control", 99),
                no_id,
                conversion(10, NOW_MS, "u", "Not A Slug"),
                conversion(11, NOW_MS, "u", "conversion"),
                request(1, NOW_MS, "u", "a", "control", 200),
            ],
        )
        .await;
        assert_eq!((reply.accepted, reply.duplicate), (2, 1));
        let bad: Vec<u32> = reply.rejected.iter().map(|r| r.index).collect();
        assert_eq!(bad, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
}

#[test]
fn a_stopped_experiment_hides_nothing_of_the_others() {
    run(async {
        let w = world(3).await;
        w.started(draft("a")).await;
        w.started(draft("b")).await;
        w.stopped("a").await;
        // A gateway that has not heard of it deals both for longer than the grace.
        w.t.clock.advance(600_000);
        let now_ms = w.t.console.now_ms();
        let both = |n| {
            let mut event = request(n, now_ms, "u", "a", "control", 500);
            let other = request(n, now_ms, "u", "b", "control", 500);
            if let (IngestEvent::Request(e), IngestEvent::Request(o)) = (&mut event, other) {
                e.assignments.extend(o.assignments);
            }
            event
        };
        let reply = send(&w, vec![both(1), both(2)]).await;
        assert_eq!((reply.accepted, reply.rejected.len()), (2, 0));
        let detail = w.t.console.experiment(&w.owner, "b").await.unwrap();
        let control = &detail.results.variants[0];
        assert_eq!((control.exposures, control.errored_users), (1, 1));
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.results.variants[0].exposures, 0);
    });
}

#[test]
fn a_page_may_number_its_conversion_like_its_request() {
    run(async {
        let w = world(4).await;
        w.started(draft("a")).await;
        let events = vec![
            request(1, NOW_MS, "u", "a", "control", 200),
            conversion(1, NOW_MS + 1, "u", "conversion"),
        ];
        let reply = send(&w, events).await;
        assert_eq!((reply.accepted, reply.duplicate), (2, 0));
    });
}

#[test]
fn units_of_experiments_long_stopped_go_and_their_counts_stay() {
    run(async {
        let w = world(5).await;
        for (n, id) in [(1, "a"), (2, "b")] {
            w.started(draft(id)).await;
            send(&w, vec![request(n, NOW_MS, "u", id, "control", 200)]).await;
        }
        w.stopped("a").await;
        w.t.clock.advance(26 * 3_600_000);
        w.t.ticks("x", 2).await.unwrap();
        let left = Statement {
            sql: "SELECT experiment_id FROM units",
            values: vec![],
        };
        let left = w.db.query(left).await.unwrap();
        assert_eq!(left, [[nexus_control::ports::Value::Text("b".into())]]);
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.results.variants[0].exposures, 1);
    });
}

#[test]
fn only_the_scope_for_it_may_report() {
    run(async {
        let w = world(2).await;
        for role in Role::ALL {
            let refused = w.t.console.ingest(&w.t.person(role), batch(vec![])).await;
            assert!(matches!(refused, Err(Error::Forbidden { .. })));
        }
        let mut odd = batch(vec![]);
        odd.gateway_id = "a b".into();
        assert!(matches!(
            w.t.console.ingest(&w.t.gateway(), odd).await,
            Err(Error::Invalid(_))
        ));
        let many = (0..1_001)
            .map(|n| conversion(n, NOW_MS, "u", "m"))
            .collect();
        assert!(matches!(
            w.t.console.ingest(&w.t.gateway(), batch(many)).await,
            Err(Error::Invalid(_))
        ));
    });
}

#[test]
fn a_heartbeat_shows_the_gateway_and_wakes_pages_when_its_version_moves() {
    run(async {
        let w = world(3).await;
        let before = w.t.console.changes().current();
        send(&w, vec![]).await;
        let seen = w.t.console.changes().current();
        assert!(seen > before);
        send(&w, vec![]).await;
        assert_eq!(w.t.console.changes().current(), seen);
        w.t.clock.advance(16_000);
        let gateway = || async {
            let overview = w.t.console.overview(&w.owner).await.unwrap();
            overview.propagation.gateways[0].clone()
        };
        assert!(gateway().await.lost);

        assert_eq!(gateway().await.streams, None, "it said nothing of streams");
        let with_streams = IngestBatch {
            streams: Some(12),
            ..batch(vec![])
        };
        let taken = w.t.console.ingest(&w.t.gateway(), with_streams).await;
        taken.unwrap();
        assert_eq!(gateway().await.streams, Some(12));
    });
}

#[test]
fn a_unit_counts_once_in_the_variant_it_saw_first() {
    run(async {
        let w = world(4).await;
        w.started(draft("a")).await;
        send(
            &w,
            vec![
                request(1, NOW_MS, "u", "a", "control", 500),
                request(2, NOW_MS, "u", "a", "control", 500),
                request(3, NOW_MS, "u", "a", "treatment", 500),
                conversion(4, NOW_MS, "u", "conversion"),
                conversion(5, NOW_MS + 1, "u", "conversion"),
                conversion(6, NOW_MS, "u", "other"),
                conversion(7, NOW_MS, "stranger", "conversion"),
            ],
        )
        .await;
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        let control = &detail.results.variants[0];
        assert_eq!(
            (
                control.exposures,
                control.conversions,
                control.errored_users
            ),
            (1, 1, 1)
        );
        assert_eq!(detail.results.variants[1].exposures, 0);
        let rows = stats(&w).await;
        assert_eq!(format!("{:?}", &rows[0][5..]), "[Integer(1)]");
    });
}

#[test]
fn a_conversion_before_the_exposure_does_not_count_and_late_events_after_a_stop_do() {
    run(async {
        let w = world(5).await;
        w.started(draft("a")).await;
        send(
            &w,
            vec![
                request(1, NOW_MS, "early", "a", "control", 200),
                conversion(2, NOW_MS - 1, "early", "conversion"),
            ],
        )
        .await;
        w.t.clock.advance(100_000);
        w.t.console
            .command_experiment(
                &w.owner,
                "a",
                None,
                Command::Stop {
                    reason: String::new(),
                },
            )
            .await
            .unwrap();
        let stopped_ms = w.t.console.now_ms();
        w.t.clock.advance(1_000_000);
        let reply = send(
            &w,
            vec![
                request(3, stopped_ms - 1, "late", "a", "control", 200),
                request(4, stopped_ms + 60_001, "after", "a", "control", 200),
            ],
        )
        .await;
        assert_eq!((reply.accepted, reply.rejected.len()), (1, 1));
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(
            (
                detail.results.variants[0].exposures,
                detail.results.variants[0].conversions
            ),
            (2, 0)
        );
    });
}

#[test]
fn a_lost_answer_and_its_repetition_count_once() {
    run(async {
        let w = world(6).await;
        w.started(draft("a")).await;
        let events: Vec<_> = (0..50)
            .map(|n| request(n, NOW_MS, &format!("u{n}"), "a", "control", 200))
            .collect();
        for how in [Break::Before, Break::After] {
            w.db.break_at(0, how);
            let failed =
                w.t.console
                    .ingest(&w.t.gateway(), batch(events.clone()))
                    .await;
            assert!(matches!(failed, Err(Error::Unavailable { .. })));
        }
        let reply = send(&w, events).await;
        assert_eq!((reply.accepted, reply.duplicate), (0, 50));
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.results.variants[0].exposures, 50);
    });
}

#[test]
fn two_processes_at_once_count_everything_once() {
    run(async {
        let w = world(7).await;
        w.started(draft("a")).await;
        let other = w.t.beside(w.db.clone(), 8);
        let events: Vec<_> = (0..600)
            .map(|n| request(n, NOW_MS, &format!("u{}", n % 200), "a", "control", 200))
            .collect();
        let mut jobs = Vec::new();
        for console in [w.t.console.clone(), other.console.clone()] {
            for some in events.chunks(60) {
                let (console, gateway, some) = (console.clone(), w.t.gateway(), some.to_vec());
                jobs.push(tokio::spawn(async move {
                    console.ingest(&gateway, batch(some)).await.unwrap()
                }));
            }
        }
        let (mut accepted, mut duplicate) = (0, 0);
        for job in jobs {
            let reply = job.await.unwrap();
            accepted += reply.accepted;
            duplicate += reply.duplicate;
        }
        assert_eq!((accepted, duplicate), (600, 600));
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.results.variants[0].exposures, 200);
    });
}

/// Events of some units that keep their variants, as a sticky gateway sends them.
fn events() -> impl Strategy<Value = Vec<IngestEvent>> {
    let one = (0u64..12, 0i64..2_000, any::<bool>(), 0u8..4, any::<bool>());
    proptest::collection::vec(one, 1..60).prop_map(|events| {
        events
            .into_iter()
            .enumerate()
            .map(|(n, (unit, at, is_request, failing, of_b))| {
                let (n, at_ms, name) = (n as u64, NOW_MS - at, format!("u{unit}"));
                if is_request {
                    let variant = if unit % 3 == 0 {
                        "treatment"
                    } else {
                        "control"
                    };
                    let experiment = if of_b { "b" } else { "a" };
                    request(
                        n,
                        at_ms,
                        &name,
                        experiment,
                        variant,
                        if failing == 0 { 500 } else { 200 },
                    )
                } else {
                    conversion(n, at_ms, &name, "conversion")
                }
            })
            .collect()
    })
}

/// Whatever a gateway sends is counted or refused, and is no fault of ours.
#[test]
fn a_mutated_report_does_no_harm() {
    run(async {
        let w = world(12).await;
        w.started(draft("a")).await;
        let mut sent = batch(vec![
            request(1, NOW_MS, "u1", "a", "control", 200),
            conversion(2, NOW_MS, "u1", "signup"),
            IngestEvent::Repeats(RepeatsEvent {
                id: "r".to_owned(),
                at_ms: NOW_MS,
                requests: 3,
                errors: 1,
            }),
        ]);
        sent.samples = serde_json::from_str(
            r#"{"at_ms":1,"below":9,"visitors":[{"unit":"u","device":"mobile","attributes":{"a":"b"}}]}"#,
        )
        .unwrap();
        let sent = serde_json::to_value(sent).unwrap();
        let (random, mut read) = (SeededRandom::new(1), 0);
        for round in 0..2_000 {
            // The last says what becomes of the text: nothing.
            let mut numbers: Vec<u64> = (0..=round % 3).map(|_| random.number()).collect();
            numbers.push(3);
            let Ok(report) = serde_json::from_slice::<IngestBatch>(&mutated(&sent, &numbers))
            else {
                continue;
            };
            read += 1;
            match w.t.console.ingest(&w.t.gateway(), report).await {
                Ok(_) | Err(Error::Invalid(_) | Error::Forbidden { .. }) => {}
                Err(error) => panic!("{numbers:?}: {error:?}"),
            }
        }
        assert!(read > 150, "{read}");
        assert!(w.verifies().await);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_order_any_cut_and_any_repetition_give_the_same_counts(
        events in events(),
        order in any::<proptest::sample::Index>(),
        swaps in proptest::collection::vec((any::<proptest::sample::Index>(), any::<proptest::sample::Index>()), 0..80),
        size in 1usize..20,
    ) {
        run(async {
            let mut outcomes = Vec::new();
            for shuffled in [false, true] {
                let w = world(9).await;
                for id in ["a", "b"] {
                    w.started(draft(id)).await;
                }
                let mut events = events.clone();
                if shuffled {
                    for (a, b) in &swaps {
                        let (a, b) = (a.index(events.len()), b.index(events.len()));
                        events.swap(a, b);
                    }
                    let again = order.index(events.len());
                    events.extend(events[again..].to_vec());
                    for some in events.chunks(size) {
                        send(&w, some.to_vec()).await;
                    }
                } else {
                    send(&w, events).await;
                }
                outcomes.push(stats(&w).await);
            }
            assert_eq!(outcomes[0], outcomes[1]);
        });
    }
}

//! Experiments from draft to stop, and what reaches the edge.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::Error;
use nexus_control::ports::StoreError;
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::{ExperimentQuery, ExperimentSort, Hurt, Verdict};

use nexus_domain::access::Role;
use nexus_domain::experiment::{Command, Status, Stop};
use nexus_flags::{Limits, Snapshot, TrustedKey};

fn published(w: &common::World) -> Snapshot {
    let bytes =
        w.t.store
            .value("snapshot:production")
            .expect("nothing published");
    let key = run_key(w);
    nexus_flags::verify(&bytes, &[key], Limits::for_environment("production")).unwrap()
}

fn run_key(w: &common::World) -> TrustedKey {
    let text = futures_executor(w.t.console.snapshot_public_key());
    let (id, key) = text.split_once(':').unwrap();
    TrustedKey::from_base64url(id, key).unwrap()
}

fn futures_executor<F: Future>(future: F) -> F::Output {
    futures::executor::block_on(future)
}

#[test]
fn starting_publishes_a_signed_snapshot_and_stopping_takes_it_back() {
    run(async {
        let w = world(1).await;
        let e = w.started(draft("checkout")).await;
        assert_eq!((e.status, e.version), (Status::Running, 2));
        let tick = w.t.ticks("a", 1).await.unwrap();
        assert_eq!((tick.leader, tick.published, tick.failing), (true, 1, 0));
        let snapshot = published(&w);
        assert_eq!((snapshot.version, snapshot.experiments.len()), (1, 1));
        assert_eq!(snapshot.experiments[0].seed, e.seed);

        let pause =
            w.t.console
                .command_experiment(&w.owner, "checkout", Some(2), Command::Pause)
                .await;
        assert_eq!(pause.unwrap().status, Status::Paused);
        let reason = "done".to_owned();
        w.t.console
            .command_experiment(&w.owner, "checkout", None, Command::Stop { reason })
            .await
            .unwrap();
        // Two snapshots at once: only the newest is carried out.
        let tick = w.t.ticks("a", 1).await.unwrap();
        assert_eq!(tick.published, 1);
        let snapshot = published(&w);
        assert_eq!((snapshot.version, snapshot.experiments.len()), (3, 0));
        let detail = w.t.console.experiment(&w.owner, "checkout").await.unwrap();
        assert_eq!(detail.propagation.version, 3);
        assert!(detail.propagation.published_ms.is_some());
        let actions: Vec<_> = detail
            .history
            .iter()
            .map(|r| r.entry.action.as_str())
            .collect();
        assert_eq!(
            actions,
            [
                "experiment.stop",
                "experiment.pause",
                "experiment.start",
                "experiment.create"
            ]
        );
        assert_eq!(detail.history[0].entry.reason.as_deref(), Some("done"));
        assert!(w.verifies().await);
    });
}

#[test]
fn stale_and_impossible_commands_are_refused_and_leave_nothing() {
    run(async {
        let w = world(2).await;
        let c = &w.t.console;
        w.started(draft("a")).await;
        let stale = c
            .command_experiment(&w.owner, "a", Some(1), Command::Pause)
            .await;
        assert!(matches!(
            stale,
            Err(Error::Conflict {
                expected: 1,
                actual: 2
            })
        ));
        let again = c
            .command_experiment(&w.owner, "a", None, Command::Start)
            .await;
        assert!(matches!(again, Err(Error::Refused(Status::Running))));
        let taken = c.create_experiment(&w.owner, draft("a")).await;
        assert!(matches!(taken, Err(Error::Invalid(p)) if p.len() == 1));
        let none = c
            .command_experiment(&w.owner, "nope", None, Command::Start)
            .await;
        assert!(matches!(none, Err(Error::NotFound { .. })));
        let by_hand = c
            .command_experiment(&w.owner, "a", None, Command::EndSchedule)
            .await;
        assert!(matches!(by_hand, Err(Error::Forbidden { .. })));
        let viewer = w.t.person(Role::Viewer);
        let stopped = c
            .command_experiment(
                &viewer,
                "a",
                None,
                Command::Stop {
                    reason: String::new(),
                },
            )
            .await;
        assert!(matches!(stopped, Err(Error::Forbidden { .. })));
        let mut fixed = draft("a");
        fixed.coverage_bp = 1;
        assert!(matches!(
            c.edit_experiment(&w.owner, "a", 2, fixed).await,
            Err(Error::Invalid(_))
        ));
        let log = c.audit(&w.owner, &Default::default()).await.unwrap();
        assert_eq!(log.total, 2);
    });
}

#[test]
fn editing_words_of_a_running_experiment_publishes_nothing() {
    run(async {
        let w = world(3).await;
        w.started(draft("a")).await;
        w.t.ticks("a", 1).await.unwrap();
        let mut words = draft("a");
        words.hypothesis = "Better words".to_owned();
        let edited =
            w.t.console
                .edit_experiment(&w.owner, "a", 2, words)
                .await
                .unwrap();
        assert_eq!(edited.version, 3);
        assert_eq!(w.t.ticks("a", 1).await.unwrap().published, 0);
        assert_eq!(w.t.store.puts().len(), 1);
    });
}

#[test]
fn a_variant_that_hurts_users_is_stopped_by_itself_with_its_numbers() {
    run(async {
        let w = world(4).await;
        w.started(draft("a")).await;
        let events = (0..400u64)
            .map(|n| {
                let (variant, bad) = if n % 2 == 0 {
                    ("control", n % 100 == 0)
                } else {
                    ("treatment", n % 3 == 0)
                };
                request(
                    n,
                    NOW_MS,
                    &format!("u{n}"),
                    "a",
                    variant,
                    if bad { 503 } else { 200 },
                )
            })
            .collect();
        w.t.console
            .ingest(&w.t.gateway(), batch(events))
            .await
            .unwrap();
        let tick = w.t.ticks("a", 1).await.unwrap();
        assert_eq!((tick.stopped, tick.published), (1, 1));
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.experiment.status, Status::Stopped);
        let Some(Stop::Guardrail(evidence)) = detail.experiment.stop else {
            panic!("not stopped by the guardrail");
        };
        assert_eq!(evidence.variant, "treatment");
        assert_eq!((evidence.users, evidence.errors), (200, 67));
        assert!(evidence.e_value >= evidence.threshold);
        assert_eq!(detail.results.verdict, Verdict::Harmful);
        assert_eq!(detail.history[0].entry.actor_kind, "system");
        assert!(
            detail.history[0]
                .entry
                .reason
                .as_deref()
                .unwrap()
                .contains("67 of 200")
        );
        assert!(published(&w).experiments.is_empty());
        let overview = w.t.console.overview(&w.owner).await.unwrap();
        assert!(
            matches!(&overview.hurts[0], Hurt::StoppedForHarm { experiment, .. } if experiment == "a")
        );
        // Once only.
        assert_eq!(w.t.ticks("a", 3).await.unwrap().stopped, 0);
    });
}

#[test]
fn the_schedules_end_stops_and_a_late_start_is_refused() {
    run(async {
        let w = world(5).await;
        let mut scheduled = draft("a");
        scheduled.schedule.end_ms = Some(NOW_MS + 5_000);
        w.started(scheduled.clone()).await;
        assert_eq!(w.t.ticks("a", 5).await.unwrap().stopped, 0);
        assert_eq!(w.t.ticks("a", 1).await.unwrap().stopped, 1);
        scheduled.id = "b".to_owned();
        scheduled.schedule.end_ms = Some(w.t.console.now_ms() + 10);
        w.t.console
            .create_experiment(&w.owner, scheduled)
            .await
            .unwrap();
        w.t.clock.advance(10);
        let late =
            w.t.console
                .command_experiment(&w.owner, "b", None, Command::Start)
                .await;
        assert!(matches!(late, Err(Error::Invalid(_))));
    });
}

#[test]
fn results_find_the_better_variant_and_the_broken_split() {
    run(async {
        let w = world(6).await;
        for id in ["good", "skewed"] {
            w.started(draft(id)).await;
        }
        let (mut n, mut events) = (0, Vec::new());
        for u in 0..6_000u64 {
            let treatment = u % 2 == 1;
            let (unit, variant) = (
                format!("u{u}"),
                if treatment { "treatment" } else { "control" },
            );
            n += 2;
            events.push(request(n, NOW_MS, &unit, "good", variant, 200));
            if (treatment && u % 5 < 2) || u % 11 == 0 {
                events.push(conversion(n + 1, NOW_MS + 1, &unit, "conversion"));
            }
            let variant = if u % 5 < 3 { "control" } else { "treatment" };
            events.push(request(100_000 + n, NOW_MS, &unit, "skewed", variant, 200));
        }
        for some in events.chunks(1_000) {
            let reply =
                w.t.console
                    .ingest(&w.t.gateway(), batch(some.to_vec()))
                    .await
                    .unwrap();
            assert_eq!(reply.accepted as usize, some.len());
        }
        w.t.ticks("a", 1).await.unwrap();
        let good =
            w.t.console
                .experiment(&w.owner, "good")
                .await
                .unwrap()
                .results;
        assert_eq!(good.verdict, Verdict::Better);
        let lift = good.variants[1].lift.unwrap();
        assert!(lift.low > 0.0 && lift.low < lift.relative && lift.relative < lift.high);
        assert!(good.variants[0].lift.is_none());
        assert_eq!(good.series.last().unwrap().exposures, [3_000, 3_000]);
        assert!(good.planned_users_per_variant > 10_000);
        let skewed =
            w.t.console
                .experiment(&w.owner, "skewed")
                .await
                .unwrap()
                .results;
        assert!(skewed.srm.broken && skewed.srm.p_value < 1e-6);
        assert_eq!(skewed.verdict, Verdict::BrokenSplit);
        let rows =
            w.t.console
                .experiments(&w.owner, &ExperimentQuery::default())
                .await
                .unwrap();
        assert_eq!(rows.items.iter().map(|r| r.exposures).sum::<u64>(), 12_000);
    });
}

#[test]
fn the_list_filters_sorts_and_pages() {
    run(async {
        let w = world(7).await;
        for n in 0..45 {
            let mut d = draft(&format!("exp-{n:02}"));
            d.name = format!("Name {:02} 100%", 44 - n);
            w.t.console.create_experiment(&w.owner, d).await.unwrap();
            w.t.clock.advance(1);
        }
        w.started(draft("running")).await;
        let list =
            async |query: ExperimentQuery| w.t.console.experiments(&w.owner, &query).await.unwrap();
        let first = list(ExperimentQuery {
            descending: true,
            ..Default::default()
        })
        .await;
        assert_eq!(
            (first.total, first.items.len(), first.per_page),
            (46, 20, 20)
        );
        assert_eq!(first.items[0].id, "running");
        let third = list(ExperimentQuery {
            page: 3,
            ..Default::default()
        })
        .await;
        assert_eq!(third.items.len(), 6);
        let beyond = list(ExperimentQuery {
            page: u32::MAX,
            ..Default::default()
        })
        .await;
        assert_eq!((beyond.total, beyond.items.len()), (46, 0));
        let named = list(ExperimentQuery {
            sort: ExperimentSort::Name,
            q: "NAME 0".into(),
            ..Default::default()
        })
        .await;
        assert_eq!((named.total, named.items[0].id.as_str()), (10, "exp-44"));
        let percent = list(ExperimentQuery {
            q: "00%".into(),
            ..Default::default()
        })
        .await;
        assert_eq!(percent.total, 45);
        let wild = list(ExperimentQuery {
            q: "e%p".into(),
            ..Default::default()
        })
        .await;
        assert_eq!(wild.total, 0);
        let running = list(ExperimentQuery {
            status: Some(Status::Running),
            sort: ExperimentSort::Exposures,
            ..Default::default()
        })
        .await;
        assert_eq!(running.total, 1);
        let hits = w.t.console.search(&w.owner, "exp-07").await.unwrap();
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].href, "/experiments/exp-07");
    });
}

#[test]
fn publishing_keeps_trying_shows_the_problem_and_honours_retry_after() {
    run(async {
        let w = world(8).await;
        w.started(draft("a")).await;
        w.t.store.refuse(Some(StoreError::Unavailable {
            problem: "Cloudflare answered 429".into(),
            retry_after_ms: Some(20_000),
        }));
        assert_eq!(w.t.ticks("a", 1).await.unwrap().failing, 1);
        let propagation = w.t.console.overview(&w.owner).await.unwrap();
        assert!(
            propagation.hurts.iter().any(
                |h| matches!(h, Hurt::NotPublished { problem, .. } if problem.contains("429"))
            )
        );
        w.t.store.refuse(None);
        // Not before the time that was asked for.
        assert_eq!(w.t.ticks("a", 18).await.unwrap().published, 0);
        assert_eq!(w.t.ticks("a", 3).await.unwrap().published, 1);
        let after = w.t.console.overview(&w.owner).await.unwrap().propagation;
        assert!(after.problem.is_none() && after.published_ms.is_some());
    });
}

#[test]
fn what_somebody_changed_at_the_edge_is_put_right() {
    run(async {
        let w = world(9).await;
        w.started(draft("a")).await;
        w.t.ticks("a", 1).await.unwrap();
        let good = w.t.store.value("snapshot:production");
        for spoiled in [None, Some(b"rubbish".to_vec())] {
            w.t.store.overwrite("snapshot:production", spoiled);
            assert_eq!(w.t.ticks("a", 40).await.unwrap().published, 1);
            assert_eq!(w.t.store.value("snapshot:production"), good);
        }
    });
}

#[test]
fn after_restoring_a_backup_the_edge_is_overtaken() {
    run(async {
        let newer = world(10).await;
        started_and(&newer, &[Command::Pause, Command::Resume, Command::Pause]).await;
        newer.t.ticks("a", 1).await.unwrap();
        assert_eq!(published(&newer).version, 4);
        let since = [Command::Pause, Command::Resume, Command::Pause];
        // What was restored has a lower version, or has come to the same one in its own way.
        for (seed, since) in [(11, &since[..0]), (12, &since[..2]), (13, &since[..3])] {
            let restored = world(seed).await;
            started_and(&restored, since).await;
            restored.t.store.overwrite(
                "snapshot:production",
                newer.t.store.value("snapshot:production"),
            );
            restored.t.ticks("a", 3).await.unwrap();
            let snapshot = published(&restored);
            assert_eq!(snapshot.version, 5, "{seed}");
            assert!(restored.verifies().await);
        }
    });
}

async fn started_and(w: &World, commands: &[Command]) {
    w.started(draft("a")).await;
    for command in commands {
        w.t.console
            .command_experiment(&w.owner, "a", None, command.clone())
            .await
            .unwrap();
    }
}

#[test]
fn only_one_of_two_processes_acts_and_the_other_takes_over() {
    run(async {
        let w = world(12).await;
        let other = w.t.beside(w.db.clone(), 99);
        w.started(draft("a")).await;
        assert!(w.t.console.tick("one").await.unwrap().leader);
        assert!(!other.console.tick("two").await.unwrap().leader);
        w.t.clock.advance(nexus_control::LEASE_MS + 1);
        assert!(other.console.tick("two").await.unwrap().leader);
        assert!(!w.t.console.tick("one").await.unwrap().leader);
        other.console.resign("two").await.unwrap();
        assert!(w.t.console.tick("one").await.unwrap().leader);
        assert_eq!(w.t.store.puts().len(), 1);
    });
}

#[test]
fn commands_of_two_processes_at_once_all_count_and_the_log_holds() {
    run(async {
        let w = world(13).await;
        let other = w.t.beside(w.db.clone(), 98);
        let make = |console: nexus_control::Console, owner, who: &'static str| async move {
            for n in 0..20 {
                console
                    .create_experiment(&owner, draft(&format!("{who}-{n}")))
                    .await
                    .unwrap();
            }
        };
        let one = tokio::spawn(make(w.t.console.clone(), w.owner.clone(), "one"));
        let two = tokio::spawn(make(other.console.clone(), w.owner.clone(), "two"));
        one.await.unwrap();
        two.await.unwrap();
        let verification = w.t.console.audit_verify(&w.owner).await.unwrap();
        assert!(verification.ok);
        assert_eq!(verification.size, 40);
    });
}

//! Planned starts and ramps: what the clock brings, with the same checks as by hand.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::Error;
use nexus_control::testing::{NOW_MS, batch, draft, request};
use nexus_control::views::{Srm, Wait};
use nexus_domain::access::Role;
use nexus_domain::audit::Cause;
use nexus_domain::experiment::{
    Command, CoverageStep, Dimension, Draft, Experiment, LayerShare, Method, Outcome, Safeguards,
    Schedule, Status, rule_of,
};
use nexus_domain::{Field, FieldProblem, Problem};

const MINUTE_MS: i64 = 60_000;

fn planned(start_ms: i64, end_ms: Option<i64>) -> Command {
    Command::Schedule(Schedule {
        start_ms: Some(start_ms),
        end_ms,
        timezone: "Europe/Berlin".to_owned(),
    })
}

async fn command(w: &World, id: &str, command: Command) -> nexus_control::Result<Experiment> {
    let console = &w.t.console;
    console
        .command_experiment(&w.owner, id, None, command)
        .await
}

async fn now(w: &World, id: &str) -> Experiment {
    let detail = w.t.console.experiment(&w.owner, id).await.unwrap();
    detail.experiment
}

async fn actions(w: &World, id: &str) -> Vec<String> {
    let detail = w.t.console.experiment(&w.owner, id).await.unwrap();
    let entries = detail.history.into_iter().rev();
    entries.map(|row| row.entry.action).collect()
}

#[test]
fn a_planned_start_happens_at_its_time_once_and_ends_at_its_end() {
    run(async {
        let w = world(70).await;
        let console = &w.t.console;
        console
            .create_experiment(&w.owner, draft("a"))
            .await
            .unwrap();
        let past = command(&w, "a", planned(NOW_MS, None)).await;
        assert!(
            matches!(past, Err(Error::Invalid(p)) if p[0].field == Field::StartAt && p[0].problem == Problem::InThePast)
        );
        let start_ms = NOW_MS + MINUTE_MS;
        let end_ms = start_ms + MINUTE_MS;
        let e = command(&w, "a", planned(start_ms, Some(end_ms))).await;
        assert_eq!(e.unwrap().status, Status::Scheduled);
        let by_hand = command(&w, "a", Command::StartPlanned).await;
        assert!(matches!(
            by_hand,
            Err(Error::Forbidden { .. } | Error::Refused(_))
        ));
        let tick = w.t.ticks("a", 60).await.unwrap();
        assert_eq!((tick.started, tick.published), (0, 0));
        let tick = w.t.ticks("a", 3).await.unwrap();
        assert_eq!((tick.started, tick.published), (1, 1));
        let e = now(&w, "a").await;
        assert_eq!((e.status, e.started_ms), (Status::Running, Some(start_ms)));
        w.t.ticks("a", 60).await.unwrap();
        let all = ["create", "schedule", "start", "end_schedule"];
        let all = all.map(|verb| format!("experiment.{verb}"));
        assert_eq!(actions(&w, "a").await, all);
    });
}

#[test]
fn a_refused_planned_start_says_why_and_is_not_tried_again() {
    run(async {
        let w = world(71).await;
        let in_layer = |id: &str| Draft {
            layer: Some(LayerShare {
                layer: "checkout".to_owned(),
                share_bp: 6_000,
                from_bp: None,
            }),
            ..draft(id)
        };
        let console = &w.t.console;
        console
            .create_experiment(&w.owner, in_layer("late"))
            .await
            .unwrap();
        command(&w, "late", planned(NOW_MS + 5_000, None))
            .await
            .unwrap();
        w.started(in_layer("first")).await;
        let tick = w.t.ticks("a", 20).await.unwrap();
        assert_eq!(tick.started, 0);
        let e = now(&w, "late").await;
        assert_eq!((e.status, e.started_ms), (Status::Draft, None));
        let missed = e.missed.unwrap();
        assert_eq!(missed.planned_ms, Some(NOW_MS + 5_000));
        assert_eq!(missed.problems[0].field, Field::LayerShare);
        let misses = actions(&w, "late").await;
        let misses = misses.iter().filter(|a| *a == "experiment.miss_start");
        assert_eq!(misses.count(), 1);
        // Planning anew forgets it.
        let again = planned(w.t.console.now_ms() + 5_000, None);
        assert_eq!(command(&w, "late", again).await.unwrap().missed, None);
    });
}

#[test]
fn an_edit_or_a_change_of_mind_takes_it_off_the_plan_and_a_start_by_hand_is_now() {
    run(async {
        let w = world(72).await;
        let console = &w.t.console;
        let start_ms = NOW_MS + 5_000;
        for id in ["edited", "off", "now"] {
            console
                .create_experiment(&w.owner, draft(id))
                .await
                .unwrap();
            command(&w, id, planned(start_ms, None)).await.unwrap();
        }
        let mut edit = Draft::of(&now(&w, "edited").await);
        edit.coverage_bp = 5_000;
        let edited = console.edit_experiment(&w.owner, "edited", 2, edit).await;
        assert_eq!(edited.unwrap().status, Status::Draft);
        let off = command(&w, "off", Command::Unschedule).await.unwrap();
        assert_eq!(
            (off.status, off.schedule.start_ms),
            (Status::Draft, Some(start_ms))
        );
        let hand = command(&w, "now", Command::Start).await.unwrap();
        assert_eq!(
            (hand.status, hand.schedule.start_ms),
            (Status::Running, None)
        );
        assert_eq!(w.t.ticks("a", 10).await.unwrap().started, 0);
    });
}

fn ramped(id: &str) -> Draft {
    let step = |coverage_bp, minutes| CoverageStep {
        coverage_bp,
        minutes,
    };
    let mut draft = Draft {
        ramp: vec![step(100, 1), step(2_000, 2)],
        ..draft(id)
    };
    // Rounded to whole buckets, 1 % of 12.5 % is 12 and of 87.5 % is 87: 12.1 % and 87.9 %.
    draft.variants[0].weight_bp = 8_750;
    draft.variants[1].weight_bp = 1_250;
    draft
}

#[test]
fn a_ramp_grows_by_the_clock_and_publishes_each_step_once() {
    run(async {
        let w = world(73).await;
        let e = w.started(ramped("a")).await;
        assert_eq!(e.coverage_now_bp(), 100);
        assert_eq!(w.t.ticks("a", 59).await.unwrap().published, 1);
        assert_eq!(w.t.ticks("a", 3).await.unwrap().published, 1);
        assert_eq!(now(&w, "a").await.coverage_now_bp(), 2_000);
        let held = command(&w, "a", Command::HoldRamp).await.unwrap();
        assert!(held.is_ramp_held());
        w.t.ticks("a", 300).await.unwrap();
        assert_eq!(now(&w, "a").await.coverage_now_bp(), 2_000);
        command(&w, "a", Command::ContinueRamp).await.unwrap();
        w.t.ticks("a", 130).await.unwrap();
        let e = now(&w, "a").await;
        assert_eq!((e.coverage_now_bp(), e.ramping), (10_000, None));
        let steps = actions(&w, "a").await;
        let steps = steps.iter().filter(|a| *a == "experiment.step_ramp");
        assert_eq!(steps.count(), 2);
    });
}

/// Visitors of control and treatment, who all come now.
async fn tell(w: &World, from: u64, control: u64, treatment: u64) {
    let at_ms = w.t.console.now_ms();
    let of = |n: u64| if n < control { "control" } else { "treatment" };
    let events: Vec<_> = (0..control + treatment)
        .map(|n| request(from + n, at_ms, &format!("u{}", from + n), "a", of(n), 200))
        .collect();
    for some in events.chunks(1_000) {
        let gateway = w.t.gateway();
        let told = w.t.console.ingest(&gateway, batch(some.to_vec()));
        assert_eq!(told.await.unwrap().accepted as usize, some.len());
    }
    w.t.ticks("a", 2).await.unwrap();
}

async fn srm(w: &World) -> Srm {
    let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
    detail.results.srm
}

#[test]
fn each_step_is_compared_with_its_own_buckets() {
    run(async {
        let w = world(74).await;
        let e = w.started(ramped("a")).await;
        let buckets = rule_of(&e).unwrap().buckets_per_variant();
        let (a, b) = (u64::from(buckets[0]), u64::from(buckets[1]));
        assert_ne!(a * 1_250, b * 8_750, "rounding is a part of the first step");
        tell(&w, 0, 200 * a, 200 * b).await;
        w.t.ticks("a", 60).await.unwrap();
        assert_eq!(now(&w, "a").await.coverage_now_bp(), 2_000);
        tell(&w, 100_000, 8_750, 1_250).await;
        assert!(srm(&w).await.p_value > 0.9, "{:?}", srm(&w).await);
        // A broken split within the step shows all the same.
        tell(&w, 200_000, 4_000, 4_000).await;
        assert!(srm(&w).await.broken);
    });
}

#[test]
fn the_split_within_a_slice_is_compared_step_by_step_too() {
    run(async {
        let w = world(76).await;
        let mut ramped = ramped("a");
        // Two in eleven of so few, where one in eight is asked for.
        ramped.ramp[0].coverage_bp = 10;
        let e = w.started(ramped).await;
        assert_eq!(rule_of(&e).unwrap().buckets_per_variant(), [9, 2]);
        let splits = async || {
            let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
            assert!(!detail.results.srm.broken);
            let broken = detail.results.quality.splits.into_iter();
            broken.map(|of| (of.broken, of.values)).collect::<Vec<_>>()
        };
        let fine = vec![(false, Vec::new()); Dimension::ALL.len()];
        tell(&w, 0, 4_500, 1_000).await;
        assert_eq!(splits().await, fine, "during the step");
        w.t.ticks("a", 60).await.unwrap();
        assert_eq!(now(&w, "a").await.coverage_now_bp(), 2_000);
        tell(&w, 100_000, 7_000, 1_000).await;
        assert_eq!(splits().await, fine, "after it");
        w.t.ticks("a", 130).await.unwrap();
        assert_eq!(now(&w, "a").await.ramping, None);
        assert_eq!(splits().await, fine, "after the ramp");
        let metric = w.t.console.metric(&w.owner, "a", None, Dimension::Country);
        let slices = metric.await.unwrap().slices;
        assert!(slices.split_p_value > 0.9 && !slices.rows[0].split_broken);
        tell(&w, 200_000, 1_500, 1_500).await;
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        let splits = detail.results.quality.splits;
        assert!(splits.iter().all(|of| of.broken), "{splits:?}");
    });
}

#[test]
fn harm_stops_a_ramp_where_it_is() {
    run(async {
        let w = world(75).await;
        let guardrail = Safeguards::errors_only(500);
        w.started(Draft {
            guardrail,
            ..ramped("a")
        })
        .await;
        let bad = |n| request(n, NOW_MS, &format!("u{n}"), "a", "treatment", 500);
        let gateway = w.t.gateway();
        let told =
            w.t.console
                .ingest(&gateway, batch((0..60).map(bad).collect()));
        told.await.unwrap();
        w.t.ticks("a", 200).await.unwrap();
        let e = now(&w, "a").await;
        assert_eq!((e.status, e.coverage_now_bp()), (Status::Stopped, 100));
        assert!(!e.is_step_due(i64::MAX));
    });
}

fn grow(coverage_bp: u16, reason: &str) -> Command {
    Command::GrowCoverage {
        coverage_bp,
        reason: reason.to_owned(),
    }
}

fn end(end_ms: Option<i64>) -> Command {
    let reason = "too few users".to_owned();
    Command::MoveEnd { end_ms, reason }
}

fn is_refused_for(done: nexus_control::Result<Experiment>, problem: &Problem) -> bool {
    matches!(done, Err(Error::Invalid(found)) if found[0].problem == *problem)
}

fn problems(done: nexus_control::Result<Experiment>) -> Vec<FieldProblem> {
    match done {
        Err(Error::Invalid(problems)) => problems,
        _ => Vec::new(),
    }
}

async fn newest_cause(w: &World) -> Option<Cause> {
    let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
    detail.history[0].entry.cause()
}

#[test]
fn coverage_that_grows_is_published_and_compared_with_its_own_buckets() {
    run(async {
        let w = world(76).await;
        let few = Draft {
            ramp: Vec::new(),
            coverage_bp: 100,
            ..ramped("a")
        };
        let e = w.started(few).await;
        let buckets = rule_of(&e).unwrap().buckets_per_variant();
        let (a, b) = (u64::from(buckets[0]), u64::from(buckets[1]));
        tell(&w, 0, 200 * a, 200 * b).await;
        for (bad, problem) in [
            (grow(100, "more"), Problem::NotMore { than_bp: 100 }),
            (grow(10_001, "more"), Problem::NotMore { than_bp: 100 }),
            (grow(2_000, " "), Problem::Required),
        ] {
            assert!(is_refused_for(command(&w, "a", bad).await, &problem));
        }
        assert_eq!(
            problems(command(&w, "a", grow(50, " ")).await),
            [
                FieldProblem::new(Field::Coverage, Problem::NotMore { than_bp: 100 }),
                FieldProblem::new(Field::Reason, Problem::Required),
            ]
        );
        let long = grow(50, &"x".repeat(2_001));
        let max = 2_000;
        assert_eq!(
            problems(command(&w, "a", long).await)[1..],
            [FieldProblem::new(Field::Reason, Problem::TooLong { max })]
        );
        let grown = command(&w, "a", grow(2_000, "all is well")).await.unwrap();
        assert_eq!(grown.coverage_now_bp(), 2_000);
        let cause = Cause::Coverage {
            from_bp: 100,
            to_bp: 2_000,
            words: "all is well".to_owned(),
        };
        assert_eq!(newest_cause(&w).await, Some(cause));
        assert_eq!(w.t.ticks("a", 2).await.unwrap().published, 1);
        tell(&w, 100_000, 8_750, 1_250).await;
        assert!(srm(&w).await.p_value > 0.9, "{:?}", srm(&w).await);
        tell(&w, 200_000, 4_000, 4_000).await;
        assert!(srm(&w).await.broken);
    });
}

#[test]
fn slices_of_coverage_that_grew_are_compared_with_the_buckets_of_before_and_after() {
    run(async {
        let w = world(78).await;
        let few = Draft {
            ramp: Vec::new(),
            coverage_bp: 10,
            ..ramped("a")
        };
        let e = w.started(few).await;
        // Two in eleven of so few, where one in eight is asked for.
        assert_eq!(rule_of(&e).unwrap().buckets_per_variant(), [9, 2]);
        tell(&w, 0, 4_500, 1_000).await;
        command(&w, "a", grow(2_000, "all is well")).await.unwrap();
        w.t.ticks("a", 2).await.unwrap();
        tell(&w, 100_000, 7_000, 1_000).await;
        let broken = async || {
            let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
            let splits = detail.results.quality.splits.into_iter();
            splits.map(|of| of.broken).collect::<Vec<_>>()
        };
        assert_eq!(broken().await, [false; Dimension::ALL.len()]);
        tell(&w, 200_000, 1_500, 1_500).await;
        assert_eq!(broken().await, [true; Dimension::ALL.len()]);
    });
}

#[test]
fn growing_leaves_the_steps_of_a_ramp_and_says_so_when_it_was_meant_for_another_version() {
    run(async {
        let w = world(77).await;
        let whole = Draft {
            coverage_bp: 5_000,
            ..ramped("a")
        };
        let e = w.started(whole).await;
        let console = &w.t.console;
        let stale = console.command_experiment(&w.owner, "a", Some(1), grow(9_000, "more"));
        assert!(matches!(stale.await, Err(Error::Conflict { .. })));
        let grown = command(&w, "a", grow(9_000, "more")).await.unwrap();
        assert_eq!((grown.coverage_now_bp(), &grown.ramping), (100, &e.ramping));
        w.t.ticks("a", 200).await.unwrap();
        assert_eq!(now(&w, "a").await.coverage_now_bp(), 9_000);
    });
}

#[test]
fn an_end_that_moves_is_obeyed_and_stays_where_the_method_judges_at_it() {
    run(async {
        let w = world(78).await;
        let ends_at = |end_ms, method| {
            let mut draft = draft("a");
            draft.schedule.end_ms = Some(end_ms);
            draft.method = method;
            draft
        };
        let old_ms = NOW_MS + MINUTE_MS;
        w.started(ends_at(old_ms, Method::AlwaysValid)).await;
        let early = command(&w, "a", end(Some(old_ms))).await;
        assert!(is_refused_for(early, &Problem::NotLater));
        let new_ms = NOW_MS + 3 * MINUTE_MS;
        command(&w, "a", end(Some(new_ms))).await.unwrap();
        let cause = Cause::End {
            from_ms: Some(old_ms),
            to_ms: Some(new_ms),
            words: "too few users".to_owned(),
        };
        assert_eq!(newest_cause(&w).await, Some(cause));
        w.t.ticks("a", 120).await.unwrap();
        assert_eq!(now(&w, "a").await.status, Status::Running);
        w.t.ticks("a", 62).await.unwrap();
        assert_eq!(now(&w, "a").await.status, Status::Stopped);
        let late = command(&w, "a", end(None)).await;
        assert!(matches!(late, Err(Error::Refused(Status::Stopped))));

        let w = world(79).await;
        let planned_users = 4_000;
        w.started(ends_at(old_ms, Method::FixedHorizon { planned_users }))
            .await;
        let judged = command(&w, "a", end(None)).await;
        assert!(is_refused_for(judged, &Problem::JudgedAtItsEnd));
    });
}

#[test]
fn what_ended_without_an_answer_and_what_did_not_start_waits_for_somebody() {
    run(async {
        let w = world(90).await;
        let console = &w.t.console;
        w.started(draft("over")).await;
        let reason = String::new();
        command(&w, "over", Command::Stop { reason }).await.unwrap();
        let mut late = draft("late");
        late.schedule.end_ms = Some(NOW_MS + 2 * MINUTE_MS);
        console.create_experiment(&w.owner, late).await.unwrap();
        let plan = planned(NOW_MS + MINUTE_MS, Some(NOW_MS + 2 * MINUTE_MS));
        command(&w, "late", plan).await.unwrap();
        // Nobody was there until after its end.
        w.t.clock.advance(3 * MINUTE_MS);
        w.t.ticks("a", 2).await.unwrap();
        assert!(now(&w, "late").await.missed.is_some());
        let waits = async |who| {
            let overview = console.overview(who).await.unwrap();
            let waits = overview.waits.iter();
            let said = waits.map(|wait| match wait {
                Wait::Missed { .. } => format!("missed {}", wait.id()),
                Wait::Answer { .. } => format!("answer {}", wait.id()),
                Wait::Draft { .. } => format!("draft {}", wait.id()),
                _ => "other".to_owned(),
            });
            said.collect::<Vec<_>>()
        };
        assert_eq!(waits(&w.owner).await, ["missed late", "answer over"]);
        let [operator, viewer] = [Role::Operator, Role::Viewer].map(|role| w.t.person(role));
        assert!(waits(&operator).await.is_empty());
        assert!(waits(&viewer).await.is_empty());
        let decided = Command::Decide {
            outcome: Outcome::Inconclusive,
            learned: String::new(),
        };
        command(&w, "over", decided).await.unwrap();
        assert_eq!(waits(&w.owner).await, ["missed late"]);
    });
}

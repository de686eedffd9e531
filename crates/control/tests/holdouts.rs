//! Holdouts: in force with their commit, joined at the start, counted, and left alone.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::testing::{batch, conversion, draft, holdout_draft, request};
use nexus_control::views::{AudienceStage, ExperimentQuery};
use nexus_control::{Error, Result, Somebody};
use nexus_domain::access::Role;
use nexus_domain::experiment::{Command, Draft};
use nexus_domain::holdout::{HELD_OUT, Holdout, HoldoutDraft, OTHERS};
use nexus_domain::{Environment, Field, Problem};
use nexus_flags::bucketing::bucket;
use nexus_flags::growthbook::{Engine as GrowthBook, Options};
use nexus_flags::{Context, Decisions, Device, Engine, SignedSnapshot, Snapshot};
use serde_json::json;

const PRODUCTION: Environment = Environment::Production;

async fn made(w: &World, id: &str, global: bool) -> Holdout {
    let console = &w.t.console;
    let made = console
        .create_holdout(&w.owner, holdout_draft(id, global))
        .await;
    made.unwrap()
}

fn problem(refused: Result<impl std::fmt::Debug>) -> (Field, Problem) {
    match refused {
        Err(Error::Invalid(mut problems)) => {
            let first = problems.remove(0);
            (first.field, first.problem)
        }
        other => panic!("{other:?}"),
    }
}

async fn snapshot(w: &World) -> Snapshot {
    w.t.ticks("edge", 2).await.unwrap();
    let bytes = w.t.store.value("snapshot:production").unwrap();
    let signed: SignedSnapshot = serde_json::from_slice(&bytes).unwrap();
    serde_json::from_str(&signed.payload).unwrap()
}

/// The held-out of a holdout, by the hash alone.
fn is_held(id: &str, user: &str) -> bool {
    bucket(&format!("holdout:{id}"), user) < 2_000
}

#[test]
fn gateways_and_sdks_leave_the_held_out_alone() {
    run(async {
        let w = world(1).await;
        made(&w, "year", true).await;
        made(&w, "search", false).await;
        w.started(draft("cta")).await;
        let named = Draft {
            holdout: Some("search".into()),
            ..draft("ranking")
        };
        let started = w.started(named).await;
        let held: Vec<&str> = started.held.iter().map(|h| h.holdout.as_str()).collect();
        assert_eq!(held, ["search", "year"]);

        let snapshot = snapshot(&w).await;
        let engine = Engine::compile(&snapshot).unwrap();
        let payload = w.t.console.sdk_payload(&w.owner, PRODUCTION).await.unwrap();
        let theirs = GrowthBook::compile(&json!({ "features": payload.features })).unwrap();
        let options = Options::default();
        let mut decisions = Decisions::default();
        for n in 0..2_000 {
            let user = format!("user-{n}");
            let context = Context {
                unit: &user,
                country: None,
                device: Device::Other,
                attributes: &[],
                now_ms: w.t.console.now_ms(),
            };
            engine.decide(&context, &mut decisions);
            let variant = |id: &str| {
                let mut all = engine.decided(&decisions);
                let found = all.find(|d| d.experiment_id() == id);
                found.map(|d| d.variant_key().to_owned())
            };
            let year = is_held("year", &user);
            assert_eq!(variant("cta").is_none(), year, "{user}");
            let out = year || is_held("search", &user);
            assert_eq!(variant("ranking").is_none(), out, "{user}");
            let part = if year { HELD_OUT } else { OTHERS };
            assert_eq!(variant("holdout:year").as_deref(), Some(part));
            let attributes = json!({ "id": user });
            for id in ["cta", "ranking", "holdout:year", "holdout:search"] {
                let told = theirs.feature(id, &attributes, &options);
                assert_eq!(told.value.as_str(), variant(id).as_deref(), "{id} {user}");
            }
        }
    });
}

#[test]
fn the_held_out_are_counted_and_compared() {
    run(async {
        let w = world(2).await;
        let year = made(&w, "year", true).await;
        w.t.clock.advance(60_000);
        let now_ms = w.t.console.now_ms();
        let gateway = w.t.gateway();
        let mut events = Vec::new();
        for n in 0..400 {
            let user = format!("user-{n}");
            let part = if is_held("year", &user) {
                HELD_OUT
            } else {
                OTHERS
            };
            let at_ms = now_ms - 2_000;
            events.push(request(n, at_ms, &user, "holdout:year", part, 200));
            if n % 4 == 0 {
                events.push(conversion(1_000 + n, now_ms - 1_000, &user, "purchase"));
            }
        }
        w.t.console.ingest(&gateway, batch(events)).await.unwrap();
        let held = (0..400)
            .filter(|n| is_held("year", &format!("user-{n}")))
            .count() as u64;
        let detail = w.t.console.holdout(&w.owner, "year").await.unwrap();
        let seen: Vec<u64> = detail
            .results
            .variants
            .iter()
            .map(|v| v.exposures)
            .collect();
        assert_eq!(seen, [held, 400 - held]);
        let bought: u64 = detail.results.variants.iter().map(|v| v.conversions).sum();
        assert_eq!(bought, 100);
        assert!(detail.results.variants[1].lift.is_some());
        let rows = w.t.console.holdouts(&w.owner, None).await.unwrap();
        assert_eq!((rows[0].held_out, rows[0].others), (held, 400 - held));
        assert_eq!(rows[0].holdout, year);
    });
}

#[test]
fn stopping_holds_nobody_out_of_what_starts_later() {
    run(async {
        let w = world(3).await;
        let console = &w.t.console;
        made(&w, "year", true).await;
        let before = w.started(draft("before")).await;
        let stopped = console.stop_holdout(&w.owner, "year").await.unwrap();
        let again = console.stop_holdout(&w.owner, "year").await.unwrap();
        assert_eq!(stopped, again);
        let after = w.started(draft("after")).await;
        assert_eq!((before.held.len(), after.held.len()), (1, 0));
        let rules = snapshot(&w).await.experiments;
        let rule = |id: &str| rules.iter().find(|r| r.id == id);
        assert!(rule("holdout:year").is_none());
        // What was in it deals nobody anew.
        assert_eq!(rule("before").unwrap().slices.len(), 1);
        assert_eq!(rule("after").unwrap().slices.len(), 0);
        let detail = console.holdout(&w.owner, "year").await.unwrap();
        let ids: Vec<&str> = detail.experiments.iter().map(|u| u.id.as_str()).collect();
        assert_eq!(ids, ["before"]);
        let actions: Vec<&str> = detail
            .history
            .iter()
            .map(|r| r.entry.action.as_str())
            .collect();
        assert_eq!(actions, ["holdout.stop", "holdout.create"]);
        assert!(w.verifies().await);
    });
}

#[test]
fn what_a_team_starts_joins_its_holdout() {
    run(async {
        let w = world(6).await;
        let console = &w.t.console;
        let of_team = |id: &str, team: &str| HoldoutDraft {
            team: Some(team.into()),
            ..holdout_draft(id, false)
        };
        let made = console.create_holdout(&w.owner, of_team("growth-2027", "growth"));
        assert_eq!(made.await.unwrap().team.as_deref(), Some("growth"));
        let second = console.create_holdout(&w.owner, of_team("growth-more", "growth"));
        let refused = (Field::Team, Problem::OneTeamHoldout);
        assert_eq!(problem(second.await), refused);
        let global = HoldoutDraft {
            global: true,
            ..of_team("all", "search")
        };
        let refused = console.create_holdout(&w.owner, global).await;
        assert_eq!(problem(refused), (Field::Team, Problem::OfNoTeam));

        let by = |id: &str, team: Option<&str>| Draft {
            team: team.map(str::to_owned),
            ..draft(id)
        };
        for (id, team) in [("cta", Some("growth")), ("ranking", Some("search"))] {
            let made = console.create_experiment(&w.owner, by(id, team)).await;
            made.unwrap();
        }
        let untold = of_team("estimate", "");
        let share = console.estimate_holdout(&w.owner, &untold).await.unwrap();
        assert_eq!(share.waiting, []);
        let draft = of_team("estimate", "search");
        let waiting = console.estimate_holdout(&w.owner, &draft).await.unwrap();
        let waiting: Vec<String> = waiting.waiting.into_iter().map(|u| u.id).collect();
        assert_eq!(waiting, ["ranking"]);
        let asked = by("cta", Some("growth"));
        let asked = console.estimate_experiment(&w.owner, &asked);
        let steps = asked.await.unwrap().steps;
        assert!(steps.iter().any(|s| s.stage == AudienceStage::Holdout));
        let asked = by("cta", Some("Growth team"));
        let asked = console.estimate_experiment(&w.owner, &asked);
        let steps = asked.await.unwrap().steps;
        assert!(
            steps.iter().all(|s| s.stage != AudienceStage::Holdout),
            "half typed"
        );
        let teams = console.teams(&w.owner, PRODUCTION).await.unwrap();
        assert_eq!(teams, ["growth", "search"]);
        let start = async |id: &str| {
            let command = console.command_experiment(&w.owner, id, None, Command::Start);
            command.await.unwrap()
        };
        let (cta, ranking) = (start("cta").await, start("ranking").await);
        assert_eq!((cta.held.len(), ranking.held.len()), (1, 0));
        assert_eq!(w.started(by("nobodys", None)).await.held, []);
        let query = ExperimentQuery {
            q: "growth".to_owned(),
            ..ExperimentQuery::default()
        };
        let found = console.experiments(&w.owner, &query).await.unwrap().items;
        let found: Vec<_> = found
            .iter()
            .map(|e| (e.id.as_str(), e.team.as_deref()))
            .collect();
        assert_eq!(found, [("cta", Some("growth"))]);
        // Another team would mean another holdout.
        let moved =
            console.edit_experiment(&w.owner, "cta", cta.version, by("cta", Some("search")));
        assert_eq!(
            problem(moved.await),
            (Field::Team, Problem::FixedAfterStart)
        );
    });
}

#[test]
fn refusals_say_what_and_where() {
    run(async {
        let w = world(4).await;
        let console = &w.t.console;
        made(&w, "year", true).await;
        let twice = console
            .create_holdout(&w.owner, holdout_draft("year", false))
            .await;
        assert_eq!(problem(twice), (Field::Id, Problem::Taken));
        let second = console
            .create_holdout(&w.owner, holdout_draft("second", true))
            .await;
        assert_eq!(problem(second), (Field::Holdout, Problem::OneGlobalHoldout));
        let named = Draft {
            holdout: Some("nowhere".into()),
            ..draft("cta")
        };
        let refused = console.create_experiment(&w.owner, named).await;
        let value = "nowhere".to_owned();
        assert_eq!(
            problem(refused),
            (Field::Holdout, Problem::Unknown { value })
        );
        for role in [Role::Viewer, Role::Operator] {
            let actor = w.t.person(role);
            let made = console
                .create_holdout(&actor, holdout_draft("x", false))
                .await;
            assert!(matches!(made, Err(Error::Forbidden { .. })), "{role:?}");
            let stopped = console.stop_holdout(&actor, "year").await;
            assert!(matches!(stopped, Err(Error::Forbidden { .. })), "{role:?}");
        }
    });
}

#[test]
fn a_draft_that_names_one_needs_it_at_its_start_and_why_says_who_is_held_out() {
    run(async {
        let w = world(5).await;
        let console = &w.t.console;
        made(&w, "search", false).await;
        let named = Draft {
            holdout: Some("search".into()),
            ..draft("ranking")
        };
        console.create_experiment(&w.owner, named).await.unwrap();
        let held = (0..)
            .map(|n| format!("user-{n}"))
            .find(|user| is_held("search", user));
        let somebody = Somebody {
            unit: held.unwrap(),
            ..Somebody::default()
        };
        let why = console.why(&w.owner, "ranking", &somebody).await.unwrap();
        assert_eq!(why.explanation.variant, None);
        assert_eq!(why.slices[0].seed, "holdout:search");
        console.stop_holdout(&w.owner, "search").await.unwrap();
        let start = console.command_experiment(&w.owner, "ranking", None, Command::Start);
        let value = "search".to_owned();
        assert_eq!(
            problem(start.await),
            (Field::Holdout, Problem::Unknown { value })
        );
    });
}

use nexus_flags::{Context, Decisions, Device, Engine, Snapshot};
use proptest::prelude::*;

use super::*;
use crate::experiment::{Command, LayerShare, rule_of};
use crate::flag::{Flag, FlagDraft, Rule, flag_rule_of};

fn holdout(id: &str, global: bool, share_bp: u16) -> Holdout {
    let draft = HoldoutDraft {
        id: id.to_owned(),
        name: id.to_owned(),
        global,
        share_bp,
        ..HoldoutDraft::starter(Environment::Production)
    };
    draft.create("a@b.c", 1).unwrap()
}

fn of_team(id: &str, team: &str, share_bp: u16) -> Holdout {
    let team = Some(team.to_owned());
    Holdout {
        team,
        ..holdout(id, false, share_bp)
    }
}

fn started(id: &str, named: Option<&str>, layer: bool, all: &[Holdout]) -> Experiment {
    let draft = Draft {
        id: id.to_owned(),
        name: id.to_owned(),
        // Experiments of these tests are of the team that they are called by.
        team: Some(id.to_owned()),
        holdout: named.map(str::to_owned),
        layer: layer.then(|| LayerShare {
            layer: "checkout".to_owned(),
            share_bp: 3_000,
            from_bp: None,
        }),
        ..Draft::starter(Environment::Production)
    };
    let made = draft.create(id.to_owned(), "a@b.c".to_owned(), 1).unwrap();
    let joined = made.joined(all).unwrap().placed(&[]).unwrap();
    joined.after(Command::Start, "a@b.c", 2).unwrap()
}

/// A switch that is on for everybody but whom these hold out.
fn bound_flag(holdouts: &[&str]) -> Flag {
    let rule = Rule {
        holdouts: holdouts.iter().map(|id| (*id).to_owned()).collect(),
        ..Rule::for_everybody(true.into())
    };
    let draft = FlagDraft {
        key: "winner".to_owned(),
        name: "winner".to_owned(),
        rules: vec![rule],
        ..FlagDraft::starter(Environment::Production)
    };
    Flag {
        enabled: true,
        ..draft.create("a@b.c", 1).unwrap()
    }
}

fn engine(holdouts: &[Holdout], experiments: &[Experiment]) -> Engine {
    engine_with(holdouts, experiments, &[])
}

fn engine_with(holdouts: &[Holdout], experiments: &[Experiment], flags: &[Flag]) -> Engine {
    let rules = experiments.iter().filter_map(rule_of);
    let rules = rules.chain(holdouts.iter().filter_map(Holdout::rule));
    Engine::compile(&Snapshot {
        version: 1,
        environment: "production".to_owned(),
        created_ms: 0,
        experiments: rules.collect(),
        flags: flags
            .iter()
            .filter_map(|flag| flag_rule_of(flag, holdouts))
            .collect(),
        sdk_keys: Vec::new(),
        qa_links: Vec::new(),
        saved_groups: std::collections::BTreeMap::new(),
        sampling_seed: None,
    })
    .unwrap()
}

/// Experiments that a user takes part in, with their variants.
fn parts(engine: &Engine, user: &str) -> Vec<(String, String)> {
    let context = Context {
        unit: user,
        country: None,
        device: Device::Other,
        attributes: &[],
        now_ms: 10,
    };
    let mut decisions = Decisions::default();
    engine.decide(&context, &mut decisions);
    let found = engine.decided(&decisions);
    found
        .map(|d| (d.experiment_id().to_owned(), d.variant_key().to_owned()))
        .collect()
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    let draft = HoldoutDraft {
        id: "No".into(),
        share_bp: 5_001,
        goal: String::new(),
        ..HoldoutDraft::starter(Environment::Production)
    };
    let fields: Vec<Field> = draft.problems().iter().map(|p| p.field).collect();
    let expected = [Field::Name, Field::Id, Field::HoldoutShare, Field::Goal];
    assert_eq!(fields, expected);
}

#[test]
fn a_team_is_a_slug_and_of_no_global_holdout() {
    let of = |global, team: &str| {
        let draft = HoldoutDraft {
            id: "year".into(),
            name: "year".into(),
            global,
            team: Some(team.into()),
            ..HoldoutDraft::starter(Environment::Production)
        };
        let problems = draft.problems().into_iter();
        let problems: Vec<_> = problems.map(|p| (p.field, p.problem)).collect();
        problems
    };
    assert_eq!(of(false, "growth"), []);
    assert_eq!(of(true, "growth"), [(Field::Team, Problem::OfNoTeam)]);
    assert_eq!(of(false, ""), [(Field::Team, Problem::Required)]);
    let [(Field::Team, _)] = of(false, "Growth team")[..] else {
        panic!("no team has such a name");
    };
}

#[test]
fn only_a_holdout_in_force_can_be_named() {
    let gone = holdout("gone", false, 500).stopped("a@b.c", 2).unwrap();
    assert_eq!(gone.stopped("a@b.c", 3), None);
    let draft = Draft {
        id: "cta".into(),
        name: "cta".into(),
        holdout: Some("gone".into()),
        ..Draft::starter(Environment::Production)
    };
    let made = draft.create("s".into(), "a@b.c".into(), 1).unwrap();
    let value = "gone".to_owned();
    let problem = FieldProblem::new(Field::Holdout, Problem::Unknown { value });
    assert_eq!(made.joined(&[gone]).unwrap_err(), problem);
}

#[test]
fn the_share_is_met() {
    let all = [holdout("year", true, 1_000)];
    let engine = engine(&all, &[]);
    let held = (0..20_000).filter(|n| {
        let found = parts(&engine, &format!("user-{n}"));
        found == [("holdout:year".to_owned(), HELD_OUT.to_owned())]
    });
    assert!((1_850..2_150).contains(&held.count()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whoever is held out is in no experiment of the holdout; everybody else is dealt as
    /// without it.
    #[test]
    fn a_holdout_leaks_nobody(
        share_bp in 1_u16..=5_000, named_bp in 1_u16..=5_000, team_bp in 1_u16..=5_000, layer: bool,
        users in prop::collection::vec("[a-z0-9]{1,8}", 60),
    ) {
        let all = [
            holdout("year", true, share_bp),
            holdout("search", false, named_bp),
            of_team("growth", "ranking", team_bp),
        ];
        let experiments = [
            started("cta", None, layer, &all),
            started("ranking", Some("search"), false, &all),
        ];
        let free = [started("cta", None, layer, &[]), started("ranking", None, false, &[])];
        let (with, without) = (engine(&all, &experiments), engine(&[], &free));
        for user in users {
            let found = parts(&with, &user);
            let held = |id: &str| found.contains(&(format!("holdout:{id}"), HELD_OUT.to_owned()));
            let dealt = |id: &str| found.iter().find(|(known, _)| known == id).cloned();
            let alone = parts(&without, &user);
            let alone = |id: &str| alone.iter().find(|(known, _)| known == id).cloned();
            let expected = if held("year") { None } else { alone("cta") };
            prop_assert_eq!(dealt("cta"), expected, "{}", user);
            let out = held("year") || held("search") || held("growth");
            let expected = if out { None } else { alone("ranking") };
            prop_assert_eq!(dealt("ranking"), expected, "{}", user);
        }
    }

    /// Experiments come, change and go: nobody is moved in or out.
    #[test]
    fn experiments_move_nobody_in_or_out(
        share_bp in 1_u16..=5_000, coverage_bp in 0_u16..=10_000, ends: bool,
        users in prop::collection::vec("[a-z0-9]{1,8}", 60),
    ) {
        let all = [holdout("year", true, share_bp)];
        let mut experiments = vec![started("one", None, true, &all), started("two", None, false, &all)];
        let before = engine(&all, &experiments);
        experiments[0].coverage_bp = coverage_bp;
        if ends {
            let reason = String::new();
            experiments[1] = experiments[1].after(Command::Stop { reason }, "a@b.c", 3).unwrap();
        }
        experiments.push(started("three", None, false, &all));
        let after = engine(&all, &experiments);
        let held = |engine: &Engine, user: &str| {
            parts(engine, user).into_iter().find(|(id, _)| id == "holdout:year")
        };
        for user in users {
            prop_assert_eq!(held(&before, &user), held(&after, &user));
        }
    }

    /// A rule that respects holdouts takes in whom none of them holds out, and whoever it
    /// would take in without them; once one is stopped it binds nobody.
    #[test]
    fn a_rule_that_respects_holdouts_takes_in_nobody_they_hold_out(
        share_bp in 1_u16..=5_000, named_bp in 1_u16..=5_000, stopped: bool,
        users in prop::collection::vec("[a-z0-9]{1,8}", 60),
    ) {
        let mut all = [holdout("year", true, share_bp), holdout("search", false, named_bp)];
        if stopped {
            all[1] = all[1].stopped("a@b.c", 2).unwrap();
        }
        let engine = engine_with(&all, &[], &[bound_flag(&["year", "search"])]);
        for user in users {
            let found = parts(&engine, &user);
            let held = found.iter().any(|(_, part)| part == HELD_OUT);
            let context = Context {
                unit: &user,
                country: None,
                device: Device::Other,
                attributes: &[],
                now_ms: 10,
            };
            let value = engine.flag("winner", &context).unwrap().value;
            prop_assert_eq!(value, &serde_json::Value::Bool(!held), "{}", user);
        }
        let nobody = Context {
            unit: "",
            country: None,
            device: Device::Other,
            attributes: &[],
            now_ms: 10,
        };
        prop_assert_eq!(engine.flag("winner", &nobody).unwrap().value, false);
    }
}

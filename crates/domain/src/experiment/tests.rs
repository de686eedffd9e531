use proptest::prelude::*;

use super::*;
use crate::{Field, FieldProblem, Problem};

fn draft() -> Draft {
    Draft {
        id: "cta".into(),
        name: "CTA".into(),
        ..Draft::starter(Environment::Production)
    }
}

fn experiment() -> Experiment {
    draft()
        .create("seed".into(), "a@b.c".into(), 1_000)
        .unwrap()
}

#[test]
fn the_starter_only_lacks_id_and_name() {
    let problems = Draft::starter(Environment::Production).problems();
    let fields: Vec<_> = problems.iter().map(|p| p.field).collect();
    assert_eq!(fields, [Field::Name, Field::Id]);
}

#[test]
fn every_problem_is_found_at_once() {
    let mut d = draft();
    d.variants[0].weight_bp = 4_000;
    d.variants[1].key = "control".into();
    d.guardrail.max_error_rate_bp = 0;
    d.schedule.start_ms = Some(20);
    d.schedule.end_ms = Some(10);
    let problems = d.problems();
    for wanted in [
        (Field::Variants, Problem::WeightsSum { sum_bp: 9_000 }),
        (Field::VariantKey(1), Problem::Duplicate),
        (Field::EndAt, Problem::EndBeforeStart),
    ] {
        assert!(
            problems
                .iter()
                .any(|p| (p.field, p.problem.clone()) == wanted),
            "{wanted:?}"
        );
    }
    assert!(problems.iter().any(|p| p.field == Field::MaxErrorRate));
}

#[test]
fn a_condition_must_mean_something() {
    use nexus_flags::growthbook::{ConditionFault, ConditionProblem, Operand};
    let with = |condition| {
        let mut d = draft();
        d.targeting.condition = Some(condition);
        d.problems()
    };
    assert_eq!(with(serde_json::json!({ "plan": { "$in": ["pro"] } })), []);
    let problems = with(serde_json::json!({ "plan": { "$in": "pro" } }));
    assert_eq!(
        problems,
        [crate::FieldProblem::new(
            Field::Condition,
            Problem::BadCondition {
                detail: "condition.plan.$in: a list is expected".into(),
                fault: Some(ConditionFault {
                    path: "condition.plan.$in".into(),
                    problem: ConditionProblem::Operand {
                        expected: Operand::List
                    },
                }),
            }
        )]
    );
}

#[test]
fn after_the_start_only_words_change() {
    let running = experiment().after(Command::Start, "a", 2_000).unwrap();
    let mut edit = Draft::of(&running);
    edit.name = "Better name".into();
    assert_eq!(
        edit.clone()
            .apply(&running, "a@b.c", 3_000)
            .unwrap()
            .version,
        3
    );
    edit.coverage_bp = 5_000;
    let problems = edit.apply(&running, "a@b.c", 3_000).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].problem, Problem::FixedAfterStart);
}

#[test]
fn the_method_and_its_numbers_are_fixed_at_the_start() {
    let mut chosen = draft();
    chosen.method = Method::GroupSequential {
        looks: 5,
        planned_users: 20_000,
    };
    let e = chosen.create("seed".into(), "a@b.c".into(), 1_000).unwrap();
    let running = e.after(Command::Start, "a", 2_000).unwrap();
    for method in [
        Method::AlwaysValid,
        Method::FixedHorizon {
            planned_users: 20_000,
        },
        Method::GroupSequential {
            looks: 4,
            planned_users: 20_000,
        },
        Method::GroupSequential {
            looks: 5,
            planned_users: 20_001,
        },
    ] {
        let mut edit = Draft::of(&running);
        edit.method = method;
        assert!(edit.clone().apply(&e, "a@b.c", 1_500).is_ok(), "{method:?}");
        let problems = edit.apply(&running, "a@b.c", 3_000).unwrap_err();
        let fixed = FieldProblem::new(Field::Method, Problem::FixedAfterStart);
        assert_eq!(problems, [fixed], "{method:?}");
    }
}

#[test]
fn an_experiment_from_before_there_was_a_choice_keeps_its_digest() {
    let e = experiment();
    let text = serde_json::to_string(&e).unwrap();
    assert!(!text.contains("\"method\""));
    let read: Experiment = serde_json::from_str(&text).unwrap();
    assert_eq!(read.method, Method::AlwaysValid);
    assert_eq!(read.digest(), e.digest());
}

#[test]
fn what_was_stored_before_the_goal_had_its_name_is_read_and_keeps_its_digest() {
    let mut e = experiment();
    (e.goal_window_hours, e.goal_pre_days) = (Some(24), 7);
    let text = serde_json::to_string(&e).unwrap();
    let old = text
        .replace("\"goal\"", "\"primary_metric\"")
        .replace("\"goal_", "\"primary_");
    assert_ne!(old, text);
    assert_eq!(serde_json::from_str::<Experiment>(&old).unwrap(), e);
    let stored: serde_json::Value = serde_json::from_str(&old).unwrap();
    assert_eq!(e.digest(), crate::digest::of(&stored).unwrap());

    let sent = serde_json::to_string(&Draft::of(&e)).unwrap();
    let old = sent
        .replace("\"goal\"", "\"primary_metric\"")
        .replace("\"goal_", "\"primary_");
    assert_eq!(serde_json::from_str::<Draft>(&old).unwrap(), Draft::of(&e));
}

#[test]
fn a_draft_is_not_at_the_edge_and_a_pause_says_so() {
    let e = experiment();
    assert!(rule_of(&e).is_none());
    let running = e.after(Command::Start, "a", 2).unwrap();
    assert!(!rule_of(&running).unwrap().paused);
    let paused = running.after(Command::Pause, "a", 3).unwrap();
    assert!(rule_of(&paused).unwrap().paused);
    let stopped = paused
        .after(
            Command::Stop {
                reason: "done".into(),
            },
            "a",
            4,
        )
        .unwrap();
    assert!(rule_of(&stopped).is_none());
    assert_eq!(stopped.stopped_ms, Some(4));
}

proptest! {
    /// What `create` accepts, the gateway's engine compiles.
    #[test]
    fn an_accepted_draft_has_whole_weights(weights in prop::collection::vec(0u16..=10_000, 2..6)) {
        let mut d = draft();
        d.variants = weights.iter().enumerate().map(|(i, w)| DraftVariant {
            key: format!("v{i}"), name: String::new(), weight_bp: *w,
            features: Map::new(), deployment: None,
        }).collect();
        let sum: u32 = weights.iter().map(|w| u32::from(*w)).sum();
        prop_assert_eq!(d.create("s".into(), "a".into(), 0).is_ok(), sum == 10_000);
    }
}

#[test]
fn the_days_before_the_exposure_are_few_fixed_at_the_start_and_absent_where_not_asked_for() {
    let asking = |goal_pre_days| Draft {
        goal_pre_days,
        ..draft()
    };
    let fields = |d: &Draft| -> Vec<Field> { d.problems().iter().map(|p| p.field).collect() };
    assert_eq!(fields(&asking(29)), [Field::GoalPreDays]);
    assert_eq!(fields(&asking(28)), []);
    let text = serde_json::to_string(&draft()).unwrap();
    assert!(!text.contains("goal_pre_days"), "{text}");
    assert_eq!(experiment().goal_measured(), None);

    let made = asking(14).create("seed".into(), "a@b.c".into(), 1_000);
    let running = made.unwrap().after(Command::Start, "a", 2_000).unwrap();
    let goal = running.goal_measured().unwrap();
    assert_eq!(goal.event(), "conversion");
    assert_eq!((goal.pre_days, goal.window_ms()), (14, (0, None)));
    let mut edit = Draft::of(&running);
    edit.goal_pre_days = 7;
    let refused = edit.apply(&running, "a@b.c", 3_000).unwrap_err();
    let fixed = FieldProblem::new(Field::GoalPreDays, Problem::FixedAfterStart);
    assert_eq!(refused, [fixed]);
}

#[test]
fn the_correction_is_fixed_at_the_start_and_absent_where_it_is_the_usual_one() {
    let text = serde_json::to_string(&draft()).unwrap();
    assert!(!text.contains("correction"), "{text}");
    let read: Draft = serde_json::from_str(&text).unwrap();
    assert_eq!(read.correction, Correction::Holm);
    let chosen = Draft {
        correction: Correction::BenjaminiHochberg,
        ..draft()
    };
    let made = chosen.create("seed".into(), "a@b.c".into(), 1_000).unwrap();
    assert_eq!(Draft::of(&made).correction, Correction::BenjaminiHochberg);
    assert_eq!(made.corrected_by(), None, "no secondary metric");
    let text = serde_json::to_string(&made).unwrap();
    assert!(
        text.contains(r#""correction":"benjamini_hochberg""#),
        "{text}"
    );
    let running = made.after(Command::Start, "a", 2_000).unwrap();
    let mut edit = Draft::of(&running);
    edit.correction = Correction::Holm;
    let refused = edit.apply(&running, "a@b.c", 3_000).unwrap_err();
    let fixed = FieldProblem::new(Field::Correction, Problem::FixedAfterStart);
    assert_eq!(refused, [fixed]);
    for correction in Correction::ALL {
        assert_eq!(Correction::parse(correction.as_str()), Some(correction));
    }
}

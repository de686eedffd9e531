//! Samples of visitors, and what drafts would do with them.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::visitors::{
    HOUR, PRODUCTION, aimed, asked, published, report, send, somebody, visitor, with_payments,
};
use common::{World, run, world};
use nexus_control::Error;
use nexus_control::ingest::{IngestBatch, SampledVisitor};
use nexus_control::testing::{draft, flag_draft, holdout_draft};
use nexus_control::views::{AudienceEstimate, AudienceStage};
use nexus_domain::Field;
use nexus_domain::experiment::{Command, Draft};
use nexus_domain::flag::{FlagCommand, FlagDraft, Rule};
use nexus_flags::{Decisions, RANKS, Targeting};
use proptest::prelude::*;
use serde_json::json;

async fn estimate(w: &World, draft: &Draft) -> AudienceEstimate {
    w.t.console
        .estimate_experiment(&w.owner, draft)
        .await
        .unwrap()
}

#[test]
fn the_smallest_ranks_of_a_day_are_kept_and_say_how_many_came() {
    run(async {
        let w = world(1).await;
        let none = estimate(&w, &draft("cta")).await;
        assert!(none.window.is_empty());
        assert_eq!((none.per_day, none.days), (None, None));
        send(&w, RANKS, 0..1_000).await;
        send(&w, RANKS, 0..1_000).await;
        w.t.clock.advance(2 * HOUR);
        let all = estimate(&w, &draft("cta")).await;
        assert_eq!(
            (all.window.all.sampled, all.window.all.visitors),
            (1_000, 1_000)
        );
        assert_eq!((all.window.all.fewest, all.window.all.most), (1_000, 1_000));
        assert_eq!(all.per_day, Some(12_000));
        assert_eq!(
            all.days,
            all.planned_users.map(|users| users.div_ceil(12_000))
        );

        // More than are kept: what is left stands for all.
        send(&w, RANKS, 0..6_000).await;
        let many = estimate(&w, &draft("cta")).await.window.all;
        assert_eq!(many.sampled, 2_000);
        // Four standard errors of 1 / sqrt(2,000).
        assert!(many.visitors.abs_diff(6_000) < 540, "{}", many.visitors);
        assert!(many.fewest < 6_000 && many.most > 6_000, "{many:?}");

        // A gateway that saw too many for its report: nobody beyond its limit counts.
        let sent = report(&w, RANKS / 50, vec![]);
        w.t.console.ingest(&w.t.gateway(), sent).await.unwrap();
        let few = estimate(&w, &draft("cta")).await.window.all;
        assert!(
            few.sampled < 200 && few.visitors.abs_diff(6_000) < 2_400,
            "{few:?}"
        );

        w.t.clock.advance(24 * HOUR + 1);
        assert!(estimate(&w, &draft("cta")).await.window.is_empty());
        send(&w, RANKS, 0..10).await;
        w.t.clock.advance(2 * HOUR);
        let again = estimate(&w, &draft("cta")).await.window.all;
        assert_eq!((again.sampled, again.visitors), (10, 10));
    });
}

#[test]
fn reports_of_several_gateways_merge_without_bias() {
    run(async {
        // Each gateway tells of all below its own limit; together they stand for all 3,000.
        let (mut sum, rounds) = (0.0, 12);
        for seed in 0..rounds {
            let w = world(100 + seed).await;
            let engine = {
                w.started(draft("cta")).await;
                published(&w).await
            };
            let first = u32::try_from(seed).unwrap() * 10_000;
            for gateway in 0..3 {
                let mut ranked: Vec<(u64, u32)> = (first + gateway * 800
                    ..first + gateway * 800 + 1_400)
                    .map(|n| (engine.rank(&format!("user-{n}")).unwrap(), n))
                    .collect();
                ranked.sort_unstable();
                send(&w, ranked[150].0, ranked.iter().take(150).map(|(_, n)| *n)).await;
            }
            sum += estimate(&w, &draft("cta")).await.window.all.visitors as f64;
        }
        let mean = sum / rounds as f64;
        // About 300 are sampled each time: four standard errors of the mean.
        assert!(
            (mean - 3_000.0).abs() < 4.0 * 3_000.0 / (300.0 * rounds as f64).sqrt(),
            "{mean}"
        );
    });
}

#[test]
fn what_makes_no_sense_is_left_out_and_too_much_refused() {
    run(async {
        let w = world(2).await;
        let bad = |change: fn(&mut SampledVisitor)| {
            let mut one = visitor(1);
            change(&mut one);
            one
        };
        let visitors = vec![
            bad(|one| one.unit.clear()),
            bad(|one| one.unit = "u\u{0}".to_owned()),
            bad(|one| one.country = Some("Japan".to_owned())),
            bad(|one| one.device = "bot".to_owned()),
            bad(|one| one.device = "fridge".to_owned()),
            bad(|one| drop(one.attributes.insert("x".repeat(257), String::new()))),
            bad(|one| drop(one.attributes.insert("x".to_owned(), "y".repeat(257)))),
            bad(|one| {
                let many = (0..33).map(|n| (n.to_string(), String::new()));
                one.attributes = many.collect();
            }),
            visitor(2),
        ];
        let console = &w.t.console;
        let sent = report(&w, u64::MAX, visitors);
        console.ingest(&w.t.gateway(), sent).await.unwrap();
        assert_eq!(estimate(&w, &draft("cta")).await.window.all.sampled, 1);
        for at_ms in [i64::MIN, i64::MAX, w.t.console.now_ms() - 25 * HOUR] {
            let mut sent = report(&w, RANKS, vec![visitor(3)]);
            sent.samples.as_mut().unwrap().at_ms = at_ms;
            console.ingest(&w.t.gateway(), sent).await.unwrap();
        }
        assert_eq!(estimate(&w, &draft("cta")).await.window.all.sampled, 1);
        let sent = report(&w, RANKS, (0..501).map(visitor).collect());
        let refused = console.ingest(&w.t.gateway(), sent).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        // What an old gateway sends.
        let old = json!({ "gateway_id": "g", "environment": "production", "snapshot_version": 1,
            "sent_ms": 1, "batch_id": "b", "events": [] });
        let old: IngestBatch = serde_json::from_value(old).unwrap();
        assert_eq!(old.samples, None);
    });
}

#[test]
fn an_estimate_says_what_gateways_do_once_it_runs() {
    run(async {
        let w = world(3).await;
        let console = &w.t.console;
        with_payments(&w).await;
        console
            .create_holdout(&w.owner, holdout_draft("year", true))
            .await
            .unwrap();
        send(&w, RANKS, 0..1_500).await;
        console.create_experiment(&w.owner, aimed()).await.unwrap();
        let estimate = estimate(&w, &aimed()).await;
        let stages: Vec<AudienceStage> = estimate.steps.iter().map(|step| step.stage).collect();
        let expected = [
            AudienceStage::Targeting,
            AudienceStage::Layer,
            AudienceStage::Holdout,
            AudienceStage::Prerequisites,
            AudienceStage::Coverage,
        ];
        assert_eq!(stages, expected);
        let left: Vec<u32> = estimate
            .steps
            .iter()
            .map(|step| step.left.sampled)
            .collect();
        assert!(left.windows(2).all(|pair| pair[0] > pair[1]), "{left:?}");
        assert!(estimate.unseen_attributes.is_empty());

        let before = console.what_if_experiment(&w.owner, aimed()).await.unwrap();
        let start = console.command_experiment(&w.owner, "cta", None, Command::Start);
        start.await.unwrap();
        let engine = published(&w).await;
        let mut counts = [0u32; 2];
        for n in 0..1_500 {
            let mut decisions = Decisions::default();
            asked(&somebody(n), w.t.console.now_ms(), |context| {
                engine.decide(context, &mut decisions);
            });
            let decided = engine
                .decided(&decisions)
                .find(|d| d.experiment_id() == "cta");
            if let Some(decision) = decided {
                counts[decision.variant_index()] += 1;
            }
        }
        assert_eq!(left.last(), Some(&(counts[0] + counts[1])));
        let got = |variant: &str| {
            let mut moves = before.moves.iter();
            let one = moves.find(|one| one.to.as_deref() == Some(variant));
            one.map(|one| (one.from.clone(), one.users.sampled))
        };
        assert_eq!(got("control"), Some((None, counts[0])));
        assert_eq!(got("treatment"), Some((None, counts[1])));
        // Who is to be in the control gets what they get now.
        assert_eq!(before.changed.sampled, counts[1]);
    });
}

#[test]
fn an_estimate_needs_an_audience_that_makes_sense_and_nothing_else() {
    run(async {
        let w = world(4).await;
        send(&w, RANKS, 0..20).await;
        let blank = Draft {
            id: String::new(),
            name: String::new(),
            variants: Vec::new(),
            goal: "?".to_owned(),
            ..draft("cta")
        };
        let answer = estimate(&w, &blank).await;
        assert_eq!(answer.steps.last().unwrap().left.sampled, 20);
        assert_eq!(answer.planned_users, None);
        let mut asks_for_email = blank.clone();
        asks_for_email.targeting.condition = Some(json!({ "email": { "$exists": true } }));
        let answer = estimate(&w, &asks_for_email).await;
        assert_eq!(answer.unseen_attributes, ["email"]);
        let mut wrong = blank;
        wrong.coverage_bp = 10_001;
        let refused = w.t.console.estimate_experiment(&w.owner, &wrong).await;
        match refused {
            Err(Error::Invalid(problems)) => assert_eq!(problems[0].field, Field::Coverage),
            other => panic!("{other:?}"),
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Rule by rule: who gets its value by the estimate is whom the engine gives it.
    #[test]
    fn rules_take_in_whom_the_engine_gives_them(
        rules in prop::collection::vec((0usize..4, 0u16..=10_000, any::<bool>()), 1..5),
    ) {
        run(async {
            let w = world(7).await;
            let console = &w.t.console;
            send(&w, RANKS, 0..400).await;
            let conditions = [
                json!({ "plan": "pro" }),
                json!({ "age": { "$gt": 40 } }),
                json!({ "$not": { "country": "JP" } }),
                json!({ "device": "mobile" }),
            ];
            let rule = |(index, (which, coverage_bp, enabled)): (usize, &(usize, u16, bool))| Rule {
                enabled: *enabled,
                coverage_bp: *coverage_bp,
                targeting: Targeting {
                    condition: Some(conditions[*which].clone()),
                    ..Targeting::default()
                },
                ..Rule::for_everybody(json!(index))
            };
            let made = FlagDraft {
                kind: nexus_domain::flag::FlagKind::Number,
                value: json!(-1),
                rules: rules.iter().enumerate().map(rule).collect(),
                ..flag_draft("steps")
            };
            let estimate = console.estimate_flag(&w.owner, &made).await.unwrap();
            console.create_flag(&w.owner, made).await.unwrap();
            let on = console.command_flag(&w.owner, PRODUCTION, "steps", None, FlagCommand::Enable, "");
            on.await.unwrap();
            let engine = published(&w).await;
            let mut counts = vec![0u32; rules.len()];
            for n in 0..400 {
                let value = asked(&somebody(n), console.now_ms(), |context| {
                    engine.flag("steps", context).unwrap().value.as_i64().unwrap()
                });
                if let Ok(rule) = usize::try_from(value) {
                    counts[rule] += 1;
                }
            }
            let found = estimate.rules.iter().map(|rule| rule.steps.last().unwrap().left.sampled);
            assert_eq!(found.collect::<Vec<_>>(), counts);
        });
    }
}

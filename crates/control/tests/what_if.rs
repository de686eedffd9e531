//! What a change would change for recent visitors.

mod common;

use common::visitors::{HOUR, PRODUCTION, aimed, asked, published, send, somebody, with_payments};
use common::{run, world};
use nexus_control::testing::flag_draft;
use nexus_control::views::WhatIf;
use nexus_domain::access::Role;
use nexus_domain::flag::{FlagCommand, Rule};
use nexus_flags::{Engine, RANKS, Targeting};
use serde_json::json;

fn sum(what_if: &WhatIf) -> Vec<(Option<&str>, Option<&str>, u32)> {
    let moves = what_if.moves.iter();
    moves
        .map(|one| (one.from.as_deref(), one.to.as_deref(), one.users.sampled))
        .collect()
}

#[test]
fn a_what_if_compares_what_gateways_say_before_and_after() {
    run(async {
        let w = world(5).await;
        let console = &w.t.console;
        with_payments(&w).await;
        // Something that asks for it.
        let mut fees = flag_draft("fees");
        fees.prerequisites = aimed().prerequisites;
        console.create_flag(&w.owner, fees).await.unwrap();
        let on = console.command_flag(&w.owner, PRODUCTION, "fees", None, FlagCommand::Enable, "");
        on.await.unwrap();
        send(&w, RANKS, 0..1_000).await;
        let before = published(&w).await;
        let mut edited = flag_draft("payments");
        edited.rules = vec![Rule {
            id: "r1".to_owned(),
            targeting: Targeting {
                condition: Some(json!({ "plan": { "$in": ["pro", "team"] } })),
                ..Targeting::default()
            },
            coverage_bp: 9_000,
            ..Rule::for_everybody(true.into())
        }];
        let what_if = console
            .what_if_flag(&w.owner, edited.clone(), None)
            .await
            .unwrap();
        let rules = console
            .estimate_flag(&w.owner, &edited)
            .await
            .unwrap()
            .rules;
        let saved = console
            .flag(&w.owner, PRODUCTION, "payments")
            .await
            .unwrap()
            .flag;
        let save = console.edit_flag(&w.owner, PRODUCTION, "payments", saved.version, edited);
        save.await.unwrap();
        let after = published(&w).await;
        let (mut changed, mut fees, mut taken) = (0, 0, 0);
        for n in 0..1_000 {
            let says = |engine: &Engine, key: &str| {
                asked(&somebody(n), console.now_ms(), |context| {
                    engine.flag(key, context).unwrap().value.clone()
                })
            };
            changed += u32::from(says(&before, "payments") != says(&after, "payments"));
            fees += u32::from(says(&before, "fees") != says(&after, "fees"));
            taken += u32::from(says(&after, "payments") == true);
        }
        assert_eq!(what_if.changed.sampled, changed);
        assert_eq!(
            what_if
                .moves
                .iter()
                .map(|one| one.users.sampled)
                .sum::<u32>(),
            1_000
        );
        let [other] = &what_if.others[..] else {
            panic!("{:?}", what_if.others)
        };
        assert_eq!((other.id.as_str(), other.users.sampled), ("fees", fees));
        assert_eq!(rules[0].steps.last().unwrap().left.sampled, taken);
    });
}

#[test]
fn only_who_may_edit_sees_who_it_was() {
    run(async {
        let w = world(6).await;
        send(&w, RANKS, 0..200).await;
        w.t.clock.advance(2 * HOUR);
        // Too few in the last hour: the day counts.
        send(&w, RANKS, 500..520).await;
        let console = &w.t.console;
        let ask = async |role| {
            let actor = w.t.person(role);
            let on = console.what_if_flag(&actor, flag_draft("new"), Some(true));
            on.await.unwrap()
        };
        let seen = ask(Role::Owner).await;
        assert_eq!(sum(&seen), [(None, Some("true"), 220)]);
        assert_eq!(seen.moves[0].examples.len(), 3);
        assert!(ask(Role::Viewer).await.moves[0].examples.is_empty());
        // Enough: only the hour counts.
        send(&w, RANKS, 520..600).await;
        assert_eq!(ask(Role::Owner).await.window.all.sampled, 100);
        let off = console
            .what_if_flag(&w.owner, flag_draft("new"), None)
            .await
            .unwrap();
        assert_eq!(sum(&off), [(None, Some("false"), 100)]);
    });
}

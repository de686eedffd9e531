//! What a change would change for recent visitors.

mod common;

use common::visitors::{HOUR, PRODUCTION, aimed, asked, published, send, somebody, with_payments};
use common::{run, world};
use nexus_control::testing::{draft, flag_draft, holdout_draft, saved_group_draft};
use nexus_control::views::WhatIf;
use nexus_domain::access::Role;
use nexus_domain::flag::{FlagCommand, Rule};
use nexus_domain::saved_group::{GroupContent, SavedGroupDraft};
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

/// A group that a flag names by way of another group, and the flag that needs that flag.
#[test]
fn saving_a_group_says_what_changes_at_once_of_all_that_names_it() {
    run(async {
        let w = world(7).await;
        let console = &w.t.console;
        let inner = saved_group_draft("pros", &["user-1", "user-2", "user-3"]);
        console
            .create_saved_group(&w.owner, inner.clone())
            .await
            .unwrap();
        let outer = SavedGroupDraft {
            id: "some".to_owned(),
            content: GroupContent::Condition {
                condition: json!({ "$savedGroups": ["pros"] }),
            },
            ..inner.clone()
        };
        console.create_saved_group(&w.owner, outer).await.unwrap();
        let mut named = flag_draft("payments");
        named.rules = vec![Rule {
            targeting: Targeting {
                condition: Some(json!({ "$savedGroups": ["some"] })),
                ..Targeting::default()
            },
            ..Rule::for_everybody(true.into())
        }];
        let mut fees = flag_draft("fees");
        fees.prerequisites = aimed().prerequisites;
        for draft in [named, fees, flag_draft("other")] {
            let key = draft.key.clone();
            console.create_flag(&w.owner, draft).await.unwrap();
            let on =
                console.command_flag(&w.owner, PRODUCTION, &key, None, FlagCommand::Enable, "");
            on.await.unwrap();
        }
        send(&w, RANKS, 0..200).await;
        let before = published(&w).await;
        let after = saved_group_draft("pros", &["user-3", "user-4", "user-5", "nobody"]);
        let viewer = w.t.person(Role::Viewer);
        // Words are still missing.
        let typed = SavedGroupDraft {
            name: String::new(),
            ..after.clone()
        };
        let what_if = console.what_if_saved_group(&viewer, typed).await.unwrap();
        let stored = console
            .saved_group(&w.owner, PRODUCTION, "pros")
            .await
            .unwrap();
        let version = stored.group.version;
        let saved = console.edit_saved_group(&w.owner, PRODUCTION, "pros", version, after);
        saved.await.unwrap();
        let after = published(&w).await;
        let changed = |key: &str| {
            let changes = (0..200).filter(|n| {
                let says = |engine: &Engine| {
                    asked(&somebody(*n), console.now_ms(), |context| {
                        engine.flag(key, context).unwrap().value.clone()
                    })
                };
                says(&before) != says(&after)
            });
            changes.count() as u32
        };
        // 1 and 2 went, 4 and 5 came.
        assert_eq!(
            (changed("payments"), changed("fees"), changed("other")),
            (4, 4, 0)
        );
        assert_eq!(what_if.changed.sampled, 4);
        let others = what_if.others.iter();
        let others: Vec<_> = others
            .map(|o| (o.id.as_str(), o.is_flag, o.users.sampled))
            .collect();
        assert_eq!(others, [("fees", true, 4), ("payments", true, 4)]);
        assert!(what_if.moves.is_empty());
    });
}

#[test]
fn a_holdout_says_whom_it_would_leave_out_and_of_what() {
    run(async {
        let w = world(8).await;
        let console = &w.t.console;
        send(&w, RANKS, 0..1_000).await;
        console
            .create_experiment(&w.owner, draft("waits"))
            .await
            .unwrap();
        w.started(draft("runs")).await;
        let mut holdout = holdout_draft("new", true);
        holdout.share_bp = 2_000;
        holdout.name = String::new();
        let viewer = w.t.person(Role::Viewer);
        let found = console.estimate_holdout(&viewer, &holdout).await.unwrap();
        assert!((160..240).contains(&found.held_out.sampled), "{found:?}");
        let waiting: Vec<_> = found.waiting.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(waiting, ["waits"]);
        holdout.global = false;
        let named = console.estimate_holdout(&viewer, &holdout).await.unwrap();
        assert!(named.waiting.is_empty(), "nothing can name it yet");
        holdout.share_bp = 0;
        let wrong = console.estimate_holdout(&viewer, &holdout).await;
        assert!(matches!(wrong, Err(nexus_control::Error::Invalid(_))));
    });
}

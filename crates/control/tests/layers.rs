//! Layers: experiments that must not meet in one user.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::Error;
use nexus_control::testing::draft;
use nexus_domain::Problem;
use nexus_domain::experiment::{Command, Draft, Experiment, LayerShare, rule_of};

#[test]
fn a_layer_reserves_its_parts_at_the_start_and_says_when_it_is_full() {
    run(async {
        let w = world(1).await;
        let in_layer = |id: &str, share_bp| {
            let mut draft = draft(id);
            draft.layer = Some(LayerShare {
                layer: "checkout".to_owned(),
                share_bp,
                from_bp: Some(7),
            });
            draft
        };
        let first = w.started(in_layer("first", 6_000)).await;
        assert_eq!(first.layer.unwrap().from_bp, Some(0));
        let second = w.started(in_layer("second", 3_000)).await;
        assert_eq!(second.layer.unwrap().from_bp, Some(6_000));
        let third = in_layer("third", 2_000);
        w.t.console
            .create_experiment(&w.owner, third)
            .await
            .unwrap();
        let start = |id: &'static str| {
            w.t.console
                .command_experiment(&w.owner, id, None, Command::Start)
        };
        let Err(Error::Invalid(problems)) = start("third").await else {
            panic!("the layer is full")
        };
        assert_eq!(problems[0].problem, Problem::LayerFull { free_bp: 1_000 });
        let reason = String::new();
        w.t.console
            .command_experiment(&w.owner, "first", None, Command::Stop { reason })
            .await
            .unwrap();
        let third = start("third").await.unwrap();
        assert_eq!(third.layer.unwrap().from_bp, Some(0));
        w.t.ticks("a", 1).await.unwrap();
        let mut slices = Vec::new();
        for id in ["second", "third"] {
            let detail = w.t.console.experiment(&w.owner, id).await.unwrap();
            slices.push(rule_of(&detail.experiment).unwrap().slices.remove(0));
        }
        assert_eq!((slices[0].from_bp, slices[0].to_bp), (6_000, 9_000));
        assert_eq!((slices[1].from_bp, slices[1].to_bp), (0, 2_000));
        assert_eq!(slices[0].seed, slices[1].seed);
        // Words change, the part stays.
        let mut words = Draft::of(&third_again(&w).await);
        words.name = "Third, renamed".to_owned();
        let renamed =
            w.t.console
                .edit_experiment(&w.owner, "third", 2, words)
                .await
                .unwrap();
        assert_eq!(renamed.layer.unwrap().from_bp, Some(0));
    });
}

#[test]
fn layers_are_listed_with_their_parts_and_what_is_free() {
    run(async {
        let w = world(2).await;
        let in_layer = |id: &str, layer: &str, share_bp| {
            let mut draft = draft(id);
            draft.layer = Some(LayerShare {
                layer: layer.to_owned(),
                share_bp,
                from_bp: None,
            });
            draft
        };
        w.started(in_layer("first", "checkout", 3_000)).await;
        w.started(in_layer("second", "checkout", 2_000)).await;
        w.started(in_layer("third", "checkout", 4_000)).await;
        for draft in [
            in_layer("draft", "checkout", 500),
            in_layer("slip", "chekout", 500),
        ] {
            w.t.console
                .create_experiment(&w.owner, draft)
                .await
                .unwrap();
        }
        let reason = String::new();
        let stop = Command::Stop { reason };
        let stopped =
            w.t.console
                .command_experiment(&w.owner, "second", None, stop);
        stopped.await.unwrap();
        let viewer = w.t.person(nexus_domain::access::Role::Viewer);
        let all = w.t.console.layers(&viewer, None).await.unwrap();
        let [checkout, slip] = &all[..] else {
            panic!("{all:?}")
        };
        let parts = checkout.parts.iter();
        let parts: Vec<_> = parts.map(|p| (p.experiment.as_str(), p.from_bp)).collect();
        assert_eq!(
            parts,
            [("first", Some(0)), ("third", Some(5_000)), ("draft", None)]
        );
        assert_eq!((checkout.free_bp, checkout.largest_free_bp), (3_000, 2_000));
        assert_eq!((slip.name.as_str(), slip.free_bp), ("chekout", 10_000));
        let staging = nexus_domain::Environment::Staging;
        let none = w.t.console.layers(&viewer, Some(staging)).await.unwrap();
        assert_eq!(none, []);
    });
}

async fn third_again(w: &World) -> Experiment {
    let detail = w.t.console.experiment(&w.owner, "third").await.unwrap();
    detail.experiment
}

//! Every state an experiment ever had, and going back to one.

mod common;

use common::{run, world};
use nexus_control::Error;
use nexus_control::testing::draft;
use nexus_domain::access::Role;
use nexus_domain::experiment::{Command, Draft};

#[test]
fn a_draft_goes_back_whole_and_a_started_experiment_in_its_words() {
    run(async {
        let w = world(1).await;
        let c = &w.t.console;
        let made = c.create_experiment(&w.owner, draft("a")).await.unwrap();
        let mut edit = Draft::of(&made);
        (edit.name, edit.coverage_bp) = ("Second".to_owned(), 5_000);
        c.edit_experiment(&w.owner, "a", 1, edit).await.unwrap();

        let back = c.restore_experiment(&w.owner, "a", 2, 1).await.unwrap();
        assert_eq!((back.version, back.coverage_bp), (3, 10_000));
        assert_eq!(Draft::of(&back), Draft::of(&made));

        let forth = c.restore_experiment(&w.owner, "a", 3, 2).await.unwrap();
        assert_eq!((forth.name.as_str(), forth.coverage_bp), ("Second", 5_000));
        c.command_experiment(&w.owner, "a", None, Command::Start)
            .await
            .unwrap();
        let words = c.restore_experiment(&w.owner, "a", 5, 1).await.unwrap();
        assert_eq!(words.name, made.name);
        assert_eq!(words.coverage_bp, 5_000, "nobody is dealt anew");

        let all = c.experiment_revisions(&w.owner, "a").await.unwrap();
        let versions: Vec<u64> = all.revisions.iter().map(|r| r.experiment.version).collect();
        assert_eq!(versions, [6, 5, 4, 3, 2, 1]);
        let actions: Vec<&str> = all
            .revisions
            .iter()
            .map(|r| r.change.as_ref().unwrap().entry.action.as_str())
            .collect();
        assert_eq!(
            actions,
            [
                "experiment.restore",
                "experiment.start",
                "experiment.restore",
                "experiment.restore",
                "experiment.edit",
                "experiment.create"
            ]
        );
        let reason = all.revisions[0].change.as_ref().unwrap();
        assert_eq!(reason.entry.reason.as_deref(), Some("revision 1"));
        assert!(w.verifies().await);
    });
}

#[test]
fn going_back_is_an_edit_like_any_other() {
    run(async {
        let w = world(1).await;
        let c = &w.t.console;
        c.create_experiment(&w.owner, draft("a")).await.unwrap();
        let stale = c.restore_experiment(&w.owner, "a", 9, 1).await;
        assert!(matches!(stale, Err(Error::Conflict { .. })));
        let none = c.restore_experiment(&w.owner, "a", 1, 7).await;
        assert!(matches!(
            none,
            Err(Error::NotFound {
                kind: "revision",
                ..
            })
        ));
        let viewer = w.t.person(Role::Viewer);
        let forbidden = c.restore_experiment(&viewer, "a", 1, 1).await;
        assert!(matches!(forbidden, Err(Error::Forbidden { .. })));
        let seen = c.experiment_revisions(&viewer, "a").await.unwrap();
        assert!(seen.revisions[0].change.is_none(), "the log is not theirs");
    });
}

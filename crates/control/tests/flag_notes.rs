//! What stands beside flags and experiments: comments, and places in code.

mod common;

use common::{run, world};
use nexus_control::Error;
use nexus_control::testing::{draft, flag_draft};
use nexus_domain::access::{Grant, Role};
use nexus_domain::actor::Actor;
use nexus_domain::code::{CodeReference, CodeReferences};
use nexus_domain::{Environment, Field};

const PRODUCTION: Environment = Environment::Production;

#[test]
fn a_comment_stands_beside_its_subject_and_in_the_log() {
    run(async {
        let w = world(21).await;
        let console = &w.t.console;
        console
            .create_flag(&w.owner, flag_draft("cta"))
            .await
            .unwrap();
        console
            .create_experiment(&w.owner, draft("cta"))
            .await
            .unwrap();
        for text in ["  first\nof two ", "second"] {
            console
                .comment_on_flag(&w.owner, PRODUCTION, "cta", text)
                .await
                .unwrap();
            w.t.clock.advance(1_000);
        }
        console
            .comment_on_experiment(&w.owner, "cta", "of the experiment")
            .await
            .unwrap();
        let detail = console.flag(&w.owner, PRODUCTION, "cta").await.unwrap();
        let texts: Vec<&str> = detail
            .comments
            .iter()
            .map(|one| one.text.as_str())
            .collect();
        assert_eq!(texts, ["second", "first\nof two"]);
        assert_eq!(detail.history[0].entry.action, "flag.comment");
        assert_eq!(detail.history[0].entry.reason.as_deref(), Some("second"));
        assert_eq!(detail.flag.version, 1, "nothing of the flag changes");
        let experiment = console.experiment(&w.owner, "cta").await.unwrap();
        assert_eq!(experiment.comments[0].text, "of the experiment");
        assert_eq!(experiment.history[0].entry.action, "experiment.comment");

        for (text, what) in [(" ", "empty"), (&*"x".repeat(2_001), "long")] {
            let refused = console.comment_on_flag(&w.owner, PRODUCTION, "cta", text);
            let Err(Error::Invalid(problems)) = refused.await else {
                panic!("{what} is refused");
            };
            assert_eq!(problems[0].field, Field::Comment);
        }
        // Whoever reviews has something to say; not so in an environment that is not theirs.
        for role in [Role::Viewer, Role::Approver] {
            let reviewer = w.t.person(role);
            let flag = console.comment_on_flag(&reviewer, PRODUCTION, "cta", "x");
            flag.await.unwrap();
            let experiment = console.comment_on_experiment(&reviewer, "cta", "x");
            experiment.await.unwrap();
        }
        let elsewhere = Actor {
            grants: vec![Grant {
                role: Role::Viewer,
                environment: Some(Environment::Staging),
            }],
            ..w.t.person(Role::Viewer)
        };
        let refused = console.comment_on_flag(&elsewhere, PRODUCTION, "cta", "x");
        assert!(matches!(refused.await, Err(Error::Forbidden { .. })));
        let refused = console.comment_on_experiment(&elsewhere, "cta", "x");
        assert!(matches!(refused.await, Err(Error::Forbidden { .. })));
        let nowhere = console.comment_on_flag(&w.owner, Environment::Staging, "cta", "x");
        assert!(matches!(nowhere.await, Err(Error::NotFound { .. })));
    });
}

#[test]
fn an_upload_of_places_replaces_the_one_before_of_its_repository() {
    run(async {
        let w = world(22).await;
        let console = &w.t.console;
        console
            .create_flag(&w.owner, flag_draft("cta"))
            .await
            .unwrap();
        let upload = |repository: &str, lines: &[u32]| CodeReferences {
            repository: repository.to_owned(),
            revision: "abc".to_owned(),
            link: "https://git.example/{revision}/{path}#L{line}".to_owned(),
            references: lines
                .iter()
                .map(|line| CodeReference {
                    flag: "cta".to_owned(),
                    path: "src/a.ts".to_owned(),
                    line: *line,
                    snippet: "isOn('cta')".to_owned(),
                })
                .collect(),
        };
        let places = async || {
            let detail = console.flag(&w.owner, PRODUCTION, "cta").await.unwrap();
            let uses = detail.code.into_iter();
            uses.map(|one| {
                let lines: Vec<u32> = one.places.iter().map(|place| place.line).collect();
                (one.repository, lines)
            })
            .collect::<Vec<_>>()
        };
        for (repository, lines) in [("shop", &[1, 2, 2][..]), ("api", &[7]), ("shop", &[3])] {
            let upload = upload(repository, lines);
            console
                .upload_code_references(&w.owner, &upload)
                .await
                .unwrap();
        }
        let expected = [("api".to_owned(), vec![7]), ("shop".to_owned(), vec![3])];
        assert_eq!(places().await, expected);
        let detail = console.flag(&w.owner, PRODUCTION, "cta").await.unwrap();
        assert_eq!(
            detail.code[1].places[0].href.as_deref(),
            Some("https://git.example/abc/src/a.ts#L3")
        );
        console
            .upload_code_references(&w.owner, &upload("shop", &[]))
            .await
            .unwrap();
        assert_eq!(places().await.len(), 1);
        let viewer = w.t.person(Role::Viewer);
        let refused = console
            .upload_code_references(&viewer, &upload("shop", &[1]))
            .await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
    });
}

//! Finding feature flags, and asking one about somebody.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::Somebody;
use nexus_control::testing::flag_draft;
use nexus_control::views::{FlagQuery, FlagSort};
use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::flag::{Flag, FlagCommand, FlagDraft, FlagKind, FlagStatus, Rule};
use nexus_flags::CountryCode;
use serde_json::json;

const PRODUCTION: Environment = Environment::Production;
const STAGING: Environment = Environment::Staging;

async fn made(w: &World, draft: FlagDraft) -> Flag {
    w.t.console.create_flag(&w.owner, draft).await.unwrap()
}

async fn command(w: &World, flag: &Flag, command: FlagCommand) -> nexus_control::Result<Flag> {
    let (environment, key) = (flag.environment, flag.key.as_str());
    let console = &w.t.console;
    console
        .command_flag(&w.owner, environment, key, None, command, "")
        .await
}

#[test]
fn the_list_is_filtered_sorted_and_searched() {
    run(async {
        let w = world(1).await;
        let c = &w.t.console;
        for (key, kind, value) in [
            ("alpha", FlagKind::Boolean, json!(true)),
            ("beta", FlagKind::String, json!("x")),
            ("gamma", FlagKind::Number, json!(3)),
        ] {
            let rules = [value.clone(), value.clone()]
                .map(Rule::for_everybody)
                .into();
            let draft = FlagDraft {
                kind,
                value,
                rules,
                ..flag_draft(key)
            };
            let flag = made(&w, draft).await;
            w.t.clock.advance(1_000);
            if key == "alpha" {
                command(&w, &flag, FlagCommand::Enable).await.unwrap();
            }
            if key == "gamma" {
                command(&w, &flag, FlagCommand::Archive).await.unwrap();
            }
        }
        let viewer = w.t.person(Role::Viewer);
        let keys = async |query: FlagQuery| -> Vec<String> {
            let page = c.flags(&viewer, &query).await.unwrap();
            assert_eq!(page.total as usize, page.items.len());
            page.items.into_iter().map(|row| row.key).collect()
        };
        let all = FlagQuery::default();
        let by_name = FlagQuery {
            sort: FlagSort::Name,
            descending: true,
            ..all.clone()
        };
        assert_eq!(
            keys(by_name).await,
            ["beta", "alpha"],
            "archived ones are not in the way"
        );
        let archived = FlagQuery {
            status: Some(FlagStatus::Archived),
            ..all.clone()
        };
        assert_eq!(keys(archived).await, ["gamma"]);
        let on = FlagQuery {
            status: Some(FlagStatus::On),
            ..all.clone()
        };
        assert_eq!(keys(on).await, ["alpha"]);
        let text = FlagQuery {
            kind: Some(FlagKind::String),
            ..all.clone()
        };
        assert_eq!(keys(text).await, ["beta"]);
        let searched = FlagQuery {
            q: "FLAG be".into(),
            ..all.clone()
        };
        assert_eq!(keys(searched).await, ["beta"]);
        let elsewhere = FlagQuery {
            environment: Some(STAGING),
            ..all.clone()
        };
        assert_eq!(keys(elsewhere).await, [""; 0]);
        let page = c.flags(&viewer, &all).await.unwrap();
        assert_eq!((page.items[0].rules, page.items[0].given.len()), (2, 1));
    });
}

#[test]
fn an_answer_is_explained_rule_by_rule_also_while_it_is_off() {
    run(async {
        let w = world(1).await;
        let mut first = Rule::for_everybody(json!(true));
        first.targeting.countries = vec![CountryCode::new("JP").unwrap()];
        first.targeting.condition = Some(json!({ "Plan": "pro" }));
        let rules = vec![first, Rule::for_everybody(json!(true))];
        made(
            &w,
            FlagDraft {
                rules,
                ..flag_draft("banner")
            },
        )
        .await;
        let ask = async |plan: &str| {
            let somebody = Somebody {
                unit: "ann".into(),
                country: CountryCode::new("JP").ok(),
                attributes: vec![("PLAN".into(), plan.into())],
                ..Somebody::default()
            };
            let why =
                w.t.console
                    .flag_why(&w.owner, PRODUCTION, "banner", &somebody)
                    .await;
            why.unwrap().explanation
        };
        assert_eq!(ask("pro").await.decided, Some(0));
        let other = ask("free").await;
        assert_eq!(other.decided, Some(1));
        assert!(!other.rules[0].passed && other.rules[1].passed);
    });
}

#[test]
fn an_import_asks_before_it_writes_over_and_repeats_nothing() {
    use nexus_control::Take;
    use nexus_control::views::ImportState;
    use nexus_domain::import::ImportTo;

    run(async {
        let w = world(9).await;
        let console = &w.t.console;
        let to = ImportTo {
            environment: Environment::Production,
            from: "",
        };
        let file = |value: &str| {
            format!(
                r#"{{"features":{{
                    "banner":{{"defaultValue":"{value}","rules":[{{"id":"fr_a","force":"new"}}]}},
                    "price":{{"defaultValue":1,"rules":[{{"variations":[1,2]}}]}},
                    "Bad key":{{"defaultValue":1}}}}}}"#
            )
        };
        let states = async |text: &str| -> Vec<ImportState> {
            let preview = console.preview_import(&w.owner, text, to).await.unwrap();
            preview.rows.iter().map(|row| row.state).collect()
        };
        let first = file("old");
        assert_eq!(
            states(&first).await,
            [ImportState::Impossible, ImportState::New, ImportState::New]
        );
        // What loses something is not taken unless it is asked for.
        let done = console
            .import_flags(&w.owner, &first, to, None, true)
            .await
            .unwrap();
        assert_eq!(done.created, ["banner"]);
        let banner = console
            .flag(&w.owner, Environment::Production, "banner")
            .await
            .unwrap();
        assert!(banner.flag.enabled);
        assert_eq!(banner.history[0].entry.action, "flag.import");
        let again = console
            .import_flags(&w.owner, &first, to, None, true)
            .await
            .unwrap();
        assert_eq!(again, nexus_control::views::ImportResult::default());

        let second = file("other");
        assert_eq!(
            states(&second).await[1],
            ImportState::Differs { version: 1 }
        );
        let untouched = console
            .import_flags(&w.owner, &second, to, None, false)
            .await
            .unwrap();
        assert!(untouched.changed.is_empty());
        let take = |version| {
            let key = "banner".to_owned();
            [Take { key, version }]
        };
        let (stale, now) = (take(Some(7)), take(Some(1)));
        let stale = console.import_flags(&w.owner, &second, to, Some(&stale), false);
        assert!(matches!(
            stale.await,
            Err(nexus_control::Error::Conflict { .. })
        ));
        let over = console.import_flags(&w.owner, &second, to, Some(&now), false);
        assert_eq!(over.await.unwrap().changed, ["banner"]);
        assert_eq!(states(&second).await[1], ImportState::Same);
    });
}

#[test]
fn what_an_imported_flag_needs_comes_with_it_or_it_stays_away() {
    use nexus_control::Take;
    use nexus_domain::import::ImportTo;
    use nexus_domain::{Field, FieldProblem, Problem};

    run(async {
        let w = world(13).await;
        let console = &w.t.console;
        let to = ImportTo {
            environment: Environment::Production,
            from: "",
        };
        let needs = |parent: &str| {
            format!(
                r#""parentConditions":[{{"id":"{parent}","condition":{{"value":true}},"gate":true}}]"#
            )
        };
        let file = format!(
            r#"{{"features":{{
                "a.Child":{{"defaultValue":false,"rules":[{{{},"id":"g"}},{{"id":"fr","force":true}}]}},
                "b-orphan":{{"defaultValue":false,"rules":[{{{},"id":"g"}}]}},
                "c-of-partial":{{"defaultValue":false,"rules":[{{{},"id":"g"}}]}},
                "parent":{{"defaultValue":true}},
                "partial":{{"defaultValue":true,"rules":[{{"variations":[1,2]}}]}}
            }}}}"#,
            needs("parent"),
            needs("nobody"),
            needs("partial")
        );
        let preview = console.preview_import(&w.owner, &file, to).await.unwrap();
        let plain = preview.plain().into_iter().map(|row| row.key.as_str());
        assert_eq!(plain.collect::<Vec<_>>(), ["parent", "a.Child"]);
        let alone = [Take {
            key: "a.Child".to_owned(),
            version: None,
        }];
        let refused = console.import_flags(&w.owner, &file, to, Some(&alone), false);
        let Err(nexus_control::Error::Invalid(problems)) = refused.await else {
            panic!("it needs its parent");
        };
        let flag = "parent".to_owned();
        let problem = Problem::NoSuchFlag { flag };
        assert_eq!(problems, [FieldProblem::new(Field::Prerequisites, problem)]);
        let done = console.import_flags(&w.owner, &file, to, None, true);
        assert_eq!(done.await.unwrap().created, ["parent", "a.Child"]);
        let child = console.flag(&w.owner, Environment::Production, "a.Child");
        let child = child.await.unwrap().flag;
        assert_eq!(child.prerequisites[0].flag, "parent");
        // A second time nothing is left.
        let preview = console.preview_import(&w.owner, &file, to).await.unwrap();
        let row = preview
            .rows
            .iter()
            .find(|row| row.key == "a.Child")
            .unwrap();
        assert_eq!(row.state, nexus_control::views::ImportState::Same);

        // A text is never `true`, and what is archived here comes with nobody.
        let file = format!(
            r#"{{"features":{{
                "of-text":{{"defaultValue":false,"rules":[{{{},"id":"g"}}]}},
                "text":{{"defaultValue":"a"}},
                "of-archived":{{"defaultValue":false,"rules":[{{{},"id":"g"}}]}},
                "archived":{{"defaultValue":true}}
            }}}}"#,
            needs("text"),
            needs("archived")
        );
        let archived = console.create_flag(&w.owner, flag_draft("archived"));
        archived.await.unwrap();
        let archive = console.command_flag(
            &w.owner,
            Environment::Production,
            "archived",
            None,
            nexus_domain::flag::FlagCommand::Archive,
            "",
        );
        archive.await.unwrap();
        let preview = console.preview_import(&w.owner, &file, to).await.unwrap();
        let plain = preview.plain().into_iter().map(|row| row.key.as_str());
        assert_eq!(plain.collect::<Vec<_>>(), ["text"]);

        let circle = format!(
            r#"{{"features":{{
                "x":{{"defaultValue":false,"rules":[{{{},"id":"g"}}]}},
                "y":{{"defaultValue":false,"rules":[{{{},"id":"g"}}]}}
            }}}}"#,
            needs("y"),
            needs("x")
        );
        let both = ["x", "y"].map(|key| Take {
            key: key.to_owned(),
            version: None,
        });
        let refused = console.import_flags(&w.owner, &circle, to, Some(&both), false);
        let Err(nexus_control::Error::Invalid(problems)) = refused.await else {
            panic!("a circle");
        };
        assert!(matches!(problems[0].problem, Problem::FlagCircle { .. }));
    });
}

#[test]
fn a_large_file_is_imported_a_hundred_after_a_hundred() {
    use nexus_control::Take;
    use nexus_domain::import::{ImportTo, MAX_IMPORTED};

    run(async {
        let w = world(11).await;
        let console = &w.t.console;
        let to = ImportTo {
            environment: Environment::Production,
            from: "",
        };
        let features = (0..250).map(|n| format!(r#""f{n:03}":{{"defaultValue":true}}"#));
        let features: Vec<String> = features.collect();
        let file = format!(r#"{{"features":{{{}}}}}"#, features.join(","));
        let preview = console.preview_import(&w.owner, &file, to).await.unwrap();
        assert_eq!(preview.rows.len(), 250, "all of it can be looked at");

        let all = preview.rows.iter().map(|row| Take {
            key: row.key.clone(),
            version: None,
        });
        let all: Vec<Take> = all.collect();
        let too_many = console.import_flags(&w.owner, &file, to, Some(&all), false);
        let Err(nexus_control::Error::Invalid(problems)) = too_many.await else {
            panic!("so many are too many at once");
        };
        let max = MAX_IMPORTED as u32;
        assert_eq!(problems[0].problem, nexus_domain::Problem::TooMany { max });

        for (taken, first, remaining) in [(100, "f000", 150), (100, "f100", 50), (50, "f200", 0)] {
            let done = console.import_flags(&w.owner, &file, to, None, false);
            let done = done.await.unwrap();
            assert_eq!((done.created.len(), &*done.created[0]), (taken, first));
            assert_eq!(done.remaining.len(), remaining);
        }
        let nothing = console.import_flags(&w.owner, &file, to, None, false);
        assert_eq!(
            nothing.await.unwrap(),
            nexus_control::views::ImportResult::default()
        );
    });
}

#[test]
fn what_gateways_count_is_counted_once_and_tells_what_can_go() {
    use nexus_control::ingest::{FlagCount, IngestBatch};
    use nexus_control::testing::batch;
    use nexus_domain::flag::Stale;

    const DAY: i64 = 24 * 60 * 60_000;

    run(async {
        let w = world(11).await;
        let console = &w.t.console;
        for key in ["used", "mixed", "unused"] {
            made(&w, flag_draft(key)).await;
        }
        let permanent = FlagDraft {
            permanent: true,
            ..flag_draft("kill")
        };
        made(&w, permanent).await;
        let send = async |id: &str, counts: &[(&str, &str, u64)]| {
            let one = |(flag, value, count): &(&str, &str, u64)| FlagCount {
                flag: (*flag).to_owned(),
                value: (*value).to_owned(),
                count: *count,
            };
            let sent = IngestBatch {
                batch_id: id.to_owned(),
                flags: counts.iter().map(one).collect(),
                ..batch(vec![])
            };
            console.ingest(&w.t.gateway(), sent).await.unwrap();
        };
        let counts = [
            ("used", "true", 5),
            ("mixed", "false", 1),
            ("nobody", "1", 9),
        ];
        send("b1", &counts).await;
        send("b1", &counts).await;
        let usage = async |key: &str| console.flag(&w.owner, PRODUCTION, key).await.unwrap().usage;
        let used = usage("used").await;
        assert_eq!(used.hours.iter().map(|hour| hour.count).sum::<u64>(), 5);
        assert_eq!(used.stale, None, "nobody knows yet");

        w.t.clock.advance(31 * DAY);
        send(
            "b2",
            &[
                ("used", "true", 1),
                ("mixed", "false", 1),
                ("mixed", "true", 1),
            ],
        )
        .await;
        let value = "true".to_owned();
        assert_eq!(usage("used").await.stale, Some(Stale::OneValue { value }));
        assert_eq!(usage("mixed").await.stale, None);
        assert_eq!(usage("unused").await.stale, Some(Stale::Unused));
        assert_eq!(usage("kill").await.stale, None);
        // The list's filter agrees with the rule.
        let query = FlagQuery {
            stale: true,
            sort: FlagSort::Name,
            ..FlagQuery::default()
        };
        let listed = console.flags(&w.owner, &query).await.unwrap();
        let keys: Vec<&str> = listed.items.iter().map(|row| row.key.as_str()).collect();
        assert_eq!(keys, ["unused", "used"]);
        assert!(listed.items[1].evaluated_ms.is_some());
        assert_eq!(listed.items[0].evaluated_ms, None);
    });
}

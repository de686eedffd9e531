//! Another person looks at an experiment before it starts.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::Error;
use nexus_control::testing::{NOW_MS, draft};
use nexus_control::views::Wait;
use nexus_domain::access::Role;
use nexus_domain::actor::Actor;
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{Command, Draft, Experiment, Schedule, Status};
use nexus_domain::{Environment, Field, Problem};

async fn say(w: &World, who: &Actor, command: Command) -> nexus_control::Result<Experiment> {
    w.t.console
        .command_experiment(who, "a", None, command)
        .await
}

fn words(said: &str) -> String {
    said.to_owned()
}

fn is_refused_for(done: nexus_control::Result<Experiment>, problem: &Problem) -> bool {
    matches!(done, Err(Error::Invalid(found)) if found[0].problem == *problem)
}

async fn require(w: &World, review: bool) {
    let rules = EnvironmentRules {
        environment: Environment::Production,
        review,
        raw_days: 0,
    };
    let admin = w.t.person(Role::SecurityAdmin);
    let console = &w.t.console;
    console.set_environment_rules(&admin, rules).await.unwrap();
}

#[test]
fn an_environment_may_ask_for_an_approval_and_nobody_gives_their_own() {
    run(async {
        let w = world(80).await;
        let (maker, approver) = (w.t.person(Role::Experimenter), w.t.person(Role::Approver));
        w.t.console
            .create_experiment(&maker, draft("a"))
            .await
            .unwrap();
        require(&w, true).await;
        let plan = Command::Schedule(Schedule {
            start_ms: Some(NOW_MS + 60_000),
            ..Schedule::default()
        });
        for start in [Command::Start, plan.clone()] {
            assert!(is_refused_for(
                say(&w, &maker, start).await,
                &Problem::ReviewNeeded
            ));
        }
        let early = say(&w, &approver, Command::Approve { words: words("") }).await;
        assert!(matches!(early, Err(Error::Refused(Status::Draft))));
        let ask = Command::AskReview {
            words: words("new checkout"),
        };
        assert_eq!(say(&w, &maker, ask).await.unwrap().status, Status::InReview);
        for (who, waits) in [(&approver, 1), (&maker, 0)] {
            let overview = w.t.console.overview(who).await.unwrap();
            let reviews = overview
                .waits
                .iter()
                .filter(|wait| matches!(wait, Wait::Review { .. }));
            assert_eq!(reviews.count(), waits);
        }
        let unsaid = say(&w, &approver, Command::SendBack { words: words(" ") }).await;
        assert!(is_refused_for(unsaid, &Problem::Required));
        let no = Command::SendBack {
            words: words("coverage is too high"),
        };
        let back = say(&w, &approver, no).await.unwrap();
        assert_eq!(back.status, Status::Draft);
        assert_eq!(back.answer().unwrap().words, "coverage is too high");
        for (who, is_own) in [(&maker, true), (&approver, false)] {
            let waits = w.t.console.overview(who).await.unwrap().waits;
            let told = waits.iter().filter(|wait| wait.id() == "a");
            let told: Vec<bool> = told
                .map(|wait| matches!(wait, Wait::SentBack { by, .. } if by == approver.principal.label()))
                .collect();
            assert_eq!(told, vec![true; usize::from(is_own)]);
        }

        let ask = Command::AskReview { words: words("") };
        // The owner may approve, but not what the owner sent to review.
        say(&w, &w.owner, ask).await.unwrap();
        let own = say(&w, &w.owner, Command::Approve { words: words("") }).await;
        assert!(is_refused_for(own, &Problem::OwnWork));
        let by_maker = say(&w, &maker, Command::Approve { words: words("") }).await;
        assert!(matches!(by_maker, Err(Error::Forbidden { .. })));
        let yes = Command::Approve { words: words("go") };
        assert_eq!(
            say(&w, &approver, yes).await.unwrap().status,
            Status::Approved
        );
        say(&w, &maker, plan).await.unwrap();
        let e = say(&w, &maker, Command::Unschedule).await.unwrap();
        assert_eq!(e.status, Status::Approved, "the approval stays");
        assert_eq!(
            say(&w, &maker, Command::Start).await.unwrap().status,
            Status::Running
        );
        let log =
            w.t.console
                .audit(&w.owner, &Default::default())
                .await
                .unwrap();
        let reasons: Vec<_> = log
            .items
            .iter()
            .filter_map(|r| r.entry.reason.clone())
            .collect();
        for said in ["new checkout", "coverage is too high", "go"] {
            assert!(reasons.iter().any(|r| r == said), "{said}");
        }
    });
}

#[test]
fn an_edit_withdraws_the_approval_and_a_rule_that_came_later_refuses_the_planned_start() {
    run(async {
        let w = world(81).await;
        let (maker, approver) = (w.t.person(Role::Experimenter), w.t.person(Role::Approver));
        w.t.console
            .create_experiment(&maker, draft("a"))
            .await
            .unwrap();
        let ask = || Command::AskReview { words: words("") };
        say(&w, &maker, ask()).await.unwrap();
        let yes = Command::Approve { words: words("") };
        let approved = say(&w, &approver, yes).await.unwrap();
        let mut edit = Draft::of(&approved);
        edit.coverage_bp = 2_000;
        let console = &w.t.console;
        let edited = console
            .edit_experiment(&maker, "a", approved.version, edit)
            .await;
        let edited = edited.unwrap();
        assert_eq!((edited.status, edited.review), (Status::Draft, None));

        let plan = Command::Schedule(Schedule {
            start_ms: Some(NOW_MS + 5_000),
            ..Schedule::default()
        });
        say(&w, &maker, plan).await.unwrap();
        require(&w, true).await;
        require(&w, true).await;
        assert_eq!(w.t.ticks("a", 10).await.unwrap().started, 0);
        let detail = console.experiment(&w.owner, "a").await.unwrap();
        assert!(detail.rules.review);
        let missed = detail.experiment.missed.unwrap();
        assert_eq!(missed.problems[0].field, Field::Review);
        let log = console.audit(&w.owner, &Default::default()).await.unwrap();
        let changes = log
            .items
            .iter()
            .filter(|r| r.entry.action == "environment.change");
        assert_eq!(changes.count(), 1, "saying it again changes nothing");
    });
}

#[test]
fn whoever_edited_after_it_was_sent_in_does_not_approve_it() {
    run(async {
        let w = world(83).await;
        let (maker, approver) = (w.t.person(Role::Experimenter), w.t.person(Role::Approver));
        let console = &w.t.console;
        let made = console.create_experiment(&maker, draft("a")).await;
        let mut edit = Draft::of(&made.unwrap());
        edit.coverage_bp = 2_000;
        let edited = console.edit_experiment(&w.owner, "a", 1, edit).await;
        assert_eq!(edited.unwrap().authors, [w.owner.principal.label()]);
        let ask = Command::AskReview { words: words("") };
        say(&w, &maker, ask).await.unwrap();
        let yes = || Command::Approve { words: words("") };
        let own = say(&w, &w.owner, yes()).await;
        assert!(is_refused_for(own, &Problem::OwnWork));
        let approved = say(&w, &approver, yes()).await.unwrap();
        assert_eq!(approved.status, Status::Approved);
    });
}

#[test]
fn who_reviews_is_told_of_every_environment_that_the_role_reaches() {
    run(async {
        let w = world(86).await;
        let (maker, approver) = (w.t.person(Role::Experimenter), w.t.person(Role::Approver));
        let elsewhere = Draft {
            environment: Environment::Staging,
            ..draft("a")
        };
        let made = w.t.console.create_experiment(&maker, elsewhere).await;
        made.unwrap();
        let ask = Command::AskReview { words: words("") };
        say(&w, &maker, ask).await.unwrap();
        let waits = w.t.console.overview(&approver).await.unwrap().waits;
        let is_told = |wait: &Wait| {
            matches!(
                wait,
                Wait::Review {
                    environment: Environment::Staging,
                    ..
                }
            )
        };
        assert!(waits.iter().any(is_told));
        let no = Command::SendBack { words: words("no") };
        say(&w, &approver, no).await.unwrap();
        let waits = w.t.console.overview(&maker).await.unwrap().waits;
        assert!(matches!(&waits[..], [Wait::SentBack { .. }]));
    });
}

#[test]
fn machines_and_tokens_review_nothing() {
    run(async {
        let w = world(82).await;
        w.t.console
            .create_experiment(&w.owner, draft("a"))
            .await
            .unwrap();
        say(&w, &w.owner, Command::AskReview { words: words("") })
            .await
            .unwrap();
        let machine = Actor {
            principal: nexus_domain::actor::Principal::Machine {
                member: nexus_domain::ids::MemberId::from_u128(9),
                name: "robot".to_owned(),
            },
            sign_in: nexus_domain::actor::SignIn::ServiceToken,
            ..w.t.person(Role::Approver)
        };
        let done = say(&w, &machine, Command::Approve { words: words("") }).await;
        assert!(matches!(done, Err(Error::Forbidden { .. })));
    });
}

#[test]
fn what_needed_an_approval_is_widened_by_another_person_too() {
    run(async {
        let w = world(85).await;
        let [maker, other] = [Role::Experimenter, Role::Owner].map(|role| w.t.person(role));
        let few = Draft {
            coverage_bp: 1_000,
            ..draft("a")
        };
        w.t.console.create_experiment(&maker, few).await.unwrap();
        say(&w, &maker, Command::Start).await.unwrap();
        let more = |coverage_bp| Command::GrowCoverage {
            coverage_bp,
            reason: words("all is well"),
        };
        assert!(say(&w, &maker, more(2_000)).await.is_ok());
        require(&w, true).await;
        let own = say(&w, &maker, more(3_000)).await;
        assert!(is_refused_for(own, &Problem::NotByAuthor));
        assert_eq!(
            say(&w, &other, more(3_000)).await.unwrap().coverage_bp,
            3_000
        );
    });
}

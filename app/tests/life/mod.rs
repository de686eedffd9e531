//! What people do to an experiment while others, or the clock, change it too.

use http::StatusCode;
use nexus_control::testing::draft;
use nexus_domain::access::Role;
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{Command, CoverageStep, Draft, Experiment, Status};

use super::world::{World, form};
use super::{GOOD, with};

/// Running on the first step of a ramp.
async fn ramped(w: &World) -> Experiment {
    let mut draft = draft("checkout");
    draft.ramp = vec![CoverageStep {
        coverage_bp: 500,
        minutes: 1,
    }];
    started(w, draft).await
}

async fn started(w: &World, draft: Draft) -> Experiment {
    let (console, owner, id) = (&w.t.console, w.owner(), draft.id.clone());
    let made = console.create_experiment(&owner, draft).await;
    made.expect("created");
    let started = console.command_experiment(&owner, &id, None, Command::Start);
    started.await.expect("started")
}

async fn now(w: &World) -> Experiment {
    let found = w.t.console.experiment(&w.owner(), "checkout").await;
    found.expect("there").experiment
}

/// The version that a page sends back.
fn version(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("name=\"version\" value=\"")?;
    rest.split('"').next()
}

#[tokio::test]
async fn a_step_of_the_ramp_keeps_nobody_from_stopping_pausing_or_holding() {
    for (command, status) in [
        ("stop", Status::Stopped),
        ("pause", Status::Paused),
        ("hold-ramp", Status::Running),
    ] {
        let w = World::new().await;
        let owner = w.owner();
        let mut draft = draft("checkout");
        draft.ramp = [(500, 1), (2_000, 60)]
            .map(|(coverage_bp, minutes)| CoverageStep {
                coverage_bp,
                minutes,
            })
            .to_vec();
        let opened_at = started(&w, draft).await.version;
        let path = format!("/experiments/checkout/{command}");
        let page = w.get(&owner, &path).await;
        assert_eq!(version(&page.text), None, "{command}");
        w.t.ticks("a", 62).await.expect("ticks");
        assert!(now(&w).await.version > opened_at, "the ramp has stepped");
        let typed = [("typed", "checkout"), ("reason", "users complain")];
        let done = w.post(&owner, &path, &form(&typed)).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let after = now(&w).await;
        assert_eq!(after.status, status);
        assert_eq!(after.is_ramp_held(), command == "hold-ramp");
    }
}

#[tokio::test]
async fn a_decision_over_a_change_keeps_what_was_learned_and_says_what_changed() {
    let w = World::new().await;
    let owner = w.owner();
    ramped(&w).await;
    let page = w.get(&owner, "/experiments/checkout/decide").await;
    let opened_at = version(&page.text).expect("a version").to_owned();
    w.t.ticks("a", 62).await.expect("ticks");
    let mut typed = vec![
        ("version", opened_at.as_str()),
        ("outcome", "keep_control"),
        ("learned", "people like the long form"),
        ("typed", "checkout"),
    ];
    let path = "/experiments/checkout/decide";
    let again = w.post(&owner, path, &form(&typed)).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("people like the long form"));
    assert!(again.text.contains("value=\"keep_control\" checked"));
    assert!(again.text.contains("ramped experiment"));
    assert!(now(&w).await.conclusion.is_none());
    let newest = version(&again.text).expect("a version").to_owned();
    typed[0].1 = &newest;
    let done = w.post(&owner, path, &form(&typed)).await;
    assert_eq!(done.location, "/experiments/checkout?done=decided");
    let conclusion = now(&w).await.conclusion.expect("decided");
    assert_eq!(conclusion.learned, "people like the long form");
}

#[tokio::test]
async fn nothing_is_decided_without_a_choice_nor_ended_without_its_name() {
    let w = World::new().await;
    let owner = w.owner();
    ramped(&w).await;
    let path = "/experiments/checkout/decide";
    let page = w.get(&owner, path).await;
    let choices = page.text.split("name=\"outcome\"").skip(1);
    let tags: Vec<&str> = choices.filter_map(|rest| rest.split('>').next()).collect();
    assert!(tags.len() > 2 && !tags.iter().any(|tag| tag.contains("checked")));
    let version = version(&page.text).expect("a version").to_owned();
    let mut typed = vec![("version", &*version), ("learned", "it is long")];
    for (more, missing) in [
        (("typed", "checkout"), "Choose what becomes of it."),
        (("outcome", "keep_control"), "href=\"#typed\""),
    ] {
        typed.truncate(2);
        typed.push(more);
        let refused = w.post(&owner, path, &form(&typed)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(missing) && refused.text.contains("it is long"));
        assert_eq!(now(&w).await.status, Status::Running);
    }
    typed.push(("typed", "checkout"));
    let done = w.post(&owner, path, &form(&typed)).await;
    assert_eq!(done.location, "/experiments/checkout?done=decided");
    let page = w.get(&owner, path).await;
    assert!(!page.text.contains("Type checkout"), "it has ended");
}

#[tokio::test]
async fn a_start_that_lacks_an_approval_says_so_before_it_is_pressed() {
    let w = World::new().await;
    let (console, owner) = (&w.t.console, w.owner());
    let made = console.create_experiment(&owner, draft("checkout")).await;
    let environment = made.expect("created").environment;
    let rules = EnvironmentRules {
        environment,
        review: true,
        raw_days: 0,
    };
    let admin = w.t.person(Role::SecurityAdmin);
    let asked = console.set_environment_rules(&admin, rules);
    asked.await.expect("asked for");
    let detail = w.get(&owner, "/experiments/checkout").await;
    for command in ["start", "schedule"] {
        let path = format!("/experiments/checkout/{command}");
        assert!(
            !detail.text.contains(&format!("href=\"{path}\"")),
            "{command}"
        );
        let page = w.get(&owner, &path).await;
        assert!(page.text.contains("send the draft to review"), "{command}");
        assert!(
            page.text
                .contains("href=\"/experiments/checkout/ask-review\"")
        );
        let submits = page.text.contains(&format!("action=\"{path}\""));
        assert!(!submits, "{command}");
    }
}

#[tokio::test]
async fn a_plan_over_a_change_keeps_the_times_that_were_typed() {
    let w = World::new().await;
    let owner = w.owner();
    let made = w.t.console.create_experiment(&owner, draft("checkout"));
    let made = made.await.expect("created");
    let mut theirs = Draft::of(&made);
    theirs.name = "Fewer steps".to_owned();
    let edited = w.t.console.edit_experiment(&owner, "checkout", 1, theirs);
    edited.await.expect("edited");
    let typed = [
        ("version", "1"),
        ("start", "2040-01-02T09:00"),
        ("timezone", "Asia/Tokyo"),
    ];
    let path = "/experiments/checkout/schedule";
    let again = w.post(&owner, path, &form(&typed)).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("2040-01-02T09:00") && again.text.contains("Asia/Tokyo"));
    assert!(again.text.contains("edited experiment"), "{}", again.text);
    assert_eq!(version(&again.text), Some("2"));
}

#[tokio::test]
async fn who_sends_back_without_words_is_asked_for_them_by_their_name() {
    let w = World::new().await;
    let (console, owner) = (&w.t.console, w.owner());
    let made = console.create_experiment(&owner, draft("checkout")).await;
    made.expect("created");
    let words = String::new();
    let ask = Command::AskReview { words };
    let asked = console.command_experiment(&owner, "checkout", None, ask);
    asked.await.expect("in review");
    let path = "/experiments/checkout/send-back";
    let page = w.get(&owner, path).await;
    let version = version(&page.text).expect("a version");
    let typed = form(&[("version", version), ("reason", "")]);
    let refused = w.post(&owner, path, &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Your words: Fill this in."));
    assert!(!refused.text.contains("Reason: "), "{}", refused.text);
}

const EDIT: &str = "/experiments/checkout/edit";

/// What somebody else saved over version 1, and the form that was opened at it.
async fn edited<'a>(
    w: &World,
    theirs: &[(&'static str, &'a str)],
    mine: &[(&'static str, &'a str)],
) -> Vec<(&'static str, &'a str)> {
    let changed = |all: &[(&'static str, &'a str)]| {
        let mut pairs = with("name", "Shorter checkout");
        for (name, value) in all {
            let pair = pairs.iter_mut().find(|(k, _)| k == name);
            pair.expect("a field").1 = value;
        }
        pairs.push(("version", "1"));
        pairs
    };
    let owner = w.owner();
    w.post(&owner, "/experiments/new", &form(GOOD)).await;
    let saved = w.post(&owner, EDIT, &form(&changed(theirs))).await;
    assert_eq!(saved.location, "/experiments/checkout?done=saved");
    changed(mine)
}

fn set<'a>(pairs: &mut Vec<(&'static str, &'a str)>, name: &'static str, value: &'a str) {
    match pairs.iter_mut().find(|(k, _)| *k == name) {
        Some(pair) => pair.1 = value,
        None => pairs.push((name, value)),
    }
}

#[tokio::test]
async fn an_edit_over_somebody_elses_is_merged_and_nothing_of_theirs_is_lost() {
    let w = World::new().await;
    let owner = w.owner();
    let mut mine = edited(&w, &[("name", "Fewer steps")], &[("coverage", "20")]).await;
    let conflict = w.post(&owner, EDIT, &form(&mine)).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    let page = &conflict.text;
    assert!(page.contains("taken over") && !page.contains("name=\"clash\""));
    // The form that is ready to be saved: theirs and mine.
    assert!(page.contains("name=\"name\"") && page.contains("value=\"Fewer steps\""));
    assert!(page.contains("value=\"20\""));
    assert_eq!(version(page), Some("2"));
    assert_eq!(now(&w).await.coverage_bp, 10_000, "nothing is saved yet");
    set(&mut mine, "name", "Fewer steps");
    set(&mut mine, "version", "2");
    set(&mut mine, "merged_from", "1");
    let saved = w.post(&owner, EDIT, &form(&mine)).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let merged = now(&w).await;
    assert_eq!((&*merged.name, merged.coverage_bp), ("Fewer steps", 2_000));
}

#[tokio::test]
async fn where_both_changed_the_same_field_the_person_chooses() {
    for (choice, coverage_bp) in [("theirs", 5_000), ("mine", 2_000)] {
        let w = World::new().await;
        let owner = w.owner();
        let theirs = [("coverage", "50"), ("goal", "signup")];
        let mut mine = edited(&w, &theirs, &[("coverage", "20")]).await;
        let conflict = w.post(&owner, EDIT, &form(&mine)).await;
        assert!(conflict.text.contains("name=\"clash\" value=\"coverage\""));
        assert_eq!(conflict.text.matches("name=\"clash\"").count(), 1);
        set(&mut mine, "goal", "signup");
        set(&mut mine, "version", "2");
        set(&mut mine, "merged_from", "1");
        set(&mut mine, "clash", "coverage");
        let unsettled = w.post(&owner, EDIT, &form(&mine)).await;
        assert_eq!(unsettled.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(unsettled.text.contains("id=\"clash-error\""));
        assert!(unsettled.text.contains("name=\"clash\" value=\"coverage\""));
        set(&mut mine, "keep-coverage", choice);
        let saved = w.post(&owner, EDIT, &form(&mine)).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
        let merged = now(&w).await;
        assert_eq!((&*merged.goal, merged.coverage_bp), ("signup", coverage_bp));
    }
}

#[tokio::test]
async fn a_step_of_the_ramp_is_no_conflict_of_words_and_a_start_leaves_only_words() {
    let w = World::new().await;
    let owner = w.owner();
    let opened_at = ramped(&w).await.version.to_string();
    w.t.ticks("a", 62).await.expect("ticks");
    let words = [
        ("version", opened_at.as_str()),
        ("name", "New words"),
        ("hypothesis", "h"),
    ];
    let saved = w.post(&owner, EDIT, &form(&words)).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    assert_eq!(now(&w).await.name, "New words");

    let w = World::new().await;
    let mine = edited(&w, &[("name", "Fewer steps")], &[("coverage", "20")]).await;
    let started =
        w.t.console
            .command_experiment(&owner, "checkout", None, Command::Start);
    started.await.expect("started");
    let late = w.post(&owner, EDIT, &form(&mine)).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("The experiment was started meanwhile."));
    assert!(!late.text.contains("name=\"coverage\""));
    assert_eq!(now(&w).await.name, "Fewer steps");
}

#[tokio::test]
async fn a_running_experiment_gets_more_time_and_more_users() {
    let w = World::new().await;
    let owner = w.owner();
    let mut few = draft("checkout");
    few.coverage_bp = 1_000;
    few.schedule.end_ms = Some(w.t.console.now_ms() + 3_600_000);
    started(&w, few).await;
    let page = w.get(&owner, "/experiments/checkout").await;
    for link in ["move-end", "grow-coverage"] {
        let href = format!("href=\"/experiments/checkout/{link}\"");
        assert!(page.text.contains(&href), "{link}");
    }
    let path = "/experiments/checkout/grow-coverage";
    let look = [
        ("coverage", "40"),
        ("reason", "all is well"),
        ("do", "look"),
    ];
    let looked = w.post(&owner, path, &form(&look)).await;
    assert_eq!(looked.status, StatusCode::OK);
    assert!(looked.text.contains("all is well") && looked.text.contains("id=\"what-if\""));
    assert_eq!(now(&w).await.coverage_bp, 1_000);
    for coverage in ["150", "5", "abc"] {
        let look = form(&[("coverage", coverage), ("do", "look")]);
        let looked = w.post(&owner, path, &look).await;
        assert_eq!(looked.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(looked.text.contains("id=\"coverage-error\""), "{coverage}");
        let told = looked.text.contains("More than 10%, and at most 100%.");
        assert!(told, "{coverage}");
        assert!(!looked.text.contains("id=\"reason-error\""), "{coverage}");
        assert!(!looked.text.contains("id=\"what-if\""), "{coverage}");
    }
    let fewer = form(&[("coverage", "5"), ("reason", "typo")]);
    let less = w.post(&owner, path, &fewer).await;
    assert_eq!(less.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(less.text.contains("id=\"coverage-error\"") && less.text.contains("typo"));
    for coverage in ["5", "many"] {
        let both = form(&[("coverage", coverage), ("reason", " ")]);
        let both = w.post(&owner, path, &both).await;
        let has = |field: &str| both.text.contains(&format!("id=\"{field}-error\""));
        assert!(has("coverage") && has("reason"), "{coverage}");
    }
    let grown = w.post(&owner, path, &form(&look[..2])).await;
    assert_eq!(grown.location, "/experiments/checkout?done=coverage-grown");

    let path = "/experiments/checkout/move-end";
    let unsaid = w
        .post(&owner, path, &form(&[("end", "2040-01-02T09:00")]))
        .await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsaid.text.contains("2040-01-02T09:00"));
    let why = [("end", ""), ("reason", "still too few users")];
    let moved = w.post(&owner, path, &form(&why)).await;
    assert_eq!(moved.location, "/experiments/checkout?done=end-moved");
    let e = now(&w).await;
    assert_eq!((e.coverage_bp, e.schedule.end_ms), (4_000, None));
    let page = w.get(&owner, "/experiments/checkout").await;
    assert!(page.text.contains("Coverage from 10% to 40%: all is well"));
    assert!(page.text.contains("still too few users"));
    assert!(
        !page
            .text
            .contains("href=\"/experiments/checkout/move-end\"")
    );
}

#[tokio::test]
async fn only_another_person_is_offered_the_approval() {
    let w = World::new().await;
    let (console, owner) = (&w.t.console, w.owner());
    let made = console.create_experiment(&owner, draft("checkout")).await;
    made.expect("created");
    let ask = Command::AskReview {
        words: String::new(),
    };
    let asked = console.command_experiment(&owner, "checkout", None, ask);
    asked.await.expect("in review");
    let approver = w.t.person(Role::Approver);
    for (who, offered) in [(&owner, false), (&approver, true)] {
        let page = w.get(who, "/experiments/checkout").await;
        let button = page.text.contains("href=\"/experiments/checkout/approve\"");
        let instead = page.text.contains("Another person must approve it.");
        assert_eq!((button, instead), (offered, !offered));
    }
}

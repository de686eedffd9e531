//! The page that explains an assignment.

use http::StatusCode;
use nexus_control::ingest::{SampledVisitor, Samples};
use nexus_control::testing::{batch, draft, flag_draft};
use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::experiment::Command;
use nexus_domain::flag::{FlagCommand, Rule};
use nexus_flags::{CountryCode, RANKS};

use super::world::World;

/// One that asks for a country and an age.
async fn explained(w: &World) {
    let mut asked = draft("explained");
    asked.targeting.countries = vec![CountryCode::new("JP").expect("a code")];
    asked.targeting.condition = Some(serde_json::json!({ "Age": { "$gte": 18 } }));
    let created = w.t.console.create_experiment(&w.owner(), asked).await;
    created.expect("created");
}

#[tokio::test]
async fn an_assignment_is_explained_condition_by_condition() {
    let w = World::new().await;
    explained(&w).await;
    let why = |query: &str| {
        let path = format!("/experiments/explained/why?{query}");
        let (w, owner) = (&w, w.owner());
        async move { w.get(&owner, &path).await }
    };
    let inside = why("user=ann&country=Japan&attributes=age%3D20").await;
    assert_eq!(inside.status, StatusCode::OK);
    assert!(inside.text.contains("This user gets"), "{}", inside.text);
    assert!(inside.text.contains("The experiment is not running now"));
    assert!(
        inside.text.contains("age is at least 18"),
        "{}",
        inside.text
    );
    assert!(inside.text.contains("Hash version 2"));
    assert!(inside.text.contains("fnv1a32("));
    for part in ["is in the range from ", "% up to, not including, "] {
        assert!(inside.text.contains(part), "{part}: {}", inside.text);
    }
    let japanese = why("user=ann&country=Japan&attributes=age%3D20&lang=ja").await;
    assert!(
        japanese.text.contains("%未満の範囲に入ります"),
        "{}",
        japanese.text
    );
    let outside = why("user=ann&country=us&attributes=age%3D9").await;
    assert!(outside.text.contains("This user takes no part"));
    assert_eq!(outside.text.matches("Fails").count(), 2, "{}", outside.text);
    let wrong = why("user=ann&country=Atlantis&attributes=age").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Character 1:"), "{}", wrong.text);
    assert!(wrong.text.contains("There is no country “Atlantis”"));
    assert!(
        !wrong.text.contains("This user"),
        "nothing is said of a half-read user"
    );
}

#[tokio::test]
async fn a_pasted_object_is_asked_about_and_a_broken_one_comes_back() {
    let w = World::new().await;
    explained(&w).await;
    let pasted = |json: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("user", "")
            .append_pair("attributes", json);
        let path = format!("/experiments/explained/why?{}", query.finish());
        let (w, owner) = (&w, w.owner());
        async move { w.get(&owner, &path).await }
    };
    let good = pasted(r#"{"id": "ann", "country": "JP", "age": 20}"#).await;
    assert_eq!(good.status, StatusCode::OK);
    assert!(good.text.contains("This user gets"), "{}", good.text);
    assert!(good.text.contains(r#"value="ann""#), "it fills the field");
    let broken = pasted("{\n \"id\" 1}").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.text.contains("Line 2, column"), "{}", broken.text);
    let typed = &broken.text[broken.text.find("<textarea").expect("a field")..];
    assert!(typed.contains("\"id\" 1}"), "what was typed is kept");
}

#[tokio::test]
async fn two_snapshots_are_compared_by_a_link() {
    let w = World::new().await;
    let owner = w.owner();
    let console = &w.t.console;
    let mut flag = flag_draft("cta");
    flag.rules = vec![Rule::for_everybody(true.into())];
    let made = console.create_flag(&owner, flag).await;
    made.expect("it is made");
    let none = w.get(&owner, "/flags/production/cta?user=ann").await;
    assert!(none.text.contains("Compare two snapshots"), "{}", none.text);
    let switched =
        |command| console.command_flag(&owner, Environment::Production, "cta", None, command, "");
    switched(FlagCommand::Enable).await.expect("it is on");
    switched(FlagCommand::Disable).await.expect("it is off");
    let all = console.snapshots(&owner, Environment::Production).await;
    let newest = all.expect("listed")[0].version;
    let path = |from: u64, to: u64| format!("/flags/production/cta?user=ann&from={from}&to={to}");
    let page = w.get(&owner, &path(newest - 1, newest)).await;
    assert_eq!(page.status, StatusCode::OK);
    let said = format!("Gets false instead of true since snapshot {newest}");
    assert!(page.text.contains(&said), "{}", page.text);
    let missing = w.get(&owner, &path(newest + 7, newest)).await;
    let said = format!("There is no snapshot {} to ask", newest + 7);
    assert_eq!(missing.status, StatusCode::OK);
    assert!(missing.text.contains(&said), "{}", missing.text);

    let made = console.create_experiment(&owner, draft("exp")).await;
    made.expect("it is made");
    let started = console.command_experiment(&owner, "exp", None, Command::Start);
    started.await.expect("it runs");
    let path = format!(
        "/experiments/exp/why?user=ann&from={newest}&to={}",
        newest + 1
    );
    let page = w.get(&owner, &path).await;
    let said = "instead of nothing (not in the snapshot)";
    assert!(page.text.contains(said), "{}", page.text);
}

#[tokio::test]
async fn recent_visitors_can_be_picked_by_whoever_edits() {
    let w = World::new().await;
    explained(&w).await;
    let path = "/experiments/explained/why";
    let empty = w.get(&w.owner(), path).await;
    assert!(empty.text.contains("Nobody yet."), "{}", empty.text);
    let mut sent = batch(vec![]);
    sent.samples = Some(Samples {
        at_ms: w.t.console.now_ms(),
        below: RANKS,
        visitors: vec![SampledVisitor {
            unit: "visitor-1".to_owned(),
            country: Some("JP".to_owned()),
            device: "mobile".to_owned(),
            attributes: [("plan".to_owned(), "a, b".to_owned())].into(),
        }],
    });
    let taken = w.t.console.ingest(&w.t.gateway(), sent).await;
    taken.expect("it is taken");
    let page = w.get(&w.owner(), path).await;
    let start = page.text.find("/experiments/explained/why?user=visitor-1");
    let link = &page.text[start.expect("a link")..];
    let link = link[..link.find('"').expect("its end")].replace("&amp;", "&");
    let asked = w.get(&w.owner(), &link).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.text.contains("plan=&quot;a, b&quot;") || asked.text.contains("plan=\"a, b\""));
    let viewer = w.get(&w.t.person(Role::Viewer), path).await;
    assert!(!viewer.text.contains("visitor-1") && !viewer.text.contains("Pick a recent"));
}

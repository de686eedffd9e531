//! Raw events by the form of environments, and an experiment counted anew by its page.

use http::StatusCode;
use nexus_control::testing::draft;
use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Command, Metric, MetricKind};

use super::world::{World, form};

const PAGE: &str = "/experiments/anew/recompute";

async fn started(w: &World) {
    let (console, owner) = (&w.t.console, w.owner());
    let mut draft = draft("anew");
    draft.metrics = vec![Metric {
        key: "orders".to_owned(),
        kind: MetricKind::Count,
        ..Metric::default()
    }];
    let made = console.create_experiment(&owner, draft).await;
    made.expect("created");
    let start = console.command_experiment(&owner, "anew", None, Command::Start);
    start.await.expect("started");
}

#[tokio::test]
async fn what_is_typed_of_raw_events_stays_and_is_said_to_be_wrong() {
    let w = World::new().await;
    for (typed, said) in [
        ("many", "A whole number from 0 to 90."),
        ("999999", "Between 0 and 90."),
    ] {
        let body = form(&[("environment", "production"), ("raw_days", typed)]);
        let refused = w.post(&w.owner(), "/settings/environments", &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(said), "{typed}: {}", refused.text);
        assert!(refused.text.contains(&format!("value=\"{typed}\"")));
        let viewer = w.t.person(Role::Viewer);
        let other = w.post(&viewer, "/settings/environments", &body).await;
        assert_eq!(other.status, StatusCode::FORBIDDEN, "{typed}");
    }
}

#[tokio::test]
async fn who_may_change_no_environment_is_told_so_once() {
    let w = World::new().await;
    let told = async |actor: Actor| {
        let page = w.get(&actor, "/settings/environments").await;
        assert_eq!(page.status, StatusCode::OK);
        page.text.matches("Your roles do not allow this").count()
    };
    assert_eq!(told(w.t.person(Role::Viewer)).await, 1);
    assert_eq!(told(w.owner()).await, 0);
    let mut of_one = w.t.person(Role::Owner);
    of_one.grants[0].environment = Some(Environment::Preview);
    let others = Environment::ALL.len() - 1;
    assert_eq!(told(of_one).await, others, "at those that are not theirs");
}

#[tokio::test]
async fn who_may_not_recompute_sees_why_and_reads_no_log() {
    let w = World::new().await;
    started(&w).await;
    let link = format!("href=\"{PAGE}\"");
    let viewer = w.t.person(Role::Viewer);
    let page = w.get(&viewer, "/experiments/anew").await.text;
    let (_, quality) = page.split_once("id=\"quality\"").expect("the part");
    let (quality, _) = quality.split_once("</section>").expect("its end");
    assert!(quality.contains("aria-disabled=\"true\"") && quality.contains("It needs the role"));
    assert!(!page.contains(&link), "{page}");
    let page = w.get(&w.owner(), "/experiments/anew").await.text;
    assert!(page.contains(&link), "{page}");
    let path = "/experiments/anew/revisions";
    let page = w.get(&viewer, path).await.text;
    assert!(page.contains("no details"), "{page}");
    let page = w.get_with(&viewer, path, "lang=ja").await.text;
    assert!(page.contains("詳細なし"), "{page}");
    let page = w.get(&w.owner(), path).await.text;
    assert!(!page.contains("no details"), "{page}");
}

#[tokio::test]
async fn an_experiment_is_counted_anew_by_its_page() {
    let w = World::new().await;
    let body = form(&[("environment", "production"), ("raw_days", "30")]);
    let kept = w.post(&w.owner(), "/settings/environments", &body).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
    started(&w).await;
    let page = w.get(&w.owner(), PAGE).await;
    assert!(page.text.contains("What raw events cover"), "{}", page.text);
    assert!(page.text.contains("value=\"orders\""), "{}", page.text);
    // Guardrails are fixed; what was typed stays.
    let metrics = |role| {
        form(&[
            ("do", "recompute"),
            ("version", "2"),
            ("metrics", "on"),
            ("metric_key", "orders"),
            ("metric_kind", "mean"),
            ("metric_better", "higher"),
            ("metric_role", role),
            ("metric_margin", "5"),
            ("metric_cap", "90"),
        ])
    };
    let refused = w.post(&w.owner(), PAGE, &metrics("guardrail")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("once the experiment has started"));
    assert!(refused.text.contains("value=\"90\""), "{}", refused.text);
    let asked = w.post(&w.owner(), PAGE, &metrics("secondary")).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let page = w.get(&w.owner(), PAGE).await;
    assert!(page.text.contains("0% · 0 of 0 events"), "{}", page.text);
    w.t.ticks("a", 2).await.expect("rounds");
    let page = w.get(&w.owner(), PAGE).await;
    assert!(page.text.contains("Exposed before"), "{}", page.text);
    let revisions = w.get(&w.owner(), "/experiments/anew/revisions").await;
    assert!(revisions.text.contains("recomputed experiment"));
    let again = form(&[("do", "recompute"), ("version", "3")]);
    let asked = w.post(&w.owner(), PAGE, &again).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let gone = w.post(&w.owner(), PAGE, &form(&[("do", "cancel")])).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text);
    let page = w.get(&w.owner(), PAGE).await;
    assert!(page.text.contains("Results stayed as they were."));
}

#[tokio::test]
async fn without_raw_events_the_page_says_why_it_cannot_be() {
    let w = World::new().await;
    started(&w).await;
    let page = w.get(&w.owner(), PAGE).await;
    assert!(page.text.contains("keeps no raw events"), "{}", page.text);
    assert!(!page.text.contains("value=\"recompute\""));
    let asked = w
        .post(&w.owner(), PAGE, &form(&[("do", "recompute")]))
        .await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
}

//! Recent visitors in forms and before commands, by plain forms.

use http::StatusCode;
use nexus_control::ingest::{SampledVisitor, Samples};
use nexus_control::testing::{batch, draft, flag_draft};
use nexus_domain::access::Role;
use nexus_flags::RANKS;

use super::world::{World, form};

/// A hundred visitors from Japan and twenty from elsewhere.
async fn visited(w: &World) {
    let visitor = |n: u32| SampledVisitor {
        unit: format!("visitor-{n}"),
        country: Some(if n < 100 { "JP" } else { "US" }.to_owned()),
        device: "mobile".to_owned(),
        attributes: [("plan".to_owned(), "a,b".to_owned())].into(),
    };
    let mut sent = batch(vec![]);
    sent.samples = Some(Samples {
        at_ms: w.t.console.now_ms(),
        below: RANKS,
        visitors: (0..120).map(visitor).collect(),
    });
    let taken = w.t.console.ingest(&w.t.gateway(), sent).await;
    taken.expect("it is taken");
}

#[tokio::test]
async fn an_audience_is_estimated_while_it_is_typed_and_whatever_else_is_missing() {
    let w = World::new().await;
    let owner = w.owner();
    let empty = w.get(&owner, "/experiments/new").await;
    assert!(empty.text.contains("No visitors yet in Production"));
    visited(&w).await;
    let typed = |countries: &'static str| {
        form(&[
            ("do", "estimate"),
            ("environment", "production"),
            ("coverage", "100"),
            ("timezone", "UTC"),
            ("countries", countries),
        ])
    };
    let page = w.post(&owner, "/experiments/new", &typed("US")).await;
    assert_eq!(page.status, StatusCode::OK);
    let said = "About 16.7% of recent visitors take part";
    assert!(page.text.contains(said), "{}", page.text);
    let wrong = w.post(&owner, "/experiments/new", &typed("Atlantis")).await;
    assert_eq!(wrong.status, StatusCode::OK);
    assert!(wrong.text.contains("Correct this to see"));
    let rule = form(&[
        ("do", "estimate"),
        ("environment", "production"),
        ("kind", "boolean"),
        ("value", "false"),
        ("rule", "0"),
        ("rule-0-value", "true"),
        ("rule-0-coverage", "100"),
        ("rule-0-timezone", "UTC"),
        ("rule-0-countries", "JP"),
    ]);
    let page = w.post(&owner, "/flags/new", &rule).await;
    let said = "Rule 1: about 83.3% of recent visitors get its value";
    assert!(page.text.contains(said), "{}", page.text);
}

#[tokio::test]
async fn what_a_start_or_a_switch_would_change_is_said_before_it_is_done() {
    let w = World::new().await;
    let (owner, viewer) = (w.owner(), w.t.person(Role::Viewer));
    let console = &w.t.console;
    let made = console.create_experiment(&owner, draft("cta")).await;
    made.expect("it is made");
    let made = console.create_flag(&owner, flag_draft("cta")).await;
    made.expect("it is made");
    let empty = w.get(&owner, "/experiments/cta/start").await;
    assert!(empty.text.contains("this shows for how many visitors"));
    visited(&w).await;
    for path in ["/experiments/cta/start", "/experiments/cta/why"] {
        let page = w.get(&owner, path).await;
        let said = "About 50.0% of visitors would get something else";
        assert!(page.text.contains(said), "{}", page.text);
        assert!(page.text.contains("/experiments/cta/why?user=visitor-"));
        let page = w.get(&viewer, path).await;
        assert!(
            !page.text.contains("visitor-"),
            "who may not edit sees nobody"
        );
    }
    let flag = w.get(&owner, "/flags/production/cta").await;
    assert!(flag.text.contains("what-if=switch"));
    let flag = w.get(&owner, "/flags/production/cta?what-if=switch").await;
    assert!(flag.text.contains("Once the flag is on"), "{}", flag.text);
    assert!(flag.text.contains("/flags/production/cta?user=visitor-"));
    let edit = w.get(&owner, "/flags/production/cta/edit").await;
    assert!(edit.text.contains("Once the flag is on"), "{}", edit.text);
}

#[tokio::test]
async fn what_a_group_changes_and_a_holdout_leaves_out_is_said_in_their_forms() {
    let w = World::new().await;
    let owner = w.owner();
    let group = |more: &[(&'static str, &'static str)]| {
        let mut pairs = vec![
            ("name", "Testers"),
            ("id", "testers"),
            ("environment", "production"),
            ("kind", "list"),
            ("attribute", "id"),
        ];
        pairs.extend_from_slice(more);
        form(&pairs)
    };
    let made = group(&[("values", "visitor-1")]);
    let made = w.post(&owner, "/saved-groups/new", &made).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let mut banner = flag_draft("banner");
    let condition = serde_json::json!({ "$savedGroups": ["testers"] });
    banner.rules[0].targeting.condition = Some(condition);
    let console = &w.t.console;
    console
        .create_flag(&owner, banner)
        .await
        .expect("it is made");
    let on = w
        .post(&owner, "/flags/production/banner/enable", "version=1")
        .await;
    assert_eq!(on.status, StatusCode::SEE_OTHER, "{}", on.text);
    visited(&w).await;
    let edit = "/saved-groups/production/testers/edit";
    let page = w.get(&owner, edit).await;
    assert!(
        page.text.contains("Nobody would get anything else"),
        "{}",
        page.text
    );
    let typed = group(&[
        ("version", "1"),
        ("values", "visitor-1\nvisitor-2\nvisitor-3"),
        ("do", "estimate"),
    ]);
    let page = w.post(&owner, edit, &typed).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains("flag banner: 1.7% of visitors"),
        "{}",
        page.text
    );
    let stored = w.get(&owner, "/saved-groups/production/testers").await;
    assert!(stored.text.contains("1 values of id"), "{}", stored.text);

    let typed = form(&[
        ("do", "estimate"),
        ("environment", "production"),
        ("reach", "global"),
        ("share", "50"),
    ]);
    let page = w.post(&owner, "/holdouts/new", &typed).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(
        page.text.contains("would be left out of what starts"),
        "{}",
        page.text
    );
    let none = w.get(&owner, "/holdouts").await;
    assert!(none.text.contains("No holdouts yet"), "{}", none.text);
}

#[tokio::test]
async fn a_layer_is_chosen_among_those_there_are_and_a_new_one_is_said() {
    let w = World::new().await;
    let owner = w.owner();
    let mut known = draft("first");
    known.layer = Some(nexus_domain::experiment::LayerShare {
        layer: "checkout".to_owned(),
        share_bp: 4_000,
        from_bp: None,
    });
    let console = &w.t.console;
    console
        .create_experiment(&owner, known)
        .await
        .expect("it is made");
    let typed = |layer: &'static str, asked: &'static str| {
        form(&[
            ("do", asked),
            ("environment", "production"),
            ("layer", layer),
            ("layer_share", "30"),
        ])
    };
    let note = "is a new layer in this environment";
    let new = w.get(&owner, "/experiments/new").await;
    assert!(
        new.text.contains("<option value=\"checkout\">"),
        "{}",
        new.text
    );
    assert!(!new.text.contains(note));
    for asked in ["estimate", ""] {
        let page = w
            .post(&owner, "/experiments/new", &typed("chekout", asked))
            .await;
        assert!(page.text.contains(note), "{}", page.text);
        let page = w
            .post(&owner, "/experiments/new", &typed("checkout", asked))
            .await;
        assert!(!page.text.contains(note), "{}", page.text);
    }
    // The only one in it is asked whether it is the layer that was meant.
    let edit = w.get(&owner, "/experiments/first/edit").await;
    assert!(edit.text.contains(note), "{}", edit.text);
    let list = w.get(&owner, "/layers").await;
    assert!(list.text.contains("40% from its start on"), "{}", list.text);
    assert!(list.text.contains("href=\"/experiments/first\""));
}

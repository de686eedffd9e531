//! Links for testers, templates, and rules that respect holdouts, by plain forms.

use http::StatusCode;

use super::with;
use super::world::{World, form};

const HOME: &str = "/experiments/checkout";

async fn made(w: &World) {
    let typed = form(&with("id", "checkout"));
    let made = w.post(&w.owner(), "/experiments/new", &typed).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn links_are_made_shown_as_text_and_revoked_without_a_script() {
    let w = World::new().await;
    let owner = w.owner();
    made(&w).await;
    let page = w.get(&owner, &format!("{HOME}/qa")).await;
    assert!(page.text.contains("None in force."), "{}", page.text);
    let bad = form(&[("page", "shop.example"), ("hours", "9999")]);
    let refused = w.post(&owner, &format!("{HOME}/qa"), &bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("value=\"shop.example\""),
        "what was typed stays"
    );
    let good = form(&[
        ("page", "https://shop.example/cart?a=1"),
        ("hours", "1"),
        ("only", "\"short\""),
    ]);
    let done = w.post(&owner, &format!("{HOME}/qa"), &good).await;
    assert_eq!(
        done.location,
        format!("{HOME}/qa?done=qa-made"),
        "{}",
        done.text
    );
    let page = w.get(&owner, &format!("{HOME}/qa")).await;
    assert!(
        page.text
            .contains("https://shop.example/cart?a=1&amp;nexus_qa=")
    );
    let links = page.text.matches("class=\"qa-link\"").count();
    assert_eq!(links, 1, "only what was ticked");
    let (_, rest) = page.text.split_once("/qa-links/").expect("a way to revoke");
    let (id, _) = rest.split_once('/').expect("an id");
    let revoke = format!("/qa-links/{id}/revoke");
    let asked = w.get(&owner, &revoke).await;
    assert!(
        asked.text.contains("Type checkout to confirm"),
        "{}",
        asked.text
    );
    let refused = w.post(&owner, &revoke, "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, error) = refused
        .text
        .split_once(" id=\"typed-error\"")
        .expect("said at the field");
    let (error, _) = error.split_once("</p>").expect("its end");
    assert!(error.contains("<svg"), "marked as any error: {error}");
    let done = w.post(&owner, &revoke, "typed=checkout").await;
    assert_eq!(done.location, format!("{HOME}/qa?done=qa-revoked"));
    let again = w.get(&owner, &revoke).await;
    assert_eq!(
        again.location,
        format!("{HOME}/qa"),
        "there is nothing to ask"
    );
    let page = w.get(&owner, &format!("{HOME}/qa")).await;
    assert!(page.text.contains("None in force."));
}

#[tokio::test]
async fn a_form_opens_filled_from_a_template() {
    let w = World::new().await;
    let owner = w.owner();
    let empty = w.get(&owner, "/experiments").await;
    assert!(empty.text.contains("/experiments/new?template=models"));
    let form_page = w.get(&owner, "/experiments/new?template=models").await;
    for filled in ["answer-accepted", "answer-seconds", "Comparison of models"] {
        assert!(form_page.text.contains(filled), "{filled}");
    }
    let flag = w.get(&owner, "/flags/new?template=remote-config").await;
    assert!(flag.text.contains("additionalProperties"));
    let none = w.get(&owner, "/experiments/new?template=tpl_0").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);

    made(&w).await;
    let save = format!("{HOME}/template");
    let refused = w.post(&owner, &save, &form(&[("name", "")])).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let saved = w.post(&owner, &save, &form(&[("name", "Ours")])).await;
    assert_eq!(saved.location, "/templates?done=template-saved");
    let list = w.get(&owner, "/templates").await;
    let (_, rest) = list.text.split_once("template=tpl_").expect("ours");
    let (id, _) = rest.split_once('"').expect("an id");
    let url = format!("/experiments/new?template=tpl_{id}");
    let begun = w.get(&owner, &url).await;
    assert!(begun.text.contains("fewer steps, more orders"));
    let delete = format!("/templates/tpl_{id}/delete");
    let asked = w.get(&owner, &delete).await;
    assert!(asked.text.contains("Experiments that began from it stay"));
    let refused = w.post(&owner, &delete, "typed=Theirs").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .text
            .contains("That is not Ours. Nothing was changed.")
    );
    assert!(refused.text.contains("value=\"Theirs\""));
    let deleted = w.post(&owner, &delete, "typed=Ours").await;
    assert_eq!(deleted.location, "/templates?done=template-deleted");
}

#[tokio::test]
async fn a_rule_is_bound_by_ticking_a_holdout_and_groups_are_named() {
    let w = World::new().await;
    let owner = w.owner();
    let holdout = form(&[
        ("name", "All of 2027"),
        ("id", "year"),
        ("environment", "production"),
        ("reach", "global"),
        ("binds_flags", "on"),
        ("share", "5"),
        ("goal", "purchase"),
    ]);
    let made = w.post(&owner, "/holdouts/new", &holdout).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let group = form(&[
        ("name", "Named people"),
        ("id", "named"),
        ("environment", "production"),
        ("kind", "list"),
        ("attribute", "id"),
        ("values", "ann"),
    ]);
    let made = w.post(&owner, "/saved-groups/new", &group).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let flag = |group: &str, act: &str| {
        form(&[
            ("name", "Bound"),
            ("key", "bound"),
            ("environment", "production"),
            ("kind", "boolean"),
            ("value", "false"),
            ("rule", "0"),
            ("rule-0-value", "true"),
            ("rule-0-coverage", "100"),
            ("rule-0-timezone", "UTC"),
            ("rule-0-holdout", "year"),
            ("rule-0-condition_as", "rows"),
            ("rule-0-condition_join", "all"),
            ("rule-0-condition_group", "0"),
            ("rule-0-condition_group_join", "all"),
            ("rule-0-condition_row", "0"),
            ("rule-0-condition_attribute", "id"),
            ("rule-0-condition_operator", "in_group"),
            ("rule-0-condition_value", group),
            ("do", act),
        ])
    };
    let shown = w
        .post(&owner, "/flags/new", &flag("named", "add-rule"))
        .await;
    assert!(shown.text.contains("Saved group:"), "{}", shown.text);
    assert!(shown.text.contains("All of 2027"));
    let refused = w.post(&owner, "/flags/new", &flag("nowhere", "")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("There is no saved group “nowhere”"));
    let made = w.post(&owner, "/flags/new", &flag("named", "")).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let page = w.get(&owner, "/flags/production/bound").await;
    assert!(page.text.contains("Not for users held out by"));

    // What a new rule does not choose binds it all the same, until somebody says why not.
    let form_page = w
        .post(&owner, "/flags/new", &flag("named", "add-rule"))
        .await;
    let said = "takes in nobody whom the holdout “All of 2027” holds out";
    assert!(form_page.text.contains(said), "{}", form_page.text);
    let new = |key: &str, exemption: &str| {
        form(&[
            ("name", "Unbound"),
            ("key", key),
            ("environment", "production"),
            ("kind", "boolean"),
            ("value", "false"),
            ("rule", "0"),
            ("rule-0-value", "true"),
            ("rule-0-coverage", "100"),
            ("rule-0-timezone", "UTC"),
            ("rule-0-exemption", exemption),
        ])
    };
    for (key, exemption) in [("quiet", ""), ("fix", "A fix that everybody needs")] {
        let made = w.post(&owner, "/flags/new", &new(key, exemption)).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    }
    let quiet = w.get(&owner, "/flags/production/quiet").await;
    assert!(quiet.text.contains("Not for users held out by"));
    let holdout = w.get(&owner, "/holdouts/year").await;
    assert!(holdout.text.contains("Because: A fix that everybody needs"));
    assert!(holdout.text.contains("fix/r1") && !holdout.text.contains("quiet/r1"));
    let long = w
        .post(&owner, "/flags/new", &new("long", &"x".repeat(201)))
        .await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        long.text.contains("rule-0-exemption-error"),
        "{}",
        long.text
    );
}

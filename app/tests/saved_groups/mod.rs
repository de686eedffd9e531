//! Saved groups, prerequisites and holdouts by plain forms.

use http::StatusCode;

use super::world::{World, form};

const LIST: &str = "/saved-groups";
const HOME: &str = "/saved-groups/production/beta-testers";

fn group<'a>(version: &'a str, values: &'a str) -> String {
    form(&[
        ("version", version),
        ("name", "Beta testers"),
        ("id", ""),
        ("environment", "production"),
        ("kind", "list"),
        ("attribute", "id"),
        ("values", values),
        ("condition", ""),
        ("description", "<b>of</b> the support team"),
    ])
}

fn flag<'a>(key: &'a str, more: &[(&'static str, &'a str)]) -> String {
    let mut pairs = vec![
        ("name", key),
        ("key", key),
        ("environment", "production"),
        ("kind", "boolean"),
        ("value", "false"),
    ];
    pairs.extend_from_slice(more);
    form(&pairs)
}

const RULE: [(&str, &str); 4] = [
    ("rule", "0"),
    ("rule-0-value", "true"),
    ("rule-0-coverage", "100"),
    ("rule-0-timezone", "UTC"),
];

#[tokio::test]
async fn a_list_is_made_used_changed_and_archived() {
    let w = World::new().await;
    let owner = w.owner();
    let empty = w.get(&owner, LIST).await;
    assert!(empty.text.contains("No saved groups yet"), "{}", empty.text);
    let made = w
        .post(
            &owner,
            &format!("{LIST}/new"),
            &group("", "ann\r\nbob\r\nann"),
        )
        .await;
    assert_eq!(
        made.location,
        format!("{HOME}?done=group-created"),
        "{}",
        made.text
    );
    let page = w.get(&owner, &format!("{HOME}?find=ann")).await;
    assert!(page.text.contains("2 values of id"), "{}", page.text);
    assert!(page.text.contains("is in the list."), "{}", page.text);
    assert!(!page.text.contains("<b>of"), "typed markup is text");

    let condition = "{\"$savedGroups\": [\"beta-testers\"]}";
    let mut rule = RULE.to_vec();
    rule.push(("rule-0-condition", condition));
    let made = w.post(&owner, "/flags/new", &flag("banner", &rule)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let page = w.get(&owner, HOME).await;
    assert!(
        page.text.contains("/flags/production/banner"),
        "{}",
        page.text
    );
    let archive = format!("{HOME}/archive");
    let other = w.post(&owner, &archive, "typed=others").await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.text.contains("That is not beta-testers."));
    let refused = w.post(&owner, &archive, "typed=beta-testers").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("In use by: flag banner."),
        "{}",
        refused.text
    );

    let edit = format!("{HOME}/edit");
    let saved = w.post(&owner, &edit, &group("1", "bob\neve")).await;
    assert_eq!(
        saved.location,
        format!("{HOME}?done=group-saved"),
        "{}",
        saved.text
    );
    let late = w.post(&owner, &edit, &group("1", "mine")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text.contains("1 added") && late.text.contains("mine"),
        "{}",
        late.text
    );
    let history = w.get(&owner, &format!("{HOME}/history")).await;
    assert!(history.text.contains("1 removed"), "{}", history.text);
    let back = w
        .post(&owner, &format!("{HOME}/history"), "version=2&revision=1")
        .await;
    assert_eq!(
        back.location,
        format!("{HOME}?done=restored"),
        "{}",
        back.text
    );

    w.post(&owner, "/flags/production/banner/archive", "typed=banner")
        .await;
    let gone = w.post(&owner, &archive, "typed=beta-testers").await;
    assert_eq!(
        gone.location,
        format!("{HOME}?done=group-archived"),
        "{}",
        gone.text
    );
    let mut rule = RULE.to_vec();
    rule.push(("rule-0-condition", condition));
    let refused = w.post(&owner, "/flags/new", &flag("other", &rule)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = "The saved group “beta-testers” is archived (condition.$savedGroups[0])";
    assert!(refused.text.contains(said), "{}", refused.text);
}

#[tokio::test]
async fn prerequisites_are_chosen_explained_and_never_a_circle() {
    let w = World::new().await;
    let owner = w.owner();
    let made = w.post(&owner, "/flags/new", &flag("base", &RULE)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let needs = |of: &'static str| {
        let mut pairs = vec![
            ("needs_flag", of),
            ("needs_operator", "is"),
            ("needs_value", "true"),
            ("needs_flag", ""),
            ("needs_operator", "is"),
            ("needs_value", ""),
        ];
        pairs.extend(RULE);
        pairs
    };
    let made = w
        .post(&owner, "/flags/new", &flag("top", &needs("base")))
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let page = w.get(&owner, "/flags/production/top?user=ann").await;
    assert!(
        page.text.contains("Only while base is true"),
        "{}",
        page.text
    );
    assert!(page.text.contains("base is true"), "{}", page.text);
    let page = w.get(&owner, "/flags/production/base").await;
    assert!(page.text.contains("Needed by"), "{}", page.text);
    let gone = w
        .post(&owner, "/flags/production/base/archive", "typed=base")
        .await;
    assert_eq!(gone.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        gone.text.contains("It can’t be archived yet"),
        "{}",
        gone.text
    );
    assert!(gone.text.contains("href=\"/flags/production/top\""));

    let mut circle = needs("top");
    circle.push(("version", "1"));
    circle.push(("rule-0-id", "r1"));
    let edit = "/flags/production/base/edit";
    let refused = w.post(&owner, edit, &flag("base", &circle)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("base → top → base"),
        "{}",
        refused.text
    );
    let refused = w
        .post(&owner, "/flags/new", &flag("lost", &needs("nowhere")))
        .await;
    assert!(
        refused.text.contains("There is no flag “nowhere”"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn a_holdout_is_made_chosen_joined_and_stopped() {
    let w = World::new().await;
    let owner = w.owner();
    let holdout = |share: &str| {
        form(&[
            ("name", "Search team"),
            ("id", ""),
            ("environment", "production"),
            ("reach", "named"),
            ("share", share),
            ("goal", "purchase"),
        ])
    };
    let refused = w.post(&owner, "/holdouts/new", &holdout("80")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("Between 0.01 and 50."),
        "{}",
        refused.text
    );
    let made = w.post(&owner, "/holdouts/new", &holdout("5")).await;
    let home = "/holdouts/search-team";
    assert_eq!(
        made.location,
        format!("{home}?done=holdout-created"),
        "{}",
        made.text
    );
    let page = w.get(&owner, "/experiments/new").await;
    assert!(page.text.contains("value=\"search-team\""), "{}", page.text);
    let mut pairs = super::with("id", "ranking");
    pairs.push(("holdout", "search-team"));
    let made = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let started = w.post(&owner, "/experiments/ranking/start", "").await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
    let page = w.get(&owner, "/experiments/ranking").await;
    assert!(
        page.text.contains("leaves out 5% (search-team)"),
        "{}",
        page.text
    );
    let page = w.get(&owner, home).await;
    assert!(page.text.contains("/experiments/ranking"), "{}", page.text);
    let wrong = w
        .post(&owner, &format!("{home}/stop"), "typed=search")
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stopped = w
        .post(&owner, &format!("{home}/stop"), "typed=search-team")
        .await;
    assert_eq!(stopped.location, format!("{home}?done=holdout-stopped"));
}

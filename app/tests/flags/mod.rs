//! Feature flags by plain forms.

mod imports;

use http::StatusCode;
use nexus_domain::access::Role;

use super::world::{World, form};

const NEW: &[(&str, &str)] = &[
    ("name", "New checkout"),
    ("key", "new-checkout"),
    ("environment", "production"),
    ("kind", "boolean"),
    ("value", "false"),
    ("description", "<script>alert(1)</script>"),
    ("rule", "0"),
    ("rule-0-name", "Japan first"),
    ("rule-0-value", "true"),
    ("rule-0-coverage", "50"),
    ("rule-0-countries", "JP"),
    ("rule-0-timezone", "Asia/Tokyo"),
];
const HOME: &str = "/flags/production/new-checkout";

/// `NEW` as a changed form of that version.
fn edit(version: &str, changed: &[(&'static str, &'static str)]) -> String {
    let mut pairs = vec![("version", version), ("rule-0-id", "r1")];
    for (name, value) in NEW {
        let new = changed.iter().find(|(changed, _)| changed == name);
        pairs.push((name, new.map_or(*value, |(_, value)| *value)));
    }
    form(&pairs)
}

#[tokio::test]
async fn a_flag_is_made_switched_tried_archived_and_brought_back() {
    let w = World::new().await;
    let owner = w.owner();
    let empty = w.get(&owner, "/flags").await;
    assert!(empty.text.contains("No flags yet"), "{}", empty.text);
    let made = w.post(&owner, "/flags/new", &form(NEW)).await;
    assert_eq!(
        made.location,
        format!("{HOME}?done=flag-created"),
        "{}",
        made.text
    );
    let page = w.get(&owner, &made.location).await;
    assert!(
        page.text.contains("Off: everybody gets false"),
        "{}",
        page.text
    );
    assert!(
        page.text
            .contains("50% of users where the country is Japan get true")
    );
    assert!(!page.text.contains("<script>alert"), "typed markup is text");

    let on = w.post(&owner, &format!("{HOME}/enable"), "reason=go").await;
    assert_eq!(on.location, format!("{HOME}?done=flag-on"));
    let listed = w.get(&owner, "/flags?status=on&q=checkout").await;
    assert!(listed.text.contains("New checkout"));

    let tried = w
        .get(&owner, &format!("{HOME}?user=ada&country=US&device=mobile"))
        .await;
    assert!(tried.text.contains("They get false"), "{}", tried.text);
    assert!(tried.text.contains("The country is one of Japan"));
    let wrong = w
        .get(&owner, &format!("{HOME}?user=ada&country=Atlantis"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("There is no country “Atlantis”"));

    let other = w
        .post(&owner, &format!("{HOME}/archive"), "typed=something")
        .await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        other
            .text
            .contains("That is not new-checkout. Nothing was changed.")
    );
    let gone = w
        .post(&owner, &format!("{HOME}/archive"), "typed=new-checkout")
        .await;
    assert_eq!(gone.location, format!("{HOME}?done=flag-archived"));
    let refused = w.post(&owner, &format!("{HOME}/enable"), "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert!(refused.text.contains("Bring it back first"));
    let back = w.post(&owner, &format!("{HOME}/unarchive"), "").await;
    assert_eq!(back.location, format!("{HOME}?done=flag-unarchived"));
    let page = w.get(&owner, HOME).await;
    assert!(page.text.contains("Off: everybody gets false"));
}

#[tokio::test]
async fn what_was_typed_stays_when_a_form_is_refused_or_rearranged() {
    let w = World::new().await;
    let owner = w.owner();
    let mut pairs = NEW.to_vec();
    pairs.push(("rule", "1"));
    pairs.extend([
        ("rule-1-coverage", "lots"),
        ("rule-1-value", "true"),
        ("rule-1-timezone", "UTC"),
    ]);
    let refused = w.post(&owner, "/flags/new", &form(&pairs)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("href=\"#rule-1-coverage\""),
        "{}",
        refused.text
    );
    assert!(
        refused.text.contains("value=\"lots\"") && refused.text.contains("value=\"Japan first\"")
    );

    pairs.push(("do", "up:1"));
    let moved = w.post(&owner, "/flags/new", &form(&pairs)).await;
    assert_eq!(moved.status, StatusCode::OK);
    let (lots, first) = (
        moved.text.find("\"lots\""),
        moved.text.find("\"Japan first\""),
    );
    assert!(lots < first, "{}", moved.text);
}

#[tokio::test]
async fn conditions_are_built_row_by_row_without_a_script() {
    let w = World::new().await;
    let owner = w.owner();
    let mut pairs = NEW.to_vec();
    pairs.extend([
        ("rule-0-condition_as", "rows"),
        ("rule-0-condition_join", "all"),
    ]);
    let pressed = |pairs: &[(&'static str, &'static str)], button: &'static str| {
        let mut pairs = pairs.to_vec();
        pairs.push(("do", button));
        form(&pairs)
    };
    let added = pressed(&pairs, "rule-0-condition:add-group");
    let added = w.post(&owner, "/flags/new", &added).await;
    assert_eq!(added.status, StatusCode::OK);
    let row = "name=\"rule-0-condition_attribute\"";
    assert_eq!(added.text.matches(row).count(), 1, "{}", added.text);

    pairs.extend([
        ("rule-0-condition_group", "0"),
        ("rule-0-condition_group_join", "none"),
        ("rule-0-condition_row", "0"),
        ("rule-0-condition_attribute", "plan"),
        ("rule-0-condition_operator", "one_of"),
        ("rule-0-condition_value", ""),
    ]);
    let refused = w.post(&owner, "/flags/new", &form(&pairs)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("Fill in a value."),
        "{}",
        refused.text
    );
    assert!(refused.text.contains("href=\"#rule-0-condition\""));

    *pairs.last_mut().unwrap() = ("rule-0-condition_value", "free, 7");
    let json = pressed(&pairs, "rule-0-condition:json");
    let json = w.post(&owner, "/flags/new", &json).await;
    assert!(
        json.text.contains("&quot;$nor&quot;") || json.text.contains("\"$nor\""),
        "{}",
        json.text
    );
    let made = w.post(&owner, "/flags/new", &form(&pairs)).await;
    let page = w.get(&owner, &made.location).await;
    assert!(
        page.text.contains("plan is one of free, 7"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn two_who_edit_at_once_see_what_each_of_them_changed() {
    let w = World::new().await;
    let owner = w.owner();
    w.post(&owner, "/flags/new", &form(NEW)).await;
    let first = edit("1", &[("rule-0-coverage", "70")]);
    let saved = w.post(&owner, &format!("{HOME}/edit"), &first).await;
    assert_eq!(
        saved.location,
        format!("{HOME}?done=saved"),
        "{}",
        saved.text
    );
    let second = edit("1", &[("rule-0-coverage", "90"), ("name", "Checkout")]);
    let conflict = w.post(&owner, &format!("{HOME}/edit"), &second).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    for said in ["50%", "70%", "90%", "both changed", "Save mine over it"] {
        assert!(conflict.text.contains(said), "{said}: {}", conflict.text);
    }
    assert!(conflict.text.contains("name=\"version\" value=\"2\""));
    let over = edit("2", &[("rule-0-coverage", "90"), ("name", "Checkout")]);
    let over = w.post(&owner, &format!("{HOME}/edit"), &over).await;
    assert_eq!(over.status, StatusCode::SEE_OTHER);

    let history = w.get(&owner, &format!("{HOME}/history?from=1&to=3")).await;
    assert!(
        history.text.contains("50%") && history.text.contains("90%"),
        "{}",
        history.text
    );
    let beside = w.get(&owner, &format!("{HOME}/history?from=1&to=2")).await;
    assert!(
        beside
            .text
            .contains("Compare revision 2 with the current one")
            && !beside.text.contains("Restore revision 2"),
        "{}",
        beside.text
    );
    let with_current = w.get(&owner, &format!("{HOME}/history?from=3&to=2")).await;
    assert!(
        with_current.text.contains("Restore revision 2"),
        "{}",
        with_current.text
    );
    let restored = w
        .post(&owner, &format!("{HOME}/history"), "version=3&revision=1")
        .await;
    assert_eq!(restored.location, format!("{HOME}?done=restored"));
    assert!(w.get(&owner, HOME).await.text.contains("50% of users"));
}

#[tokio::test]
async fn a_flag_goes_to_another_environment_and_its_differences_are_shown_first() {
    let w = World::new().await;
    let owner = w.owner();
    w.post(&owner, "/flags/new", &form(NEW)).await;
    let page = w.get(&owner, HOME).await;
    assert!(page.text.contains("Copy to Staging"), "{}", page.text);
    let ask = w.get(&owner, &format!("{HOME}/copy?to=staging")).await;
    assert!(
        ask.text.contains("switched off, with the same words"),
        "{}",
        ask.text
    );
    let copied = w.post(&owner, &format!("{HOME}/copy"), "to=staging").await;
    assert_eq!(
        copied.location,
        "/flags/staging/new-checkout?done=flag-copied"
    );
    w.post(
        &owner,
        &format!("{HOME}/edit"),
        &edit("1", &[("rule-0-coverage", "70")]),
    )
    .await;
    let ask = w.get(&owner, &format!("{HOME}/copy?to=staging")).await;
    assert!(
        ask.text.contains("50%") && ask.text.contains("70%"),
        "{}",
        ask.text
    );
    let over = w
        .post(&owner, &format!("{HOME}/copy"), "to=staging&version=1")
        .await;
    assert_eq!(over.status, StatusCode::SEE_OTHER);
    for nowhere in ["/copy?to=production", "/copy?to=mars", "/fly"] {
        let missing = w.get(&owner, &format!("{HOME}{nowhere}")).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
    let mars = w.get(&owner, "/flags/mars/new-checkout").await;
    assert_eq!(mars.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_copy_that_needs_what_is_not_there_says_so_on_its_page() {
    let w = World::new().await;
    let owner = w.owner();
    let base = [
        ("name", "Base"),
        ("key", "base"),
        ("environment", "production"),
        ("kind", "boolean"),
        ("value", "false"),
    ];
    w.post(&owner, "/flags/new", &form(&base)).await;
    let mut needing = NEW.to_vec();
    needing.extend([
        ("needs_flag", "base"),
        ("needs_operator", "is"),
        ("needs_value", "true"),
    ]);
    let made = w.post(&owner, "/flags/new", &form(&needing)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let first = "href=\"/flags/production/base/copy?to=staging\"";
    let told = |text: &str| {
        assert!(text.contains("Staging can’t take this flag yet"), "{text}");
        assert!(
            text.contains(first) && text.contains("Copy “base” first"),
            "{text}"
        );
        assert!(!text.contains("name=\"to\""), "no button: {text}");
    };
    let ask = w.get(&owner, &format!("{HOME}/copy?to=staging")).await;
    assert_eq!(ask.status, StatusCode::OK);
    told(&ask.text);
    let refused = w.post(&owner, &format!("{HOME}/copy"), "to=staging").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    told(&refused.text);
    w.post(&owner, "/flags/production/base/copy", "to=staging")
        .await;
    let ask = w.get(&owner, &format!("{HOME}/copy?to=staging")).await;
    assert!(ask.text.contains("name=\"to\""), "{}", ask.text);

    let archive = "/flags/production/base/archive";
    let told = |text: &str| {
        assert!(text.contains("It can’t be archived yet"), "{text}");
        assert!(text.contains(&format!("href=\"{HOME}\"")), "{text}");
        assert!(!text.contains("name=\"typed\""), "no button: {text}");
    };
    told(&w.get(&owner, archive).await.text);
    let refused = w.post(&owner, archive, "typed=base").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    told(&refused.text);
}

#[tokio::test]
async fn a_page_behind_the_last_leads_to_the_last() {
    let w = World::new().await;
    let owner = w.owner();
    let nothing = w.get(&owner, "/flags?page=9").await;
    assert_eq!(nothing.status, StatusCode::OK);
    w.post(&owner, "/flags/new", &form(NEW)).await;
    let beyond = w.get(&owner, "/flags?q=new&page=9").await;
    assert_eq!(beyond.status, StatusCode::SEE_OTHER);
    assert_eq!(beyond.location, "/flags?q=new");
    let audit = w.get(&owner, "/audit?page=99").await;
    assert_eq!(audit.location, "/audit");
}

#[tokio::test]
async fn who_may_not_is_told_by_whom_it_can_be_done() {
    let w = World::new().await;
    w.post(&w.owner(), "/flags/new", &form(NEW)).await;
    let viewer = w.t.person(Role::Viewer);
    let page = w.get(&viewer, HOME).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("needs the role") && !page.text.contains("Switch on</span>"));
    assert!(page.text.contains("Compare revisions"), "{}", page.text);
    let history = w.get(&viewer, &format!("{HOME}/history")).await;
    assert!(!history.text.contains("go back to one"), "{}", history.text);
    let refused = w.post(&viewer, &format!("{HOME}/enable"), "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_long_form_has_an_index_and_a_value_all_that_its_schema_asks() {
    let w = World::new().await;
    let owner = w.owner();
    let new = w.get(&owner, "/flags/new").await;
    for part in ["basics", "needs", "rule-section"] {
        let (link, heading) = (
            format!("href=\"#{part}-title\""),
            format!("id=\"{part}-title\""),
        );
        assert!(new.text.contains(&link), "{part}: {}", new.text);
        assert!(new.text.contains(&heading), "{part}");
    }
    assert!(!new.text.contains("href=\"#schema\""), "it has none yet");

    let schema = r#"{"properties":{"a":{"type":"string"}},"required":["b"]}"#;
    let typed = form(&[
        ("name", "Colors"),
        ("key", "colors"),
        ("environment", "production"),
        ("kind", "json"),
        ("value", r#"{"a":1}"#),
        ("schema", schema),
        ("rule", "0"),
        ("rule-0-value", r#"{"b":1}"#),
        ("rule-0-coverage", "100"),
        ("rule-0-timezone", "UTC"),
    ]);
    let refused = w.post(&owner, "/flags/new", &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = refused.text.replace("<!>", "");
    for fault in ["/a must be a text", "the value is missing the field “b”"] {
        let item = format!("<li>{fault}</li>");
        let told = text.matches(&item).count();
        assert_eq!(told, 2, "at the field and above: {}", refused.text);
    }
    // Of the value and of the rule's.
    assert_eq!(refused.text.matches("href=\"#schema\"").count(), 2);
    assert!(refused.text.contains("It must fit the flag’s schema."));
    assert!(!refused.text.contains("Any JSON value."));
}

#[tokio::test]
async fn comments_are_plain_text_and_a_refused_one_is_kept() {
    let w = World::new().await;
    let owner = w.owner();
    w.post(&owner, "/flags/new", &form(NEW)).await;
    let to = format!("{HOME}/comment");
    let said = w
        .post(&owner, &to, &form(&[("comment", "<b>Half</b> next week")]))
        .await;
    assert_eq!(said.location, format!("{HOME}#comments"), "{}", said.text);
    let page = w.get(&owner, HOME).await;
    assert!(
        page.text.contains("&lt;b&gt;Half&lt;/b&gt; next week"),
        "{}",
        page.text
    );
    let long = "x".repeat(2_001);
    let refused = w.post(&owner, &to, &form(&[("comment", &long)])).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains(&long) && refused.text.contains("href=\"#comment\""));
    // Another language is asked for where the answer is.
    let again = w.get(&owner, &to).await;
    assert_eq!(again.location, format!("{HOME}#comments"));
}

//! Flags out of other systems' export files, by their page.

use http::StatusCode;

use crate::world::{World, form};

#[tokio::test]
async fn a_file_is_previewed_then_imported_and_a_second_time_nothing_is_left() {
    let w = World::new().await;
    let owner = w.owner();
    let file = r#"{"features":{"banner":{"defaultValue":"old","rules":[{"id":"fr_a","force":"new"}]},"Bad!":{}}}"#;
    let mut pairs = vec![("environment", "production"), ("file", file)];
    let preview = w.post(&owner, "/flags/import", &form(&pairs)).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    assert!(
        preview.text.contains("GrowthBook, SDK payload, flags: 2"),
        "{}",
        preview.text
    );
    assert!(preview.text.contains("its key can’t be one here"));
    assert!(
        preview
            .text
            .contains("name=\"take\" value=\"banner\" checked")
    );
    let there = w.get(&owner, "/flags/production/banner").await;
    assert_eq!(
        there.status,
        StatusCode::NOT_FOUND,
        "a preview changes nothing"
    );

    pairs.extend([("take", "banner"), ("keep_state", "yes"), ("do", "import")]);
    let done = w.post(&owner, "/flags/import", &form(&pairs)).await;
    assert_eq!(
        done.location, "/flags?environment=production&done=imported.1.1",
        "{}",
        done.text
    );
    let list = w.get(&owner, &done.location).await;
    assert!(
        list.text.contains("Flags imported: 1, left out: 1."),
        "{}",
        list.text
    );
    let there = w.get(&owner, "/flags/production/banner").await;
    assert!(
        there.text.contains("On: its rules decide"),
        "{}",
        there.text
    );
    pairs.truncate(2);
    let again = w.post(&owner, "/flags/import", &form(&pairs)).await;
    assert!(again.text.contains("Nothing to import"), "{}", again.text);
    let none = w
        .post(&owner, "/flags/import", &form(&[("file", "[]")]))
        .await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        none.text
            .contains("Neither an export of GrowthBook nor one of Unleash.")
    );
}

#[tokio::test]
async fn a_large_file_is_shown_whole_and_taken_a_hundred_after_a_hundred() {
    let w = World::new().await;
    let owner = w.owner();
    let features = (0..130).map(|n| format!("\"f{n:03}\":{{\"defaultValue\":true}}"));
    let features: Vec<String> = features.collect();
    let file = format!("{{\"features\":{{{}}}}}", features.join(","));
    let mut pairs = vec![("environment", "production"), ("file", file.as_str())];
    let preview = w.post(&owner, "/flags/import", &form(&pairs)).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    let ticked = |text: &str| -> Vec<String> {
        let boxes = text.split("name=\"take\" value=\"").skip(1);
        let ticked = boxes.filter(|rest| {
            rest.split('>')
                .next()
                .is_some_and(|tag| tag.contains(" checked"))
        });
        ticked
            .filter_map(|rest| rest.split('"').next().map(str::to_owned))
            .collect()
    };
    let first = ticked(&preview.text);
    assert_eq!((first.len(), first[99].as_str()), (100, "f099"));
    assert!(preview.text.contains("value=\"f129\""), "all are shown");

    pairs.push(("do", "import"));
    let all: Vec<String> = (0..130).map(|n| format!("f{n:03}")).collect();
    let with = |ticks: &[String]| {
        let mut pairs = pairs.clone();
        pairs.extend(ticks.iter().map(|tick| ("take", tick.as_str())));
        form(&pairs)
    };
    let refused = w.post(&owner, "/flags/import", &with(&all)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("At most 100."), "{}", refused.text);
    assert_eq!(ticked(&refused.text).len(), 130, "the ticks are kept");

    let part = w.post(&owner, "/flags/import", &with(&first)).await;
    assert_eq!(part.status, StatusCode::OK, "{}", part.text);
    assert!(part.text.contains("Flags imported: 100"), "{}", part.text);
    let rest = ticked(&part.text);
    assert_eq!((rest.len(), rest[0].as_str()), (30, "f100"));
    let done = w.post(&owner, "/flags/import", &with(&rest)).await;
    assert_eq!(
        done.location,
        "/flags?environment=production&done=imported.30"
    );
}

#[tokio::test]
async fn an_import_of_nothing_says_so_and_keeps_everything() {
    let w = World::new().await;
    let owner = w.owner();
    let file = r#"{"features":{"bare":{},"banner":{"defaultValue":"old"}}}"#;
    let mut pairs = vec![("environment", "production"), ("file", file)];
    let preview = w.post(&owner, "/flags/import", &form(&pairs)).await;
    assert!(
        preview.text.contains("it has no default value"),
        "{}",
        preview.text
    );
    pairs.push(("do", "import"));
    let refused = w.post(&owner, "/flags/import", &form(&pairs)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["Nothing is ticked.", "&quot;banner&quot;", "value=\"bare\""] {
        let said = refused.text.replace('\u{22}', "&quot;");
        let part = part.replace('\u{22}', "&quot;");
        assert!(said.contains(&part), "{part}: {}", refused.text);
    }
    let there = w.get(&owner, "/flags/production/banner").await;
    assert_eq!(there.status, StatusCode::NOT_FOUND);
    let empty = w
        .post(&owner, "/flags/import", &form(&[("file", " ")]))
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        empty.text.contains("Choose or paste a file.") && !empty.text.contains("Not JSON"),
        "{}",
        empty.text
    );
}

#[tokio::test]
async fn a_file_is_chosen_in_a_field_with_a_label() {
    let w = World::new().await;
    let page = w.get(&w.owner(), "/flags/import").await;
    for part in ["for=\"file-choice\"", "id=\"file-choice\"", "Choose a file"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

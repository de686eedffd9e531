//! What people and scripts say of flags and experiments on the command line.

use serde_json::json;

use crate::program::{Installation, client};

const ISSUER: [(&str, &str); 1] = [("NEXUS_OIDC_ISSUER", "http://127.0.0.1:9/oidc")];

/// An installation with a draft and a flag that two people made.
async fn begun() -> Installation {
    let installation = Installation::new();
    let add = ["member", "add", "eve@example.com", "--role", "owner"];
    installation.run(&add).await;
    let token = installation
        .token(&["experiments:write", "flags:write"])
        .await;
    let server = installation.serve(&ISSUER).await;
    server.draft(&token, "cta").await;
    let flag = json!({
        "key": "limits", "environment": "production", "name": "Limits", "kind": "json",
        "value": {"most": 3},
    });
    let request = client().post(server.url("/api/v1/flags"));
    let made = request
        .bearer_auth(&token)
        .json(&flag)
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), http::StatusCode::CREATED);
    installation
}

#[tokio::test]
async fn comments_are_made_and_listed() {
    let installation = begun().await;
    let say = ["experiment", "comment", "cta", "Looks\ngood."];
    assert_eq!(installation.run(&say).await, "said of cta\n");
    let listed = installation.run(&["experiment", "comments", "cta"]).await;
    let (head, row) = listed.trim_end().split_once('\n').unwrap();
    assert_eq!(head, "AT\tBY\tTEXT");
    assert!(row.ends_with("Z\tada\tLooks good."), "{row}");

    let say = ["flag", "comment", "production", "limits", "Three is few."];
    assert_eq!(installation.run(&say).await, "said of production/limits\n");
    let listed = installation
        .run(&["flag", "comments", "production", "limits"])
        .await;
    assert!(listed.contains("\tada\tThree is few.\n"), "{listed}");
    let empty = ["flag", "comment", "production", "limits", " "];
    let refused = installation.refused(&empty).await;
    assert!(refused.contains("Comment: Fill this in."), "{refused}");
    let unknown = ["experiment", "comments", "none"];
    assert!(installation.refused(&unknown).await.contains("none"));
}

#[tokio::test]
async fn results_are_a_table_or_json() {
    let installation = begun().await;
    let start = ["experiment", "start", "cta"];
    installation.run(&start).await;
    let table = installation.run(&["experiment", "results", "cta"]).await;
    let mut lines = table.lines();
    let head = lines.next().unwrap();
    assert!(head.starts_with("METRIC\tROLE\tVARIANT\tUSERS\t"), "{head}");
    let control = lines.next().unwrap();
    assert!(control.contains("\tcontrol\t0\t"), "{control}");
    let json = ["experiment", "results", "cta", "--json"];
    let rows: serde_json::Value = serde_json::from_str(&installation.run(&json).await).unwrap();
    assert_eq!(
        rows.as_array().map(Vec::len),
        Some(table.lines().count() - 1)
    );
    let unknown = ["experiment", "results", "none"];
    assert!(installation.refused(&unknown).await.contains("none"));
}

#[tokio::test]
async fn a_flags_schema_is_set_read_and_cleared() {
    let installation = begun().await;
    let file = installation.path("schema.json");
    let path = file.to_str().unwrap();
    let of = |command: &'static str| ["flag", "schema", command, "production", "limits"];
    assert_eq!(installation.run(&of("get")).await, "");
    let schema = json!({"type": "object", "required": ["most"]});
    std::fs::write(&file, schema.to_string()).unwrap();
    let set = [&of("set")[..], &[path]].concat();
    assert_eq!(
        installation.run(&set).await,
        "production/limits has a schema\n"
    );
    let read = installation.run(&of("get")).await;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&read).unwrap(),
        schema
    );

    let other = json!({"type": "object", "required": ["least"]});
    std::fs::write(&file, other.to_string()).unwrap();
    let refused = installation.refused(&set).await;
    assert!(
        refused.contains("the value is missing the field “least”"),
        "{refused}"
    );
    std::fs::write(&file, "{").unwrap();
    let refused = installation.refused(&set).await;
    assert!(refused.contains("not JSON"), "{refused}");
    let said = installation.run(&of("clear")).await;
    assert_eq!(said, "production/limits has no schema\n");
    assert_eq!(installation.run(&of("get")).await, "");
}

#[tokio::test]
async fn a_flag_is_made_edited_copied_and_archived_by_files() {
    let installation = begun().await;
    let show = ["flag", "show", "production", "limits"];
    let mut draft: serde_json::Value =
        serde_json::from_str(&installation.run(&show).await).unwrap();
    let file = installation.path("flag.json");
    let path = file.to_str().unwrap().to_owned();
    let save = ["flag", "save", &path];
    draft["value"] = json!({"most": 5});
    std::fs::write(&file, draft.to_string()).unwrap();
    let said = installation.run(&save).await;
    assert_eq!(said, "production/limits is at version 2 and off\n");
    let shown: serde_json::Value = serde_json::from_str(&installation.run(&show).await).unwrap();
    assert_eq!(shown, draft);
    let stale = [&save[..], &["--version", "1"]].concat();
    let refused = installation.refused(&stale).await;
    assert!(refused.contains("version 1 became 2"), "{refused}");

    draft["key"] = json!("Limits.v2");
    std::fs::write(&file, draft.to_string()).unwrap();
    let said = installation.run(&save).await;
    assert_eq!(said, "production/Limits.v2 is at version 1 and off\n");
    draft["key"] = json!("Limits v2");
    std::fs::write(&file, draft.to_string()).unwrap();
    let refused = installation.refused(&save).await;
    assert!(refused.contains("Key"), "{refused}");
    std::fs::write(&file, "[]").unwrap();
    let refused = installation.refused(&save).await;
    assert!(refused.contains("no settings of a flag"), "{refused}");

    let copy = ["flag", "copy", "production", "limits", "staging"];
    let said = installation.run(&copy).await;
    assert_eq!(said, "staging/limits is at version 1 and off\n");
    for (command, status) in [("archive", "archived"), ("unarchive", "off")] {
        let said = installation
            .run(&["flag", command, "production", "limits"])
            .await;
        let first = said.lines().next();
        assert_eq!(first, Some(&*format!("production/limits is {status}")));
    }
}

#[tokio::test]
async fn where_approval_is_required_nothing_starts_without() {
    let installation = begun().await;
    let rule = |rule: &'static str| ["environment", "approval", "production", rule];
    let said = installation.run(&rule("required")).await;
    assert_eq!(said, "production: approval required\n");
    let listed = installation.run(&["environment", "list"]).await;
    assert!(
        listed.starts_with("ENVIRONMENT\tAPPROVAL\tRAW EVENTS\n"),
        "{listed}"
    );
    assert!(
        listed.contains("production\trequired\t0 days\n"),
        "{listed}"
    );
    assert!(
        listed.contains("staging\tnot-required\t0 days\n"),
        "{listed}"
    );
    let start = ["experiment", "start", "cta"];
    let refused = installation.refused(&start).await;
    assert!(refused.contains("asks for an approval first"), "{refused}");

    // The draft is the token's work, so that whoever types here may approve it.
    let ask = ["experiment", "ask-review", "cta", "--words", "Please look."];
    assert!(installation.run(&ask).await.starts_with("cta is "));
    let back = ["experiment", "send-back", "cta", "--words", "Say why."];
    assert_eq!(installation.run(&back).await, "cta is draft\n");
    installation.run(&ask).await;
    let withdraw = ["experiment", "withdraw-review", "cta"];
    assert_eq!(installation.run(&withdraw).await, "cta is draft\n");
    let rule = installation.run(&rule("not-required")).await;
    assert_eq!(rule, "production: approval not-required\n");
    let started = installation.run(&start).await;
    assert!(started.starts_with("cta is running\n"), "{started}");
}

#[tokio::test]
async fn what_is_in_review_is_approved_by_another_only() {
    let installation = begun().await;
    let ask = ["experiment", "ask-review", "cta"];
    installation.run(&ask).await;
    let approve = ["experiment", "approve", "cta"];
    let own = installation.refused(&approve).await;
    assert!(
        own.contains("another person must"),
        "ada asked for it: {own}"
    );
    let said = installation.run_as("eve", &approve).await;
    assert_eq!(said, "cta is approved\n");
}

#[tokio::test]
async fn a_start_is_planned_and_taken_off_the_plan() {
    let installation = begun().await;
    let plan = |start: &'static str| ["experiment", "schedule", "cta", start];
    let said = installation.run(&plan("2999-01-01T09:00:00+09:00")).await;
    assert_eq!(said, "cta is scheduled\n");
    let said = installation.run(&["experiment", "unschedule", "cta"]).await;
    assert!(said.starts_with("cta is draft\n"), "{said}");
    let past = installation.refused(&plan("2001-01-01T00:00:00Z")).await;
    assert!(past.contains("has passed already"), "{past}");
    let wrong = installation.refused(&plan("tomorrow")).await;
    assert!(wrong.contains("2026-12-01T09:00:00+09:00"), "{wrong}");
}

#[tokio::test]
async fn a_plan_is_sized_without_an_experiment() {
    let installation = begun().await;
    let down = [
        "plan",
        "--minimum-effect",
        "20",
        "--decrease",
        "--looks",
        "3",
    ];
    let said = installation.run(&down).await;
    assert!(
        said.contains("fixed_horizon\t6422\t-\t3211 3211\n"),
        "{said}"
    );
    assert!(said.contains("group_sequential, at most\t"), "{said}");
    let weighted = [
        "plan",
        "--weights",
        "80,10,10",
        "--users-per-day",
        "1000",
        "--json",
    ];
    let said = installation.run(&weighted).await;
    assert!(said.contains("\"by_variant\": ["), "{said}");
    let wrong = [
        "plan",
        "--weights",
        "90,10",
        "--variants",
        "3",
        "--power",
        "10",
    ];
    let refused = installation.refused(&wrong).await;
    assert!(
        refused.contains("Weights") && refused.contains("Power"),
        "{refused}"
    );
}

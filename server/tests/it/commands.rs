//! The commands, as somebody on the server types them.

use std::path::Path;

use crate::program::{Installation, client, text_of};

const ISSUER: [(&str, &str); 1] = [("NEXUS_OIDC_ISSUER", "http://127.0.0.1:9/oidc")];

/// An installation with two members, a token and three experiments: a draft, one
/// that runs and one that was stopped.
async fn busy() -> Installation {
    let installation = Installation::new();
    for (email, role) in [("ada@example.com", "owner"), ("eve@example.com", "viewer")] {
        let add = ["member", "add", email, "--role", role];
        installation.run(&add).await;
    }
    let token = installation.token(&["experiments:write"]).await;
    let server = installation.serve(&ISSUER).await;
    for id in ["waits", "runs", "ended"] {
        server.draft(&token, id).await;
    }
    for id in ["runs", "ended"] {
        let said = installation.run(&["experiment", "start", id]).await;
        assert!(said.starts_with(&format!("{id} is running\n")), "{said}");
    }
    let stop = ["experiment", "stop", "ended", "--reason", "enough seen"];
    let said = installation.run(&stop).await;
    assert!(said.starts_with("ended is stopped\n"), "{said}");
    installation
}

/// Cells of a printed list.
fn table(text: &str) -> Vec<Vec<&str>> {
    text.lines()
        .map(|line| line.split('\t').collect())
        .collect()
}

fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn migrate_makes_the_database_once() {
    let installation = Installation::new();
    for _ in 0..2 {
        let said = installation.run(&["migrate"]).await;
        assert!(said.ends_with("console.db is up to date\n"), "{said}");
    }
    assert!(installation.data().join("console.db").is_file());
}

#[tokio::test]
async fn members_are_added_and_listed() {
    let installation = Installation::new();
    let add = ["member", "add", "Ada@Example.com", "--role", "owner"];
    assert_eq!(installation.run(&add).await, "added\n");
    let add = [
        "member",
        "add",
        "ci.access",
        "--machine",
        "--role",
        "viewer",
    ];
    installation
        .run(&[&add[..], &["--role", "operator", "--in", "staging"]].concat())
        .await;
    let listed = installation.run(&["member", "list"]).await;
    let rows = table(&listed);
    assert_eq!(rows[0], ["ID", "STATE", "ADDRESS", "ROLES"]);
    assert_eq!(rows.len(), 3);
    let of = |address: &str| rows.iter().find(|row| row[2] == address).unwrap();
    assert_eq!(
        of("ada@example.com")[1..],
        ["active", "ada@example.com", "owner"]
    );
    assert_eq!(of("ci.access")[3], "viewer@staging,operator@staging");

    let twice = installation
        .refused(&["member", "add", "ada@example.com", "--role", "viewer"])
        .await;
    assert!(
        twice.contains("E-mail address: This one is taken already."),
        "{twice}"
    );
    let unknown = installation
        .refused(&["member", "add", "x@example.com", "--role", "king"])
        .await;
    assert!(unknown.contains("one of viewer, "), "{unknown}");
}

#[tokio::test]
async fn a_token_works_until_it_is_revoked() {
    let installation = Installation::new();
    let token = installation.token(&["experiments:read"]).await;
    assert!(
        !token.contains(char::is_whitespace),
        "nothing but the token"
    );
    let server = installation.serve(&ISSUER).await;
    let ask = || {
        client()
            .get(server.url("/api/v1/experiments"))
            .bearer_auth(&token)
            .send()
    };
    assert_eq!(ask().await.unwrap().status(), http::StatusCode::OK);

    let listed = installation.run(&["token", "list"]).await;
    assert!(!listed.contains(&token), "the secret is shown once");
    let rows = table(&listed);
    assert_eq!(rows[0], ["ID", "STATE", "NAME", "SCOPES"]);
    assert_eq!(rows[1][1..], ["active", "test", "experiments:read"]);

    let revoke = ["token", "revoke", rows[1][0]];
    assert_eq!(installation.run(&revoke).await, "revoked\n");
    assert_eq!(
        ask().await.unwrap().status(),
        http::StatusCode::UNAUTHORIZED
    );
    let listed = installation.run(&["token", "list"]).await;
    assert_eq!(table(&listed)[1][1], "revoked");
}

#[tokio::test]
async fn sdk_keys_are_made_listed_and_revoked() {
    let installation = Installation::new();
    let create = ["sdk-key", "create", "--in", "staging", "--print", "--name"];
    let server = [&create[..], &["backend", "--server"]].concat();
    let server = installation.run(&server).await;
    let client = [&create[..], &["shop", "--origin", "https://shop.example"]].concat();
    let text = installation.run(&client).await;
    let taken = installation.refused(&client).await;
    assert!(
        taken.contains("Name: This one is taken already."),
        "{taken}"
    );
    let wrong = [&create[..], &["x", "--origin", "shop.example"]].concat();
    let wrong = installation.refused(&wrong).await;
    assert!(wrong.contains("Begin with https://."), "{wrong}");

    let listed = installation.run(&["sdk-key", "list"]).await;
    assert!(!listed.contains(server.trim()), "shown once");
    let rows = table(&listed);
    let head = ["ID", "STATE", "ENVIRONMENT", "KIND", "KEY", "NAME"];
    assert_eq!(rows[0], head);
    let shop = rows.iter().find(|row| row[5] == "shop").unwrap();
    assert_eq!(shop[1..5], ["active", "staging", "client", text.trim()]);
    let revoke = ["sdk-key", "revoke", shop[0]];
    assert_eq!(installation.run(&revoke).await, "revoked\n");
    let listed = installation
        .run(&["sdk-key", "list", "--in", "staging"])
        .await;
    assert_eq!(table(&listed)[2][1], "revoked");
    let elsewhere = installation
        .run(&["sdk-key", "list", "--in", "preview"])
        .await;
    assert_eq!(table(&elsewhere).len(), 1);
}

#[tokio::test]
async fn experiments_are_listed_started_and_stopped() {
    let installation = busy().await;
    let listed = installation.run(&["experiment", "list"]).await;
    let rows = table(&listed);
    assert_eq!(rows[0], ["ID", "STATUS", "EXPOSURES", "DECIDES", "NAME"]);
    let mut known: Vec<_> = rows[1..]
        .iter()
        .map(|row| (row[0], row[1], row[3], row[4]))
        .collect();
    known.sort_unstable();
    let expected = [
        ("ended", "stopped", "goal", "Experiment ended"),
        ("runs", "running", "goal", "Experiment runs"),
        ("waits", "draft", "goal", "Experiment waits"),
    ];
    assert_eq!(known, expected);
    let json = installation.run(&["experiment", "list", "--json"]).await;
    let json: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(json.len(), 3);

    for (command, status) in [
        (&["pause", "runs"][..], "paused"),
        (&["resume", "runs"], "running"),
        (
            &["decide", "runs", "--keep-control", "--learned", "no"],
            "decided",
        ),
        (&["archive", "runs"], "archived"),
        (&["unarchive", "runs"], "decided"),
    ] {
        let said = installation.run(&[&["experiment"], command].concat()).await;
        assert!(said.starts_with(&format!("runs is {status}")), "{said}");
    }
    for vague in [&["--as-flags"][..], &["--inconclusive", "--keep-control"]] {
        let decide = [&["experiment", "decide", "runs"], vague].concat();
        installation.refused(&decide).await;
    }

    let again = installation
        .refused(&["experiment", "start", "ended"])
        .await;
    assert!(again.contains("stopped"), "{again}");
    let unknown = installation.refused(&["experiment", "stop", "none"]).await;
    assert!(unknown.contains("none"), "{unknown}");

    let log = installation.path("log.jsonl");
    installation.run(&["audit", "export", arg(&log)]).await;
    let log = text_of(&log);
    assert!(log.contains("enough seen"), "the reason is in the log");
}

#[tokio::test]
async fn an_export_verifies_and_one_that_was_changed_does_not() {
    let installation = busy().await;
    let file = installation.path("log.jsonl");
    let said = installation.run(&["audit", "export", arg(&file)]).await;
    assert!(said.starts_with("wrote "), "{said}");
    installation.refused(&["audit", "export", arg(&file)]).await;

    let key = installation.run(&["audit", "public-key"]).await;
    let verify = ["audit", "verify", arg(&file), "--key", key.trim()];
    let said = installation.run(&verify).await;
    assert!(said.starts_with("verified: "), "{said}");

    let stranger = Installation::new().run(&["audit", "public-key"]).await;
    let foreign = ["audit", "verify", arg(&file), "--key", stranger.trim()];
    installation.refused(&foreign).await;

    let changed = installation.path("changed.jsonl");
    std::fs::write(
        &changed,
        text_of(&file).replace("enough seen", "nobody knows"),
    )
    .unwrap();
    let said = installation
        .refused(&["audit", "verify", arg(&changed)])
        .await;
    assert!(said.contains("its text was changed"), "{said}");
}

#[tokio::test]
async fn a_backup_put_back_is_the_same_console() {
    let installation = busy().await;
    let (log, copy) = (installation.path("log.jsonl"), installation.path("copy.db"));
    installation.run(&["audit", "export", arg(&log)]).await;
    // While it runs.
    let server = installation.serve(&ISSUER).await;
    installation.run(&["backup", arg(&copy)]).await;
    drop(server);
    let twice = installation.refused(&["backup", arg(&copy)]).await;
    assert!(twice.contains("exists already"), "{twice}");

    let restored = Installation::new();
    std::fs::create_dir(restored.data()).unwrap();
    std::fs::copy(&copy, restored.data().join("console.db")).unwrap();
    for key in ["snapshot.key", "checkpoint.key"] {
        let from = installation.data().join(key);
        std::fs::copy(from, restored.data().join(key)).unwrap();
    }
    for what in [
        &["experiment", "list", "--json"][..],
        &["member", "list"],
        &["token", "list"],
        &["keys", "show"],
        &["audit", "public-key"],
    ] {
        let (before, after) = (installation.run(what).await, restored.run(what).await);
        assert_eq!(before, after, "{what:?}");
    }
    let again = restored.path("log.jsonl");
    restored.run(&["audit", "export", arg(&again)]).await;
    restored.run(&["audit", "verify", arg(&again)]).await;
    // Without the checkpoint, which has the time.
    let log = text_of(&log);
    let (entries, _checkpoint) = log.trim_end().rsplit_once('\n').unwrap();
    assert!(text_of(&again).starts_with(entries));
}

#[tokio::test]
async fn a_list_is_kept_by_a_script() {
    let installation = Installation::new();
    let add = ["member", "add", "ada@example.com", "--role", "owner"];
    installation.run(&add).await;
    let token = installation.token(&["flags:write"]).await;
    let server = installation.serve(&ISSUER).await;
    let group = serde_json::json!({
        "id": "beta", "environment": "production", "name": "Beta", "kind": "list",
        "attribute": "id", "values": ["ann"],
    });
    let request = client()
        .post(server.url("/api/v1/saved-groups"))
        .bearer_auth(&token)
        .json(&group);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), http::StatusCode::CREATED);
    let file = installation.path("ids.txt");
    std::fs::write(&file, "bob\neve\n\nbob\n").unwrap();
    let set = ["group", "set", "production", "beta", arg(&file)];
    let said = installation.run(&set).await;
    assert!(said.starts_with("production/beta has 2 values\n"), "{said}");
    let listed = installation.run(&["group", "list"]).await;
    let expected = ["beta", "production", "list", "2", "Beta"];
    assert_eq!(table(&listed)[1], expected);
    std::fs::write(&file, "x".repeat(121)).unwrap();
    let refused = installation.refused(&set).await;
    assert!(refused.contains("not_a_value"), "{refused}");
}

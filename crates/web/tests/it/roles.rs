//! Every operation with every role, against the table in `docs/roles.md`.

use http::{Method, StatusCode};
use nexus_control::testing::{flag_draft, holdout_draft, saved_group_draft, sdk_key_draft};
use nexus_domain::access::{Action, Role, Scope};
use nexus_domain::actor::{Actor, Principal, SignIn};
use nexus_domain::ids::TokenId;
use serde_json::{Value, json};

use crate::table::table;
use crate::world::{World, ask};

/// What each operation asks for; a new one without a line here fails the test.
const OPERATIONS: &[(&str, &str, Action)] = &[
    (
        "post",
        "/api/v1/estimates/experiment",
        Action::ViewExperiments,
    ),
    ("post", "/api/v1/estimates/flag", Action::ViewFlags),
    (
        "post",
        "/api/v1/what-if/experiment",
        Action::ViewExperiments,
    ),
    ("post", "/api/v1/what-if/flag", Action::ViewFlags),
    ("get", "/api/v1/overview", Action::ViewOverview),
    ("get", "/api/v1/experiments", Action::ViewExperiments),
    ("post", "/api/v1/experiments", Action::CreateExperiment),
    ("get", "/api/v1/experiments/{id}", Action::ViewExperiments),
    ("put", "/api/v1/experiments/{id}", Action::EditExperiment),
    (
        "get",
        "/api/v1/environments/{environment}/growthbook",
        Action::ViewExperiments,
    ),
    (
        "get",
        "/api/v1/experiments/{id}/revisions",
        Action::ViewExperiments,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/restore",
        Action::EditExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/why",
        Action::ViewExperiments,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/start",
        Action::StartExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/ask-review",
        Action::EditExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/withdraw-review",
        Action::EditExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/approve",
        Action::ReviewExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/send-back",
        Action::ReviewExperiment,
    ),
    ("get", "/api/v1/environments", Action::ViewExperiments),
    (
        "put",
        "/api/v1/environments/{environment}",
        Action::ManageEnvironments,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/schedule",
        Action::StartExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/unschedule",
        Action::StartExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/hold-ramp",
        Action::PauseExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/continue-ramp",
        Action::StartExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/pause",
        Action::PauseExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/resume",
        Action::StartExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/stop",
        Action::StopExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/decide",
        Action::DecideExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/archive",
        Action::ArchiveExperiment,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/unarchive",
        Action::ArchiveExperiment,
    ),
    (
        "get",
        "/api/v1/experiments/{id}/shipping",
        Action::ViewExperiments,
    ),
    ("get", "/api/v1/flags", Action::ViewFlags),
    ("post", "/api/v1/flags", Action::CreateFlag),
    ("post", "/api/v1/flag-imports/preview", Action::CreateFlag),
    ("post", "/api/v1/flag-imports", Action::CreateFlag),
    ("post", "/api/v1/code-references", Action::EditFlag),
    (
        "post",
        "/api/v1/flags/{environment}/{key}/comments",
        Action::EditFlag,
    ),
    (
        "post",
        "/api/v1/experiments/{id}/comments",
        Action::EditExperiment,
    ),
    (
        "get",
        "/api/v1/flags/{environment}/{key}",
        Action::ViewFlags,
    ),
    ("put", "/api/v1/flags/{environment}/{key}", Action::EditFlag),
    (
        "get",
        "/api/v1/flags/{environment}/{key}/revisions",
        Action::ViewFlags,
    ),
    (
        "get",
        "/api/v1/flags/{environment}/{key}/changes",
        Action::ViewFlags,
    ),
    (
        "post",
        "/api/v1/flags/{environment}/{key}/restore",
        Action::EditFlag,
    ),
    (
        "post",
        "/api/v1/flags/{environment}/{key}/copy",
        Action::CreateFlag,
    ),
    (
        "post",
        "/api/v1/flags/{environment}/{key}/why",
        Action::ViewFlags,
    ),
    (
        "post",
        "/api/v1/flags/{environment}/{key}/enable",
        Action::SwitchFlag,
    ),
    (
        "post",
        "/api/v1/flags/{environment}/{key}/disable",
        Action::SwitchFlag,
    ),
    (
        "post",
        "/api/v1/flags/{environment}/{key}/archive",
        Action::ArchiveFlag,
    ),
    (
        "post",
        "/api/v1/flags/{environment}/{key}/unarchive",
        Action::ArchiveFlag,
    ),
    ("get", "/api/v1/sdk-keys", Action::ViewSdkKeys),
    ("post", "/api/v1/sdk-keys", Action::ManageSdkKeys),
    ("get", "/api/v1/sdk-keys/{id}", Action::ViewSdkKeys),
    ("put", "/api/v1/sdk-keys/{id}", Action::ManageSdkKeys),
    (
        "post",
        "/api/v1/sdk-keys/{id}/revoke",
        Action::ManageSdkKeys,
    ),
    ("get", "/api/v1/saved-groups", Action::ViewSavedGroups),
    ("post", "/api/v1/saved-groups", Action::ManageSavedGroups),
    (
        "get",
        "/api/v1/saved-groups/{environment}/{id}",
        Action::ViewSavedGroups,
    ),
    (
        "put",
        "/api/v1/saved-groups/{environment}/{id}",
        Action::ManageSavedGroups,
    ),
    (
        "get",
        "/api/v1/saved-groups/{environment}/{id}/revisions",
        Action::ViewSavedGroups,
    ),
    (
        "get",
        "/api/v1/saved-groups/{environment}/{id}/changes",
        Action::ViewSavedGroups,
    ),
    (
        "post",
        "/api/v1/saved-groups/{environment}/{id}/restore",
        Action::ManageSavedGroups,
    ),
    (
        "post",
        "/api/v1/saved-groups/{environment}/{id}/archive",
        Action::ManageSavedGroups,
    ),
    (
        "post",
        "/api/v1/saved-groups/{environment}/{id}/unarchive",
        Action::ManageSavedGroups,
    ),
    ("get", "/api/v1/holdouts", Action::ViewHoldouts),
    ("post", "/api/v1/holdouts", Action::ManageHoldouts),
    ("get", "/api/v1/holdouts/{id}", Action::ViewHoldouts),
    ("post", "/api/v1/holdouts/{id}/stop", Action::ManageHoldouts),
    ("get", "/api/v1/plan", Action::ViewExperiments),
    (
        "get",
        "/api/v1/experiments/{id}/results",
        Action::ViewExperiments,
    ),
    (
        "get",
        "/api/v1/experiments/{id}/results.csv",
        Action::ViewExperiments,
    ),
    (
        "get",
        "/api/v1/experiments/{id}/goal",
        Action::ViewExperiments,
    ),
    (
        "get",
        "/api/v1/experiments/{id}/metrics/{metric}",
        Action::ViewExperiments,
    ),
    ("get", "/api/v1/audit", Action::ViewAudit),
    ("post", "/api/v1/audit/verify", Action::ViewAudit),
    ("get", "/api/v1/audit/export", Action::ExportAudit),
    ("get", "/api/v1/audit/{seq}/proof", Action::ViewAudit),
    ("get", "/api/v1/audit/consistency", Action::ViewAudit),
    ("get", "/api/v1/members", Action::ViewMembers),
    ("post", "/api/v1/members", Action::ManageMembers),
    ("put", "/api/v1/members/{id}", Action::ManageMembers),
    ("get", "/api/v1/tokens", Action::ViewTokens),
    ("post", "/api/v1/tokens", Action::CreateToken),
    ("delete", "/api/v1/tokens/{id}", Action::RevokeToken),
    ("post", "/api/v1/ingest", Action::Ingest),
];

fn draft(id: &str) -> Value {
    json!(nexus_control::testing::draft(id))
}

fn body(action: Action, path: &str) -> Option<Value> {
    Some(match action {
        Action::CreateFlag if path.ends_with("/copy") => json!({"environment": "staging"}),
        Action::CreateFlag if path.contains("flag-imports") => json!({
            "environment": "production", "file": {"features": {"a": {"defaultValue": true}}}
        }),
        Action::CreateFlag => json!(flag_draft("new-one")),
        Action::EditFlag | Action::EditExperiment if path.ends_with("/comments") => {
            json!({"text": "Works."})
        }
        Action::EditFlag if path.ends_with("/code-references") => json!({
            "repository": "shop",
            "references": [{"flag": "cta", "path": "a.rs", "line": 1}]
        }),
        Action::EditFlag if path.ends_with("/restore") => json!({"version": 1, "revision": 1}),
        Action::EditFlag => json!({"version": 1, "draft": flag_draft("cta")}),
        Action::SwitchFlag | Action::ArchiveFlag => json!({}),
        Action::ViewFlags if path.ends_with("/why") => json!({}),
        Action::CreateExperiment => draft("new-one"),
        Action::EditExperiment if path.ends_with("/restore") => {
            json!({"version": 1, "revision": 1})
        }
        Action::EditExperiment if path.ends_with("-review") => json!({}),
        Action::ReviewExperiment => json!({"words": "look again"}),
        Action::ManageEnvironments => json!({"review": false}),
        Action::EditExperiment => json!({"version": 1, "draft": draft("cta")}),
        Action::DecideExperiment => json!({"outcome": "inconclusive"}),
        Action::StartExperiment if path.ends_with("/schedule") => {
            json!({"start_ms": nexus_control::testing::NOW_MS + 60_000})
        }
        Action::StartExperiment
        | Action::PauseExperiment
        | Action::StopExperiment
        | Action::ArchiveExperiment => json!({}),
        Action::ManageSdkKeys if path.ends_with("/revoke") => return None,
        Action::ManageSdkKeys if path.ends_with("{id}") => json!({"version": 1, "name": "x"}),
        Action::ManageSdkKeys => json!(sdk_key_draft("new one")),
        Action::ManageHoldouts if path.ends_with("/stop") => return None,
        Action::ManageHoldouts => json!(holdout_draft("new-one", false)),
        Action::ManageSavedGroups if path.ends_with("/restore") => {
            json!({"version": 1, "revision": 1})
        }
        Action::ManageSavedGroups if path.ends_with("archive") => return None,
        Action::ManageSavedGroups if path.ends_with("{id}") => {
            json!({"version": 1, "draft": saved_group_draft("cta", &["ann"])})
        }
        Action::ManageSavedGroups => json!(saved_group_draft("new-one", &["ann"])),
        Action::ManageMembers if path.ends_with("{id}") => json!({
            "email": "a@example.com", "version": 1, "grants": [], "disabled": true
        }),
        Action::ManageMembers => json!({
            "email": "new@example.com",
            "grants": [{"role": "viewer", "environment": null}]
        }),
        Action::ViewExperiments if path.ends_with("/why") => json!({}),
        Action::ViewExperiments if path.ends_with("/experiment") => draft("cta"),
        Action::ViewFlags if path.ends_with("what-if/flag") => json!({"draft": flag_draft("cta")}),
        Action::ViewFlags if path.ends_with("/flag") => json!(flag_draft("cta")),
        Action::CreateToken => {
            json!({"name": "ci", "scopes": ["experiments:read"], "expires_days": 30})
        }
        Action::Ingest => json!({
            "gateway_id": "g", "environment": "production", "snapshot_version": 0,
            "sent_ms": nexus_control::testing::NOW_MS, "batch_id": "b", "events": []
        }),
        _ => return None,
    })
}

async fn is_forbidden(actor: &Actor, method: &str, path: &str, action: Action) -> bool {
    let world = World::new(None).await;
    let owner = world.t.person(Role::Owner);
    let made = world
        .t
        .console
        .create_experiment(&owner, nexus_control::testing::draft("cta"));
    made.await.unwrap();
    let flag = world.t.console.create_flag(&owner, flag_draft("cta"));
    flag.await.unwrap();
    let group = saved_group_draft("cta", &["ann"]);
    let group = world.t.console.create_saved_group(&owner, group);
    group.await.unwrap();
    let holdout = holdout_draft("cta", false);
    let holdout = world.t.console.create_holdout(&owner, holdout);
    holdout.await.unwrap();
    let key = world.t.console.create_sdk_key(&owner, sdk_key_draft("web"));
    let key = key.await.unwrap().sdk_key;
    let id = match path.contains("/sdk-keys/") {
        true => key.id.as_str(),
        false => "cta",
    };
    let mut filled = path
        .replace("{id}", id)
        .replace("{key}", "cta")
        .replace("{metric}", "revenue")
        .replace("{seq}", "0")
        .replace("{environment}", "production");
    if path.ends_with("/consistency") {
        filled.push_str("?from=1");
    }
    if path.ends_with("/changes") {
        filled.push_str("?from=1&to=1");
    }
    let method: Method = method.to_uppercase().parse().unwrap();
    let answer = ask(
        &world.router_for(actor),
        method,
        &filled,
        &[],
        body(action, path),
    )
    .await;
    assert_ne!(
        answer.status,
        StatusCode::INTERNAL_SERVER_ERROR,
        "{path}: {}",
        answer.text
    );
    answer.status == StatusCode::FORBIDDEN && answer.problem() == "forbidden"
}

#[tokio::test]
async fn every_route_and_role_is_decided_as_the_table_says() {
    let table = table();
    assert_eq!(
        table.len(),
        Action::ALL.len(),
        "docs/roles.md has a line per action"
    );
    let world = World::new(None).await;
    let mut wrong = Vec::new();
    for (method, path, action) in OPERATIONS {
        for (index, role) in Role::ALL.into_iter().enumerate() {
            let may = table[action.as_str()][index];
            let forbidden = is_forbidden(&world.t.person(role), method, path, *action).await;
            if may == forbidden {
                wrong.push(format!("{method} {path} as {}", role.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn every_route_and_scope_is_decided_as_the_scope_says() {
    let world = World::new(None).await;
    let mut wrong = Vec::new();
    for scope in Scope::ALL {
        let actor = Actor {
            principal: Principal::Token {
                token: TokenId::from_u128(1),
                name: "ci".into(),
                scopes: vec![scope],
            },
            grants: world.t.person(Role::Owner).grants,
            sign_in: SignIn::ApiToken,
            step_up: None,
            request_id: world.t.console.request_id(),
        };
        for (method, path, action) in OPERATIONS {
            let may = scope.allows(*action) && !action.needs_step_up();
            if may == is_forbidden(&actor, method, path, *action).await {
                wrong.push(format!("{method} {path} with {}", scope.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// SDKs' pages are opened by no role: `sdk_pages.rs` tries them.
#[test]
fn every_described_operation_is_in_the_list() {
    let description = nexus_web::api::description();
    let mut described = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            described.push((method.clone(), path.clone()));
        }
    }
    described.sort();
    let mut listed: Vec<_> = OPERATIONS
        .iter()
        .map(|(m, p, _)| (m, p))
        .chain(crate::sdk_pages::OPERATIONS.iter().map(|(m, p)| (m, p)))
        .map(|(m, p)| ((*m).to_owned(), (*p).to_owned()))
        .collect();
    listed.sort();
    assert_eq!(described, listed);
}

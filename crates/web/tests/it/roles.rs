//! Every operation with every role, against the table in `docs/roles.md`.

use http::{Method, StatusCode};
use nexus_control::testing::{flag_draft, holdout_draft, saved_group_draft, sdk_key_draft};
use nexus_domain::access::{Action, Role, Scope};
use nexus_domain::actor::{Actor, Principal, SignIn};
use nexus_domain::ids::TokenId;
use nexus_domain::qa::QaDraft;
use nexus_domain::template::TemplateDraft;
use serde_json::{Value, json};

use crate::operations::OPERATIONS;
use crate::table::table;
use crate::world::{World, ask};

fn draft(id: &str) -> Value {
    json!(nexus_control::testing::draft(id))
}

fn body(action: Action, path: &str) -> Option<Value> {
    Some(match action {
        Action::CreateFlag if path.ends_with("/copy") => json!({"environment": "staging"}),
        Action::CreateFlag if path.contains("flag-imports") => json!({
            "environment": "production", "file": {"features": {"a": {"defaultValue": true}}}
        }),
        _ if path.ends_with("/template") => json!({"name": "new one"}),
        _ if path.ends_with("/templates/{id}") => return None,
        Action::CreateFlag => json!(flag_draft("new-one")),
        Action::CommentFlag | Action::CommentExperiment => json!({"text": "Works."}),
        Action::EditFlag if path.ends_with("/code-references") => json!({
            "repository": "shop",
            "references": [{"flag": "cta", "path": "a.rs", "line": 1}]
        }),
        Action::EditFlag if path.ends_with("/restore") => json!({"version": 1, "revision": 1}),
        Action::EditFlag => json!({"version": 1, "draft": flag_draft("cta")}),
        Action::SwitchFlag | Action::ArchiveFlag => json!({}),
        Action::ViewFlags if path.ends_with("/why") => json!({}),
        Action::ViewFlags | Action::ViewExperiments if path.ends_with("/why/compare") => {
            json!({"from": 1, "somebody": {}})
        }
        Action::CreateExperiment => draft("new-one"),
        Action::EditExperiment if path.ends_with("/restore") => {
            json!({"version": 1, "revision": 1})
        }
        Action::EditExperiment if path.ends_with("-review") || path.ends_with("/recomputation") => {
            json!({})
        }
        Action::ReviewExperiment => json!({"words": "look again"}),
        Action::ManageEnvironments => json!({"review": false}),
        Action::EditExperiment => json!({"version": 1, "draft": draft("cta")}),
        Action::DecideExperiment => json!({"outcome": "inconclusive"}),
        Action::StartExperiment if path.ends_with("/schedule") => {
            json!({"start_ms": nexus_control::testing::NOW_MS + 60_000})
        }
        Action::StartExperiment if path.ends_with("/move-end") => {
            json!({"end_ms": null, "reason": "too few users"})
        }
        Action::StartExperiment if path.ends_with("/grow-coverage") => {
            json!({"coverage_bp": 9_000, "reason": "all is well"})
        }
        Action::StartExperiment
        | Action::PauseExperiment
        | Action::StopExperiment
        | Action::ArchiveExperiment => json!({}),
        Action::ManageSdkKeys if path.ends_with("/revoke") => return None,
        Action::ManageSdkKeys if path.ends_with("{id}") => json!({"version": 1, "name": "x"}),
        Action::ManageSdkKeys => json!(sdk_key_draft("new one")),
        Action::MakeQaLinks if path.ends_with("/qa-links") => {
            json!({"page": "https://shop.example/"})
        }
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
        Action::ViewSavedGroups if path.ends_with("what-if/saved-group") => {
            json!(saved_group_draft("cta", &["ann"]))
        }
        Action::ViewHoldouts if path.ends_with("estimates/holdout") => {
            json!(holdout_draft("new-one", false))
        }
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

/// A console with one of everything.
struct Things {
    world: World,
    sdk_key: String,
    qa_link: String,
    template: String,
}

impl Things {
    async fn new() -> Self {
        let world = World::new(None).await;
        let (console, owner) = (&world.t.console, world.t.person(Role::Owner));
        let made = console.create_experiment(&owner, nexus_control::testing::draft("cta"));
        made.await.unwrap();
        let flag = console.create_flag(&owner, flag_draft("cta"));
        flag.await.unwrap();
        let group = saved_group_draft("cta", &["ann"]);
        let group = console.create_saved_group(&owner, group);
        group.await.unwrap();
        let holdout = console.create_holdout(&owner, holdout_draft("cta", false));
        holdout.await.unwrap();
        let key = console.create_sdk_key(&owner, sdk_key_draft("web"));
        let sdk_key = key.await.unwrap().sdk_key.id.as_str().to_owned();
        let page = QaDraft {
            page: "https://shop.example/".to_owned(),
            hours: 1,
            only: Vec::new(),
        };
        let links = console.make_variant_links(&owner, "cta", &page);
        let qa_link = links.await.unwrap().remove(0).link.id.to_string();
        let named = TemplateDraft {
            name: "a".to_owned(),
            ..TemplateDraft::default()
        };
        let template = console.save_experiment_as_template(&owner, "cta", named);
        let template = template.await.unwrap().id.to_string();
        Self {
            world,
            sdk_key,
            qa_link,
            template,
        }
    }

    async fn forbid(&self, actor: &Actor, method: &str, path: &str, action: Action) -> bool {
        let id = match path.split('/').nth(3) {
            Some("sdk-keys") => &self.sdk_key,
            Some("templates") => &self.template,
            Some("qa-links") => &self.qa_link,
            _ => "cta",
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
        let router = self.world.router_for(actor);
        let answer = ask(&router, method, &filled, &[], body(action, path)).await;
        assert_ne!(
            answer.status,
            StatusCode::INTERNAL_SERVER_ERROR,
            "{path}: {}",
            answer.text
        );
        answer.status == StatusCode::FORBIDDEN && answer.problem() == "forbidden"
    }
}

/// Whether the actor is told that it is forbidden. What is forbidden changes nothing, and neither
/// does what is read: `all` serve for these; who may change something gets a console alone.
async fn is_forbidden(
    all: &Things,
    actor: &Actor,
    (method, path, action): (&str, &str, Action),
    may: bool,
) -> bool {
    if may && !method.eq_ignore_ascii_case("get") {
        Things::new()
            .await
            .forbid(actor, method, path, action)
            .await
    } else {
        all.forbid(actor, method, path, action).await
    }
}

#[tokio::test]
async fn every_route_and_role_is_decided_as_the_table_says() {
    let table = table();
    assert_eq!(
        table.len(),
        Action::ALL.len(),
        "docs/roles.md has a line per action"
    );
    let all = Things::new().await;
    let mut wrong = Vec::new();
    for (method, path, action) in OPERATIONS {
        for (index, role) in Role::ALL.into_iter().enumerate() {
            let may = table[action.as_str()][index];
            let actor = all.world.t.person(role);
            let forbidden = is_forbidden(&all, &actor, (method, path, *action), may).await;
            if may == forbidden {
                wrong.push(format!("{method} {path} as {}", role.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn every_route_and_scope_is_decided_as_the_scope_says() {
    let all = Things::new().await;
    let world = &all.world;
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
            if may == is_forbidden(&all, &actor, (method, path, *action), may).await {
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

//! Every page and form with every role, against the table in `docs/roles.md`.

mod life;
mod routes;
mod things;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::{Request, StatusCode, header};
use nexus_control::Confirmed;
use nexus_control::testing::sdk_key_draft;
use nexus_control::views::PendingRequest;
use nexus_domain::Environment;
use nexus_domain::access::{Action, Grant, Role};
use nexus_domain::actor::Actor;
use nexus_web::Caller;
use tower::ServiceExt as _;

use self::routes::ROUTES;
use self::things::experiment;
use super::with;
use super::world::{World, form};

/// Rows of the table: action → which role may.
fn table() -> BTreeMap<String, Vec<bool>> {
    let text = include_str!("../../../docs/roles.md");
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.split('|').map(str::trim).filter(|c| !c.is_empty());
        let action = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        let roles = cells.take(Role::ALL.len()).map(|c| c == "✓");
        Some((action.to_owned(), roles.collect()))
    });
    rows.collect()
}

/// One request, on things of its own.
struct Case {
    actor: Actor,
    path: String,
    body: String,
}

fn routes() -> impl Iterator<Item = &'static (&'static str, &'static str, Option<Action>)> {
    ROUTES.iter().chain(life::ROUTES)
}

async fn case(w: &World, role: Role, (method, pattern): (&str, &str), n: usize) -> Case {
    let unique = format!("c{n}-{}", role as u32);
    let mut case = Case {
        actor: w.t.person(role),
        path: pattern.to_owned(),
        body: String::new(),
    };
    let grant = |role| Grant {
        role,
        environment: None,
    };
    let viewer = || PendingRequest::AddMember {
        email: format!("{unique}@example.com"),
        machine: false,
        grants: vec![grant(Role::Viewer)],
    };
    match (method, pattern) {
        ("POST", "/experiments/new") => case.body = form(&with("id", &unique)),
        (_, "/experiments/{id}/edit") => {
            experiment(w, &unique, "start").await;
            let mut pairs = with("id", &unique);
            pairs.push(("version", "1"));
            case.body = form(&pairs);
        }
        (_, "/experiments/{id}") => experiment(w, &unique, "start").await,
        (_, "/experiments/{id}/revisions") => {
            experiment(w, &unique, "start").await;
            case.body = form(&[("version", "1"), ("revision", "1")]);
        }
        // There is none to cancel, which is well.
        (_, "/experiments/{id}/recompute") => {
            life::experiment(w, &unique, "hold-ramp").await;
            case.body = form(&[("do", "cancel")]);
        }
        (_, command) if command.starts_with("/experiments/{id}/") => {
            let command = command.rsplit('/').next().unwrap_or_default();
            if life::ROUTES.iter().any(|(_, path, _)| *path == pattern) {
                life::experiment(w, &unique, command).await;
            } else {
                experiment(w, &unique, command).await;
            }
            case.body = form(&[
                ("typed", &unique),
                ("reason", "enough"),
                ("comment", "good"),
                ("outcome", "keep_control"),
                ("page", "https://shop.example/"),
                ("hours", "24"),
                ("name", &unique),
                ("start", "2027-06-01T09:00"),
                ("end", "2027-07-01T09:00"),
                ("coverage", "90"),
                ("timezone", "UTC"),
            ]);
        }
        (_, "/qa-links/{id}/revoke") => {
            experiment(w, &unique, "start").await;
            let link = things::qa_link(w, &unique).await;
            case.path = pattern.replace("{id}", &link);
            case.body = form(&[("typed", &unique)]);
        }
        (_, "/templates/{id}/delete") => {
            experiment(w, &unique, "start").await;
            let template = things::template(w, &unique).await;
            case.path = pattern.replace("{id}", &template);
            case.body = form(&[("typed", &unique)]);
        }
        ("POST", "/settings/environments") => {
            case.body = form(&[("environment", "staging"), ("raw_days", "0")]);
        }
        ("POST", "/flags/new") => case.body = form(&flag_form(&unique)),
        ("POST", "/flags/import") => {
            let file = "{\"features\":{\"a\":{\"defaultValue\":true}}}";
            case.body = form(&[("environment", "production"), ("file", file)]);
        }
        ("GET", "/flags" | "/flags/new") => {}
        (_, path) if path.starts_with("/flags/") => {
            let flag = form(&flag_form(&unique));
            let made = w.post(&w.owner(), "/flags/new", &flag).await;
            assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
            let home = format!("/flags/production/{unique}");
            case.path = path.replace("/flags/{environment}/{key}", &home);
            let mut pairs = flag_form(&unique);
            pairs.extend([
                ("version", "1"),
                ("revision", "1"),
                ("to", "staging"),
                ("typed", &unique),
                ("comment", "good"),
                ("page", "https://shop.example/"),
                ("hours", "24"),
            ]);
            // Names of templates are unique.
            if path.ends_with("/template") {
                pairs = vec![("name", &unique)];
            }
            case.body = form(&pairs);
            if path.ends_with("/copy") {
                case.body = "to=staging".to_owned();
                case.path.push_str("?to=staging");
            }
        }
        ("POST", "/saved-groups/new") => case.body = form(&group_form(&unique)),
        ("GET", "/saved-groups" | "/saved-groups/new") => {}
        ("POST", "/holdouts/new") => case.body = form(&holdout_form(&unique)),
        ("GET", "/holdouts" | "/holdouts/new") => {}
        (_, path) if path.starts_with("/holdouts/") => {
            let holdout = form(&holdout_form(&unique));
            let made = w.post(&w.owner(), "/holdouts/new", &holdout).await;
            assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
            case.path = path.replace("{id}", &unique);
            case.body = form(&[("typed", &unique)]);
        }
        (_, path) if path.starts_with("/saved-groups/") => {
            let group = form(&group_form(&unique));
            let made = w.post(&w.owner(), "/saved-groups/new", &group).await;
            assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
            let home = format!("/saved-groups/production/{unique}");
            case.path = path.replace("/saved-groups/{environment}/{id}", &home);
            let mut pairs = group_form(&unique);
            pairs.extend([("version", "1"), ("revision", "1"), ("typed", &unique)]);
            case.body = form(&pairs);
        }
        (_, "/settings/members/{id}") => {
            let Confirmed::Member(member) = w.confirmed(viewer()).await else {
                panic!("a member")
            };
            case.path = pattern.replace("{id}", &member.id);
            case.body = form(&[("version", "1"), ("enabled", "on"), ("grant", "viewer:all")]);
        }
        ("POST", "/settings/members/new") => {
            let email = format!("{unique}@example.com");
            case.body = form(&[
                ("email", &email),
                ("kind", "person"),
                ("grant", "viewer:all"),
            ]);
        }
        ("POST", "/settings/sdk-keys/new") => {
            case.body = form(&[("name", &unique), ("environment", "production")]);
        }
        (_, path) if path.starts_with("/settings/sdk-keys/{id}") => {
            let (console, owner) = (&w.t.console, w.owner());
            let made = console.create_sdk_key(&owner, sdk_key_draft(&unique));
            let made = made.await.expect("a key");
            case.path = path.replace("{id}", made.sdk_key.id.as_str());
            if path.ends_with("/encryption") {
                case.path.push_str("?to=on&version=1");
            }
            case.body = form(&[("version", "1"), ("name", &unique), ("typed", &unique)]);
        }
        (_, "/settings/tokens/{id}/revoke") => {
            let token = w.token(&unique).await;
            case.path = pattern.replace("{id}", &token.row.id);
            case.body = form(&[("typed", &unique)]);
        }
        ("POST", "/settings/tokens/new") => {
            let pairs = [("name", unique.as_str()), ("expires_days", "7")];
            // What every role may that makes tokens at all.
            let scope = if role == Role::SecurityAdmin {
                "members:read"
            } else {
                "experiments:read"
            };
            case.body = format!("{}&{}", form(&pairs), form(&[("scope", scope)]));
        }
        (_, "/step-up/{id}" | "/confirm/{id}") => {
            // Asked for as an owner, who has only this role by now.
            let owner = Actor {
                grants: vec![grant(Role::Owner)],
                ..case.actor.clone()
            };
            let pending = w.t.console.request(&owner, viewer()).await.expect("waits");
            case.actor = w.t.stepped_up(&case.actor, &pending.action_digest);
            case.path = pattern.replace("{id}", &pending.id);
        }
        _ => {}
    }
    case.path = case
        .path
        .replace("{id}", &unique)
        .replace("{seq}", "0")
        .replace("{metric}", "revenue");
    case
}

fn flag_form(key: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("name", "A flag"),
        ("key", key),
        ("environment", "production"),
        ("kind", "boolean"),
        ("value", "false"),
    ]
}

fn holdout_form(id: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("name", "All of 2027"),
        ("id", id),
        ("environment", "production"),
        ("reach", "named"),
        ("share", "5"),
        ("goal", "purchase"),
    ]
}

fn group_form(id: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("name", "Beta testers"),
        ("id", id),
        ("environment", "production"),
        ("kind", "list"),
        ("attribute", "id"),
        ("values", "ann"),
    ]
}

/// Only the status: the live stream never ends.
async fn status(w: &World, method: &str, case: Case) -> StatusCode {
    let mut request = Request::builder()
        .method(method)
        .uri(case.path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(case.body))
        .expect("a request");
    request.extensions_mut().insert(Caller::Actor(case.actor));
    let answer = w.router.clone().oneshot(request).await;
    answer.expect("an answer").status()
}

#[tokio::test]
async fn every_page_and_role_is_decided_as_the_table_says() {
    let table = table();
    let mut wrong = Vec::new();
    for (n, (method, pattern, action)) in routes().enumerate() {
        // A console each: with things of all the others in it every change would take longer.
        let w = World::new().await;
        for (index, role) in Role::ALL.into_iter().enumerate() {
            let may = action.is_none_or(|action| table[action.as_str()][index]);
            let case = case(&w, role, (method, pattern), n).await;
            let got = status(&w, method, case).await;
            let done = got.is_success() || got.is_redirection();
            if (may && !done) || (!may && got != StatusCode::FORBIDDEN) {
                wrong.push(format!("{method} {pattern} as {}: {got}", role.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// They share one route each.
const COMMANDS: [&str; 8] = [
    "start",
    "pause",
    "resume",
    "stop",
    "enable",
    "disable",
    "archive",
    "unarchive",
];

#[test]
fn every_route_is_in_the_list() {
    let source = include_str!("../../src/host/router.rs");
    let mut routed = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).expect("a path");
        for (call, method) in [("get(", "GET"), ("post(", "POST")] {
            if route.split(".fallback(").next().expect("it").contains(call) {
                routed.insert((method, path.to_owned()));
            }
        }
    }
    let listed: BTreeSet<_> = routes()
        .map(|(method, path, _)| {
            // Stopping a holdout has a route of its own.
            let command = COMMANDS
                .into_iter()
                .chain(life::COMMANDS)
                .find(|c| path.ends_with(&format!("/{c}")) && !path.starts_with("/holdouts"));
            let path = command.map_or((*path).to_owned(), |c| path.replace(c, "{command}"));
            (*method, path)
        })
        .collect();
    assert_eq!(listed, routed);
}

#[tokio::test]
async fn a_role_in_one_environment_reads_everywhere_and_acts_only_there() {
    let w = World::new().await;
    experiment(&w, "in-production", "start").await;
    let in_staging = |role| Actor {
        grants: vec![Grant {
            role,
            environment: Some(Environment::Staging),
        }],
        ..w.t.person(role)
    };
    let experimenter = in_staging(Role::Experimenter);
    let page = w.get(&experimenter, "/experiments/in-production").await;
    assert_eq!(page.status, StatusCode::OK);
    for (path, body) in [
        ("/experiments/in-production/start", "version=1".to_owned()),
        ("/experiments/new", form(&with("environment", "production"))),
    ] {
        let refused = w.post(&experimenter, path, &body).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    let made = form(&with("environment", "staging"));
    let made = w.post(&experimenter, "/experiments/new", &made).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);

    // What belongs to no environment needs a role in all of them.
    let owner = in_staging(Role::Owner);
    for path in ["/audit", "/settings/members", "/settings/tokens"] {
        assert_eq!(
            w.get(&owner, path).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    assert_eq!(w.get(&owner, "/").await.status, StatusCode::OK);
}

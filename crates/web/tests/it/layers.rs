//! What the layers let in and put out.

use std::io::Write;
use std::sync::{Arc, Mutex};

use http::{Method, StatusCode};
use nexus_control::Confirmed;
use nexus_control::testing::{Break, draft};
use nexus_control::views::PendingRequest;
use nexus_domain::access::{Role, Scope};
use nexus_domain::actor::Actor;
use nexus_identity::access::AssertionError;
use serde_json::{Value, json};

use crate::world::{Says, World, ask};

#[tokio::test]
async fn every_answer_has_the_security_headers_and_a_nonce_of_its_own() {
    let world = World::new(None).await;
    let router = world.router();
    let mut nonces = Vec::new();
    for path in ["/health", "/api/v1/overview", "/nothing-here"] {
        let answer = ask(&router, Method::GET, path, &[], None).await;
        let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert!(
            !policy
                .replace("'wasm-unsafe-eval'", "")
                .contains("unsafe-eval"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"));
        nonces.push(policy.split("'nonce-").nth(1).unwrap()[..24].to_owned());
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("strict-transport-security").starts_with("max-age="));
        assert_eq!(header("x-request-id").len(), 32);
        assert_eq!(header("cache-control"), "no-store");
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 3);
}

#[tokio::test]
async fn a_mutation_from_elsewhere_is_refused_before_anything_else() {
    let world = World::new(None).await;
    let router = world.router();
    for headers in [
        vec![],
        vec![("origin", "https://evil.example")],
        vec![
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://console.example.com"),
        ],
    ] {
        let answer = ask(&router, Method::POST, "/form", &headers, None).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.problem(), "cross-site");
    }
    for headers in [
        [("origin", "https://console.example.com")],
        [("sec-fetch-site", "same-origin")],
    ] {
        let answer = ask(&router, Method::POST, "/form", &headers, None).await;
        assert_eq!(answer.text, "changed");
    }
}

#[tokio::test]
async fn no_other_site_sets_off_an_export_in_a_persons_name() {
    let world = World::new(None).await;
    let router = world.router();
    for (site, problem) in [
        (Some("cross-site"), "cross-site"),
        (Some("same-site"), "cross-site"),
        (Some("same-origin"), "no-token"),
        (Some("none"), "no-token"),
        (None, "no-token"),
    ] {
        let headers: Vec<_> = site
            .map(|site| ("sec-fetch-site", site))
            .into_iter()
            .collect();
        let path = "/api/v1/audit/export";
        let answer = ask(&router, Method::GET, path, &headers, None).await;
        assert_eq!(answer.problem(), problem, "{site:?}");
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why() {
    let cases = [
        (None, &[][..], 401, "no-token"),
        (
            None,
            &[("authorization", "Bearer nonsense")],
            401,
            "bad-token",
        ),
        (None, &[("authorization", "Basic abc")], 401, "bad-token"),
        (
            Some(Says(Err(AssertionError::Missing))),
            &[],
            401,
            "no-token",
        ),
        (
            Some(Says(Err(AssertionError::Expired))),
            &[],
            401,
            "bad-token",
        ),
        (
            Some(Says(Err(AssertionError::MoreThanOne))),
            &[],
            401,
            "bad-token",
        ),
    ];
    for (access, headers, status, problem) in cases {
        let world = World::new(access).await;
        let answer = ask(
            &world.router(),
            Method::GET,
            "/api/v1/overview",
            headers,
            None,
        )
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.problem().as_str()),
            (status, problem)
        );
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
}

#[tokio::test]
async fn probes_are_answered_without_a_sign_in_and_figures_are_not() {
    let world = World::new(None).await;
    let router = world.router();
    assert_eq!(
        ask(&router, Method::GET, "/health", &[], None).await.text,
        "ok\n"
    );
    assert_eq!(
        ask(&router, Method::GET, "/ready", &[], None).await.text,
        "ready\n"
    );
    // Figures tell how experiments do: they are for those who may read these.
    let metrics = ask(&router, Method::GET, "/metrics", &[], None).await;
    assert_eq!(metrics.problem(), "no-token");
    let viewer = world.router_for(&world.t.person(Role::Viewer));
    let metrics = ask(&viewer, Method::GET, "/metrics", &[], None).await;
    assert!(metrics.text.contains("# TYPE nexus_experiments gauge"));
    assert!(metrics.text.contains("\nnexus_audit_entries_total 0\n"));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_failed_request_is_in_the_log_with_its_id() {
    let world = World::new(None).await;
    let cli = Actor::cli("root", "r".into());
    let request = PendingRequest::CreateToken {
        name: "ci".into(),
        scopes: vec![Scope::ExperimentsWrite],
        expires_days: 1,
    };
    let pending = world.t.console.request(&cli, request).await.unwrap();
    let Confirmed::Token(token) = world.t.console.confirm(&cli, &pending.id).await.unwrap() else {
        panic!()
    };
    let bearer = format!("Bearer {}", token.secret);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing_subscriber::filter::LevelFilter::ERROR)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // First where the caller is looked up, then where the change is committed.
    for broken in [0, 1] {
        world.db.break_at(broken, Break::Before);
        let answer = ask(
            &world.router(),
            Method::POST,
            "/api/v1/experiments",
            &[("authorization", &bearer)],
            Some(json!(draft("cta"))),
        )
        .await;
        assert_eq!(answer.problem(), "unavailable");
        assert!(answer.headers.contains_key("retry-after"));
        let text = String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap();
        let line: Value = serde_json::from_str(text.trim()).unwrap();
        let id = answer.headers["x-request-id"].to_str().unwrap();
        assert_eq!(line["span"]["request_id"], id, "{text}");
    }
}

//! What `serve` promises besides its pages.

use nexus_audit_verify::verify_export;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tower::{Service as _, ServiceBuilder};
use tower_http::decompression::DecompressionLayer;

use crate::program::{Installation, Server, client};

/// No provider is asked before somebody signs in.
const NO_PROVIDER: [(&str, &str); 1] = [("NEXUS_OIDC_ISSUER", "http://127.0.0.1:9/oidc")];

async fn started() -> (Installation, Server) {
    let installation = Installation::new();
    let server = installation.serve(&NO_PROVIDER).await;
    (installation, server)
}

#[tokio::test]
async fn it_does_not_start_when_nobody_could_sign_in() {
    let installation = Installation::new();
    let site = installation.path("site");
    let site = site.to_str().unwrap();
    let said = installation.refused(&["serve", "--assets-dir", site]).await;
    assert!(said.contains("nobody could sign in"), "{said}");
    let settings = [
        "serve",
        "--assets-dir",
        "/none",
        "--oidc-issuer",
        "https://id.example",
    ];
    let said = installation.refused(&settings).await;
    assert!(said.contains("no built site in /none"), "{said}");
}

#[tokio::test]
async fn it_answers_probes_and_ends_on_sigterm() {
    let (_installation, mut server) = started().await;
    for path in ["/health", "/ready"] {
        let answer = client().get(server.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), http::StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    }
    let pid = i32::try_from(server.child.id().unwrap()).unwrap();
    kill(Pid::from_raw(pid), Signal::SIGTERM).unwrap();
    assert!(server.child.wait().await.unwrap().success());
}

#[tokio::test]
async fn the_log_downloads_whole_through_compression() {
    let (installation, server) = started().await;
    let token = installation.token(&["audit:read"]).await;
    let mut browser = ServiceBuilder::new()
        .layer(DecompressionLayer::new())
        .service_fn(|request: http::Request<reqwest::Body>| async {
            let request = reqwest::Request::try_from(request).unwrap();
            let answer = client().execute(request).await?;
            let encoding = answer.headers().get("content-encoding");
            assert!(encoding.is_some(), "it came uncompressed");
            Ok::<_, reqwest::Error>(http::Response::from(answer))
        });
    for encoding in ["gzip", "br", "gzip, br"] {
        let request = http::Request::get(server.url("/audit/export"))
            .header("authorization", format!("Bearer {token}"))
            .header("accept-encoding", encoding)
            .body(reqwest::Body::default());
        let answer = browser.call(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), http::StatusCode::OK);
        let body = axum::body::Body::new(answer.into_body());
        let file = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let report = verify_export(&file[..], None).unwrap();
        assert!(report.entries > 0, "{encoding}: {report}");
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_is_answered_with_a_page() {
    let (_installation, server) = started().await;
    let send = async |accept: &str, bytes: usize| {
        let request = client()
            .post(server.url("/flags/new"))
            .header("accept", accept)
            .header("accept-language", "ja")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("x".repeat(bytes));
        let answer = request.send().await.unwrap();
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        let policy = answer.headers().contains_key("content-security-policy");
        assert!(policy, "it has the headers of every page");
        (answer.status().as_u16(), kind, answer.text().await.unwrap())
    };
    // Larger than what a socket takes in by itself: it must be read to be answered.
    let (status, kind, text) = send("text/html", 20 * 1024 * 1024).await;
    assert_eq!((status, &*kind), (413, "text/html; charset=utf-8"));
    assert!(
        text.contains("<html lang=\"ja\"") && text.contains("上限（1 MiB）"),
        "{text}"
    );
    let (status, kind, _) = send("application/json", 2 * 1024 * 1024).await;
    assert_eq!((status, &*kind), (413, "application/problem+json"));
}

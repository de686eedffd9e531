//! What layers refuse is told to people as a page, and the largest list fits.

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse as _;
use axum::routing::any;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use nexus_app::{App, AppOptions, refusals};
use nexus_domain::Environment;
use nexus_web::ProblemDetails;
use tower::ServiceExt as _;

use super::world::{World, form};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// Status, content type and text of what a layer's refusal becomes.
async fn refused(w: &World, status: StatusCode, accept: &str, lang: &str) -> (String, String) {
    let refuse = move || async move { ProblemDetails::new(status, "any", "any").into_response() };
    let app = App::new(w.t.console.clone(), AppOptions::default());
    let router = Router::new()
        .route("/flags/new", any(refuse))
        .layer(from_fn_with_state(app, refusals));
    let request = Request::post("/flags/new")
        .header(header::ACCEPT, accept)
        .header(header::ACCEPT_LANGUAGE, lang)
        .body(Body::empty())
        .expect("a request");
    let answer = router.oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), status);
    let kind = answer.headers()[header::CONTENT_TYPE]
        .to_str()
        .expect("text");
    let kind = kind.to_owned();
    let body = answer.into_body().collect().await.expect("a body");
    (kind, String::from_utf8_lossy(&body.to_bytes()).into_owned())
}

#[tokio::test]
async fn a_refusal_is_a_page_in_the_persons_language() {
    let w = World::new().await;
    for (status, en, ja) in [
        (413, "larger than 1 MiB", "上限（1 MiB）"),
        (503, "did not answer in time", "時間内に応答しませんでした"),
        (500, "It is our fault", "コンソール側の問題です"),
        (
            403,
            "did not come from one of",
            "このコンソールのページから",
        ),
        (400, "could not be understood", "処理できませんでした"),
    ] {
        let status = StatusCode::from_u16(status).expect("a status");
        for (lang, words) in [("en", en), ("ja", ja)] {
            let (kind, text) = refused(&w, status, BROWSER, lang).await;
            assert!(kind.starts_with("text/html"), "{status}: {kind}");
            assert!(text.contains(&format!("<html lang=\"{lang}\"")), "{text}");
            assert!(text.contains(words), "{status}: {text}");
        }
        let (kind, _) = refused(&w, status, "application/json", "en").await;
        assert_eq!(
            kind, "application/problem+json",
            "programs get what they got"
        );
    }
}

#[tokio::test]
async fn the_largest_list_fits_the_form_and_a_larger_body_is_told_so() {
    let w = World::new().await;
    // A megabyte of JSON in signs that a form writes as nine bytes each.
    let value = |n: usize| format!("{}{n:05}", "実".repeat(31));
    let values: Vec<String> = (0..9_700).map(value).collect();
    let values = values.join("\r\n");
    let group = |id: &str, environment: &str, values: &str| {
        form(&[
            ("name", "Beta testers"),
            ("id", id),
            ("environment", environment),
            ("kind", "list"),
            ("attribute", "id"),
            ("values", values),
        ])
    };
    let owner = w.owner();
    let body = group("large", "staging", &values);
    assert!(body.len() > 2 * 1024 * 1024, "{}", body.len());
    let made = w.post(&owner, "/saved-groups/new", &body).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let many: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
    let made = group("many", "production", &many.join("\r\n"));
    let made = w.post(&owner, "/saved-groups/new", &made).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let stored =
        w.t.console
            .saved_group(&owner, Environment::Production, "many");
    assert_eq!(
        stored.await.expect("it is there").group.content.size(),
        Some(100_000)
    );

    let huge = "x".repeat(8 * 1024 * 1024 + 1);
    let request = Request::post("/saved-groups/new")
        .header(header::ACCEPT, BROWSER)
        .header(header::COOKIE, "lang=ja")
        .body(Body::from(huge))
        .expect("a request");
    let answer = w.router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let body = answer.into_body().collect().await.expect("a body");
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    assert!(text.contains("上限（8 MiB）"), "{text}");
}

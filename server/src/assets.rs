//! The built site: hashed names, brotli beside plain, kept for ever by browsers.

use std::path::Path;

use axum::Router;
use http::{HeaderValue, header};
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Serves `<dir>/*` below `/assets/`.
pub(crate) fn router(dir: &Path) -> Router {
    let files = ServeDir::new(dir)
        .precompressed_br()
        .append_index_html_on_directories(false);
    let service = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            |response: &http::Response<_>| response.status().is_success().then_some(FOR_EVER),
        ))
        .layer(SetResponseHeaderLayer::overriding(
            header::VARY,
            HeaderValue::from_static("accept-encoding"),
        ))
        .service(files);
    Router::new().nest_service("/assets", service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::response::Response;
    use http::{Request, StatusCode};
    use tower::ServiceExt as _;

    async fn ask(dir: &Path, path: &str, encodings: &'static str) -> Response {
        let request = Request::get(path).header(header::ACCEPT_ENCODING, encodings);
        // Inside all layers: what is compressed already must not be compressed again.
        let router = crate::layers::around(router(dir));
        let request = request.body(Body::empty()).unwrap();
        router.oneshot(request).await.unwrap()
    }

    async fn text(response: Response) -> Vec<u8> {
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        body.unwrap().to_vec()
    }

    #[tokio::test]
    async fn a_file_comes_as_it_was_compressed_and_may_be_kept_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("main.0a.css"), "a{}".repeat(100)).unwrap();
        std::fs::write(dir.path().join("main.0a.css.br"), "compressed").unwrap();

        let file = ask(dir.path(), "/assets/main.0a.css", "gzip, br").await;
        assert_eq!(file.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(file.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(file.headers()[header::VARY], "accept-encoding");
        assert_eq!(file.headers()[header::CONTENT_TYPE], "text/css");
        assert_eq!(text(file).await, b"compressed");

        let plain = ask(dir.path(), "/assets/main.0a.css", "identity").await;
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(text(plain).await, "a{}".repeat(100).as_bytes());
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_kept_and_nothing_outside_is_served() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("site")).unwrap();
        std::fs::write(dir.path().join("snapshot.key"), "secret").unwrap();
        let site = dir.path().join("site");
        for path in [
            "/assets/none.css",
            "/assets/../snapshot.key",
            "/assets/%2e%2e/snapshot.key",
            "/assets/",
        ] {
            let none = ask(&site, path, "br").await;
            assert_eq!(none.status(), StatusCode::NOT_FOUND, "{path}");
            assert!(
                !none.headers().contains_key(header::CACHE_CONTROL),
                "{path}"
            );
        }
    }
}

//! What every route of the native server has around it: compression, a limit on
//! size and on time, an answer after a panic, a line in the log.

use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, map_response};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use nexus_web::ProblemDetails;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

/// No response may take longer to begin.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);

/// Read from the bottom: the last layer is the outermost.
pub(crate) fn around(routes: Router) -> Router {
    routes
        // Event streams and what is compressed already pass as they are.
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(5)))
        .layer(from_fn(nexus_web::limit_body))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            RESPONSE_TIMEOUT,
        ))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a request panicked");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            ProblemDetails::new(status, "internal", "internal error").into_response()
        }))
        .layer(map_response(describe_empty_refusals))
        .layer(from_fn(log))
}

/// One line a request, without query strings, which may hold what people typed.
async fn log(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let method = request.method().clone();
    let path = nexus_web::sdk::without_key(request.uri().path()).to_owned();
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let took_ms = started.elapsed().as_secs_f64() * 1000.0;
    if status >= 500 {
        tracing::error!(%method, path, status, took_ms, "request");
    } else {
        tracing::debug!(%method, path, status, took_ms, "request");
    }
    response
}

/// What refuses a body or is out of time answers without words of ours: say why.
async fn describe_empty_refusals(response: Response) -> Response {
    let kind = response.headers().get(http::header::CONTENT_TYPE);
    let is_told = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    let (code, detail) = match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if !is_told => ("too-large", "The body is too large"),
        StatusCode::SERVICE_UNAVAILABLE
            if !response.headers().contains_key(http::header::CONTENT_TYPE) =>
        {
            ("timeout", "No answer within 15 s; trying again is safe")
        }
        _ => return response,
    };
    ProblemDetails::new(response.status(), code, detail).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, Bytes};
    use axum::routing::{get, post};
    use http::{Request, header};
    use tower::ServiceExt as _;

    const MEBIBYTE: usize = 1024 * 1024;

    /// Routes that do what none should.
    fn router() -> Router {
        let echo = |body: Bytes| async move { body.len().to_string() };
        let panics = || async {
            if MEBIBYTE > 0 {
                panic!("on purpose")
            }
        };
        around(
            Router::new()
                .route("/echo", post(echo))
                .route("/hangs", get(std::future::pending::<()>))
                .route("/panics", get(panics))
                .route("/long", get(|| async { "word ".repeat(1_000) })),
        )
    }

    async fn ask(request: Request<Body>) -> (Response, Bytes) {
        let (parts, body) = router().oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (Response::from_parts(parts, Body::empty()), body)
    }

    fn get_of(path: &str) -> Request<Body> {
        Request::get(path).body(Body::empty()).unwrap()
    }

    async fn problem(request: Request<Body>) -> (u16, String) {
        let (response, body) = ask(request).await;
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(json["status"], response.status().as_u16());
        (
            response.status().as_u16(),
            json["type"].as_str().unwrap().to_owned(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_hangs_is_answered_after_15_seconds() {
        let started = tokio::time::Instant::now();
        let answer = problem(get_of("/hangs")).await;
        assert_eq!(answer, (503, "/problems/timeout".to_owned()));
        assert_eq!(started.elapsed().as_secs(), 15);
    }

    #[tokio::test]
    async fn a_panic_is_one_requests_problem() {
        let answer = problem(get_of("/panics")).await;
        assert_eq!(answer, (500, "/problems/internal".to_owned()));
    }

    #[tokio::test]
    async fn a_body_over_a_mebibyte_is_refused_said_or_not() {
        let sized = |bytes: usize| {
            Request::post("/echo")
                .header(header::CONTENT_LENGTH, bytes)
                .body(Body::from(vec![b'x'; bytes]))
                .unwrap()
        };
        let (fits, body) = ask(sized(MEBIBYTE)).await;
        assert_eq!(
            (fits.status(), &body[..]),
            (StatusCode::OK, &b"1048576"[..])
        );
        let too_large = (413, "/problems/too-large".to_owned());
        assert_eq!(problem(sized(MEBIBYTE + 1)).await, too_large);

        let chunk = |_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 1024]));
        let chunks = futures::stream::iter((0..1025).map(chunk));
        let unsized_body = Request::post("/echo").body(Body::from_stream(chunks));
        assert_eq!(problem(unsized_body.unwrap()).await, too_large);
    }

    #[tokio::test]
    async fn answers_are_compressed_for_those_who_can_read_it() {
        let (plain, body) = ask(get_of("/long")).await;
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(body.len(), 5_000);
        let mut request = get_of("/long");
        let brotli = http::HeaderValue::from_static("br");
        request
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, brotli);
        let (small, body) = ask(request).await;
        assert_eq!(small.headers()[header::CONTENT_ENCODING], "br");
        assert!(body.len() < 500, "{}", body.len());
    }
}

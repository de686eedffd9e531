//! One visit: a request, what it left with the visitor, perhaps a conversion.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, header};
use http_body_util::Full;

use crate::Random;
use crate::origins::VARIANT;
use crate::traffic::people::Visitor;
use crate::traffic::rhythm::Rhythm;
use crate::traffic::target::{Answer, send};
use crate::traffic::{Traffic, conversions, now_ms};

/// What is asked for.
struct Errand {
    method: Method,
    path: String,
    body: &'static str,
}

impl Errand {
    fn draw(random: &mut Random) -> Self {
        let get = |path: String| Self {
            method: Method::GET,
            path,
            body: "",
        };
        match random.below(100) {
            0..50 => get("/".to_owned()),
            50..85 => get(format!("/products/{}", 1 + random.below(6))),
            _ => Self {
                method: Method::POST,
                path: "/api/evaluate".to_owned(),
                body: r#"{"prompt":"Say hello in one line."}"#,
            },
        }
    }
}

/// Draws a visitor and an errand, sends it and remembers the outcome.
pub(super) async fn make(traffic: &Traffic) {
    let (mut visitor, request) = {
        let state = &mut *traffic.state();
        let rhythm = Rhythm::at(now_ms(), state.settings.day_seconds);
        let visitor = state.crowd.next(rhythm, &mut state.random);
        let errand = Errand::draw(&mut state.random);
        let ray = state.random.bits();
        (visitor.clone(), request(traffic, &visitor, errand, ray))
    };
    let Ok(request) = request else { return };
    let answer = send(&traffic.0.client, request).await;
    let converts = remember(traffic, &mut visitor, answer.as_ref());
    if converts {
        conversions::report(traffic, &visitor).await;
    }
}

fn request(
    traffic: &Traffic,
    visitor: &Visitor,
    errand: Errand,
    ray: u64,
) -> Result<Request<Full<Bytes>>, axum::http::Error> {
    let mut builder = Request::builder()
        .method(errand.method)
        .uri(traffic.0.gateway.join(&errand.path))
        .header("cf-ray", format!("{ray:016x}-{}", visitor.country.colo));
    if !errand.body.is_empty() {
        builder = builder.header(header::CONTENT_TYPE, "application/json");
    }
    if let Some(headers) = builder.headers_mut() {
        introduce(visitor, headers);
    }
    builder.body(Full::from(errand.body))
}

/// What every request of a visitor says about them.
pub(super) fn introduce(visitor: &Visitor, headers: &mut HeaderMap) {
    let user_id = visitor.user_id.as_deref().map(|id| ("x-nexus-user", id));
    let cookie = visitor.cookie.as_deref().map(|cookie| ("cookie", cookie));
    let known = [
        ("user-agent", visitor.agent),
        ("cf-ipcountry", visitor.country.code),
    ];
    for (name, value) in known.into_iter().chain(user_id).chain(cookie) {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
}

/// Counts the answer and updates the visitor; true when they convert now.
fn remember(traffic: &Traffic, visitor: &mut Visitor, answer: Option<&Answer>) -> bool {
    let state = &mut *traffic.state();
    let Some(answer) = answer else {
        state.counters.unanswered += 1;
        return false;
    };
    state.counters.answered += 1;
    if let Some(cookie) = cookie_of(&answer.headers) {
        visitor.cookie = Some(cookie);
    }
    let failed = answer.status.is_server_error();
    state.counters.failed += u64::from(failed);
    let mut is_settled = false;
    let mut variants = Vec::new();
    for (experiment, variant) in variants_of(&answer.headers) {
        *state
            .counters
            .seen
            .entry(format!("{experiment}={variant}"))
            .or_default() += 1;
        variants.push(variant);
        // A visitor whom the page failed may come back later and be won then.
        is_settled |= !failed && visitor.settled.insert(experiment.to_owned());
    }
    let converts = is_settled && visitor.luck < state.settings.conversion_among(variants);
    state.crowd.came(visitor.clone(), &mut state.random);
    converts
}

/// `name=value` of the first cookie that is set.
fn cookie_of(headers: &HeaderMap) -> Option<String> {
    let cookie = headers.get(header::SET_COOKIE)?.to_str().ok()?;
    cookie.split(';').next().map(|pair| pair.trim().to_owned())
}

fn variants_of(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let text = headers
        .get(VARIANT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.split(',').filter_map(|pair| pair.split_once('='))
}

//! The gateway as a Worker.
//!
//! A thin host of `nexus-gateway`: requests and answers are translated, everything that
//! is decided is decided there. Bodies and the origin's response headers never enter
//! WebAssembly, so that large and streamed answers cost nothing here.

mod body;
mod config;
mod headers;
mod host;
mod isolate;
mod points;
mod reporting;
mod rounds;
mod snapshots;

use std::rc::Rc;

use futures::channel::oneshot;
use http::{HeaderValue, Request};
use nexus_gateway::{Peer, Reply};
use wasm_bindgen::JsValue;
use worker::{Context, Env, Result, ScheduleContext, ScheduledEvent, event};

use crate::body::EdgeBody;
use crate::host::EdgeHost;
use crate::isolate::Isolate;

/// Answers one request.
#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> Result<web_sys::Response> {
    let isolate = Isolate::get(&env)?;
    let host = EdgeHost::new(Rc::clone(&isolate), &env, Rc::new(context));
    snapshots::refresh(&host, &env).await;
    let place = Place::of(&request);
    let request = match translate(&request) {
        Ok(request) => request,
        Err(_) => return headers::bad_request(),
    };
    if request.uri().path() == "/__nexus/panic" && config::is_on(&env, "NEXUS_TEST_DECIDE") {
        panic_for_a_test(&isolate);
    }
    let context = Rc::clone(&host.context);
    let (done, answer) = oneshot::channel();
    // The runtime ends what is under way when the visitor leaves, but not what it was told
    // to wait for: so an origin that hangs is reported all the same.
    context.wait_until(async move {
        let _ = done.send(answer_to(&host, request, &place).await);
    });
    answer
        .await
        .map_err(|_| worker::Error::RustError("no answer".to_owned()))?
}

async fn answer_to(
    host: &EdgeHost,
    request: Request<EdgeBody>,
    place: &Place,
) -> Result<web_sys::Response> {
    let isolate = &host.isolate;
    let trusted = isolate.trust_headers;
    let ip = request.headers().get("cf-connecting-ip").cloned();
    let peer = Peer {
        ip: ip.as_ref(),
        https: request.uri().scheme_str() == Some("https"),
        trusted,
        country: place.country.as_deref(),
        region: place.region.as_deref(),
        colo: place.colo.as_deref(),
        user: None,
    };
    let response = isolate.gateway.serve(host, peer, request).await;
    host.promise_sums();
    let (parts, reply) = response.into_parts();
    match reply {
        Reply::Own(bytes) => headers::own(&parts, &bytes),
        Reply::Origin(origin) => headers::passed_on(&parts, &origin),
        // Never asked for: the settings say that no streams are kept.
        Reply::Feed(_) => headers::bad_request(),
    }
}

/// Leaves the instance as a panic can: what was borrowed is never given back. The next
/// request gets a new one (`ENTRY` in xtask/src/worker_build.rs).
#[expect(clippy::panic, reason = "what this is for")]
fn panic_for_a_test(isolate: &Isolate) {
    let _waiting = isolate.waiting.borrow_mut();
    panic!("a test asked for it");
}

/// Keeps in touch with the console while no visitor comes by.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    match Isolate::get(&env) {
        Ok(isolate) => rounds::minute(&isolate, &env).await,
        Err(error) => worker::console_error!("the gateway is not set up: {error}"),
    }
}

/// Where the visitor is, as the runtime knows it.
struct Place {
    country: Option<String>,
    region: Option<String>,
    colo: Option<String>,
}

impl Place {
    /// From `request.cf`, which is missing outside Cloudflare.
    fn of(request: &web_sys::Request) -> Self {
        let cf = property(request.as_ref(), "cf");
        let text = |name| {
            cf.as_ref()
                .and_then(|cf| property(cf, name))
                .and_then(|value| value.as_string())
        };
        Self {
            country: text("country"),
            region: text("regionCode"),
            colo: text("colo"),
        }
    }
}

fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = js_sys::Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

fn translate(request: &web_sys::Request) -> std::result::Result<Request<EdgeBody>, http::Error> {
    let mut translated = Request::builder()
        .method(request.method().as_str())
        .uri(request.url());
    if let Some(to) = translated.headers_mut() {
        headers::read(&request.headers(), to);
        // The runtime speaks for the host in the URL.
        if let Some(host) = request_host(&request.url()) {
            to.insert(http::header::HOST, host);
        }
    }
    translated.body(EdgeBody(request.body()))
}

fn request_host(url: &str) -> Option<HeaderValue> {
    let uri: http::Uri = url.parse().ok()?;
    HeaderValue::from_str(uri.authority()?.as_str()).ok()
}

//! The console as a Worker.
//!
//! A thin host of `nexus-app` and `nexus-web`, as the native server is: the database is
//! D1, static files are Workers static assets (they never come here), and controllers run
//! by a cron trigger and after every change.

mod access;
mod config;
mod fetcher;
mod host;
mod log;
mod machine;
mod ticks;

use axum::response::IntoResponse as _;
use http::StatusCode;
use tower::Service as _;
use worker::{Context, Env, Result, ScheduleContext, ScheduledEvent, event, web_sys};

use crate::host::Host;
use crate::ticks::Trigger;

/// Answers one request.
#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> Result<web_sys::Response> {
    log::install();
    let Ok(request) = worker::request_from_wasm(request) else {
        // A header that is none to the `http` crate.
        return worker::response_to_wasm(StatusCode::BAD_REQUEST.into_response());
    };
    let mut host = Host::take(&env).await?;
    let trigger = Trigger::of(&request);
    let response = host.router.call(request).await?;
    if host.sdk.is_due() {
        context.wait_until(async move {
            host.sdk.flush().await;
            host.give_back();
        });
    } else {
        host.give_back();
    }
    if trigger.is_pulled(response.status()) {
        context.wait_until(ticks::round(env));
    }
    worker::response_to_wasm(response)
}

/// The cron trigger: one round of the controllers.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    log::install();
    ticks::round(env).await;
}

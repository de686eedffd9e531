//! A Worker that shows what the pure crates answer in WebAssembly; `end2end/edge-gateway` asks.
//!
//! - `POST /cases` with GrowthBook's published cases: how many pass, and which do not.
//! - `GET /bits`: digests of what evaluators and statistics say about generated inputs, to be
//!   compared with those of the native tests.
//!
//! It runs the very code of the tests of `nexus-flags` and `nexus-stats`.

#![expect(clippy::expect_used, reason = "code of tests")]

#[path = "../../../crates/flags/tests/growthbook/cases/mod.rs"]
mod cases;
#[path = "../../../crates/stats/tests/common/mod.rs"]
mod common;
#[path = "../../../crates/stats/tests/bits/digest.rs"]
mod digest;
#[path = "../../../crates/flags/tests/bits/answers.rs"]
mod flags;
#[expect(dead_code, reason = "the comparison with others needs more")]
#[path = "../../../crates/stats/tests/parity/generate.rs"]
mod generate;
#[path = "../../../crates/stats/tests/bits/answers.rs"]
mod statistics;

use serde_json::json;
use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(mut request: Request, _: Env, _: Context) -> Result<Response> {
    let answer = match request.path().as_str() {
        "/cases" => {
            let report = cases::check(&serde_json::from_str(&request.text().await?)?);
            let (passed, wrong) = (report.passed, report.wrong);
            json!({ "published": cases::PUBLISHED, "passed": passed, "wrong": wrong })
        }
        "/bits" => json!({
            "flags": flags::digests().to_json(),
            "stats": statistics::digests().to_json(),
        }),
        _ => return Response::error("not found", 404),
    };
    // As text: numbers are not to pass through JavaScript's.
    Response::ok(answer.to_string())
}

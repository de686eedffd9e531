//! Runs the suite of all database adapters on the binding `DB`, which must be migrated
//! and empty: 200 when it holds, else 500 with what does not.

use std::sync::Arc;

use nexus_control::testing::database_suite;
use nexus_edge_d1::D1;
use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(_: Request, env: Env, _: Context) -> Result<Response> {
    match database_suite(Arc::new(D1::new(env.d1("DB")?))).await {
        Ok(()) => Response::ok("ok\n"),
        Err(problem) => Response::error(problem, 500),
    }
}

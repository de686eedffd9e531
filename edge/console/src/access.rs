//! Who calls: Access's assertions, verified here.

use std::cell::OnceCell;
use std::sync::Arc;

use nexus_identity::access::AccessVerifier;
use nexus_web::Assertions;
use worker::{Env, Error, Result};

use crate::config;
use crate::fetcher::Fetcher;

thread_local! {
    static VERIFIER: OnceCell<Arc<dyn Assertions>> = const { OnceCell::new() };
}

/// This isolate's verifier, which keeps Access's keys between requests.
pub(crate) fn verifier(env: &Env) -> Result<Arc<dyn Assertions>> {
    VERIFIER.with(|cell| {
        if let Some(known) = cell.get() {
            return Ok(Arc::clone(known));
        }
        let config = config::access(env)?;
        let made = AccessVerifier::with_identity(config, Fetcher, Fetcher)
            .map_err(|error| Error::RustError(format!("Cloudflare Access settings: {error}")))?;
        let made: Arc<dyn Assertions> = Arc::new(made);
        Ok(Arc::clone(cell.get_or_init(|| made)))
    })
}

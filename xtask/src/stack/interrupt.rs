//! Ctrl-C and SIGTERM as a flag that waiting loops look at.

use anyhow::{Context as _, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set once the user, or whoever started us, wants us to end.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for SIGINT, SIGTERM and SIGHUP from now on; once per process.
    ///
    /// # Errors
    /// When a handler is installed already.
    pub(crate) fn install() -> Result<Self> {
        let interrupt = Self::default();
        let seen = interrupt.clone();
        ctrlc::set_handler(move || seen.set()).context("listening for Ctrl-C")?;
        Ok(interrupt)
    }

    /// Marks that an end is wanted.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether an end is wanted.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

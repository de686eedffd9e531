//! The runtime's clock and randomness.

use nexus_control::ports::{Clock, Random};

pub(crate) struct Machine;

impl Clock for Machine {
    /// A Worker's clock stands still between two answers from outside.
    fn now_ms(&self) -> i64 {
        js_sys::Date::now() as i64
    }
}

impl Random for Machine {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Going on without randomness would make guessable ids, tokens and nonces.
            std::process::abort();
        }
    }
}

//! The machine's clock and randomness: the only place the server asks for them.

use std::time::{SystemTime, UNIX_EPOCH};

use nexus_control::ports::{Clock, Random};

pub(crate) struct Machine;

impl Clock for Machine {
    fn now_ms(&self) -> i64 {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the Clock port's adapter"
        )]
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Random for Machine {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // A machine without randomness can't make ids, tokens or keys: going
            // on would make guessable ones.
            std::process::abort();
        }
    }
}

//! For tests, here and in the crates above: a console with a clock that stands
//! still, reproducible randomness, a store and a database that can be broken.

mod console;
mod course;
mod database;
mod growth;
mod store;
mod suite;
mod watched;

pub use console::{
    NOW_MS, TestConsole, batch, conversion, draft, flag_draft, holdout_draft, request,
    saved_group_draft, sdk_key_draft,
};
pub use course::Course;
pub use database::{Break, Breakable};
pub use growth::{grow, rows_of_people};
pub use store::MemoryStore;
pub use suite::database_suite;
pub use watched::{Asked, Watched};

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::ports::{Clock, Random, Statement};

/// What purging runs each minute.
#[must_use]
pub fn purging(now_ms: i64) -> Vec<Statement> {
    let mut statements = crate::controllers::past(now_ms);
    statements.push(crate::controllers::unkept(0, i64::MAX));
    statements
}

/// Time moves only when told to.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    #[must_use]
    pub const fn at(now_ms: i64) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The same numbers for the same seed (SplitMix64, Steele et al. 2014).
#[derive(Debug)]
pub struct SeededRandom(AtomicU64);

impl SeededRandom {
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub fn number(&self) -> u64 {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.number().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
}

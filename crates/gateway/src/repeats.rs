//! Requests that say nothing new.
//!
//! A unit counts once per experiment, so what it saw needs to be reported once. Requests
//! of a unit whose assignments were reported lately travel as a sum; a unit's first failed
//! request is new again, and one that took much longer: an experiment may have a limit of how
//! long its users wait. Most requests are repeats, and reporting each would cost gateway
//! and console more than passing it on. Requests that take part in nothing are in the sum
//! too: the console shows how much the gateway serves.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::telemetry::Event;

/// Reports remembered in one generation; there are two. Eight bytes and a little each.
const GENERATION: usize = 200_000;
/// How long one lasts. A unit is reported again after one to two of them: what the
/// console lost (a restored backup, a batch it refused) comes back.
const GENERATION_MS: i64 = 5 * 60 * 1000;
/// Quicker than this is all the same: nobody notices.
const QUICK_US: u64 = 16_000;
/// Most requests the console takes in one sum; what is more waits for the next.
const MAX_SUM: u64 = 10_000_000;

/// What was reported lately, and the sum of what was not worth it.
#[derive(Default)]
pub struct Repeats {
    /// Random, so that nobody can make two units look alike.
    hashing: RandomState,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    now: HashSet<u64>,
    before: HashSet<u64>,
    since_ms: i64,
    requests: u64,
    errors: u64,
}

impl Memory {
    fn add(&mut self, failed: bool) {
        self.requests += 1;
        self.errors += u64::from(failed);
    }
}

/// What a report would say: which unit, which variants, whether the request failed, and about
/// how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct News(u64);

impl Repeats {
    /// `assignments` are experiments and variants.
    pub(crate) fn news<'a>(
        &self,
        unit: &str,
        assignments: impl Iterator<Item = (&'a str, &'a str)>,
        failed: bool,
        duration_us: u64,
    ) -> News {
        let mut hasher = self.hashing.build_hasher();
        (unit, failed, pace(duration_us)).hash(&mut hasher);
        for assignment in assignments {
            assignment.hash(&mut hasher);
        }
        News(hasher.finish())
    }

    /// Whether it was reported lately; the request is then in the sum.
    pub(crate) fn counted(&self, news: News, failed: bool) -> bool {
        let mut memory = self.memory();
        let known = memory.now.contains(&news.0) || memory.before.contains(&news.0);
        if known {
            memory.add(failed);
        }
        known
    }

    /// A request that took part in nothing.
    pub(crate) fn add(&self, failed: bool) {
        self.memory().add(failed);
    }

    /// It has been reported.
    pub(crate) fn remember(&self, news: News, now_ms: i64) {
        let mut memory = self.memory();
        let is_over = now_ms.saturating_sub(memory.since_ms) >= GENERATION_MS;
        if is_over || memory.now.len() >= GENERATION {
            memory.before = std::mem::take(&mut memory.now);
            memory.since_ms = now_ms;
        }
        memory.now.insert(news.0);
    }

    /// Takes the sum, as an event; `None` when it is zero.
    #[must_use]
    pub fn take(&self, id: impl FnOnce() -> Uuid, at_ms: i64) -> Option<Event> {
        let mut memory = self.memory();
        let requests = memory.requests.min(MAX_SUM);
        let errors = memory.errors.min(requests);
        memory.requests -= requests;
        memory.errors -= errors;
        (requests > 0).then(|| Event::Repeats {
            id: id(),
            at_ms,
            requests,
            errors,
        })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often the duration can be halved until it is quick: equal durations, and many that are
/// less than twice as long, are no news.
const fn pace(duration_us: u64) -> u32 {
    (duration_us / QUICK_US + 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(repeats: &Repeats) -> Option<(u64, u64)> {
        match repeats.take(Uuid::nil, 7)? {
            Event::Repeats {
                requests, errors, ..
            } => Some((requests, errors)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_reported_is_summed_and_taken_once() {
        let repeats = Repeats::default();
        assert!(!repeats.counted(News(1), false));
        assert_eq!(sum(&repeats), None);
        repeats.remember(News(1), 1);
        assert!(repeats.counted(News(1), false));
        assert!(repeats.counted(News(1), true));
        assert!(!repeats.counted(News(2), true));
        assert_eq!(sum(&repeats), Some((2, 1)));
        assert_eq!(sum(&repeats), None);
        repeats.add(false);
        repeats.add(true);
        assert_eq!(sum(&repeats), Some((2, 1)));
    }

    #[test]
    fn a_sum_is_no_larger_than_the_console_takes() {
        let repeats = Repeats::default();
        repeats.memory().requests = MAX_SUM + 1;
        repeats.memory().errors = MAX_SUM + 1;
        assert_eq!(sum(&repeats), Some((MAX_SUM, MAX_SUM)));
        assert_eq!(sum(&repeats), Some((1, 1)));
        assert_eq!(sum(&repeats), None);
    }

    #[test]
    fn it_is_forgotten_after_one_to_two_generations() {
        let repeats = Repeats::default();
        repeats.remember(News(1), GENERATION_MS);
        repeats.remember(News(2), 2 * GENERATION_MS);
        assert!(repeats.counted(News(1), false));
        repeats.remember(News(3), 3 * GENERATION_MS);
        assert!(!repeats.counted(News(1), false));
        assert!(repeats.counted(News(2), false));
    }

    #[test]
    fn memory_is_bounded() {
        let repeats = Repeats::default();
        for news in 0..5 * GENERATION as u64 {
            repeats.remember(News(news), 1);
        }
        let memory = repeats.memory();
        assert!(memory.now.len() + memory.before.len() <= 2 * GENERATION);
    }

    #[test]
    fn a_request_that_took_much_longer_is_news() {
        let repeats = Repeats::default();
        let news = |ms: u64| repeats.news("ann", [("e", "a")].into_iter(), false, ms * 1_000);
        assert_eq!(news(0), news(12));
        assert_eq!(news(300), news(400));
        for (before, after) in [
            (12, 40),
            (100, 220),
            (400, 900),
            (900, 2_000),
            (2_000, 60_000),
        ] {
            assert_ne!(news(before), news(after), "{before} and {after}");
        }
        repeats.remember(news(100), 1);
        assert!(repeats.counted(news(110), false));
        assert!(!repeats.counted(news(1_000), false));
    }
}

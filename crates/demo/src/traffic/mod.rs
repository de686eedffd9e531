//! A crowd in front of the gateway: visitors from twenty countries who come at their own
//! hours, return with their cookie or user id, and convert depending on what they saw.
//!
//! Open loop: visits start when they are due, whether or not earlier ones were answered,
//! so a slow gateway is seen as slow instead of being spared.

mod control;
mod conversions;
mod page;
mod people;
mod rhythm;
mod settings;
mod target;
mod visit;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

pub use control::control_router;
pub use settings::{Counters, Settings};
pub use target::TargetUrl;

use crate::Random;
use crate::traffic::people::Crowd;
use crate::traffic::rhythm::Rhythm;
use crate::traffic::target::Client;

/// Visits under way at once; further ones are counted as shed.
const MAX_IN_FLIGHT: usize = 512;
/// A rate of zero is looked at again after this long.
const IDLE: Duration = Duration::from_millis(200);

/// How the crowd starts.
pub struct Options {
    pub gateway: TargetUrl,
    /// Told to misbehave by the control page.
    pub origins: Vec<TargetUrl>,
    pub rate_per_second: f64,
    pub day_seconds: f64,
    pub metric: String,
    pub random: Random,
}

/// The crowd; a cheap handle.
#[derive(Clone)]
pub struct Traffic(Arc<Inner>);

struct Inner {
    gateway: TargetUrl,
    origins: Vec<TargetUrl>,
    client: Client,
    in_flight: Arc<Semaphore>,
    state: Mutex<State>,
}

struct State {
    settings: Settings,
    counters: Counters,
    crowd: Crowd,
    random: Random,
}

impl Traffic {
    /// A crowd that waits for [`Traffic::run`].
    ///
    /// # Errors
    /// When a setting is out of its range.
    pub fn new(options: Options) -> anyhow::Result<Self> {
        let settings = Settings {
            rate_per_second: options.rate_per_second,
            day_seconds: options.day_seconds,
            metric: options.metric,
            ..Settings::default()
        };
        settings.check().map_err(anyhow::Error::msg)?;
        Ok(Self(Arc::new(Inner {
            gateway: options.gateway,
            origins: options.origins,
            client: target::client(),
            in_flight: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
            state: Mutex::new(State {
                settings,
                counters: Counters::default(),
                crowd: Crowd::default(),
                random: options.random,
            }),
        })))
    }

    /// What the crowd does now.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.state().settings.clone()
    }

    /// What it has done.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let state = self.state();
        Counters {
            known_visitors: state.crowd.len(),
            ..state.counters.clone()
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends visitors for as long as it is polled.
    pub async fn run(self) {
        let mut due = Instant::now();
        loop {
            let (wait, arrives) = self.next_arrival();
            due += wait;
            // After a pause of the machine, do not send everything that was missed at once.
            due = due.max(Instant::now() - Duration::from_secs(1));
            sleep_until(due).await;
            if arrives {
                self.start_visit();
            }
        }
    }

    /// Time to the next visit of a Poisson process at the momentary rate.
    fn next_arrival(&self) -> (Duration, bool) {
        let mut state = self.state();
        let rhythm = Rhythm::at(now_ms(), state.settings.day_seconds);
        let rate = state.settings.rate_per_second * rhythm.intensity();
        if rate <= 0.0 {
            return (IDLE, false);
        }
        let wait = state.random.exponential(1.0 / rate);
        // Looks again soon, so that a raised rate is felt at once.
        if wait > 1.0 {
            return (IDLE, state.random.chance(IDLE.as_secs_f64() * rate));
        }
        (Duration::from_secs_f64(wait), true)
    }

    fn start_visit(&self) {
        let Ok(permit) = Arc::clone(&self.0.in_flight).try_acquire_owned() else {
            self.state().counters.shed += 1;
            return;
        };
        let traffic = self.clone();
        tokio::spawn(async move {
            visit::make(&traffic).await;
            drop(permit);
        });
    }
}

/// The wall clock: milliseconds since 1970 UTC.
#[expect(clippy::disallowed_methods, reason = "the generator's one clock")]
fn now_ms() -> u64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

//! Faults on purpose: rules that make requests fail, and the layer that
//! applies them.

mod glob;
mod layer;
mod rule;

use std::sync::{Mutex, PoisonError};

use http::Method;

pub(crate) use layer::observe;
pub use rule::{FaultError, FaultRule};

/// Most rules at once.
const RULES: usize = 200;

/// The rules in force, in order; of those that match a request the first that
/// fires decides. They are kept in memory: a restart ends all faults.
#[derive(Debug, Default)]
pub struct Faults {
    armed: Mutex<Vec<Armed>>,
}

#[derive(Debug)]
struct Armed {
    rule: FaultRule,
    /// State of the rule's own generator of chances.
    chance: u64,
}

impl Faults {
    /// The rules with what is left of them.
    #[must_use]
    pub fn rules(&self) -> Vec<FaultRule> {
        self.lock().iter().map(|a| a.rule.clone()).collect()
    }

    /// Adds a rule, or replaces the one with its id. An empty id gets a number.
    ///
    /// # Errors
    /// When a field is out of range or there are too many rules.
    pub fn add(&self, mut rule: FaultRule) -> Result<FaultRule, FaultError> {
        rule.check()?;
        let mut armed = self.lock();
        if rule.id.is_empty() {
            let free = (1..).map(|n: u32| format!("fault-{n}"));
            let taken = |id: &String| armed.iter().any(|a| a.rule.id == *id);
            rule.id = free.skip_while(taken).take(1).collect();
        }
        let place = armed.iter().position(|a| a.rule.id == rule.id);
        if place.is_none() && armed.len() >= RULES {
            return Err(FaultError::TooMany);
        }
        let new = Armed {
            chance: rule.seed,
            rule: rule.clone(),
        };
        match place.and_then(|at| armed.get_mut(at)) {
            Some(old) => *old = new,
            None => armed.push(new),
        }
        Ok(rule)
    }

    /// Removes a rule; false when there is none with this id.
    pub fn remove(&self, id: &str) -> bool {
        let mut armed = self.lock();
        let before = armed.len();
        armed.retain(|a| a.rule.id != id);
        armed.len() < before
    }

    /// Removes all rules.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The rule that interferes with this request, if one does.
    pub(crate) fn strike(&self, method: &Method, path: &str) -> Option<FaultRule> {
        let mut armed = self.lock();
        armed.iter_mut().find_map(|a| a.strike(method, path))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Armed {
    fn strike(&mut self, method: &Method, path: &str) -> Option<FaultRule> {
        if self.rule.remaining == Some(0) || !self.rule.matches(method, path) {
            return None;
        }
        if self.next_chance() >= self.rule.probability {
            return None;
        }
        self.rule.fired += 1;
        self.rule.remaining = self.rule.remaining.map(|left| left - 1);
        Some(self.rule.clone())
    }

    /// Uniform in [0, 1): `SplitMix64` (Steele, Lea, Flood 2014), so that a seed
    /// always gives the same faults.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    fn next_chance(&mut self) -> f64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.chance;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: serde_json::Value) -> FaultRule {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_rule_fires_as_often_as_it_says() {
        let faults = Faults::default();
        faults
            .add(rule(
                serde_json::json!({ "path": "/a", "status": 503, "remaining": 2 }),
            ))
            .unwrap();
        let hits = (0..5)
            .filter(|_| faults.strike(&Method::GET, "/a").is_some())
            .count();
        assert_eq!(hits, 2);
        assert_eq!(faults.rules()[0].remaining, Some(0));
        assert_eq!(faults.rules()[0].fired, 2);
    }

    #[test]
    fn a_seed_gives_the_same_faults_and_about_the_asked_share() {
        let run = || {
            let faults = Faults::default();
            let json = serde_json::json!({ "status": 500, "probability": 0.2, "seed": 7 });
            faults.add(rule(json)).unwrap();
            (0..10_000)
                .map(|_| faults.strike(&Method::PUT, "/x").is_some())
                .collect::<Vec<_>>()
        };
        let first = run();
        assert_eq!(first, run());
        let share = first.iter().filter(|hit| **hit).count();
        // Binomial(10,000, 0.2): 2,000 ± 40; five deviations never fail by chance.
        assert!((1_800..2_200).contains(&share), "{share}");
    }

    #[test]
    fn the_first_rule_that_fires_decides_and_ids_replace() {
        let faults = Faults::default();
        faults
            .add(rule(
                serde_json::json!({ "id": "a", "method": "PUT", "status": 500 }),
            ))
            .unwrap();
        faults
            .add(rule(
                serde_json::json!({ "status": 429, "retry_after_s": 1 }),
            ))
            .unwrap();
        assert_eq!(faults.strike(&Method::PUT, "/").unwrap().status, Some(500));
        assert_eq!(faults.strike(&Method::GET, "/").unwrap().status, Some(429));
        faults
            .add(rule(serde_json::json!({ "id": "a", "status": 502 })))
            .unwrap();
        assert_eq!(faults.strike(&Method::GET, "/").unwrap().status, Some(502));
        assert!(faults.remove("a") && !faults.remove("a"));
        assert_eq!(faults.rules()[0].id, "fault-1");
    }
}

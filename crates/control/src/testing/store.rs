//! A snapshot store in memory that fails on demand.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::SeededRandom;
use crate::ports::{SnapshotStore, StoreError};

pub struct MemoryStore(Mutex<State>, SeededRandom);

#[derive(Default)]
struct State {
    values: HashMap<String, Vec<u8>>,
    failing_percent: u64,
    refusal: Option<StoreError>,
    puts: Vec<Vec<u8>>,
}

impl MemoryStore {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::default(), SeededRandom::new(seed))
    }

    /// That share of the calls fails, half of the failing writes after they
    /// were applied.
    pub fn fail(&self, percent: u64) {
        self.state().failing_percent = percent;
    }

    /// Every call fails so, until told otherwise.
    pub fn refuse(&self, with: Option<StoreError>) {
        self.state().refusal = with;
    }

    #[must_use]
    pub fn value(&self, key: &str) -> Option<Vec<u8>> {
        self.state().values.get(key).cloned()
    }

    pub fn overwrite(&self, key: &str, bytes: Option<Vec<u8>>) {
        let mut state = self.state();
        match bytes {
            Some(bytes) => state.values.insert(key.to_owned(), bytes),
            None => state.values.remove(key),
        };
    }

    /// Everything ever written, in order.
    #[must_use]
    pub fn puts(&self) -> Vec<Vec<u8>> {
        self.state().puts.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fails(&self) -> Result<bool, StoreError> {
        let state = self.state();
        match &state.refusal {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(self.1.number() % 100 < state.failing_percent),
        }
    }
}

fn lost() -> StoreError {
    StoreError::Unavailable {
        problem: "the answer was lost".to_owned(),
        retry_after_ms: None,
    }
}

#[async_trait]
impl SnapshotStore for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if self.fails()? {
            return Err(lost());
        }
        Ok(self.value(key))
    }

    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let fails = self.fails()?;
        if !fails || self.1.number().is_multiple_of(2) {
            let mut state = self.state();
            state.puts.push(bytes.clone());
            state.values.insert(key.to_owned(), bytes);
        }
        if fails { Err(lost()) } else { Ok(()) }
    }
}

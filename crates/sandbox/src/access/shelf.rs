//! Things that live for minutes in memory only: half-done sign-ins, tickets, codes. A
//! restart forgets them, which costs the visitor one more try and nothing else.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::error::AccessError;
use super::random::hex_id;

/// A bounded shelf of things with a best-before time, found by an unguessable name.
pub(crate) struct Shelf<T> {
    life_ms: i64,
    capacity: usize,
    things: Mutex<HashMap<String, (i64, T)>>,
}

impl<T: Clone> Shelf<T> {
    /// A shelf whose things live `life_ms`; beyond `capacity` the oldest goes.
    pub(crate) fn new(life_ms: i64, capacity: usize) -> Self {
        Self {
            life_ms,
            capacity,
            things: Mutex::new(HashMap::new()),
        }
    }

    /// Puts a thing down and returns its new name.
    pub(crate) fn put(&self, thing: T, now_ms: i64) -> Result<String, AccessError> {
        let name = hex_id(16)?;
        self.put_as(name.clone(), thing, now_ms);
        Ok(name)
    }

    /// Puts a thing down under a name the caller chose.
    pub(crate) fn put_as(&self, name: String, thing: T, now_ms: i64) {
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        things.retain(|_, (until_ms, _)| *until_ms > now_ms);
        if things.len() >= self.capacity {
            let oldest = things
                .iter()
                .min_by_key(|(_, (until, _))| *until)
                .map(|(n, _)| n.clone());
            if let Some(oldest) = oldest {
                things.remove(&oldest);
            }
        }
        things.insert(name, (now_ms + self.life_ms, thing));
    }

    /// A copy of the thing, which stays.
    pub(crate) fn look(&self, name: &str, now_ms: i64) -> Option<T> {
        let things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        things
            .get(name)
            .filter(|(until_ms, _)| *until_ms > now_ms)
            .map(|(_, thing)| thing.clone())
    }

    /// Takes the thing away: only one caller can have it.
    pub(crate) fn take(&self, name: &str, now_ms: i64) -> Option<T> {
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        things
            .remove(name)
            .filter(|(until_ms, _)| *until_ms > now_ms)
            .map(|(_, thing)| thing)
    }

    /// Takes the thing only when it is the one `right` accepts; otherwise it stays.
    pub(crate) fn take_if(&self, name: &str, now_ms: i64, right: impl Fn(&T) -> bool) -> Option<T> {
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = things
            .get(name)
            .is_some_and(|(until, thing)| *until > now_ms && right(thing));
        if fits {
            things.remove(name).map(|(_, thing)| thing)
        } else {
            None
        }
    }

    /// Drops every thing `keep` does not accept.
    pub(crate) fn retain(&self, keep: impl Fn(&T) -> bool) {
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        things.retain(|_, (_, thing)| keep(thing));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_expire_can_be_taken_once_and_make_room() {
        let shelf = Shelf::new(10, 2);
        let first = shelf.put("first", 0).unwrap();
        let second = shelf.put("second", 1).unwrap();
        assert_eq!(shelf.look(&first, 9), Some("first"));
        assert_eq!(shelf.look(&first, 10), None);
        let third = shelf.put("third", 2).unwrap();
        assert_eq!(shelf.look(&first, 3), None, "the oldest made room");
        assert_eq!(shelf.take_if(&second, 3, |thing| *thing == "other"), None);
        assert_eq!(shelf.take(&second, 3), Some("second"));
        assert_eq!(shelf.take(&second, 3), None);
        shelf.retain(|thing| *thing != "third");
        assert_eq!(shelf.look(&third, 3), None);
    }
}

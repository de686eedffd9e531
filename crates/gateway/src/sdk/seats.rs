//! Places for streams. One key has at most a share of them, so that nobody's pages keep the
//! others' out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Response, StatusCode};

use super::feed::Feed;
use crate::limits::STREAM_SHARE;
use crate::problem::retry_later;
use crate::snapshot::SnapshotHolder;

/// The places of a host.
#[derive(Debug)]
pub struct Seats {
    most: usize,
    /// By the digest of the key.
    taken: Mutex<HashMap<Box<str>, usize>>,
}

/// One of them; given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Arc<Seats>,
    key: Box<str>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crowded {
    /// The host has as many streams as it may.
    Host,
    /// The key has.
    Key,
}

impl Seats {
    /// So many for all keys together, and of them a quarter, but at least one, for each.
    #[must_use]
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            taken: Mutex::default(),
        })
    }

    /// A place for this stream.
    ///
    /// # Errors
    /// When there is none for it.
    pub fn take(self: &Arc<Self>, feed: &Feed) -> Result<Seat, Crowded> {
        self.take_for(feed.key())
    }

    fn take_for(self: &Arc<Self>, key: &str) -> Result<Seat, Crowded> {
        let mut taken = self.taken();
        if taken.values().sum::<usize>() >= self.most {
            return Err(Crowded::Host);
        }
        let own = taken.entry(key.into()).or_default();
        if *own >= (self.most / STREAM_SHARE).max(1) {
            return Err(Crowded::Key);
        }
        *own += 1;
        Ok(Seat {
            seats: Arc::clone(self),
            key: key.into(),
        })
    }

    /// How many are taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.taken().values().sum()
    }

    /// How many are taken with the keys of these snapshots.
    #[must_use]
    pub fn count_of(&self, snapshots: &SnapshotHolder) -> usize {
        let published = snapshots.published();
        let keys = published
            .as_ref()
            .map_or(&[][..], |published| published.keys());
        let taken = self.taken();
        keys.iter().filter_map(|key| taken.get(&*key.sha256)).sum()
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Box<str>, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        let left = taken.get_mut(&self.key).map(|own| {
            *own = own.saturating_sub(1);
            *own
        });
        if left == Some(0) {
            taken.remove(&self.key);
        }
    }
}

impl Crowded {
    /// What whoever asks for a stream gets.
    #[must_use]
    pub fn answer(self) -> Response<Bytes> {
        let detail = match self {
            Self::Host => "too many streams are open; ask from time to time",
            Self::Key => {
                "too many streams are open with this SDK key, which may have a quarter of them; \
                 ask from time to time"
            }
        };
        retry_later(StatusCode::TOO_MANY_REQUESTS, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_quarter_and_all_together_what_there_is() {
        let seats = Seats::new(8);
        let of = |key: &str| seats.take_for(key);
        let mut open = vec![of("a").unwrap(), of("a").unwrap()];
        assert_eq!(of("a").err(), Some(Crowded::Key));
        for key in ["b", "b", "c", "c", "d", "d"] {
            open.push(of(key).unwrap());
        }
        assert_eq!((of("e").err(), seats.count()), (Some(Crowded::Host), 8));
        open.remove(0);
        assert_eq!(
            of("b").err(),
            Some(Crowded::Key),
            "a place is free, but not for b"
        );
        open.push(of("e").unwrap());
        drop(open);
        assert_eq!((seats.count(), seats.taken().len()), (0, 0));
    }

    #[test]
    fn where_there_are_few_each_key_has_one() {
        let seats = Seats::new(1);
        let one = seats.take_for("a").unwrap();
        assert_eq!(seats.take_for("b").err(), Some(Crowded::Host));
        drop(one);
        assert!(seats.take_for("b").is_ok());
        assert_eq!(Seats::new(0).take_for("a").err(), Some(Crowded::Host));
    }
}

//! Finding one of many by its key in the same time, however many there are.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Positions in a list by key. The keys stay in the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lookup {
    positions: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Lookup {
    /// Of keys in the order of their list. Of equal ones the first is found; those beyond
    /// 2³² are not.
    pub(crate) fn new<'k, K: Iterator<Item = &'k str> + Clone>(keys: K) -> Self {
        let hasher = DefaultHashBuilder::default();
        let all: Vec<&str> = keys.collect();
        let key = |position: u32| all.get(position as usize).copied().unwrap_or_default();
        let mut positions = HashTable::with_capacity(all.len());
        for (position, added) in (0_u32..).zip(&all) {
            positions
                .entry(
                    hasher.hash_one(added),
                    |known| key(*known) == *added,
                    |known| hasher.hash_one(key(*known)),
                )
                .or_insert(position);
        }
        Self { positions, hasher }
    }

    /// The position whose key is the wanted one; `key` says which key a position has.
    pub(crate) fn find<'k>(
        &self,
        wanted: &str,
        key: impl Fn(usize) -> Option<&'k str>,
    ) -> Option<usize> {
        let hash = self.hasher.hash_one(wanted);
        let found = |position: &u32| key(*position as usize) == Some(wanted);
        let position = self.positions.find(hash, found)?;
        Some(*position as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::Lookup;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_finds_what_a_search_from_the_start_finds(
            keys in proptest::collection::vec("[a-c]{0,3}", 0..60),
            wanted in "[a-c]{0,3}",
        ) {
            let lookup = Lookup::new(keys.iter().map(String::as_str));
            let key = |position: usize| keys.get(position).map(String::as_str);
            let found = lookup.find(&wanted, key);
            prop_assert_eq!(found, keys.iter().position(|key| *key == wanted));
        }
    }
}

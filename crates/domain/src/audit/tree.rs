//! The Merkle tree of RFC 6962 §2.1 (the same in RFC 9162 §2.1), appended to
//! one leaf at a time.
//!
//! Only perfect subtrees are stored, by (level, index): level 0 are the leaf
//! hashes, node (l, i) covers leaves i·2^l up to (i+1)·2^l. An append adds two
//! of them on average; a proof needs O(log n) of them. Old entries can lose
//! their bodies and every proof still works, because the nodes stay.

use sha2::{Digest, Sha256};

pub type Hash = [u8; 32];
/// (level, index) of a perfect subtree.
pub type Coordinate = (u8, u64);
/// Leaves from the first to before the second.
pub type Range = (u64, u64);

/// Where perfect subtrees come from.
pub trait Nodes {
    fn node(&self, at: Coordinate) -> Option<Hash>;
}

impl Nodes for std::collections::HashMap<Coordinate, Hash> {
    fn node(&self, at: Coordinate) -> Option<Hash> {
        self.get(&at).copied()
    }
}

/// `SHA-256(0x00 ‖ leaf)`.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(leaf)
        .finalize()
        .into()
}

/// `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The stored nodes that an append to a tree of `size` leaves must read, in
/// the order in which [`append`] takes them.
#[must_use]
pub fn append_siblings(size: u64) -> Vec<Coordinate> {
    (0..size.trailing_ones())
        .map(|l| (l as u8, (size >> l) - 1))
        .collect()
}

/// The nodes to store for leaf number `size`: the leaf and every perfect
/// subtree that it completes. `siblings` as [`append_siblings`] lists them.
#[must_use]
pub fn append(size: u64, leaf: Hash, siblings: &[Hash]) -> Vec<(Coordinate, Hash)> {
    let mut nodes = vec![((0, size), leaf)];
    let mut hash = leaf;
    for (level, left) in (1u8..).zip(siblings) {
        hash = node_hash(left, &hash);
        nodes.push(((level, size >> level), hash));
    }
    nodes
}

/// The perfect subtrees that make up a range, left to right. Ranges that this
/// module hands out begin at a multiple of the largest of them.
#[must_use]
pub fn range_coordinates((mut from, to): Range) -> Vec<Coordinate> {
    let mut found = Vec::new();
    while from < to {
        let fits = (to - from).ilog2();
        let aligned = if from == 0 {
            fits
        } else {
            from.trailing_zeros().min(fits)
        };
        found.push((aligned as u8, from >> aligned));
        from += 1 << aligned;
    }
    found
}

/// Hash of a range (the whole tree of n leaves is `(0, n)`); `None` when a
/// node is missing. The empty tree hashes to SHA-256 of nothing.
#[must_use]
pub fn range_hash(range: Range, nodes: &impl Nodes) -> Option<Hash> {
    let mut hash: Option<Hash> = None;
    for at in range_coordinates(range).into_iter().rev() {
        let left = nodes.node(at)?;
        hash = Some(hash.map_or(left, |right| node_hash(&left, &right)));
    }
    hash.or_else(|| Some(Sha256::digest([]).into()))
}

/// The ranges whose hashes prove that leaf `index` is in a tree of `size`
/// (RFC 6962 §2.1.1), nearest first. `None` when the leaf is outside.
#[must_use]
pub fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<Range>> {
    if index >= size {
        return None;
    }
    let (mut from, mut to, mut path) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push((middle, to));
            to = middle;
        } else {
            path.push((from, middle));
            from = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// The ranges whose hashes prove that the tree of `size` extends the tree of
/// `old` leaves (RFC 6962 §2.1.2). Empty when equal; `None` when `old` is 0 or
/// larger.
#[must_use]
pub fn consistency_ranges(old: u64, size: u64) -> Option<Vec<Range>> {
    if old == 0 || old > size {
        return None;
    }
    let (mut from, mut to, mut path, mut whole) = (0, size, Vec::new(), true);
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            path.push((middle, to));
            to = middle;
        } else {
            path.push((from, middle));
            from = middle;
            whole = false;
        }
    }
    if !whole {
        path.push((from, to));
    }
    path.reverse();
    Some(path)
}

/// The hashes of a proof's ranges; `None` when a node is missing.
#[must_use]
pub fn proof(ranges: &[Range], nodes: &impl Nodes) -> Option<Vec<Hash>> {
    ranges
        .iter()
        .map(|range| range_hash(*range, nodes))
        .collect()
}

/// Largest power of two smaller than `n` (n ≥ 2).
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// The definition of RFC 6962 §2.1, word by word.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            _ => {
                let k = split(leaves.len() as u64) as usize;
                node_hash(&by_definition(&leaves[..k]), &by_definition(&leaves[k..]))
            }
        }
    }

    fn grown(n: u64) -> (Vec<Hash>, HashMap<Coordinate, Hash>) {
        let mut nodes = HashMap::new();
        let leaves: Vec<Hash> = (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        for (size, leaf) in (0..).zip(&leaves) {
            let siblings: Vec<Hash> = append_siblings(size)
                .into_iter()
                .map(|at| nodes[&at])
                .collect();
            nodes.extend(append(size, *leaf, &siblings));
        }
        (leaves, nodes)
    }

    #[test]
    fn the_empty_tree_has_the_hash_of_nothing() {
        let nodes = HashMap::new();
        assert_eq!(
            hex::encode(range_hash((0, 0), &nodes).unwrap()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    proptest! {
        #[test]
        fn growing_leaf_by_leaf_gives_the_tree_of_the_definition(n in 1u64..200) {
            let (leaves, nodes) = grown(n);
            prop_assert_eq!(range_hash((0, n), &nodes), Some(by_definition(&leaves)));
        }

        #[test]
        fn proofs_are_made_of_ranges_that_tile_the_tree(n in 1u64..300, pick in any::<u64>()) {
            let (_, nodes) = grown(n);
            let index = pick % n;
            let mut ranges = inclusion_ranges(index, n).unwrap();
            prop_assert!(proof(&ranges, &nodes).is_some());
            ranges.push((index, index + 1));
            ranges.sort_unstable();
            prop_assert_eq!(ranges.first().map(|r| r.0), Some(0));
            prop_assert_eq!(ranges.last().map(|r| r.1), Some(n));
            prop_assert!(ranges.windows(2).all(|w| w[0].1 == w[1].0));
            prop_assert!(proof(&consistency_ranges(index + 1, n).unwrap(), &nodes).is_some());
        }
    }
}

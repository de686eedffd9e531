//! Merkle proofs: RFC 9162 §2.1.3.2 and §2.1.4.2, and their generalisation to
//! subtrees (draft-ietf-plants-merkle-tree-certs §4.3 and §4.4).

use sha2::{Digest, Sha256};

pub type Hash = [u8; 32];

/// `SHA-256(0x00 ‖ entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    prefixed(0, &[entry])
}

/// `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    prefixed(1, &[left, right])
}

fn prefixed(prefix: u8, parts: &[&[u8]]) -> Hash {
    let mut sha = Sha256::new();
    sha.update([prefix]);
    for part in parts {
        sha.update(part);
    }
    sha.finalize().into()
}

/// Whether `leaf` is entry number `index` of the tree of `size` entries with
/// that root.
#[must_use]
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &[u8]) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash[..] == *root
}

/// Whether the tree of `new_size` entries extends the tree of `old_size`.
/// The empty tree is extended by every tree, but that says nothing and is only
/// accepted when both are empty.
#[must_use]
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    proof: &[Hash],
    old_root: &[u8],
    new_root: &[u8],
) -> bool {
    if old_size == 0 && new_size == 0 {
        return proof.is_empty() && old_root == new_root && *old_root == empty_root();
    }
    old_size > 0 && verify_subtree_consistency(0, old_size, new_size, proof, old_root, new_root)
}

/// Whether `leaf` is entry number `index` of the log, within the subtree of
/// entries `start` to before `end` with that root.
#[must_use]
pub fn verify_subtree_inclusion(
    index: u64,
    (start, end): (u64, u64),
    leaf: &Hash,
    proof: &[Hash],
    root: &[u8],
) -> bool {
    is_subtree(start, end)
        && index >= start
        && verify_inclusion(index - start, end - start, leaf, proof, root)
}

/// Whether the subtree of entries `start` to before `end` is part of the tree
/// of `size` entries. An empty one always is, if its root says so.
#[must_use]
pub fn verify_subtree_consistency(
    start: u64,
    end: u64,
    size: u64,
    proof: &[Hash],
    subtree_root: &[u8],
    root: &[u8],
) -> bool {
    if start == end && end <= size {
        return proof.is_empty() && *subtree_root == empty_root();
    }
    if !is_subtree(start, end) || end > size {
        return false;
    }
    if start == 0 && end == size {
        return proof.is_empty() && subtree_root == root;
    }
    let Ok(subtree_root) = Hash::try_from(subtree_root) else {
        return false;
    };
    let (mut first, mut last, mut tree) = (start, end - 1, size - 1);
    let up = |first: &mut u64, last: &mut u64, tree: &mut u64| {
        *first >>= 1;
        *last >>= 1;
        *tree >>= 1;
    };
    let ragged = last == tree;
    while first != last && (ragged || last & 1 == 1) {
        up(&mut first, &mut last, &mut tree);
    }
    let mut proof = proof.iter();
    let seed = if first == last {
        Some(&subtree_root)
    } else {
        proof.next()
    };
    let Some(seed) = seed else {
        return false;
    };
    let (mut small, mut large) = (*seed, *seed);
    for sibling in proof {
        if tree == 0 {
            return false;
        }
        if last & 1 == 1 || last == tree {
            if first < last {
                small = node_hash(sibling, &small);
            }
            large = node_hash(sibling, &large);
            while last & 1 == 0 && last != 0 {
                up(&mut first, &mut last, &mut tree);
            }
        } else {
            large = node_hash(&large, sibling);
        }
        up(&mut first, &mut last, &mut tree);
    }
    tree == 0 && small == subtree_root && large[..] == *root
}

/// Root of the tree without entries: SHA-256 of nothing.
pub(crate) fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A subtree begins at a multiple of the power of two that holds it.
fn is_subtree(start: u64, end: u64) -> bool {
    start < end
        && (end - start)
            .checked_next_power_of_two()
            .is_some_and(|span| start.is_multiple_of(span))
}

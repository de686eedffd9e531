//! The console's proofs, made by other code, verify here; changed ones don't.

use std::collections::HashMap;

use nexus_audit_verify::{leaf_hash, verify_consistency, verify_inclusion};
use nexus_domain::audit;
use proptest::prelude::*;

fn grown(size: u64) -> HashMap<audit::Coordinate, audit::Hash> {
    let mut nodes = HashMap::new();
    for index in 0..size {
        let siblings: Vec<_> = audit::append_siblings(index)
            .into_iter()
            .map(|at| nodes[&at])
            .collect();
        nodes.extend(audit::append(
            index,
            leaf_hash(&index.to_be_bytes()),
            &siblings,
        ));
    }
    nodes
}

proptest! {
    #[test]
    fn inclusion(size in 1u64..200, pick in any::<u64>(), flip in any::<usize>()) {
        let nodes = grown(size);
        let index = pick % size;
        let root = audit::range_hash((0, size), &nodes).unwrap();
        let mut proof =
            audit::proof(&audit::inclusion_ranges(index, size).unwrap(), &nodes).unwrap();
        let leaf = leaf_hash(&index.to_be_bytes());
        prop_assert!(verify_inclusion(index, size, &leaf, &proof, &root));
        prop_assert!(!verify_inclusion(index, size, &leaf_hash(b"other"), &proof, &root));
        if !proof.is_empty() {
            let at = flip % proof.len();
            proof[at][0] ^= 1;
            prop_assert!(!verify_inclusion(index, size, &leaf, &proof, &root));
        }
    }

    #[test]
    fn consistency(size in 1u64..200, pick in any::<u64>()) {
        let nodes = grown(size);
        let old = pick % size + 1;
        let old_root = audit::range_hash((0, old), &nodes).unwrap();
        let root = audit::range_hash((0, size), &nodes).unwrap();
        let proof =
            audit::proof(&audit::consistency_ranges(old, size).unwrap(), &nodes).unwrap();
        prop_assert!(verify_consistency(old, size, &proof, &old_root, &root));
        let other = leaf_hash(b"other");
        prop_assert!(!verify_consistency(old, size, &proof, &other, &root));
        prop_assert!(!verify_consistency(old, size, &proof, &old_root, &other));
    }
}

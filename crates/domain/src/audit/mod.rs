//! The audit log: canonical entries and the tree that makes them tamper-evident.

mod cause;
mod entry;
mod tree;

pub use cause::{Cause, Encryption, Reason, RecomputeFailure, Recount};
pub use entry::{ACTIONS, Entry, EntryDraft};
pub use tree::{
    Coordinate, Hash, Nodes, Range, append, append_siblings, consistency_ranges, inclusion_ranges,
    leaf_hash, node_hash, proof, range_coordinates, range_hash,
};

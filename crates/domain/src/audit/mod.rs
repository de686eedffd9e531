//! The audit log: canonical entries and the tree that makes them tamper-evident.

mod cause;
mod entry;
mod recount;
mod tree;

pub use cause::{Cause, Encryption, Reason};
pub use entry::{ACTIONS, Entry, EntryDraft};
pub use recount::{RecomputeFailure, Recount};
pub use tree::{
    Coordinate, Hash, Nodes, Range, append, append_siblings, consistency_ranges, inclusion_ranges,
    leaf_hash, node_hash, proof, range_coordinates, range_hash,
};

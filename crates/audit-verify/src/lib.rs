//! Verifies an exported audit log with nothing but the file and a public key.
//!
//! Written from RFC 9162 and `docs/audit.md` alone: it shares no code with the
//! console's append (tests apart), so one mistake can't hide in both.

mod export;
mod note;
mod proof;

pub use export::{Problem, Report, verify_export};
pub use proof::{
    Hash, leaf_hash, node_hash, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};

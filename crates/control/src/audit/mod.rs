//! The audit log: reading, proving, exporting. Writing is in `commit`.

mod checkpoint;
mod export;
mod note;
mod proof;
mod query;
mod retention;
mod verify;

/// The action of an entry that says up to which one the texts were removed.
const RETENTION: &str = "audit.retention";

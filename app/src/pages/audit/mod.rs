//! The audit log.

pub mod entry;
pub mod export;
pub mod list;
pub mod reason;
pub mod row;

//! The console's HTTP face over a real console on SQLite.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's helpers may fail the test"
)]

mod api;
mod description;
mod flags;
mod kill;
mod layers;
mod operations;
mod roles;
mod saved_groups;
mod sdk_keys;
mod sdk_pages;
mod table;
mod world;

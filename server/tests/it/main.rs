//! The program `nexus-admin` from outside: its commands, and its server with a
//! browser and an OpenID provider around it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's helpers may fail the test"
)]

mod browser;
mod commands;
mod life_commands;
mod program;
mod provider;
mod server;
mod sign_in;

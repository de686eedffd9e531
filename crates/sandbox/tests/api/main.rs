//! The sandbox's API over real sockets.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

mod accounts;
mod d1;
mod faults;
mod harness;
mod import;
mod kv;
mod kv_bulk;
mod panel;

//! GrowthBook's published cases (SDK specification 0.12.0), all of them, read in place and
//! unedited. None is skipped.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "helpers of tests")]

mod bucketing;
#[path = "../common/mod.rs"]
mod common;
mod conditions;
mod evaluation;
mod payloads;
mod suite;

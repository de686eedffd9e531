//! GrowthBook's published cases (SDK specification 0.12.0), all of them, read in place and
//! unedited. None is skipped.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod cases;
#[path = "../common/mod.rs"]
mod common;
mod own_engine;
mod suite;

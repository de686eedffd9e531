//! Every text of the console in every language, by area. See `lang.rs`.

pub mod audit;
pub mod calculator;
pub mod common;
pub mod decide;
pub mod detail;
pub mod domain;
pub mod experiments;
pub mod flags;
pub mod form;
pub mod life;
pub mod method;
pub mod metric;
pub mod overview;
pub mod problem;
pub mod review;
pub mod revisions;
pub mod safeguards;
pub mod sdk_keys;
pub mod settings;
pub mod shell;
pub mod states;
pub mod why;

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
pub mod holdouts;
pub mod method;
pub mod metric;
pub mod overview;
pub mod problem;
pub mod revisions;
pub mod saved_groups;
pub mod sdk_keys;
pub mod settings;
pub mod shell;
pub mod states;
pub mod why;

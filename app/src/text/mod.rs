//! Every text of the console in every language, by area. See `lang.rs`.

pub mod audit;
pub mod calculator;
pub mod common;
pub mod condition;
pub mod decide;
pub mod detail;
pub mod domain;
pub mod experiments;
pub mod flag_import;
pub mod flags;
pub mod form;
pub mod holdouts;
pub mod life;
pub mod method;
pub mod metric;
pub mod notes;
pub mod overview;
pub mod problem;
pub mod revisions;
pub mod safeguards;
pub mod saved_groups;
pub mod sdk_keys;
pub mod settings;
pub mod shell;
pub mod states;
pub mod why;

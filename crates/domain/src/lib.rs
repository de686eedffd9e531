//! What things are and how they change: pure types and rules.
//!
//! Nothing here does I/O, reads a clock or draws randomness; times, ids and
//! observations are arguments. The console, its Worker and the tests share it.

pub mod access;
pub mod actor;
mod audience;
pub mod audit;
pub mod code;
pub mod condition;
pub mod digest;
pub mod environment;
pub mod experiment;
pub mod flag;
pub mod holdout;
pub mod ids;
pub mod import;
mod json;
mod prerequisite;
pub mod problem;
pub mod qa;
mod range;
pub mod saved_group;
mod schema;
pub mod sdk_key;
mod targeting;
pub mod template;

pub use environment::Environment;
pub use prerequisite::prerequisite_fault;
pub use problem::{Field, FieldProblem, Problem};

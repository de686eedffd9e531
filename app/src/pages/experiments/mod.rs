//! Experiments: list, form, detail, and the commands.

pub mod command;
pub mod comment;
pub mod decide;
pub mod detail;
pub mod edit;
pub mod export;
mod foreseen;
pub mod form;
pub mod life;
mod lift;
pub mod list;
pub mod meanwhile;
pub mod new;
pub mod parts;
pub mod recompute;
pub mod review;
pub mod revisions;
pub mod schedule;
pub mod why;
pub mod widen;

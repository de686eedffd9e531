//! The pages, by area. A handler authorises through its one use case and hands
//! plain data to a view; the view knows nothing of HTTP.

pub mod api_docs;
pub mod audience;
pub mod audit;
pub mod calculator;
pub mod condition;
pub mod confirm;
pub mod estimate;
pub mod experiments;
pub mod flags;
pub mod holdouts;
pub mod layers;
pub(crate) mod notes;
pub mod overview;
pub mod prerequisites;
pub mod problems;
pub mod qa;
pub mod question;
pub(crate) mod ramp;
pub mod revisions;
pub mod saved_groups;
pub mod settings;
pub mod states;
pub mod subject;
pub(crate) mod sure;
pub mod templates;
mod typed;

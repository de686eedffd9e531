//! The pages, by area. A handler authorises through its one use case and hands
//! plain data to a view; the view knows nothing of HTTP.

pub mod audit;
pub mod calculator;
pub mod confirm;
pub mod experiments;
pub mod overview;
pub mod problems;
pub mod settings;
pub mod states;

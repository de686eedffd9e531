//! Conditions: the builder in forms, and how pages say one.

mod groups;
mod lists;
mod said;
mod state;
mod view;

pub(crate) use groups::group_choices;
pub(crate) use lists::{COUNTRIES, view_lists};
pub(crate) use said::{condition_text, row_text, view_condition};
pub use state::ConditionTyped;
pub(crate) use view::{BuilderView, view_builder};

//! Conditions: the builder in forms, and how pages say one.

mod groups;
mod said;
mod state;
mod view;

pub(crate) use groups::{group_choices, group_list};
pub(crate) use said::{condition_text, view_condition};
pub use state::ConditionTyped;
pub(crate) use view::{BuilderView, attribute_list, view_builder};

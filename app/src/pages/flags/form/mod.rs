//! The form of a flag: state as typed, its translation to a draft, its view.

mod conflict;
mod read;
mod rule;
mod state;
mod view;

pub use conflict::FlagConflict;
pub(super) use read::day;
pub use state::{FlagForm, RuleFields};
pub use view::{FlagFormView, view_form};

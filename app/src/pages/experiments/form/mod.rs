//! The experiment form: state as typed, its translation to a draft, its view.

mod audience;
mod conflict;
mod goal;
mod method;
mod metric_fields;
mod metrics;
mod parse;
mod parts;
mod safeguards;
mod state;
mod variants;
mod view;

pub use conflict::{Choices, Conflict, Merge};
pub use metric_fields::MetricFields;
pub(crate) use metrics::view_metrics;
pub use parts::differences;
pub use safeguards::SafeguardFields;
pub use state::FormState;
pub use view::{FormView, view_form};

//! The experiment form: state as typed, its translation to a draft, its view.

mod audience;
mod conflict;
mod goal;
mod method;
mod metric_fields;
mod metrics;
mod parse;
mod safeguards;
mod state;
mod variants;
mod view;

pub use conflict::{Conflict, differences};
pub use metric_fields::MetricFields;
pub(crate) use metrics::view_metrics;
pub use safeguards::SafeguardFields;
pub use state::FormState;
pub use view::{FormView, view_form};

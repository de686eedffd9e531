//! The experiment form: state as typed, its translation to a draft, its view.

mod audience;
mod conflict;
mod goal;
mod method;
mod metrics;
mod parse;
mod safeguards;
mod state;
mod variants;
mod view;

pub use conflict::{Conflict, differences};
pub use metrics::MetricFields;
pub use safeguards::SafeguardFields;
pub use state::FormState;
pub use view::{FormView, view_form};

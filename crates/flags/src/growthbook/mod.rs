//! GrowthBook's features and experiments, evaluated: the semantics of the GrowthBook SDK
//! specification 0.12.0.
//!
//! A payload is compiled once to an immutable [`Engine`]: conditions are parsed, operators
//! resolved, regular expressions compiled, lists sorted, seeds hashed. A question then
//! borrows from the engine and from the asker's [`Attributes`].
//!
//! It stands beside [`crate::Engine`], which obeys the console's own snapshots: this one
//! reads what a GrowthBook server publishes, so that either can be put in the other's place.
//!
//! Left out is what only a page in a browser does (visual changes) and what no payload
//! carries any more (an experiment's `url`, `groups` and `include`, overrides by the
//! context). Regular expressions with look-around or back-references count as unknown.
//!
//! Payloads and attributes may be hostile. Nesting, saved groups, prerequisites and regular
//! expressions are bounded; beyond a bound nobody is let in, and nothing panics.

mod assign;
mod attribute;
mod audience;
mod bandit;
mod check;
mod condition;
mod decrypt;
mod engine;
mod experiment;
mod feature;
mod filters;
mod group_ids;
mod groups;
mod hashing;
mod number;
mod operators;
mod options;
mod outcome;
mod parse;
mod parse_operators;
mod path;
mod pattern;
mod prune;
mod query;
mod redirect;
mod reduce;
mod reduce_groups;
mod report;
mod result;
mod run;
mod set;
mod sticky;
mod url_target;
mod version;

pub use attribute::{Attribute, Attributes};
pub(crate) use audience::find;
pub use audience::{Audience, Lists};
pub use bandit::BanditLeaf;
pub use check::{ConditionFault, ConditionProblem, check_condition, check_with_lists};
pub use decrypt::{DecryptError, decrypt, decrypt_payload, encrypt};
pub use engine::{Engine, PayloadError};
pub use experiment::Experiment;
pub use filters::Metadata;
pub use hashing::Namespace;
pub use options::Options;
pub use prune::{Pruned, prune_condition};
pub use query::query_override;
pub use redirect::Redirect;
pub use reduce::{Prerequisites, ReduceOptions, reduce_payload};
pub use result::{ExperimentResult, FeatureResult, Observer, Participation, Source};
pub use sticky::{StickyDocument, remember};

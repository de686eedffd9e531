//! Evaluators of other systems, each by its published crate.

pub mod eppo;
pub mod flagsmith;
pub mod growthbook;
pub mod launchdarkly;
pub mod unleash;

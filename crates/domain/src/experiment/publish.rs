//! What the gateway is told of an experiment.

use nexus_flags::{ExperimentRule, VariantRule};

use super::{Experiment, LayerShare, Status};
use crate::holdout::HeldBack;

/// The rule for the snapshot; `None` when the experiment is not at the edge.
#[must_use]
pub fn rule_of(experiment: &Experiment) -> Option<ExperimentRule> {
    let at_the_edge = experiment.status.at_the_edge();
    at_the_edge.then(|| rule_as_planned(experiment))
}

/// The rule as it is or would be at the edge; paused unless the experiment runs.
#[must_use]
pub fn rule_as_planned(experiment: &Experiment) -> ExperimentRule {
    ExperimentRule {
        id: experiment.id.to_string(),
        seed: experiment.seed.clone(),
        coverage_bp: experiment.coverage_now_bp(),
        variants: experiment
            .variants
            .iter()
            .map(|v| VariantRule {
                key: v.key.clone(),
                weight_bp: v.weight_bp,
                features: v.features.clone(),
                deployment: v.deployment.clone(),
            })
            .collect(),
        targeting: experiment.targeting.clone(),
        start_ms: experiment.schedule.start_ms,
        end_ms: experiment.schedule.end_ms,
        slices: experiment
            .layer
            .as_ref()
            .and_then(LayerShare::slice)
            .into_iter()
            .chain(experiment.held.iter().map(HeldBack::slice))
            .collect(),
        prerequisites: experiment.prerequisites.clone(),
        paused: experiment.status != Status::Running,
    }
}

//! Layers as they are: which experiments have which parts of them, and what is left.

use std::collections::BTreeMap;

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Experiment, free_parts};

use crate::views::{Layer, LayerPart};
use crate::{Console, Result};

impl Console {
    /// The layers of an environment or of all, by name: those that an experiment names which
    /// has not ended. A layer is there as long as one does.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn layers(
        &self,
        actor: &Actor,
        environment: Option<Environment>,
    ) -> Result<Vec<Layer>> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let asked = Environment::ALL.into_iter();
        let asked = asked.filter(|one| environment.is_none_or(|only| only == *one));
        let mut found = Vec::new();
        for environment in asked {
            let experiments = self.not_ended(environment).await?;
            let mut names: BTreeMap<&str, Vec<&Experiment>> = BTreeMap::new();
            for experiment in &experiments {
                if let Some(share) = &experiment.layer {
                    names.entry(&share.layer).or_default().push(experiment);
                }
            }
            let layers = names
                .into_iter()
                .map(|(name, inside)| layer(environment, name, &inside));
            found.extend(layers);
        }
        Ok(found)
    }
}

fn layer(environment: Environment, name: &str, inside: &[&Experiment]) -> Layer {
    let part = |experiment: &&Experiment| {
        let share = experiment.layer.as_ref()?;
        Some(LayerPart {
            experiment: experiment.id.to_string(),
            name: experiment.name.clone(),
            status: experiment.status,
            share_bp: share.share_bp,
            from_bp: share.from_bp,
        })
    };
    let mut parts: Vec<LayerPart> = inside.iter().filter_map(part).collect();
    // Those that have a part in its order, then those that will look for one.
    parts.sort_by(|a, b| {
        let key = |part: &LayerPart| (part.from_bp.is_none(), part.from_bp);
        key(a).cmp(&key(b)).then(a.experiment.cmp(&b.experiment))
    });
    let free = free_parts(name, inside.iter().copied());
    let sizes = free.iter().map(|(from, to)| to - from);
    Layer {
        environment,
        name: name.to_owned(),
        parts,
        free_bp: sizes.clone().sum(),
        largest_free_bp: sizes.max().unwrap_or(0),
    }
}

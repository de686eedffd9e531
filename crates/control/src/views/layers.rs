//! Layers.

use nexus_domain::Environment;
use nexus_domain::experiment::Status;
use serde::Serialize;

/// A layer with its experiments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Layer {
    pub environment: Environment,
    pub name: String,
    /// Those that have a part of it in its order, then those that get one at their start.
    pub parts: Vec<LayerPart>,
    /// What nobody has, in basis points.
    pub free_bp: u16,
    /// The largest free part: no experiment can get a larger one.
    pub largest_free_bp: u16,
}

/// An experiment's part of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayerPart {
    /// Id of the experiment.
    pub experiment: String,
    pub name: String,
    pub status: Status,
    pub share_bp: u16,
    /// Where the part begins; none before the start.
    pub from_bp: Option<u16>,
}

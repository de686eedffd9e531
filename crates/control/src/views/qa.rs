//! Links of testers.

use nexus_domain::Environment;
use nexus_domain::qa::{QaLink, QaTarget};
use serde::Serialize;

use super::Propagation;

/// One link with its address.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QaLinkRow {
    pub link: QaLink,
    /// To be opened in a browser; whoever has it is forced.
    pub url: String,
}

/// The links of an experiment or a flag.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QaLinks {
    pub environment: Environment,
    /// What links can be made for.
    pub targets: Vec<QaTarget>,
    /// Those in force, the newest first.
    pub links: Vec<QaLinkRow>,
    /// The address that was used last in the environment; empty before the first.
    pub page: String,
    /// New ones can be made; not for what is over.
    pub open: bool,
    pub propagation: Propagation,
}

//! Holdouts.

use nexus_domain::holdout::Holdout;
use serde::Serialize;

use super::{AuditRow, Propagation, Results, Use};

/// One line of the list.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldoutRow {
    pub holdout: Holdout,
    /// Users seen so far who are held out.
    pub held_out: u64,
    /// Users seen so far who are not.
    pub others: u64,
}

/// Everything the holdout's page shows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldoutDetail {
    pub holdout: Holdout,
    /// The others against the held-out, judged as an experiment whose control they are.
    pub results: Results,
    /// Those that leave its users out, and drafts that will.
    pub experiments: Vec<Use>,
    /// Where it binds flags: rules that could take its users in all the same, at most 200.
    pub unbound: Vec<UnboundRule>,
    pub propagation: Propagation,
    /// Newest first, at most 50.
    pub history: Vec<AuditRow>,
}

/// A rule of a flag that takes in whom a holdout holds out.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnboundRule {
    /// Key of the flag.
    pub flag: String,
    pub flag_name: String,
    pub rule: String,
    pub rule_name: String,
    /// Why, in its author's words; none for one that was there before the holdout, came by a
    /// decision, or is a permanent flag's.
    pub exemption: Option<String>,
    pub permanent: bool,
}

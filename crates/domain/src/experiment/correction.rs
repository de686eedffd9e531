//! How the comparisons of secondary metrics are corrected: chosen with the draft, fixed at the
//! start, because choosing when the p-values are there is one more way of peeking.

use serde::{Deserialize, Serialize};

/// What is bounded when several secondary metrics or treatments are compared at once. Only
/// methods with p-values know it: always valid and fixed horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// The probability of any false result, however the metrics depend on each other (Holm).
    #[default]
    Holm,
    /// The expected share of false results among all results, of metrics that are independent
    /// or positively dependent (Benjamini and Hochberg). Finds more.
    BenjaminiHochberg,
}

impl Correction {
    pub const ALL: [Self; 2] = [Self::Holm, Self::BenjaminiHochberg];

    /// The name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holm => "holm",
            Self::BenjaminiHochberg => "benjamini_hochberg",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }

    /// The default is left out of stored documents, so that those from before there was a
    /// choice keep their digest.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

//! Sticky buckets: assignments that a caller keeps, so that they outlive changed weights.
//!
//! The engine only reads them. What is new, a caller learns from its [`Observer`] and keeps
//! with [`remember`].
//!
//! [`Observer`]: super::Observer

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::experiment::Experiment;
use super::hashing::Identity;
use super::result::Participation;

/// What is kept for one unit, in GrowthBook's shape.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StickyDocument {
    /// The attribute the unit is known by.
    pub attribute_name: String,
    /// Its value as text.
    pub attribute_value: String,
    /// Variation key by `<experiment key>__<bucket version>`.
    #[serde(default)]
    pub assignments: BTreeMap<String, String>,
}

/// What the documents say about one unit and one experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Nothing,
    Variation(usize),
    /// An assignment older than the experiment accepts: the unit is left out.
    Blocked,
}

impl StickyDocument {
    fn is_about(&self, unit: &Identity<'_>) -> bool {
        self.attribute_name == unit.attribute
            && unit.with_text(|text| self.attribute_value == text) == Some(true)
    }

    /// Whether there is an assignment of a bucket version below the accepted ones.
    fn has_older(&self, experiment: &Experiment) -> bool {
        let version = |key: &String| {
            let version = key.strip_prefix(experiment.key())?.strip_prefix("__")?;
            let canonical = version == "0" || !version.starts_with(['0', '+']);
            canonical.then(|| version.parse::<u64>().ok()).flatten()
        };
        let min = experiment.stickiness.min_version;
        min > 0
            && self
                .assignments
                .keys()
                .filter_map(version)
                .any(|version| version < min)
    }
}

/// Looks an assignment up. The document of the hash attribute counts before that of the
/// fallback attribute.
pub(super) fn find(
    documents: &[StickyDocument],
    experiment: &Experiment,
    units: [Option<Identity<'_>>; 2],
) -> Kept {
    let documents = units.into_iter().flatten().filter_map(|unit| {
        let mut about = documents.iter().filter(|document| document.is_about(&unit));
        about.next()
    });
    let mut found = None;
    for document in documents {
        if document.has_older(experiment) {
            return Kept::Blocked;
        }
        found = found.or_else(|| document.assignments.get(&*experiment.stickiness.bucket_key));
    }
    let Some(key) = found else {
        return Kept::Nothing;
    };
    let mut variations = experiment.variations.iter();
    let position = variations.position(|variation| variation.named && *variation.key == **key);
    position.map_or(Kept::Nothing, Kept::Variation)
}

/// Keeps an assignment that an observer was told of. Says whether that changed anything;
/// experiments that are not sticky never do.
pub fn remember(documents: &mut Vec<StickyDocument>, participation: &Participation<'_>) -> bool {
    let Participation {
        experiment, result, ..
    } = participation;
    let unit = Identity {
        attribute: result.hash_attribute,
        value: result.hash_value,
    };
    let Some(value) = unit.with_text(str::to_owned) else {
        return false;
    };
    if experiment.stickiness.disabled || !participation.is_exposure() {
        return false;
    }
    let position = documents
        .iter()
        .position(|document| document.is_about(&unit));
    let position = position.unwrap_or_else(|| {
        documents.push(StickyDocument {
            attribute_name: unit.attribute.to_owned(),
            attribute_value: value,
            assignments: BTreeMap::new(),
        });
        documents.len() - 1
    });
    let key = experiment.stickiness.bucket_key.to_string();
    let Some(document) = documents.get_mut(position) else {
        return false;
    };
    let before = document.assignments.insert(key, result.key().to_owned());
    before.as_deref() != Some(result.key())
}

//! Flags of other systems.

use std::collections::BTreeSet;

use nexus_domain::flag::{FlagDraft, Shipped};
use nexus_domain::import::{ImportFormat, ImportNote};
use serde::Serialize;

/// What an import would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportPreview {
    pub format: ImportFormat,
    /// Environments that the file tells of; empty when it tells of one without a name.
    pub environments: Vec<String>,
    /// In the order of keys, but what others need before them.
    pub rows: Vec<ImportRow>,
}

impl ImportPreview {
    /// The rows that are wanted, without those that need one which is neither here nor wanted.
    #[must_use]
    pub fn with_needs(&self, is_wanted: impl Fn(&ImportRow) -> bool) -> Vec<&ImportRow> {
        let mut keys = BTreeSet::new();
        let mut found = Vec::new();
        for row in self.rows.iter().filter(|row| is_wanted(row)) {
            if row.needs.iter().all(|key| keys.contains(key.as_str())) {
                keys.insert(row.key.as_str());
                found.push(row);
            }
        }
        found
    }

    /// New, and losing nothing: nobody has to be asked.
    #[must_use]
    pub fn plain(&self) -> Vec<&ImportRow> {
        self.with_needs(|row| row.state == ImportState::New && !row.partial)
    }
}

/// What becomes of one flag of the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportRow {
    pub key: String,
    pub state: ImportState,
    /// On where it comes from.
    pub enabled: bool,
    /// Something of its meaning is lost; the notes say what.
    pub partial: bool,
    pub notes: Vec<ImportNote>,
    /// Flags of the file that it needs and that are not here yet: they come along, or it can't.
    pub needs: Vec<String>,
    /// What would be saved; absent when nothing can be.
    pub draft: Option<FlagDraft>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ImportState {
    New,
    /// There already, with the same settings.
    Same,
    /// There already, with other settings; taken only when it is asked for with this version.
    Differs {
        version: u64,
    },
    /// There, and archived: bring it back first.
    Archived,
    Impossible,
}

/// What an import did: keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportResult {
    pub created: Vec<String>,
    pub changed: Vec<String>,
    /// Those of the file that are new, lose nothing, and were not taken: import them next.
    pub remaining: Vec<String>,
}

impl ImportResult {
    pub(crate) fn of(shipped: &[Shipped], preview: &ImportPreview) -> Self {
        let keys = |is_new: bool| {
            let some = shipped.iter().filter(|(old, _)| old.is_none() == is_new);
            some.map(|(_, new)| new.key.to_string()).collect()
        };
        let is_taken = |row: &ImportRow| {
            let mut taken = shipped.iter();
            taken.any(|(_, new)| new.key.as_str() == row.key)
        };
        let remaining = preview.plain().into_iter().filter(|row| !is_taken(row));
        Self {
            remaining: remaining.map(|row| row.key.clone()).collect(),
            created: keys(true),
            changed: keys(false),
        }
    }
}

//! A saved group as rows: the document, the columns repeated from it for lists, its revisions.

use std::collections::{BTreeMap, BTreeSet};

use nexus_domain::Environment;
use nexus_domain::saved_group::{GroupContent, SavedGroup, groups_named};

use crate::ports::Statement;
use crate::sql::{json, sql};
use crate::{Console, Result};

impl Console {
    pub(crate) async fn stored_group(
        &self,
        environment: Environment,
        id: &str,
    ) -> Result<Option<SavedGroup>> {
        let row = self
            .row(sql!(
                "SELECT document FROM saved_groups WHERE environment = ?1 AND id = ?2",
                environment.as_str(),
                id
            ))
            .await?;
        row.map(|mut cells| cells.json()).transpose()
    }

    /// The groups of these ids and those that they name, as far as there are any. `changed`
    /// counts in place of what is stored.
    pub(crate) async fn groups_of_ids(
        &self,
        environment: Environment,
        ids: BTreeSet<String>,
        changed: Option<&SavedGroup>,
    ) -> Result<Vec<SavedGroup>> {
        let mut found: BTreeMap<String, Option<SavedGroup>> = BTreeMap::new();
        let mut wanted: Vec<String> = ids.into_iter().collect();
        while let Some(id) = wanted.pop() {
            if found.contains_key(&id) {
                continue;
            }
            let group = match changed.filter(|changed| changed.id.as_str() == id) {
                Some(changed) => Some(changed.clone()),
                None => self.stored_group(environment, &id).await?,
            };
            if let Some(GroupContent::Condition { condition }) = group.as_ref().map(|g| &g.content)
            {
                wanted.extend(groups_named(condition).into_iter().map(str::to_owned));
            }
            found.insert(id, group);
        }
        Ok(found.into_values().flatten().collect())
    }

    /// The environment's conditions under a name, archived ones aside.
    pub(crate) async fn condition_groups(
        &self,
        environment: Environment,
    ) -> Result<Vec<SavedGroup>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM saved_groups \
                 WHERE environment = ?1 AND kind = 'condition' AND archived = 0 ORDER BY id",
                environment.as_str()
            ))
            .await?;
        rows.into_iter().map(|mut cells| cells.json()).collect()
    }
}

/// The statements that make `new` the newest state. The first refuses the batch when the
/// version exists already.
pub(super) fn change(old: Option<&SavedGroup>, new: &SavedGroup) -> Result<Vec<Statement>> {
    let document = json(new)?;
    let revision = sql!(
        "INSERT INTO saved_group_revisions (environment, id, version, document, at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        new.environment.as_str(),
        new.id.as_str(),
        new.version,
        document.as_str(),
        new.updated_ms
    );
    let attribute = match &new.content {
        GroupContent::List { attribute, .. } => Some(attribute.as_str()),
        GroupContent::Condition { .. } => None,
    };
    let size = new.content.size().map(|size| size as u64);
    let search = format!("{} {} {}", new.id, new.name, new.description).to_lowercase();
    let state = match old {
        None => sql!(
            "INSERT INTO saved_groups (environment, id, document, version, name, kind, attribute, \
             size, archived, search, updated_ms, updated_by) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            new.environment.as_str(),
            new.id.as_str(),
            document,
            new.version,
            new.name.as_str(),
            new.content.kind().as_str(),
            attribute,
            size,
            u32::from(new.archived),
            search,
            new.updated_ms,
            new.updated_by.as_str()
        ),
        Some(old) => sql!(
            "UPDATE saved_groups SET document = ?4, version = ?5, name = ?6, attribute = ?7, \
             size = ?8, archived = ?9, search = ?10, updated_ms = ?11, updated_by = ?12 \
             WHERE environment = ?1 AND id = ?2 AND version = ?3",
            new.environment.as_str(),
            new.id.as_str(),
            old.version,
            document,
            new.version,
            new.name.as_str(),
            attribute,
            size,
            u32::from(new.archived),
            search,
            new.updated_ms,
            new.updated_by.as_str()
        ),
    };
    Ok(vec![revision, state])
}

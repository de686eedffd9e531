//! A flag as rows: the document, the columns repeated from it for filters, its revisions.

use nexus_domain::Environment;
use nexus_domain::flag::Flag;

use crate::ports::Statement;
use crate::sql::{json, sql};
use crate::{Console, Result};

impl Console {
    pub(crate) async fn stored_flag(
        &self,
        environment: Environment,
        key: &str,
    ) -> Result<Option<Flag>> {
        let row = self
            .row(sql!(
                "SELECT document FROM flags WHERE environment = ?1 AND key = ?2",
                environment.as_str(),
                key
            ))
            .await?;
        row.map(|mut cells| cells.json()).transpose()
    }

    /// What the gateways of the environment must know, in the order of keys.
    pub(crate) async fn flags_at_the_edge(&self, environment: Environment) -> Result<Vec<Flag>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM flags \
                 WHERE environment = ?1 AND status <> 'archived' ORDER BY key",
                environment.as_str()
            ))
            .await?;
        rows.into_iter().map(|mut cells| cells.json()).collect()
    }

    /// Every flag of the environment, archived ones too.
    pub(crate) async fn flags_of(&self, environment: Environment) -> Result<Vec<Flag>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM flags WHERE environment = ?1 ORDER BY key",
                environment.as_str()
            ))
            .await?;
        rows.into_iter().map(|mut cells| cells.json()).collect()
    }

    /// The flag of that key in every environment that has it.
    pub(super) async fn flags_of_key(&self, key: &str) -> Result<Vec<Flag>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM flags WHERE key = ?1 ORDER BY environment",
                key
            ))
            .await?;
        rows.into_iter().map(|mut cells| cells.json()).collect()
    }
}

/// The statements that make `new` the newest state.
pub(crate) fn change(old: Option<&Flag>, new: &Flag) -> Result<Vec<Statement>> {
    match old {
        Some(old) => update(old, new),
        None => insert(new),
    }
}

fn insert(new: &Flag) -> Result<Vec<Statement>> {
    Ok(vec![
        revision(new)?,
        sql!(
            "INSERT INTO flags (environment, key, document, version, name, kind, status, search, \
             updated_ms, permanent, due_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            new.environment.as_str(),
            new.key.as_str(),
            json(new)?,
            new.version,
            new.name.as_str(),
            new.kind.as_str(),
            new.status().as_str(),
            search_text(new),
            new.updated_ms,
            new.permanent,
            new.due_ms
        ),
    ])
}

/// The first statement refuses the batch when the version exists already.
fn update(old: &Flag, new: &Flag) -> Result<Vec<Statement>> {
    Ok(vec![
        revision(new)?,
        sql!(
            "UPDATE flags SET document = ?4, version = ?5, name = ?6, status = ?7, search = ?8, \
             updated_ms = ?9, permanent = ?10, due_ms = ?11 WHERE environment = ?1 AND key = ?2 AND version = ?3",
            new.environment.as_str(),
            new.key.as_str(),
            old.version,
            json(new)?,
            new.version,
            new.name.as_str(),
            new.status().as_str(),
            search_text(new),
            new.updated_ms,
            new.permanent,
            new.due_ms
        ),
    ])
}

fn revision(new: &Flag) -> Result<Statement> {
    Ok(sql!(
        "INSERT INTO flag_revisions (environment, key, version, document, at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        new.environment.as_str(),
        new.key.as_str(),
        new.version,
        json(new)?,
        new.updated_ms
    ))
}

fn search_text(flag: &Flag) -> String {
    format!("{} {} {}", flag.key, flag.name, flag.description).to_lowercase()
}

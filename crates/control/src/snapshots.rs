//! Published snapshots, as they are kept: which there are, and what one of them said.

use std::collections::BTreeSet;

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::saved_group::{Groups, groups_named};
use nexus_flags::{Engine, Limits, NamedConditions, Snapshot, Targeting, TrustedKey, verify};
use serde_json::{Value, json};

use crate::authority::may;
use crate::sql::sql;
use crate::views::{AuditRow, SnapshotRow};
use crate::{Console, Error, Result};

/// So many are listed; the rest is removed in time.
const KEPT: u32 = 100;
/// Of so many entries of the log those are found that made a snapshot.
const ENTRIES: u32 = 1_000;
/// A commit does not take longer, from the making of its snapshot on.
const COMMIT_MS: i64 = 60_000;

/// A snapshot that may be asked.
pub(crate) struct Opened {
    pub(crate) row: SnapshotRow,
    /// Or why no gateway would obey it.
    pub(crate) asked: std::result::Result<(Snapshot, Engine), String>,
}

impl Console {
    /// The environment's snapshots that are still kept, the newest first.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn snapshots(
        &self,
        actor: &Actor,
        environment: Environment,
    ) -> Result<Vec<SnapshotRow>> {
        self.authorise(actor, Action::ViewExperiments, Some(environment), None)?;
        let rows = self
            .rows(sql!(
                "SELECT version, created_ms, published_ms FROM snapshots \
                 WHERE environment = ?1 ORDER BY version DESC LIMIT ?2",
                environment.as_str(),
                KEPT
            ))
            .await?;
        let mut snapshots = Vec::with_capacity(rows.len());
        for mut row in rows {
            snapshots.push(SnapshotRow {
                version: row.u64()?,
                created_ms: row.i64()?,
                published_ms: row.maybe_i64()?,
                change: None,
            });
        }
        self.add_changes(actor, environment, &mut snapshots).await?;
        Ok(snapshots)
    }

    /// Says of each what made it. An entry stands in the log with the time of its commit, which
    /// made the snapshot just before: the first entry from then on is the one.
    async fn add_changes(
        &self,
        actor: &Actor,
        environment: Environment,
        snapshots: &mut [SnapshotRow],
    ) -> Result<()> {
        let (Some(newest), Some(oldest)) = (snapshots.first(), snapshots.last()) else {
            return Ok(());
        };
        let until_ms = newest.created_ms.saturating_add(COMMIT_MS);
        let mut entries = self
            .entries_between(oldest.created_ms, until_ms, ENTRIES)
            .await?;
        entries.retain(|row| row.entry.environment == Some(environment));
        for snapshot in snapshots {
            let mut later = entries.iter().rev();
            let change = later.find(|row| {
                let after_ms = row.entry.at_ms - snapshot.created_ms;
                (0..=COMMIT_MS).contains(&after_ms)
            });
            snapshot.change = change.filter(|row| may_know(actor, row)).cloned();
        }
        Ok(())
    }

    /// A stored snapshot, verified and compiled as a gateway would.
    pub(crate) async fn opened(
        &self,
        actor: &Actor,
        environment: Environment,
        version: u64,
    ) -> Result<Opened> {
        let row = self
            .row(sql!(
                "SELECT envelope, created_ms, published_ms FROM snapshots \
                 WHERE environment = ?1 AND version = ?2",
                environment.as_str(),
                version
            ))
            .await?;
        let mut row = row.ok_or_else(|| Error::NotFound {
            kind: "snapshot",
            id: version.to_string(),
        })?;
        let envelope = row.text()?;
        let mut told = [SnapshotRow {
            version,
            created_ms: row.i64()?,
            published_ms: row.maybe_i64()?,
            change: None,
        }];
        self.add_changes(actor, environment, &mut told).await?;
        let [row] = told;
        let asked = self.obeyed(environment, &envelope);
        Ok(Opened { row, asked })
    }

    fn obeyed(
        &self,
        environment: Environment,
        envelope: &str,
    ) -> std::result::Result<(Snapshot, Engine), String> {
        let keys = &self.inner.keys;
        let trusted = TrustedKey::new(keys.snapshot_key_id(), keys.snapshot.verifying_key());
        let limits = Limits::for_environment(environment.as_str());
        let snapshot = verify(envelope.as_bytes(), &[trusted], limits);
        let mut snapshot = snapshot.map_err(|error| error.to_string())?;
        let engine = compiled(&mut snapshot).map_err(|error| error.to_string())?;
        Ok((snapshot, engine))
    }

    /// The saved groups that these conditions name, as snapshots spell them out.
    pub(crate) async fn named_conditions(
        &self,
        environment: Environment,
        targetings: impl Iterator<Item = &Targeting>,
    ) -> Result<NamedConditions> {
        let conditions = targetings.filter_map(|targeting| targeting.condition.as_ref());
        let ids: BTreeSet<String> = conditions
            .flat_map(|condition| groups_named(condition))
            .map(str::to_owned)
            .collect();
        if ids.is_empty() {
            return Ok(NamedConditions::default());
        }
        let stored = self.groups_of_ids(environment, ids, None).await?;
        let groups = Groups::new(&stored);
        let named = stored.iter().filter_map(|group| {
            let reference = json!({ "$savedGroups": [group.id] });
            let expanded = groups.expand(&reference).ok()?.condition;
            // A list of the one group.
            let condition = expanded.get("$and")?.get(0)?.clone();
            let name = match group.name.as_str() {
                "" => group.id.to_string(),
                name => name.to_owned(),
            };
            Some((name, lowered(condition)?))
        });
        Ok(NamedConditions::new(named.collect()))
    }
}

/// Compiles as gateways do: attributes come in headers, whose names have no case, so both are
/// lowered.
pub(crate) fn compiled(
    snapshot: &mut Snapshot,
) -> std::result::Result<Engine, nexus_flags::CompileError> {
    snapshot.lower_names();
    Engine::compile(snapshot)
}

fn lowered(condition: Value) -> Option<Value> {
    let mut targeting = Targeting {
        condition: Some(condition),
        ..Targeting::default()
    };
    targeting.lower_names();
    targeting.condition
}

/// Who may read the log may know of everything; who edits something, of its changes.
fn may_know(actor: &Actor, row: &AuditRow) -> bool {
    let entry = &row.entry;
    let edits = match entry.object_kind.as_str() {
        "experiment" => may(actor, Action::EditExperiment, entry.environment),
        "flag" => may(actor, Action::EditFlag, entry.environment),
        _ => false,
    };
    edits || may(actor, Action::ViewAudit, entry.environment)
}

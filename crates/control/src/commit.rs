//! The one way to change anything that counts: state, audit entries and intents
//! in one atomic batch.
//!
//! A command reads the head of the audit log first, then whatever it decides by,
//! then commits. The new entries take the next places in the log, and their key
//! makes the batch fail when somebody else has taken them meanwhile. So no
//! command can commit on a state that has changed since it read it, without any
//! interactive transaction: D1 has none. The caller then starts again from the
//! reading of the head, and finds the conflict, if it is one, by looking.

use std::collections::HashMap;

use nexus_domain::actor::Actor;
use nexus_domain::audit::{self, Coordinate, Entry, EntryDraft, Hash};

use crate::failpoint::failpoint;
use crate::ports::{DatabaseError, Statement, Value};
use crate::sql::sql;
use crate::{Console, Error, Result};

/// How often a command starts again when others commit in between. Within one
/// process commands queue, so only other processes can be in the way; many,
/// because whoever has just lost is a little behind again the next time.
const ATTEMPTS: u32 = 128;
/// Levels of the tree that are read: enough for 2^32 entries.
const LEVELS: u8 = 32;

/// The end of the audit log as it was read.
pub(crate) struct Head {
    pub(crate) size: u64,
    /// The last perfect subtree of every level.
    pub(crate) nodes: HashMap<Coordinate, Hash>,
}

/// What a batch came to.
#[must_use]
pub(crate) enum Committed {
    Done,
    /// Somebody else was faster, or a guard refused: nothing was changed.
    Raced(DatabaseError),
}

/// Counts the attempts of one command.
pub(crate) struct Attempts(u32);

impl Attempts {
    pub(crate) const fn new() -> Self {
        Self(0)
    }

    /// Notes that an attempt raced.
    ///
    /// # Errors
    /// `Unavailable` after too many of them.
    pub(crate) fn raced(&mut self, cause: DatabaseError) -> Result<()> {
        self.0 += 1;
        if self.0 < ATTEMPTS {
            return Ok(());
        }
        Err(Error::Unavailable {
            what: "the database (too many changes at once)",
            cause: cause.into(),
        })
    }
}

impl Console {
    /// Reads the head of the log; before anything else a command reads.
    pub(crate) async fn head(&self) -> Result<Head> {
        failpoint("commit.before_head");
        let size = self.audit_size().await?;
        let nodes = self.nodes(&last_of_each_level(size)).await?;
        failpoint("commit.after_head");
        Ok(Head { size, nodes })
    }

    /// Entries of the log.
    pub(crate) async fn audit_size(&self) -> Result<u64> {
        self.number(sql!("SELECT MAX(seq) + 1 FROM audit_entries"))
            .await
    }

    /// State, entries and intents in one batch.
    pub(crate) async fn commit(
        &self,
        head: &Head,
        actor: &Actor,
        drafts: Vec<EntryDraft>,
        state: Vec<Statement>,
    ) -> Result<Committed> {
        let mut statements = self.append(head, actor, drafts)?;
        statements.extend(state);
        failpoint("commit.before_batch");
        let done = self.inner.db.batch(statements).await;
        failpoint("commit.after_batch");
        match done {
            Ok(_) => {
                self.inner.changes.bump();
                self.inner.commands_done.bump();
                Ok(Committed::Done)
            }
            Err(error @ DatabaseError::Constraint(_)) => Ok(Committed::Raced(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// The statements that append the entries and grow the tree.
    fn append(
        &self,
        head: &Head,
        actor: &Actor,
        drafts: Vec<EntryDraft>,
    ) -> Result<Vec<Statement>> {
        let mut nodes = head.nodes.clone();
        let mut statements = Vec::new();
        for (seq, draft) in (head.size..).zip(drafts) {
            // Pages and documents know the list.
            if !audit::ACTIONS.contains(&draft.action) {
                return Err(Error::internal(format!(
                    "{} is not in the list of actions",
                    draft.action
                )));
            }
            let entry = Entry::new(seq, self.now_ms(), actor, draft);
            let leaf = entry.leaf_hash();
            let siblings = audit::append_siblings(seq)
                .into_iter()
                .map(|at| nodes.get(&at).copied())
                .collect::<Option<Vec<Hash>>>()
                .ok_or_else(|| Error::internal("a node of the audit tree is missing"))?;
            statements.push(insert_entry(&entry, &leaf));
            for (at, hash) in audit::append(seq, leaf, &siblings) {
                nodes.insert(at, hash);
                statements.push(sql!(
                    "INSERT INTO audit_nodes (level, idx, hash) VALUES (?1, ?2, ?3)",
                    u32::from(at.0),
                    at.1,
                    hex::encode(hash)
                ));
            }
        }
        Ok(statements)
    }

    /// Stored nodes of the tree; those that don't exist are left out.
    pub(crate) async fn nodes(&self, wanted: &[Coordinate]) -> Result<HashMap<Coordinate, Hash>> {
        let mut found = HashMap::new();
        for some in wanted.chunks(usize::from(LEVELS)) {
            let cells = (0..usize::from(LEVELS)).flat_map(|i| {
                let (level, index) = some.get(i).map_or((-1, -1), |at| {
                    (i64::from(at.0), i64::try_from(at.1).unwrap_or(-1))
                });
                [Value::Integer(level), Value::Integer(index)]
            });
            let statement = Statement {
                sql: NODES,
                values: cells.collect(),
            };
            for mut row in self.rows(statement).await? {
                let level = u8::try_from(row.u64()?).map_err(Error::internal)?;
                found.insert((level, row.u64()?), parse_hash(&row.text()?)?);
            }
        }
        Ok(found)
    }
}

/// One look-up for up to 32 nodes: each pair is found by the key.
const NODES: &str = "SELECT level, idx, hash FROM audit_nodes WHERE \
    (level = ?1 AND idx = ?2) OR (level = ?3 AND idx = ?4) OR \
    (level = ?5 AND idx = ?6) OR (level = ?7 AND idx = ?8) OR \
    (level = ?9 AND idx = ?10) OR (level = ?11 AND idx = ?12) OR \
    (level = ?13 AND idx = ?14) OR (level = ?15 AND idx = ?16) OR \
    (level = ?17 AND idx = ?18) OR (level = ?19 AND idx = ?20) OR \
    (level = ?21 AND idx = ?22) OR (level = ?23 AND idx = ?24) OR \
    (level = ?25 AND idx = ?26) OR (level = ?27 AND idx = ?28) OR \
    (level = ?29 AND idx = ?30) OR (level = ?31 AND idx = ?32) OR \
    (level = ?33 AND idx = ?34) OR (level = ?35 AND idx = ?36) OR \
    (level = ?37 AND idx = ?38) OR (level = ?39 AND idx = ?40) OR \
    (level = ?41 AND idx = ?42) OR (level = ?43 AND idx = ?44) OR \
    (level = ?45 AND idx = ?46) OR (level = ?47 AND idx = ?48) OR \
    (level = ?49 AND idx = ?50) OR (level = ?51 AND idx = ?52) OR \
    (level = ?53 AND idx = ?54) OR (level = ?55 AND idx = ?56) OR \
    (level = ?57 AND idx = ?58) OR (level = ?59 AND idx = ?60) OR \
    (level = ?61 AND idx = ?62) OR (level = ?63 AND idx = ?64)";

/// All that appends can need, and the root too.
fn last_of_each_level(size: u64) -> Vec<Coordinate> {
    (0..LEVELS)
        .filter(|level| size >> level > 0)
        .map(|level| (level, (size >> level) - 1))
        .collect()
}

fn insert_entry(entry: &Entry, leaf: &Hash) -> Statement {
    let search = format!(
        "{} {} {} {}",
        entry.actor,
        entry.action,
        entry.object_id,
        entry.reason.as_deref().unwrap_or_default()
    );
    sql!(
        "INSERT INTO audit_entries \
         (seq, at_ms, canonical, leaf_hash, actor_kind, action, object_id, search) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        entry.seq,
        entry.at_ms,
        entry.canonical(),
        hex::encode(leaf),
        entry.actor_kind.as_str(),
        entry.action.as_str(),
        entry.object_id.as_str(),
        search.to_lowercase()
    )
}

pub(crate) fn parse_hash(text: &str) -> Result<Hash> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(Error::internal)?;
    Ok(hash)
}

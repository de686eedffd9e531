//! Verifies the whole log in the database.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Entry, Hash, leaf_hash, node_hash};
use sha2::{Digest as _, Sha256};

use super::{RETENTION, note};
use crate::commit::parse_hash;
use crate::sql::{Cells, sql};
use crate::views::AuditVerification;
use crate::{Console, Result};

const CHUNK: u32 = 1_000;

/// The root of a growing list of leaves, on its own: a stack with one entry per
/// full subtree, like the digits of a binary counter. It shares nothing with the
/// way entries are appended.
#[derive(Default)]
struct Roots {
    /// Root and number of leaves of full subtrees, largest first.
    stack: Vec<(Hash, u64)>,
    size: u64,
}

impl Roots {
    fn push(&mut self, leaf: Hash) {
        let (mut hash, mut leaves) = (leaf, 1);
        while let Some((left, _)) = self.stack.pop_if(|(_, n)| *n == leaves) {
            hash = node_hash(&left, &hash);
            leaves *= 2;
        }
        self.stack.push((hash, leaves));
        self.size += 1;
    }

    fn root(&self) -> Hash {
        self.stack
            .iter()
            .rev()
            .map(|(hash, _)| *hash)
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| Sha256::digest([]).into())
    }
}

impl Console {
    /// Recomputes every leaf from its text and the root from the leaves, and
    /// compares with the stored hashes, the stored tree and the last checkpoint.
    ///
    /// # Errors
    /// `Forbidden`, or the database's. A log that doesn't verify is an answer,
    /// not an error.
    pub async fn audit_verify(&self, actor: &Actor) -> Result<AuditVerification> {
        self.authorise(actor, Action::ViewAudit, None, None)?;
        let begun_ms = self.now_ms();
        let size = self.size().await?;
        let signed = self.last_checkpoint().await?.filter(|s| s.size <= size);
        let missing =
            signed.is_none() && self.last_checkpoint().await?.is_some_and(|s| s.size > size);
        let (mut roots, mut first_bad_seq, mut at_checkpoint) = (Roots::default(), None, None);
        let mut removed_through = None;
        while roots.size < size {
            let expected = roots.size;
            let rows = self
                .rows(sql!(
                    "SELECT seq, canonical, leaf_hash FROM audit_entries \
                     WHERE seq >= ?1 AND seq < ?2 ORDER BY seq LIMIT ?3",
                    expected,
                    size,
                    CHUNK
                ))
                .await?;
            if rows.is_empty() {
                first_bad_seq = first_bad_seq.or(Some(expected));
                break;
            }
            for row in rows {
                let checked = check(roots.size, row)?;
                if !checked.sound {
                    first_bad_seq = first_bad_seq.or(Some(roots.size));
                }
                removed_through = removed_through.max(checked.removed_through);
                roots.push(checked.leaf);
                if signed.as_ref().is_some_and(|s| s.size == roots.size) {
                    at_checkpoint = Some(roots.root());
                }
            }
        }
        let removed = self.first_removed_after(removed_through).await?;
        let first_bad_seq = first_bad_seq.into_iter().chain(removed).min();
        let root = roots.root();
        let key = self.inner.keys.checkpoint.verifying_key();
        let checkpoint_ok = !missing
            && signed.as_ref().is_none_or(|s| {
                let at = at_checkpoint.or((s.size == 0).then(|| Roots::default().root()));
                note::open(&s.note, &key).is_some_and(|c| c.size == s.size && Some(c.root) == at)
            });
        let same_tree = self.root(size).await.is_ok_and(|stored| stored == root);
        let ok = first_bad_seq.is_none() && same_tree && checkpoint_ok;
        if ok && signed.as_ref().is_none_or(|s| s.size < size) {
            self.sign_checkpoint(size).await?;
        }
        Ok(AuditVerification {
            size,
            root: hex::encode(root),
            ok,
            first_bad_seq,
            checkpoint_ok,
            checkpoint_size: signed.map_or(0, |s| s.size),
            took_ms: u32::try_from(self.now_ms() - begun_ms).unwrap_or(0),
        })
    }

    /// The first entry without text that no retention has removed.
    async fn first_removed_after(&self, through: Option<u64>) -> Result<Option<u64>> {
        let row = self
            .row(sql!(
                "SELECT MIN(seq) FROM audit_entries WHERE canonical IS NULL AND seq >= ?1",
                through.map_or(0, |seq| seq + 1)
            ))
            .await?;
        let seq = row.map(|mut row| row.maybe_i64()).transpose()?.flatten();
        Ok(seq.and_then(|seq| u64::try_from(seq).ok()))
    }
}

struct Checked {
    /// As the text says; as stored, when the text has been removed.
    leaf: Hash,
    /// Whether everything about the entry fits.
    sound: bool,
    /// What a retention entry says: the last entry whose text it removed.
    removed_through: Option<u64>,
}

fn check(expected: u64, mut row: Cells) -> Result<Checked> {
    let (seq, canonical, stored) = (row.u64()?, row.maybe_text()?, row.text()?);
    let stored = parse_hash(&stored).ok();
    let Some(text) = canonical else {
        return Ok(Checked {
            leaf: stored.unwrap_or_default(),
            sound: stored.is_some() && seq == expected,
            removed_through: None,
        });
    };
    let leaf = leaf_hash(text.as_bytes());
    let entry = serde_json::from_str::<Entry>(&text).ok();
    let fits = entry.as_ref().is_some_and(|e| e.seq == seq);
    let retention = entry.filter(|e| e.action == RETENTION);
    Ok(Checked {
        leaf,
        sound: seq == expected && stored == Some(leaf) && fits,
        removed_through: retention.and_then(|e| e.object_id.parse().ok()),
    })
}

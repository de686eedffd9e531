//! The export file of `docs/audit.md`: a header line, the entries in order, a
//! last line with the signed checkpoint.

use std::fmt;
use std::io::BufRead;

use serde::Deserialize;

use crate::note::VerifierKey;
use crate::proof::{Hash, leaf_hash, node_hash};

/// Longest line in bytes; entries are below 16 KiB.
const MAX_LINE_BYTES: usize = 1024 * 1024;

/// Why an export does not verify.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("the file can't be read: {0}")]
    Read(#[from] std::io::Error),
    #[error("line {line}: {problem}")]
    Line { line: u64, problem: String },
    #[error("entry {seq}: its text was changed; it no longer has the hash in the log")]
    Changed { seq: u64 },
    #[error("entry {seq}: its text was removed, and no retention entry says so")]
    Removed { seq: u64 },
    #[error("the key: {0}")]
    Key(String),
    #[error("the checkpoint: {0}")]
    Checkpoint(String),
    #[error("the file ends without a checkpoint: cut off?")]
    CutOff,
    #[error("the checkpoint covers {checkpoint} entries, the file has {file}")]
    Size { checkpoint: u64, file: u64 },
    #[error(
        "the entries do not make the tree that was signed: an entry was changed, added or removed"
    )]
    Root,
}

/// What was verified.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    pub origin: String,
    pub entries: u64,
    /// Entries of which only the hash is left, their time being over.
    pub without_text: u64,
    /// Root of the tree, hex.
    pub root: String,
    /// Whether the caller named the key; the file's own proves only that
    /// nothing was changed since it was signed by whoever has that key.
    pub key_given: bool,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "verified: {} entries of {}", self.entries, self.origin)?;
        if self.without_text > 0 {
            writeln!(
                f,
                "  of which {} are kept as hashes only",
                self.without_text
            )?;
        }
        write!(f, "  root {}", self.root)?;
        if !self.key_given {
            write!(
                f,
                "\n  signed by the key in the file; name the key you trust with --key"
            )?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
    origin: String,
    public_key: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Entry {
        seq: u64,
        canonical: Option<String>,
        leaf_hash: String,
    },
    Last {
        checkpoint: String,
    },
}

/// The parts of an entry that verifying depends on.
#[derive(Deserialize)]
struct Text {
    seq: u64,
    action: String,
    object_id: String,
}

impl Text {
    /// What a retention says: the last entry whose text it removed.
    fn removed_through(&self) -> Option<u64> {
        let retention = self.action == "audit.retention";
        retention.then(|| self.object_id.parse().ok()).flatten()
    }
}

/// Verifies a whole export: every entry's text against its hash, the tree
/// against the checkpoint, the checkpoint against the key.
///
/// # Errors
/// The first [`Problem`].
pub fn verify_export(file: impl BufRead, key: Option<&str>) -> Result<Report, Problem> {
    let mut lines = (1..).zip(Lines(file));
    let (_, header) = lines.next().ok_or(Problem::CutOff)?;
    let header: Header = parse(1, &header?)?;
    if header.format != "nexus-audit-export" || header.version != 1 {
        return Err(at(1, "not an audit export of version 1"));
    }
    let verifier = VerifierKey::parse(key.unwrap_or(&header.public_key))?;
    let mut tree = Tree::default();
    let (mut without_text, mut last_without, mut removed_through) = (0, None, None);
    for (number, line) in lines.by_ref() {
        match parse(number, &line?)? {
            Line::Entry {
                seq,
                canonical,
                leaf_hash,
            } => {
                if seq != tree.size {
                    return Err(at(
                        number,
                        &format!("entry {} expected, not {seq}", tree.size),
                    ));
                }
                let (hash, text) = entry(number, seq, canonical.as_deref(), &leaf_hash)?;
                match text {
                    Some(text) => removed_through = removed_through.max(text.removed_through()),
                    None => {
                        without_text += 1;
                        last_without = Some(seq);
                    }
                }
                tree.push(hash);
            }
            Line::Last { checkpoint } => {
                let signed = verifier.open(&checkpoint)?;
                if signed.origin != header.origin {
                    return Err(Problem::Checkpoint("of another log".to_owned()));
                }
                if signed.size != tree.size {
                    return Err(Problem::Size {
                        checkpoint: signed.size,
                        file: tree.size,
                    });
                }
                if signed.root != tree.root() {
                    return Err(Problem::Root);
                }
                if let Some(seq) = last_without.filter(|_| last_without > removed_through) {
                    return Err(Problem::Removed { seq });
                }
                if let Some((number, _)) = lines.next() {
                    return Err(at(number, "nothing may follow the checkpoint"));
                }
                return Ok(Report {
                    origin: signed.origin,
                    entries: tree.size,
                    without_text,
                    root: hex::encode(signed.root),
                    key_given: key.is_some(),
                });
            }
        }
    }
    Err(Problem::CutOff)
}

fn entry(
    number: u64,
    seq: u64,
    canonical: Option<&str>,
    stored: &str,
) -> Result<(Hash, Option<Text>), Problem> {
    let stored: Hash = hex::decode(stored)
        .ok()
        .and_then(|h| h.try_into().ok())
        .ok_or_else(|| at(number, "leaf_hash is not 64 hex digits"))?;
    let Some(canonical) = canonical else {
        return Ok((stored, None));
    };
    if leaf_hash(canonical.as_bytes()) != stored {
        return Err(Problem::Changed { seq });
    }
    let text: Text = parse(number, canonical)?;
    if text.seq != seq {
        return Err(at(number, "the entry's own number differs from its place"));
    }
    Ok((stored, Some(text)))
}

/// Perfect subtrees from the left, largest first: as many as `size` has bits.
#[derive(Default)]
struct Tree {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Tree {
    fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    fn root(&self) -> Hash {
        let folded = self
            .subtrees
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right));
        folded.unwrap_or_else(crate::proof::empty_root)
    }
}

/// Lines of bounded length.
struct Lines<R>(R);

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<String, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = String::new();
        let limit = MAX_LINE_BYTES as u64 + 1;
        match std::io::Read::take(&mut self.0, limit).read_line(&mut line) {
            Ok(0) => None,
            Ok(n) if n > MAX_LINE_BYTES => Some(Err(Problem::Read(std::io::Error::other(
                "a line is longer than 1 MiB",
            )))),
            Ok(_) => Some(Ok(line)),
            Err(error) => Some(Err(error.into())),
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(line: u64, text: &'a str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| at(line, &error.to_string()))
}

fn at(line: u64, problem: &str) -> Problem {
    Problem::Line {
        line,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests;

//! Signed notes (C2SP signed-note) with tree heads (C2SP tlog-checkpoint),
//! Ed25519 only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::Problem;
use crate::proof::Hash;

/// Type byte of an Ed25519 key.
const ED25519: u8 = 1;

/// `<name>+<8 hex digits>+<base64 of type and key>`.
#[derive(Debug)]
pub(crate) struct VerifierKey {
    name: String,
    hash: [u8; 4],
    key: VerifyingKey,
}

/// What a checkpoint says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl VerifierKey {
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let bad = |why: &str| Problem::Key(why.to_owned());
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad("not of the form <name>+<hash>+<key>"));
        };
        let typed = STANDARD.decode(key).map_err(|_| bad("not base64"))?;
        let Some((&ED25519, raw)) = typed.split_first() else {
            return Err(bad("not an Ed25519 key"));
        };
        let raw: [u8; 32] = raw.try_into().map_err(|_| bad("not 32 bytes"))?;
        let key = VerifyingKey::from_bytes(&raw).map_err(|_| bad("not a point of the curve"))?;
        let stated = hex::decode(hash).map_err(|_| bad("the hash is not hex"))?;
        let computed = key_hash(name, &key);
        if stated != computed {
            return Err(bad("its hash does not fit: mistyped?"));
        }
        Ok(Self {
            name: name.to_owned(),
            hash: computed,
            key,
        })
    }

    /// The checkpoint of a note that this key has signed.
    pub(crate) fn open(&self, note: &str) -> Result<Checkpoint, Problem> {
        let bad = |why: &str| Problem::Checkpoint(why.to_owned());
        let split = note.rfind("\n\n").ok_or_else(|| bad("no signature"))?;
        let (body, signatures) = (&note[..=split], &note[split + 2..]);
        let signed = signatures.lines().any(|line| self.has_signed(body, line));
        if !signed {
            return Err(bad("not signed by this key"));
        }
        let mut lines = body.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(bad("it has fewer than three lines"));
        };
        if origin != self.name {
            return Err(bad("its origin is not the key's name"));
        }
        let size = size.parse().ok().filter(|n: &u64| n.to_string() == size);
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|r| Hash::try_from(r).ok());
        let (Some(size), Some(root)) = (size, root) else {
            return Err(bad("its size or root can't be read"));
        };
        Ok(Checkpoint {
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    fn has_signed(&self, body: &str, line: &str) -> bool {
        let Some((name, signature)) = line
            .strip_prefix("\u{2014} ")
            .and_then(|rest| rest.split_once(' '))
        else {
            return false;
        };
        let Some(signature) = STANDARD
            .decode(signature)
            .ok()
            .filter(|s| name == self.name && s.starts_with(&self.hash))
        else {
            return false;
        };
        Signature::from_slice(&signature[4..])
            .is_ok_and(|signature| self.key.verify_strict(body.as_bytes(), &signature).is_ok())
    }
}

fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(key.as_bytes())
        .finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

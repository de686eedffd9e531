//! Signed notes (<https://c2sp.org/signed-note>) that carry checkpoints
//! (<https://c2sp.org/tlog-checkpoint>); `docs/audit.md` has the exact form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use nexus_domain::audit::Hash;
use sha2::{Digest as _, Sha256};

/// Marks an Ed25519 key in key hashes and verifier keys.
const ED25519: u8 = 1;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) origin: String,
    pub(super) size: u64,
    pub(super) root: Hash,
}

/// The log's name: the console's public address without scheme.
pub(super) fn origin_of(public_url: &str) -> String {
    let rest = public_url
        .split_once("://")
        .map_or(public_url, |(_, rest)| rest);
    let name: String = rest
        .trim_end_matches('/')
        .chars()
        .map(|c| {
            if c.is_whitespace() || c.is_control() || c == '+' {
                '-'
            } else {
                c
            }
        })
        .collect();
    format!("{name}/audit")
}

/// `<name>+<key hash>+<base64(type ‖ key)>`.
pub(super) fn verifier_key(origin: &str, key: &VerifyingKey) -> String {
    let typed = [&[ED25519], key.as_bytes().as_slice()].concat();
    let hash = hex::encode(key_hash(origin, key));
    format!("{origin}+{hash}+{}", STANDARD.encode(typed))
}

pub(super) fn sign(checkpoint: &Checkpoint, key: &SigningKey) -> String {
    let body = checkpoint.body();
    let hash = key_hash(&checkpoint.origin, &key.verifying_key());
    let signature = [&hash[..], &key.sign(body.as_bytes()).to_bytes()[..]].concat();
    format!(
        "{body}\n\u{2014} {} {}\n",
        checkpoint.origin,
        STANDARD.encode(signature)
    )
}

/// The checkpoint of a note whose signature by this key holds.
pub(super) fn open(note: &str, key: &VerifyingKey) -> Option<Checkpoint> {
    let (body, signatures) = note.split_once("\n\n")?;
    let mut lines = body.split('\n');
    let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
    let checkpoint = Checkpoint {
        origin: origin.to_owned(),
        size: size.parse().ok()?,
        root: STANDARD.decode(root).ok()?.try_into().ok()?,
    };
    let hash = key_hash(origin, key);
    let signed = signatures.lines().any(|line| {
        line.strip_prefix("\u{2014} ")
            .and_then(|l| l.strip_prefix(origin)?.strip_prefix(' '))
            .and_then(|text| STANDARD.decode(text).ok())
            .is_some_and(|bytes| match bytes.split_at_checked(4) {
                Some((of, signature)) if of == hash => Signature::from_slice(signature)
                    .is_ok_and(|s| key.verify_strict(checkpoint.body().as_bytes(), &s).is_ok()),
                _ => false,
            })
    });
    signed.then_some(checkpoint)
}

impl Checkpoint {
    fn body(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root)
        )
    }
}

fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(key.as_bytes())
        .finalize();
    let mut hash = [0; 4];
    hash.copy_from_slice(&digest[..4]);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_opens_with_its_key_only_and_not_when_changed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let checkpoint = Checkpoint {
            origin: origin_of("https://console.example.com/"),
            size: 12,
            root: [9; 32],
        };
        let note = sign(&checkpoint, &key);
        assert_eq!(note.lines().next(), Some("console.example.com/audit"));
        assert_eq!(open(&note, &key.verifying_key()), Some(checkpoint));
        assert_eq!(
            open(&note, &SigningKey::from_bytes(&[8; 32]).verifying_key()),
            None
        );
        assert_eq!(
            open(&note.replace("\n12\n", "\n13\n"), &key.verifying_key()),
            None
        );
    }

    /// The example of <https://c2sp.org/signed-note> (Go's note package).
    #[test]
    fn the_published_verifier_key_has_our_key_hash() {
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let bytes = STANDARD.decode(text.rsplit('+').next().unwrap()).unwrap();
        let key = VerifyingKey::from_bytes(&bytes[1..].try_into().unwrap()).unwrap();
        assert_eq!(verifier_key("PeterNeumann", &key), text);
    }
}

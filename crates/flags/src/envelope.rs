//! The signed form in which a snapshot travels from console to gateway.
//!
//! The signature (Ed25519, RFC 8032) covers the exact bytes of the payload after a
//! domain separator, so no canonical JSON is needed and a signature made for another
//! purpose is worth nothing here. The payload is not parsed before the signature holds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::snapshot::Snapshot;

/// What precedes the payload in the signing input.
const DOMAIN: &[u8] = b"nexus-snapshot-v1\0";

/// Largest envelope that [`Limits::for_environment`] accepts: what Workers KV can store
/// in one value, 25 MiB.
pub const MAX_ENVELOPE_BYTES: usize = 25 * 1024 * 1024;

/// A snapshot with its signature; JSON on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedSnapshot {
    /// The exact JSON text of a [`Snapshot`].
    pub payload: String,
    /// Names the key that signed; only a hint for finding it.
    pub key_id: String,
    /// Ed25519 over `"nexus-snapshot-v1\0" + payload`, base64url without padding.
    pub signature: String,
}

/// A public key the gateway trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    id: String,
    key: VerifyingKey,
}

impl TrustedKey {
    /// A key with the name that envelopes call it by.
    #[must_use]
    pub fn new(id: impl Into<String>, key: VerifyingKey) -> Self {
        Self { id: id.into(), key }
    }

    /// A key as configuration carries it: 32 bytes, base64url without padding.
    ///
    /// # Errors
    /// [`EnvelopeError::Key`] when the text is anything else, or a weak point.
    pub fn from_base64url(id: impl Into<String>, text: &str) -> Result<Self, EnvelopeError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| EnvelopeError::Key)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| EnvelopeError::Key)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| EnvelopeError::Key)?;
        if key.is_weak() {
            return Err(EnvelopeError::Key);
        }
        Ok(Self::new(id, key))
    }

    /// Strict verification: no malleable and no small-order forms.
    pub(crate) fn has_signed(&self, input: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(input, &signature).is_ok())
    }

    /// The name that envelopes call it by.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The inverse of [`TrustedKey::from_base64url`].
    #[must_use]
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.as_bytes())
    }
}

/// What a gateway is willing to obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits<'a> {
    /// Larger envelopes are refused unread.
    pub max_bytes: usize,
    /// The gateway's own environment: a snapshot for another one is refused, even though
    /// the same key may sign for both.
    pub environment: &'a str,
    /// Versions below this are refused: give the version in force, so that an old
    /// envelope cannot be played again.
    pub min_version: u64,
}

impl<'a> Limits<'a> {
    /// The usual size limit, any version.
    #[must_use]
    pub const fn for_environment(environment: &'a str) -> Self {
        Self {
            max_bytes: MAX_ENVELOPE_BYTES,
            environment,
            min_version: 0,
        }
    }
}

/// Why an envelope was not made or not accepted. On every one of these a gateway keeps
/// the snapshot it has.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    #[error("the envelope has {bytes} bytes, more than the {max_bytes} allowed")]
    TooLarge { bytes: usize, max_bytes: usize },
    #[error("the envelope is not a signed snapshot: {0}")]
    Envelope(#[source] serde_json::Error),
    #[error("the envelope is signed with a key that is not trusted here")]
    UnknownKey,
    #[error("the signature does not hold")]
    Signature,
    #[error("not a usable Ed25519 public key in base64url")]
    Key,
    #[error("the signed payload is not a snapshot: {0}")]
    Payload(#[source] serde_json::Error),
    #[error("the snapshot is for the environment {found:?}")]
    WrongEnvironment { found: String },
    #[error("the snapshot has version {found}, older than {min_version}")]
    Stale { found: u64, min_version: u64 },
}

/// Signs a snapshot. Publish the result's JSON as it is.
///
/// # Errors
/// [`EnvelopeError::Payload`] when the snapshot has no JSON form.
pub fn sign(
    key: &SigningKey,
    key_id: &str,
    snapshot: &Snapshot,
) -> Result<SignedSnapshot, EnvelopeError> {
    let payload = serde_json::to_string(snapshot).map_err(EnvelopeError::Payload)?;
    let signature = key.sign(&signing_input(&payload));
    Ok(SignedSnapshot {
        key_id: key_id.to_owned(),
        signature: URL_SAFE_NO_PAD.encode(signature.to_bytes()),
        payload,
    })
}

/// Opens an envelope (JSON bytes of a [`SignedSnapshot`]): size, key, signature (strict
/// verification, no malleable or small-order forms), payload, environment, version.
///
/// # Errors
/// The first of these that fails, as [`EnvelopeError`].
pub fn verify(
    bytes: &[u8],
    keys: &[TrustedKey],
    limits: Limits<'_>,
) -> Result<Snapshot, EnvelopeError> {
    if bytes.len() > limits.max_bytes {
        let max_bytes = limits.max_bytes;
        return Err(EnvelopeError::TooLarge {
            bytes: bytes.len(),
            max_bytes,
        });
    }
    let envelope: SignedSnapshot =
        serde_json::from_slice(bytes).map_err(EnvelopeError::Envelope)?;
    check_signature(&envelope, keys)?;
    let snapshot: Snapshot =
        serde_json::from_str(&envelope.payload).map_err(EnvelopeError::Payload)?;
    if snapshot.environment != limits.environment {
        return Err(EnvelopeError::WrongEnvironment {
            found: snapshot.environment,
        });
    }
    if snapshot.version < limits.min_version {
        let (found, min_version) = (snapshot.version, limits.min_version);
        return Err(EnvelopeError::Stale { found, min_version });
    }
    Ok(snapshot)
}

fn check_signature(envelope: &SignedSnapshot, keys: &[TrustedKey]) -> Result<(), EnvelopeError> {
    let trusted = keys
        .iter()
        .find(|key| key.id == envelope.key_id)
        .ok_or(EnvelopeError::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD
        .decode(&envelope.signature)
        .map_err(|_| EnvelopeError::Signature)?;
    let signature = Signature::from_slice(&signature).map_err(|_| EnvelopeError::Signature)?;
    trusted
        .key
        .verify_strict(&signing_input(&envelope.payload), &signature)
        .map_err(|_| EnvelopeError::Signature)
}

fn signing_input(payload: &str) -> Vec<u8> {
    [DOMAIN, payload.as_bytes()].concat()
}

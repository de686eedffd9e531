//! JSON Web Keys (RFC 7517), of which only one kind is of use here: RSA public keys
//! for RS256 signatures.

use std::sync::Arc;

use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPublicKey};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::{b64, json, roca};

/// Largest key set that is read, in bytes. Cloudflare's is about 6 kB.
pub const MAX_SET_BYTES: usize = 64 * 1024;
/// Most keys in a set, usable or not.
pub const MAX_KEYS: usize = 32;
/// Longest `kid`, in bytes.
pub const MAX_KID_BYTES: usize = 256;
const MIN_MODULUS_BITS: usize = 2048;
const MAX_MODULUS_BITS: usize = 4096;

/// Why a single key is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// A member is missing, of the wrong type, or not canonical base64url.
    #[error("malformed member {0}")]
    Malformed(&'static str),
    /// Not `kty: RSA`.
    #[error("not an RSA key")]
    KeyType,
    /// `alg` is not exactly `RS256`.
    #[error("not for RS256")]
    Algorithm,
    /// `use` or `key_ops` do not allow verifying signatures.
    #[error("not for verifying signatures")]
    Use,
    /// Fewer than 2048 or more than 4096 bits.
    #[error("modulus of {0} bits")]
    Size(usize),
    /// Another exponent than 65537. Every provider uses it; 1 makes forgery trivial
    /// and small ones have a long history of broken padding checks.
    #[error("exponent is not 65537")]
    Exponent,
    /// The modulus is even or carries the ROCA fingerprint.
    #[error("weak modulus")]
    Weak,
    /// Private members are published with it, so it signs for everybody.
    #[error("private key material")]
    Private,
}

/// Why a key set is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// Over [`MAX_SET_BYTES`] or [`MAX_KEYS`].
    #[error("key set too large")]
    TooLarge,
    /// Not a JSON object with a list `keys`, or with repeated names.
    #[error("malformed key set")]
    Malformed,
    /// Two keys share a `kid`, so nobody can say which is meant.
    #[error("two keys with one id")]
    DuplicateId,
    /// Not one key that verifies RS256.
    #[error("no usable key")]
    NoUsableKey,
}

/// An RSA public key that verifies RS256 signatures.
#[derive(Debug)]
pub struct RsaKey {
    kid: String,
    key: VerifyingKey<Sha256>,
}

impl RsaKey {
    /// Parses one JWK from JSON.
    ///
    /// # Errors
    /// [`JwkError`], the reason it is of no use.
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkError> {
        if bytes.len() > MAX_SET_BYTES {
            return Err(JwkError::Malformed("JSON"));
        }
        let map = json::parse_object(bytes).ok_or(JwkError::Malformed("JSON"))?;
        Self::from_map(&map)
    }

    fn from_map(map: &Map<String, Value>) -> Result<Self, JwkError> {
        if required(map, "kty")? != "RSA" {
            return Err(JwkError::KeyType);
        }
        if required(map, "alg")? != "RS256" {
            return Err(JwkError::Algorithm);
        }
        check_use(map)?;
        if ["d", "p", "q", "dp", "dq", "qi", "oth"]
            .iter()
            .any(|name| map.contains_key(*name))
        {
            return Err(JwkError::Private);
        }
        let kid = required(map, "kid")?;
        if !is_kid(kid) {
            return Err(JwkError::Malformed("kid"));
        }
        let key = public_key(&integer(map, "n")?, &integer(map, "e")?)?;
        Ok(Self {
            kid: kid.to_owned(),
            key: VerifyingKey::new(key),
        })
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Modulus size in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.key.as_ref().n().bits()
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2). The signature must be as long as
    /// the modulus and, raised to the exponent, equal the one valid encoding byte by byte.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::try_from(signature).is_ok_and(|sig| self.key.verify(message, &sig).is_ok())
    }
}

/// Printable ASCII of bounded length: an id is compared, never used as a path or query.
pub(crate) fn is_kid(kid: &str) -> bool {
    (1..=MAX_KID_BYTES).contains(&kid.len()) && kid.bytes().all(|b| (0x20..0x7f).contains(&b))
}

fn required<'a>(map: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, JwkError> {
    map.get(name)
        .and_then(Value::as_str)
        .ok_or(JwkError::Malformed(name))
}

fn check_use(map: &Map<String, Value>) -> Result<(), JwkError> {
    match json::optional_str(map, "use") {
        Ok(None | Some("sig")) => {}
        _ => return Err(JwkError::Use),
    }
    match map.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(ops)) if ops.iter().all(|op| op == "verify") && !ops.is_empty() => Ok(()),
        Some(_) => Err(JwkError::Use),
    }
}

/// Base64urlUInt (RFC 7518 §2): big-endian without leading zero bytes.
fn integer(map: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    let text = required(map, name)?;
    if text.len() > 4 * MAX_MODULUS_BITS / 8 {
        return Err(JwkError::Malformed(name));
    }
    b64::decode(text)
        .filter(|bytes| bytes.first().is_some_and(|first| *first != 0))
        .ok_or(JwkError::Malformed(name))
}

fn public_key(n: &[u8], e: &[u8]) -> Result<RsaPublicKey, JwkError> {
    if e != [1, 0, 1] {
        return Err(JwkError::Exponent);
    }
    let modulus = BigUint::from_bytes_be(n);
    let bits = modulus.bits();
    if !(MIN_MODULUS_BITS..=MAX_MODULUS_BITS).contains(&bits) {
        return Err(JwkError::Size(bits));
    }
    let is_even = n.last().is_some_and(|last| last % 2 == 0);
    if is_even || roca::is_roca(&modulus) {
        return Err(JwkError::Weak);
    }
    RsaPublicKey::new(modulus, BigUint::from_bytes_be(e)).map_err(|_| JwkError::Malformed("n"))
}

/// A provider's published keys: those of use, by id.
#[derive(Debug)]
pub struct JwkSet {
    keys: Vec<Arc<RsaKey>>,
    skipped: Vec<JwkError>,
}

impl JwkSet {
    /// Parses a JWK set. Keys of no use are skipped (RFC 7517 §5), but an ambiguous `kid`
    /// spoils the whole set. Other top-level members are ignored, Cloudflare's
    /// `public_cert` among them.
    ///
    /// # Errors
    /// [`JwkSetError`] if no key can be trusted.
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkSetError> {
        if bytes.len() > MAX_SET_BYTES {
            return Err(JwkSetError::TooLarge);
        }
        let map = json::parse_object(bytes).ok_or(JwkSetError::Malformed)?;
        let Some(Value::Array(items)) = map.get("keys") else {
            return Err(JwkSetError::Malformed);
        };
        if items.len() > MAX_KEYS {
            return Err(JwkSetError::TooLarge);
        }
        let (mut keys, mut skipped, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            let Value::Object(map) = item else {
                return Err(JwkSetError::Malformed);
            };
            if let Some(kid) = map.get("kid") {
                if ids.contains(&kid) {
                    return Err(JwkSetError::DuplicateId);
                }
                ids.push(kid);
            }
            match RsaKey::from_map(map) {
                Ok(key) => keys.push(Arc::new(key)),
                Err(error) => skipped.push(error),
            }
        }
        if keys.is_empty() {
            return Err(JwkSetError::NoUsableKey);
        }
        Ok(Self { keys, skipped })
    }

    /// The key with exactly this id.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Arc<RsaKey>> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// How many keys are of use.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Never true for a parsed set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Why the others were skipped.
    #[must_use]
    pub fn skipped(&self) -> &[JwkError] {
        &self.skipped
    }
}

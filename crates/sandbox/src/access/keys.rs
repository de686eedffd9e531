//! The RSA keys tokens are signed with: two published, the newer one signs.
//!
//! As at Cloudflare a rotation publishes a new key first and keeps the one before it, so a
//! token signed a moment ago still verifies; the key before that goes. A key signs for a day.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::sha2::{Digest, Sha256};
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::error::AccessError;
use super::store::Store;

const BITS: usize = 2048;
const SIGNS_FOR_MS: i64 = 24 * 60 * 60 * 1000;
/// A token longer than this is refused unread (the console has the same limit).
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// A key as it is kept on disk. Private: it has no Debug and is serialised only into its file.
#[derive(Serialize, Deserialize, Clone)]
struct KeptKey {
    kid: String,
    pkcs8_pem: String,
    /// Keys of older files have none; their day begins when they are read.
    #[serde(default)]
    made_ms: Option<i64>,
}

struct Key {
    kid: String,
    signing: SigningKey<Sha256>,
    public: RsaPublicKey,
}

/// The ring of keys, newest first.
pub(crate) struct KeyRing {
    file: Store<Vec<KeptKey>>,
    keys: Mutex<Arc<[Key]>>,
}

impl KeyRing {
    /// Opens the ring kept in `path`, or makes two keys; a key that has had its day is
    /// followed by a new one. Takes about a second of work the first time: call it where
    /// blocking is allowed.
    pub(crate) fn open(path: &Path, now_ms: i64) -> Result<Self, AccessError> {
        let file = Store::open(path.to_owned(), || Ok(vec![make(now_ms)?, make(now_ms)?]))?;
        file.update(|kept: &mut Vec<KeptKey>| {
            for key in kept {
                key.made_ms.get_or_insert(now_ms);
            }
        })?;
        let keys = file.read(|kept| kept.iter().map(load).collect::<Result<Vec<_>, _>>())?;
        if keys.is_empty() {
            return Err(AccessError::Key("the key file holds no key".into()));
        }
        let ring = Self {
            file,
            keys: Mutex::new(keys.into()),
        };
        ring.rotate_when_due(now_ms)?;
        Ok(ring)
    }

    /// Rotates when the newest key has signed for a day, and says whether it did.
    pub(crate) fn rotate_when_due(&self, now_ms: i64) -> Result<bool, AccessError> {
        let made_ms = self
            .file
            .read(|kept| kept.first().and_then(|key| key.made_ms));
        let due = made_ms.is_none_or(|made_ms| now_ms - made_ms >= SIGNS_FOR_MS);
        if due {
            self.rotate(now_ms)?;
        }
        Ok(due)
    }

    /// Puts a new key first and drops the oldest, so two stay. Blocks like [`Self::open`].
    pub(crate) fn rotate(&self, now_ms: i64) -> Result<String, AccessError> {
        let new = make(now_ms)?;
        let kid = new.kid.clone();
        let kept = self.file.update(|kept| {
            kept.insert(0, new);
            kept.truncate(2);
            kept.clone()
        })?;
        let keys = kept.iter().map(load).collect::<Result<Vec<_>, _>>()?;
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = keys.into();
        Ok(kid)
    }

    /// Name of the key that signs now.
    pub(crate) fn current_kid(&self) -> String {
        self.keys()
            .first()
            .map(|key| key.kid.clone())
            .unwrap_or_default()
    }

    /// The published half (RFC 7517), in the shape Access publishes: `{"keys":[…]}`.
    pub(crate) fn jwks(&self) -> Value {
        let keys = self.keys();
        let keys = keys.iter().map(|key| {
            let number = |value: &rsa::BigUint| URL_SAFE_NO_PAD.encode(value.to_bytes_be());
            json!({
                "kid": key.kid, "kty": "RSA", "alg": "RS256", "use": "sig",
                "e": number(key.public.e()), "n": number(key.public.n()),
            })
        });
        json!({ "keys": keys.collect::<Vec<_>>() })
    }

    /// A compact JWS (RFC 7515) of the claims, signed RS256 by the newest key.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, AccessError> {
        let keys = self.keys();
        let key = keys
            .first()
            .ok_or_else(|| AccessError::Key("no key".into()))?;
        let header = json!({ "alg": "RS256", "kid": key.kid, "typ": "JWT" }).to_string();
        let claims =
            serde_json::to_vec(claims).map_err(|error| AccessError::Key(error.to_string()))?;
        let text = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = key
            .signing
            .try_sign(text.as_bytes())
            .map_err(|error| AccessError::Key(error.to_string()))?;
        Ok(format!(
            "{text}.{}",
            URL_SAFE_NO_PAD.encode(signature.to_bytes())
        ))
    }

    /// The claims of a token one of our published keys signed, with the key's name; times are
    /// the caller's to judge.
    pub(crate) fn open_token<T: DeserializeOwned>(&self, token: &str) -> Option<(String, T)> {
        #[derive(Deserialize)]
        struct Header {
            alg: String,
            kid: String,
        }
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (text, signature) = token.rsplit_once('.')?;
        let (header, claims) = text.split_once('.')?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let keys = self.keys();
        let key = keys
            .iter()
            .find(|key| key.kid == header.kid && header.alg == "RS256")?;
        let signature = Signature::try_from(URL_SAFE_NO_PAD.decode(signature).ok()?.as_slice());
        VerifyingKey::<Sha256>::new(key.public.clone())
            .verify(text.as_bytes(), &signature.ok()?)
            .ok()?;
        let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        Some((header.kid, claims))
    }

    fn keys(&self) -> Arc<[Key]> {
        Arc::clone(&self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// [`KeyRing::rotate_when_due`] beside the work of the runtime.
pub(crate) async fn rotate_when_due(ring: Arc<KeyRing>, now_ms: i64) -> Result<bool, AccessError> {
    tokio::task::spawn_blocking(move || ring.rotate_when_due(now_ms))
        .await
        .map_err(|error| AccessError::Key(error.to_string()))?
}

fn make(now_ms: i64) -> Result<KeptKey, AccessError> {
    let broken = |error: &dyn std::fmt::Display| AccessError::Key(error.to_string());
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, BITS).map_err(|e| broken(&e))?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|e| broken(&e))?;
    let kid = hex::encode(Sha256::digest(key.n().to_bytes_be()));
    Ok(KeptKey {
        kid,
        pkcs8_pem: pem.to_string(),
        made_ms: Some(now_ms),
    })
}

fn load(kept: &KeptKey) -> Result<Key, AccessError> {
    let key = RsaPrivateKey::from_pkcs8_pem(&kept.pkcs8_pem)
        .map_err(|error| AccessError::Key(error.to_string()))?;
    let public = key.to_public_key();
    Ok(Key {
        kid: kept.kid.clone(),
        signing: SigningKey::new(key),
        public,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_verifies_rotates_and_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let ring = KeyRing::open(&path, 0).unwrap();
        let old = ring.sign(&json!({ "n": 1 })).unwrap();
        let reopened = KeyRing::open(&path, 1).unwrap();
        assert_eq!(
            reopened.open_token::<Value>(&old).unwrap().1,
            json!({ "n": 1 })
        );

        let first = ring.current_kid();
        ring.rotate(2).unwrap();
        assert_ne!(ring.current_kid(), first);
        assert_eq!(ring.jwks()["keys"].as_array().unwrap().len(), 2);
        assert!(
            ring.open_token::<Value>(&old).is_some(),
            "the key before still verifies"
        );

        let (text, signature) = old.rsplit_once('.').unwrap();
        let forged = format!("{text}x.{signature}");
        assert!(ring.open_token::<Value>(&forged).is_none());
        let none = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "kid": first }).to_string()),
            URL_SAFE_NO_PAD.encode("{}")
        );
        assert!(ring.open_token::<Value>(&none).is_none());
        ring.rotate(3).unwrap();
        assert!(
            ring.open_token::<Value>(&old).is_none(),
            "two rotations later it is gone"
        );
    }
}

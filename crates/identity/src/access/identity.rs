//! `get-identity`: the long form of who somebody is, asked where the token does not say
//! how they signed in.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use super::claims::Person;
use crate::json;
use crate::mfa::MfaEvidence;
use crate::{Email, FetchError};

/// Largest answer that is read, in bytes; group lists can be long.
pub const MAX_IDENTITY_BYTES: usize = 256 * 1024;
/// How long an answer is believed, in milliseconds: a withdrawn session must end soon.
const FRESH_MS: i64 = 30_000;
/// How long a failure to ask is remembered, so that an outage does not add a timeout to
/// every request.
const FAILED_MS: i64 = 5_000;
/// Answers kept at once.
const MAX_ENTRIES: usize = 1024;

/// Asks Access about a token.
#[async_trait]
pub trait IdentityFetch: Send + Sync + 'static {
    /// The body of `GET url` with `Cookie: CF_Authorization=<token>` that answered 200
    /// without redirects. Implementations stop reading after `max_bytes`, give up after a
    /// few seconds, and never log the token.
    async fn get_identity(
        &self,
        url: &str,
        token: &str,
        max_bytes: usize,
    ) -> Result<Vec<u8>, FetchError>;
}

/// For deployments whose Access policy is the proof of the second factor.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoIdentity;

#[async_trait]
impl IdentityFetch for NoIdentity {
    async fn get_identity(&self, _: &str, _: &str, _: usize) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::NotConfigured)
    }
}

struct Entry {
    evidence: MfaEvidence,
    asked_ms: i64,
}

/// Evidence by token, for [`FRESH_MS`].
pub(crate) struct Identities<I> {
    port: I,
    cache: Mutex<HashMap<[u8; 32], Entry>>,
}

impl<I: IdentityFetch> Identities<I> {
    pub(crate) fn new(port: I) -> Self {
        Self {
            port,
            cache: Mutex::default(),
        }
    }

    /// How the person of a *verified* token signed in.
    pub(crate) async fn mfa(
        &self,
        url: &str,
        token: &str,
        person: &Person,
        now_ms: i64,
    ) -> MfaEvidence {
        // A digest, so that the map holds nothing one could sign in with.
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(entry) = self.lock().get(&digest)
            && entry.is_fresh(now_ms)
        {
            return entry.evidence.clone();
        }
        let evidence = match self.port.get_identity(url, token, MAX_IDENTITY_BYTES).await {
            Ok(body) => read(&body, person),
            Err(_) => MfaEvidence::Unknown,
        };
        self.remember(
            digest,
            Entry {
                evidence: evidence.clone(),
                asked_ms: now_ms,
            },
        );
        evidence
    }

    fn remember(&self, digest: [u8; 32], entry: Entry) {
        let mut cache = self.lock();
        if cache.len() >= MAX_ENTRIES {
            cache.retain(|_, old| old.is_fresh(entry.asked_ms));
        }
        if cache.len() < MAX_ENTRIES {
            cache.insert(digest, entry);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Entry>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_fresh(&self, now_ms: i64) -> bool {
        let lifetime_ms = match self.evidence {
            MfaEvidence::Unknown => FAILED_MS,
            _ => FRESH_MS,
        };
        now_ms.abs_diff(self.asked_ms) < lifetime_ms.unsigned_abs()
    }
}

/// An answer about somebody else, or none that can be read, proves nothing.
fn read(body: &[u8], person: &Person) -> MfaEvidence {
    if body.len() > MAX_IDENTITY_BYTES {
        return MfaEvidence::Absent;
    }
    let Some(identity) = json::parse_object(body) else {
        return MfaEvidence::Absent;
    };
    let text = |name| json::optional_str(&identity, name).ok().flatten();
    let same_user = text("user_uuid") == Some(&person.sub);
    let same_email =
        text("email").and_then(|e| Email::parse(e).ok()).as_ref() == Some(&person.email);
    if same_user && same_email {
        MfaEvidence::from_claim(identity.get("amr"))
    } else {
        MfaEvidence::Absent
    }
}

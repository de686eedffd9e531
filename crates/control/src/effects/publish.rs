//! Putting one snapshot where gateways fetch it: look, write, look again.

use nexus_domain::Environment;
use nexus_flags::{Limits, TrustedKey};

use super::Stored;
use crate::Console;
use crate::failpoint::failpoint;
use crate::ports::StoreError;

/// Name of an environment's snapshot in the namespace.
pub(crate) fn key_of(environment: Environment) -> String {
    format!("snapshot:{environment}")
}

/// A snapshot at the edge that this database does not know, as after restoring a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ahead {
    pub(crate) version: u64,
    pub(crate) envelope: Vec<u8>,
}

/// How publishing went, short of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Publication {
    Written,
    /// Equal bytes were there: an earlier attempt had done it.
    AlreadyThere,
    /// Another snapshot of this or a higher version, signed by us, is there.
    Ahead(Ahead),
    /// Written, but what is read back is not it yet.
    NotYetVisible,
}

impl Console {
    pub(crate) async fn publish(
        &self,
        environment: Environment,
        snapshot: &Stored,
    ) -> Result<Publication, StoreError> {
        let key = key_of(environment);
        failpoint("publish.before_get");
        let there = self.inner.store.get(&key).await?;
        failpoint("publish.after_get");
        if there.as_deref() == Some(snapshot.envelope.as_bytes()) {
            return Ok(Publication::AlreadyThere);
        }
        if let Some(ahead) = self.ahead(environment, there, snapshot) {
            return Ok(Publication::Ahead(ahead));
        }
        failpoint("publish.before_put");
        let bytes = snapshot.envelope.clone().into_bytes();
        self.inner.store.put(&key, bytes).await?;
        failpoint("publish.after_put");
        failpoint("publish.before_verify");
        let there = self.inner.store.get(&key).await?;
        failpoint("publish.after_verify");
        Ok(if there.as_deref() == Some(snapshot.envelope.as_bytes()) {
            Publication::Written
        } else {
            Publication::NotYetVisible
        })
    }

    /// What is there, if gateways that have it would refuse the snapshot as old. Anything
    /// that this console did not sign is rubbish that may be overwritten.
    pub(crate) fn ahead(
        &self,
        environment: Environment,
        there: Option<Vec<u8>>,
        snapshot: &Stored,
    ) -> Option<Ahead> {
        let envelope = there.filter(|bytes| bytes != snapshot.envelope.as_bytes())?;
        let version = self.version_of(environment, &envelope)?;
        (version >= snapshot.version).then_some(Ahead { version, envelope })
    }

    fn version_of(&self, environment: Environment, bytes: &[u8]) -> Option<u64> {
        let keys = &self.inner.keys;
        let ours = TrustedKey::new(keys.snapshot_key_id(), keys.snapshot.verifying_key());
        let limits = Limits::for_environment(environment.as_str());
        let snapshot = nexus_flags::verify(bytes, &[ours], limits).ok()?;
        Some(snapshot.version)
    }
}

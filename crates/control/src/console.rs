//! The one object that web, CLI and controllers call.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nexus_domain::Environment;
use nexus_flags::{Sampler, SigningKey, TrustedKey};
use sha2::{Digest as _, Sha256};

use crate::changes::Changes;
use crate::ingest::Queue;
use crate::ports::{Clock, Database, Random, SnapshotStore};
use crate::sdk::SdkHost;

/// What the host configures.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Environment whose overview this console shows.
    pub environment: Environment,
    /// Becomes an owner at first sight.
    pub owner_email: Option<String>,
    /// Where people reach the console; its host and path name the audit log.
    pub public_url: String,
    /// Title of the Workers KV namespace that holds the snapshots.
    pub kv_namespace: String,
}

/// The two signing keys. No Debug, no Display, no Serialize.
pub struct Keys {
    pub(crate) snapshot: SigningKey,
    pub(crate) checkpoint: SigningKey,
}

impl Keys {
    /// From two 32-byte Ed25519 seeds: one signs snapshots for gateways, the
    /// other signs checkpoints of the audit log.
    #[must_use]
    pub fn from_seeds(snapshot: &[u8; 32], checkpoint: &[u8; 32]) -> Self {
        Self {
            snapshot: SigningKey::from_bytes(snapshot),
            checkpoint: SigningKey::from_bytes(checkpoint),
        }
    }

    /// Name of the snapshot key in envelopes: the first 8 bytes of the public
    /// key's SHA-256 in hex, so it needs no configuration.
    #[must_use]
    pub fn snapshot_key_id(&self) -> String {
        hex::encode(&Sha256::digest(self.snapshot.verifying_key().as_bytes())[..8])
    }

    /// Key of the hash by which an environment's visitors are sampled. It stands in snapshots,
    /// which only gateways read, and follows from the signing key, which it does not tell.
    pub(crate) fn sampling_seed(&self, environment: Environment) -> String {
        let digest = Sha256::new()
            .chain_update(b"nexus-admin/sampling\0")
            .chain_update(self.snapshot.as_bytes())
            .chain_update(environment.as_str())
            .finalize();
        hex::encode(&digest[..16])
    }

    pub(crate) fn sampler(&self, environment: Environment) -> Sampler {
        Sampler::new(&self.sampling_seed(environment)).unwrap_or_default()
    }
}

/// Cheap to clone; all clones are one console.
#[derive(Clone)]
pub struct Console {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) db: Arc<dyn Database>,
    pub(crate) store: Arc<dyn SnapshotStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) keys: Keys,
    pub(crate) changes: Changes,
    pub(crate) commands_done: Changes,
    /// Commands of one process queue here instead of racing in the database.
    pub(crate) commands: futures::lock::Mutex<()>,
    pub(crate) ingests: Queue,
    pub(crate) sdk_host: OnceLock<Arc<dyn SdkHost>>,
    /// The last purge did not remove all that has had its time.
    pub(crate) purge_is_left: AtomicBool,
    /// Epoch of the lease this process took last.
    epoch: Mutex<Option<u64>>,
}

impl Console {
    #[must_use]
    pub fn new(
        settings: Settings,
        db: Arc<dyn Database>,
        cloudflare: Arc<dyn SnapshotStore>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        keys: Keys,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                settings,
                db,
                store: cloudflare,
                clock,
                random,
                keys,
                changes: Changes::default(),
                commands_done: Changes::default(),
                commands: futures::lock::Mutex::new(()),
                ingests: Queue::default(),
                sdk_host: OnceLock::new(),
                purge_is_left: AtomicBool::new(false),
                epoch: Mutex::new(None),
            }),
        }
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    #[must_use]
    pub fn changes(&self) -> Changes {
        self.inner.changes.clone()
    }

    /// Grows with each command of this process, which may have planned an effect.
    #[must_use]
    pub fn commands_done(&self) -> Changes {
        self.inner.commands_done.clone()
    }

    /// A fresh id for one request: a UUIDv7 in 32 hex digits.
    #[must_use]
    pub fn request_id(&self) -> String {
        format!("{:032x}", self.new_id())
    }

    /// The public key gateways trust, as `<key_id>:<base64url>`.
    #[must_use]
    pub async fn snapshot_public_key(&self) -> String {
        let key = self.trusted_key();
        format!("{}:{}", key.id(), key.to_base64url())
    }

    /// The same, to check signatures with.
    #[must_use]
    pub fn trusted_key(&self) -> TrustedKey {
        let id = self.inner.keys.snapshot_key_id();
        TrustedKey::new(id, self.inner.keys.snapshot.verifying_key())
    }

    pub(crate) fn held_epoch(&self) -> Option<u64> {
        *self
            .inner
            .epoch
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn hold_epoch(&self, epoch: Option<u64>) {
        *self
            .inner
            .epoch
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = epoch;
    }

    pub(crate) fn random_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.inner.random.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }

    /// A UUIDv7 (RFC 9562 §5.7): 48 bits of time, then 74 random ones.
    pub(crate) fn new_id(&self) -> u128 {
        let mut bytes = [0; 16];
        self.inner.random.fill(&mut bytes);
        let random = u128::from_be_bytes(bytes);
        let time = u128::from(self.now_ms().unsigned_abs()) & 0xffff_ffff_ffff;
        let version_and_variant = (0x7 << 76) | (0b10 << 62);
        let mask = !((0xf << 76) | (0b11 << 62)) & ((1 << 80) - 1);
        (time << 80) | (random & mask) | version_and_variant
    }
}

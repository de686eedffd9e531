//! The snapshot store on Workers KV, over Cloudflare's API.

use async_trait::async_trait;
use futures::lock::Mutex;
use nexus_cloudflare::{Client, Error, Retries};

use crate::ports::{SnapshotStore, StoreError};

/// "namespace not found".
const NO_NAMESPACE: u32 = 10_013;

/// One namespace, found by its title and created when absent.
pub struct KvSnapshots {
    client: Client,
    title: String,
    /// Its id, once known.
    id: Mutex<Option<String>>,
}

impl KvSnapshots {
    /// The client makes single attempts: the outbox tries again by itself, and
    /// remembers that across restarts.
    #[must_use]
    pub fn new(client: Client, namespace_title: &str) -> Self {
        Self {
            client: client.with_retries(Retries::NONE),
            title: namespace_title.to_owned(),
            id: Mutex::new(None),
        }
    }

    async fn id(&self) -> Result<String, StoreError> {
        let mut id = self.id.lock().await;
        if let Some(id) = &*id {
            return Ok(id.clone());
        }
        let found = self.client.kv_ensure(&self.title).await.map_err(of)?;
        *id = Some(found.id.clone());
        Ok(found.id)
    }

    /// A namespace that is gone is looked up again next time.
    async fn failed(&self, error: Error) -> StoreError {
        if error.has_code(NO_NAMESPACE) {
            *self.id.lock().await = None;
        }
        of(error)
    }
}

#[async_trait]
impl SnapshotStore for KvSnapshots {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let id = self.id().await?;
        match self.client.kv_get(&id, key).await {
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(self.failed(error).await),
        }
    }

    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let id = self.id().await?;
        match self.client.kv_put(&id, key, bytes).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.failed(error).await),
        }
    }
}

fn of(error: Error) -> StoreError {
    if error.is_passing() {
        return StoreError::Unavailable {
            problem: error.to_string(),
            retry_after_ms: error.retry_after_ms(),
        };
    }
    match &error {
        Error::Denied { .. } => StoreError::Denied(error.to_string()),
        _ => StoreError::Other(error.to_string()),
    }
}

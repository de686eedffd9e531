//! Workers KV as a directory, and a clock as a file.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use nexus_control::ports::{Clock, SnapshotStore, StoreError};
use nexus_control::testing::NOW_MS;

/// Workers KV as files; writing counts into `puts`.
pub(crate) struct Files(pub(crate) PathBuf);

#[async_trait]
impl SnapshotStore for Files {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(fs::read(self.0.join(key)).ok())
    }

    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        append(&self.0.join("puts"), &format!("{}\n", version(&bytes)));
        let whole = self.0.join("incoming");
        fs::write(&whole, bytes).unwrap();
        fs::rename(whole, self.0.join(key)).unwrap();
        // The first answer ever is lost.
        let lost = self.0.join("lost");
        if lost.exists() {
            return Ok(());
        }
        fs::write(lost, "").unwrap();
        Err(StoreError::Unavailable {
            problem: "the answer was lost".into(),
            retry_after_ms: None,
        })
    }
}

/// A clock in a file, so that time goes on across lives of the victim.
pub(crate) struct FileClock(pub(crate) PathBuf);

impl FileClock {
    pub(crate) fn advance(&self, ms: i64) {
        fs::write(&self.0, (self.now_ms() + ms).to_string()).unwrap();
    }
}

impl Clock for FileClock {
    fn now_ms(&self) -> i64 {
        fs::read_to_string(&self.0)
            .ok()
            .and_then(|t| t.parse().ok())
            .unwrap_or(NOW_MS)
    }
}

/// At the end of a file, which is made where there is none.
pub(crate) fn append(path: &Path, text: &str) {
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn version(bytes: &[u8]) -> u64 {
    let signed: nexus_flags::SignedSnapshot = serde_json::from_slice(bytes).unwrap();
    let snapshot: nexus_flags::Snapshot = serde_json::from_str(&signed.payload).unwrap();
    snapshot.version
}

//! Brings the log's pages into the file while the writer is not asked to write: between two
//! ingests, which read and count first. A commit that finds all of them there begins the log
//! anew; where readers or the writer were quicker, the log goes on, and the writer itself does
//! it at [`crate::LOG_PAGES`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::SqlitePool;

/// Changed rows after which it is worth it: some 50 MB of log where they are strewn.
const ROWS: u64 = 25_000;

#[derive(Clone)]
pub(crate) struct Checkpoints {
    /// Of one connection, which is taken while it works.
    connection: SqlitePool,
    changed: Arc<AtomicU64>,
}

impl Checkpoints {
    pub(crate) fn new(connection: SqlitePool) -> Self {
        Self {
            connection,
            changed: Arc::default(),
        }
    }

    /// Rows have changed; returns at once.
    pub(crate) fn note(&self, rows: u64) {
        let changed = self.changed.fetch_add(rows, Ordering::Relaxed) + rows;
        if changed < ROWS {
            return;
        }
        let Some(mut connection) = self.connection.try_acquire() else {
            return;
        };
        self.changed.store(0, Ordering::Relaxed);
        tokio::spawn(async move {
            let checkpoint = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)");
            // What it can't do now is done by the next one, or by the writer.
            let _ = checkpoint.execute(&mut *connection).await;
        });
    }

    pub(crate) async fn close(&self) {
        self.connection.close().await;
    }
}

//! The `Database` port on SQLite, for the native server.
//!
//! One writer connection, because SQLite has one writer anyway and a queue in
//! front of it is cheaper than busy retries; a few readers beside it, which WAL
//! lets read while the writer writes.

mod checkpoints;
mod error;
mod migrate;
mod packed;
mod value;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use nexus_control::ports::{Capacity, Database, DatabaseError, Row, Statement};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

pub use migrate::MigrateError;

use checkpoints::Checkpoints;
use packed::Packed;

const READERS: u32 = 4;
/// Longest wait for another process (a backup, the command line) to let go.
const BUSY: Duration = Duration::from_secs(5);
/// Every statement of the console is a literal, so all of them fit.
const STATEMENTS: usize = 256;
/// Rows on their way from the connection's thread: each wait for more costs a switch.
const ROWS: usize = 1_024;
/// The writer's cache, in KiB: with SQLite's 2 MB, each large ingest would push its own pages
/// out to the log and read them again.
const CACHE_KIB: u32 = 256 << 10;
/// Pages of the log after which a commit brings them into the file before it is done.
const LOG_PAGES: u32 = 64 << 10;
/// SQLite's own limit of values; rows for some 200 ms.
const CAPACITY: Capacity = Capacity {
    values: 32_766,
    rows: 16_000,
};

#[derive(Clone)]
pub struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
    /// The log of what was committed; none where nobody waits for the disk.
    log: Option<PathBuf>,
    packed: Packed,
    checkpoints: Checkpoints,
}

impl Sqlite {
    /// Opens the file and creates it when absent. Call [`Sqlite::migrate`] next.
    ///
    /// # Errors
    /// When the file can't be opened.
    pub async fn open(path: &Path) -> Result<Self, DatabaseError> {
        // NORMAL keeps the file whole when the power fails, but may lose the last commits.
        // By then their effects may have reached the edge, and the audit log would not know:
        // so every batch waits for the log, as FULL would, and only ingests go on meanwhile.
        Self::open_with(path, SqliteSynchronous::Normal).await
    }

    /// For tests: as [`Sqlite::open`], but without waiting for the disk. What a
    /// killed process had committed is kept; what a power cut leaves is not known.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub async fn open_unsynced(path: &Path) -> Result<Self, DatabaseError> {
        Self::open_with(path, SqliteSynchronous::Off).await
    }

    async fn open_with(path: &Path, sync: SqliteSynchronous) -> Result<Self, DatabaseError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(sync)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .statement_cache_capacity(STATEMENTS)
            .row_buffer_size(ROWS);
        let writer = one()
            .connect_with(
                options
                    .clone()
                    .pragma("cache_size", format!("-{CACHE_KIB}"))
                    // What a statement of many rows would have to undo is kept in memory.
                    .pragma("temp_store", "MEMORY")
                    .pragma("wal_autocheckpoint", LOG_PAGES.to_string()),
            )
            .await
            .map_err(error::of)?;
        let checkpointer = one()
            .connect_with(options.clone())
            .await
            .map_err(error::of)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(error::of)?;
        let log = log_of(path).map_err(|error| DatabaseError::Other(error.to_string()))?;
        Ok(Self {
            writer,
            readers,
            log: (sync != SqliteSynchronous::Off).then_some(log),
            packed: Packed::default(),
            checkpoints: Checkpoints::new(checkpointer),
        })
    }

    /// Applies the migrations that are missing.
    ///
    /// # Errors
    /// When the file was made by a newer version, or they don't fit it.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        migrate::run(&self.writer).await
    }

    /// Writes a whole, consistent copy to a file that must not exist yet, while
    /// the console keeps running.
    ///
    /// # Errors
    /// When the file exists or can't be written.
    pub async fn backup(&self, to: &Path) -> Result<(), DatabaseError> {
        sqlx::query("VACUUM INTO ?1")
            .bind(to.to_string_lossy().into_owned())
            .execute(&self.writer)
            .await
            .map_err(error::of)?;
        Ok(())
    }

    /// Waits for statements under way and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.checkpoints.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Database for Sqlite {
    fn capacity(&self) -> Capacity {
        CAPACITY
    }

    async fn query(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        let rows = value::bind(statement.sql, statement.values)
            .fetch_all(&self.readers)
            .await;
        rows.map_err(error::of)?.iter().map(value::row).collect()
    }

    async fn query_many(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.packed.query(&self.readers, statement).await
    }

    async fn query_to_write(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.packed.query(&self.writer, statement).await
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<u64>, DatabaseError> {
        let changed = self.batch_unsynced(statements).await?;
        self.synced().await?;
        Ok(changed)
    }

    async fn batch_unsynced(&self, statements: Vec<Statement>) -> Result<Vec<u64>, DatabaseError> {
        // IMMEDIATE takes the write lock at once: a transaction that reads first
        // and upgrades later can't wait for the lock and would fail instead.
        let mut transaction = self
            .writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(error::of)?;
        let mut changed = Vec::with_capacity(statements.len());
        for statement in statements {
            let done = value::bind(statement.sql, statement.values)
                .execute(&mut *transaction)
                .await
                .map_err(error::of)?;
            changed.push(done.rows_affected());
        }
        transaction.commit().await.map_err(error::of)?;
        self.checkpoints.note(changed.iter().sum());
        Ok(changed)
    }

    /// What is in the log no more was synced when it was brought into the file.
    async fn synced(&self) -> Result<(), DatabaseError> {
        let Some(log) = self.log.clone() else {
            return Ok(());
        };
        let sync = move || File::open(log)?.sync_data();
        let done = tokio::task::spawn_blocking(sync).await;
        done.map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| DatabaseError::Unavailable(format!("syncing the log: {error}")))
    }
}

/// A connection that stays.
fn one() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Where SQLite keeps the log of a file, beside what a link leads to:
/// <https://www.sqlite.org/walformat.html>.
fn log_of(path: &Path) -> std::io::Result<PathBuf> {
    let mut log = path.canonicalize()?.into_os_string();
    log.push("-wal");
    Ok(log.into())
}

//! The open database files. Each has one connection, as D1 runs one statement
//! at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use tokio::sync::{Mutex, MutexGuard};

use super::import::Imports;

/// One database file, opened when first used.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    pub(super) limit_ms: f64,
    connection: Mutex<Option<SqliteConnection>>,
}

impl Database {
    /// Waits for its turn; the guard holds an open connection.
    pub(super) async fn lock(
        &self,
    ) -> Result<MutexGuard<'_, Option<SqliteConnection>>, sqlx::Error> {
        let mut guard = self.connection.lock().await;
        if guard.is_none() {
            let options = SqliteConnectOptions::new()
                .filename(&self.path)
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(Duration::from_secs(10));
            *guard = Some(SqliteConnection::connect_with(&options).await?);
        }
        Ok(guard)
    }

    async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "a D1 file did not close cleanly");
        }
    }
}

/// All databases of the account, by UUID.
#[derive(Debug)]
pub(crate) struct Databases {
    directory: PathBuf,
    limit_ms: f64,
    open: Mutex<HashMap<String, Arc<Database>>>,
    pub(super) imports: Imports,
}

impl Databases {
    pub(crate) async fn open(data_dir: &Path, limit_ms: u32) -> Result<Self, std::io::Error> {
        let directory = data_dir.join("d1");
        tokio::fs::create_dir_all(&directory).await?;
        let imports = Imports::open(data_dir).await?;
        Ok(Self {
            directory,
            limit_ms: limit_ms.into(),
            open: Mutex::default(),
            imports,
        })
    }

    /// The database whose UUID, made by us, is `uuid`.
    pub(super) async fn get(&self, uuid: &str) -> Arc<Database> {
        let mut open = self.open.lock().await;
        let database = open.entry(uuid.to_owned()).or_insert_with(|| {
            let path = self.path(uuid);
            Arc::new(Database {
                path,
                limit_ms: self.limit_ms,
                connection: Mutex::default(),
            })
        });
        Arc::clone(database)
    }

    /// Closes the database and removes its files.
    pub(super) async fn remove(&self, uuid: &str) -> Result<(), std::io::Error> {
        if let Some(database) = self.open.lock().await.remove(uuid) {
            database.close().await;
        }
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path(uuid).into_os_string();
            path.push(suffix);
            match tokio::fs::remove_file(path).await {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) async fn close_all(&self) {
        let open: Vec<_> = self.open.lock().await.drain().collect();
        for (_, database) in open {
            database.close().await;
        }
    }

    fn path(&self, uuid: &str) -> PathBuf {
        self.directory.join(uuid).with_extension("sqlite")
    }
}

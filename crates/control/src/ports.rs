//! What the use cases need from outside.

use async_trait::async_trait;

/// A value bound to or read from a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
}

/// One row, in the order of the statement's columns.
pub type Row = Vec<Value>;

/// A statement in the SQL that SQLite, D1 and Postgres share: `?1 ?2 …` as
/// placeholders (or `?` for all, in order), no vendor functions. The text is made of
/// literals only.
#[derive(Clone, Debug)]
pub struct Statement {
    pub sql: &'static str,
    pub values: Vec<Value>,
}

impl Statement {
    #[must_use]
    pub fn new<const N: usize>(sql: &'static str, values: [Value; N]) -> Self {
        Self {
            sql,
            values: values.into(),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

/// Numbers beyond an `i64` can't occur: they count rows, versions and users.
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(i64::from(number))
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Integer(i64::from(yes))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A unique, primary-key or check constraint refused the statement. In a
    /// batch nothing of the batch was applied.
    #[error("constraint: {0}")]
    Constraint(String),
    /// Busy, locked or unreachable; nothing was applied as far as known.
    #[error("database not available: {0}")]
    Unavailable(String),
    #[error("database: {0}")]
    Other(String),
}

/// How much a database takes at once.
#[derive(Clone, Copy, Debug)]
pub struct Capacity {
    /// Values bound to one statement.
    pub values: usize,
    /// Rows that one batch should not go far beyond.
    pub rows: usize,
}

/// No Worker's database takes so many rows at once.
const MANY_ROWS: usize = 2_000;

impl Capacity {
    /// Whether the database is this machine's, so that it answers without a way there.
    pub(crate) const fn is_near(self) -> bool {
        self.rows >= MANY_ROWS
    }
}

/// Reads, and batches that apply wholly or not at all.
#[async_trait]
pub trait Database: Send + Sync {
    /// D1's, which is the least.
    fn capacity(&self) -> Capacity {
        Capacity {
            values: 100,
            rows: 1_000,
        }
    }

    async fn query(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError>;

    /// As [`Database::query`], for many rows of integers and texts.
    async fn query_many(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.query(statement).await
    }

    /// As [`Database::query_many`], for rows that are about to be written: where one connection
    /// writes, they are in its cache already, or will be when they are needed.
    async fn query_to_write(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.query(statement).await
    }

    /// Runs the statements in order in one transaction. Returns the number of
    /// rows each of them changed.
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<u64>, DatabaseError>;

    /// As [`Database::batch`], but until [`Database::synced`] has returned a power failure may
    /// undo it: others go on while the disk writes.
    async fn batch_unsynced(&self, statements: Vec<Statement>) -> Result<Vec<u64>, DatabaseError> {
        self.batch(statements).await
    }

    /// Waits until all that was applied before is safe.
    async fn synced(&self) -> Result<(), DatabaseError> {
        Ok(())
    }
}

/// Wall clock: milliseconds since 1970 UTC.
pub trait Clock: Send + Sync {
    fn now_ms(&self) -> i64;
}

/// Cryptographically secure random bytes.
pub trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Try again later; whether a write was applied is not known.
    #[error("not available: {problem}")]
    Unavailable {
        problem: String,
        /// What the other side asked for (`Retry-After`).
        retry_after_ms: Option<u64>,
    },
    /// Credentials or permissions: trying again will not help by itself.
    #[error("denied: {0}")]
    Denied(String),
    #[error("{0}")]
    Other(String),
}

/// Where gateways fetch their snapshots: one namespace of Workers KV.
#[async_trait]
pub trait SnapshotStore: Send + Sync {
    /// The stored bytes; `None` when there is no such key.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes the whole value. Safe to repeat.
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError>;
}

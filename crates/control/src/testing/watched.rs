//! A database that remembers what it was asked.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::ports::{Capacity, Database, DatabaseError, Row, Statement};

/// A question and how many rows it was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub sql: &'static str,
    pub rows: usize,
}

pub struct Watched {
    inner: Arc<dyn Database>,
    asked: Mutex<Vec<Asked>>,
}

impl Watched {
    #[must_use]
    pub fn new(inner: Arc<dyn Database>) -> Self {
        Self {
            inner,
            asked: Mutex::default(),
        }
    }

    /// What was asked since the last call.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, sql: &'static str, rows: usize) {
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Asked { sql, rows });
    }
}

#[async_trait]
impl Database for Watched {
    fn capacity(&self) -> Capacity {
        self.inner.capacity()
    }

    async fn query(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        let sql = statement.sql;
        let rows = self.inner.query(statement).await?;
        self.note(sql, rows.len());
        Ok(rows)
    }

    async fn query_many(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        let sql = statement.sql;
        let rows = self.inner.query_many(statement).await?;
        self.note(sql, rows.len());
        Ok(rows)
    }

    async fn query_to_write(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.inner.query_to_write(statement).await
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<u64>, DatabaseError> {
        self.inner.batch(statements).await
    }
}

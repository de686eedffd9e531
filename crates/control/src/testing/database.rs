//! A database that breaks at a chosen batch.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::ports::{Capacity, Database, DatabaseError, Row, Statement};

/// How a batch breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Before anything was applied.
    Before,
    /// After all of it was applied: the answer is lost.
    After,
}

pub struct Breakable {
    inner: Arc<dyn Database>,
    batches: AtomicU64,
    plan: Mutex<Option<(u64, Break)>>,
}

impl Breakable {
    #[must_use]
    pub fn new(inner: Arc<dyn Database>) -> Self {
        Self {
            inner,
            batches: AtomicU64::new(0),
            plan: Mutex::new(None),
        }
    }

    /// The n-th batch from now (from 0) breaks, once.
    pub fn break_at(&self, n: u64, how: Break) {
        let at = self.batches.load(Ordering::SeqCst) + n;
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, how));
    }

    /// Whether the planned break has happened.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.plan
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none()
    }

    fn due(&self) -> Option<Break> {
        let number = self.batches.fetch_add(1, Ordering::SeqCst);
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.take_if(|(at, _)| *at == number).map(|(_, how)| how)
    }
}

fn broken() -> DatabaseError {
    DatabaseError::Unavailable("broken by a test".to_owned())
}

#[async_trait]
impl Database for Breakable {
    fn capacity(&self) -> Capacity {
        self.inner.capacity()
    }

    async fn query(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.inner.query(statement).await
    }

    async fn query_many(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.inner.query_many(statement).await
    }

    async fn query_to_write(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.inner.query_to_write(statement).await
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<u64>, DatabaseError> {
        match self.due() {
            None => self.inner.batch(statements).await,
            Some(Break::Before) => Err(broken()),
            Some(Break::After) => {
                self.inner.batch(statements).await?;
                Err(broken())
            }
        }
    }
}

//! `tower-sessions` over the console's database, so that sessions survive a
//! restart and "sign out everywhere" is one statement.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use nexus_control::ports::{Clock, Database, DatabaseError};
use nexus_control::sessions;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore};

use crate::machine::Machine;

/// Key of the signed-in person's address in a session's data.
pub(crate) const EMAIL: &str = "email";

#[derive(Clone)]
pub(crate) struct Store(pub Arc<dyn Database>);

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let parts = Parts::of(record)?;
            let made = sessions::create(
                &*self.0,
                &parts.id,
                &parts.email,
                &parts.data,
                parts.expires_ms,
            )
            .await;
            match made {
                Ok(()) => return Ok(()),
                // 122 random bits collided, or an old id is being tried: take another.
                Err(DatabaseError::Constraint(_)) => record.id = Id::default(),
                Err(error) => return Err(Error::Backend(error.to_string())),
            }
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let parts = Parts::of(record)?;
        sessions::update(
            &*self.0,
            &parts.id,
            &parts.email,
            &parts.data,
            parts.expires_ms,
        )
        .await
        .map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = sessions::get(&*self.0, &id.to_string(), Machine.now_ms()).await;
        let Some((data, expires_ms)) = found.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data).map_err(|e| Error::Decode(e.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(expires_ms / 1000)
            .map_err(|e| Error::Decode(e.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sessions::delete(&*self.0, &id.to_string())
            .await
            .map_err(backend)
    }
}

struct Parts {
    id: String,
    email: String,
    data: String,
    expires_ms: i64,
}

impl Parts {
    fn of(record: &Record) -> Result<Self> {
        let email = record
            .data
            .get(EMAIL)
            .and_then(|v| v.as_str())
            .unwrap_or_default();
        Ok(Self {
            id: record.id.to_string(),
            email: email.to_owned(),
            data: serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?,
            expires_ms: record.expiry_date.unix_timestamp().saturating_mul(1000),
        })
    }
}

fn backend(error: DatabaseError) -> Error {
    Error::Backend(error.to_string())
}

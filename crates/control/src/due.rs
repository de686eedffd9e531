//! Things that happen every so often, remembered in the database so that a
//! restart neither forgets nor repeats them.

use crate::sql::sql;
use crate::{Console, Result};

impl Console {
    /// Whether the named thing is due; if so it counts as done now.
    pub(crate) async fn is_due(&self, name: &str, every_ms: i64) -> Result<bool> {
        let now_ms = self.now_ms();
        let last_ms: i64 = match self
            .row(sql!("SELECT value FROM meta WHERE key = ?1", name))
            .await?
        {
            Some(mut row) => row.text()?.parse().unwrap_or(0),
            None => 0,
        };
        if now_ms - last_ms < every_ms && last_ms <= now_ms {
            return Ok(false);
        }
        self.inner
            .db
            .batch(vec![sql!(
                "INSERT INTO meta (key, value) VALUES (?1, ?2) \
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                name,
                now_ms.to_string()
            )])
            .await?;
        Ok(true)
    }
}

//! What a flag gave, as gateways count it.

use nexus_domain::Environment;
use nexus_domain::flag::{Flag, ValueSeen};

use crate::sql::sql;
use crate::views::{FlagHour, FlagUsage};
use crate::{Console, Result};

/// What the chart shows.
const SHOWN_MS: i64 = 7 * 24 * 60 * 60_000;
/// Most values that a page tells of, the latest.
const VALUES: u32 = 50;

impl Console {
    pub(super) async fn usage(&self, flag: &Flag) -> Result<FlagUsage> {
        let (environment, key) = (flag.environment.as_str(), flag.key.as_str());
        let now_ms = self.now_ms();
        let rows = self
            .rows(sql!(
                "SELECT value, first_ms, last_ms FROM flag_values \
                 WHERE environment = ?1 AND flag = ?2 ORDER BY last_ms DESC, value LIMIT ?3",
                environment,
                key,
                VALUES
            ))
            .await?;
        let mut values = Vec::new();
        for mut row in rows {
            values.push(ValueSeen {
                value: row.text()?,
                first_ms: row.i64()?,
                last_ms: row.i64()?,
            });
        }
        let rows = self
            .rows(sql!(
                "SELECT bucket_ms, value, count FROM flag_counts \
                 WHERE environment = ?1 AND flag = ?2 AND bucket_ms > ?3 \
                 ORDER BY bucket_ms, value",
                environment,
                key,
                now_ms - SHOWN_MS
            ))
            .await?;
        let mut hours = Vec::new();
        for mut row in rows {
            hours.push(FlagHour {
                from_ms: row.i64()?,
                value: row.text()?,
                count: row.u64()?,
            });
        }
        let since_ms = self.counted_since(flag.environment).await?;
        Ok(FlagUsage {
            stale: flag.stale(&values, since_ms, now_ms),
            values,
            hours,
        })
    }

    /// When the environment's gateways began to count.
    async fn counted_since(&self, environment: Environment) -> Result<Option<i64>> {
        let row = self
            .row(sql!(
                "SELECT MIN(first_ms) FROM flag_values WHERE environment = ?1",
                environment.as_str()
            ))
            .await?;
        let since_ms = row.map(|mut cells| cells.maybe_i64()).transpose()?;
        Ok(since_ms.flatten())
    }

    /// When the flag of that key last gave a value, where it ever did.
    pub(super) async fn last_evaluated(&self, key: &str) -> Result<Vec<(String, i64)>> {
        let rows = self
            .rows(sql!(
                "SELECT environment, MAX(last_ms) FROM flag_values WHERE flag = ?1 \
                 GROUP BY environment",
                key
            ))
            .await?;
        let mut found = Vec::new();
        for mut row in rows {
            found.push((row.text()?, row.i64()?));
        }
        Ok(found)
    }
}

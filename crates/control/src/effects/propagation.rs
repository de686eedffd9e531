//! How far the newest snapshot has come, for the pages.

use nexus_domain::Environment;

use crate::sql::sql;
use crate::views::{GatewayRow, OwnPages, Propagation};
use crate::{Console, Result};

/// A gateway reports at least every 2 s; after this long it counts as lost.
pub(crate) const LOST_MS: i64 = 15_000;
/// A gateway that is gone for good is not shown for ever.
const FORGOTTEN_MS: i64 = 24 * 3_600_000;

impl Console {
    pub(crate) async fn propagation(&self, environment: Environment) -> Result<Propagation> {
        let newest = self.newest_snapshot(environment).await?;
        let version = newest.as_ref().map_or(0, |s| s.version);
        let problem = self
            .open_intents(environment)
            .await?
            .into_iter()
            .find_map(|intent| intent.problem);
        Ok(Propagation {
            version,
            created_ms: newest.as_ref().map(|s| s.created_ms),
            published_ms: newest.and_then(|s| s.published_ms),
            problem,
            gateways: self.gateways(environment, version).await?,
            own_pages: self.own_pages(environment, version),
        })
    }

    fn own_pages(&self, environment: Environment, version: u64) -> Option<OwnPages> {
        let has = self.inner.sdk_host.get()?.has(environment);
        Some(OwnPages {
            version: has.version,
            current: has.version >= version,
            streams: has.streams,
        })
    }

    async fn gateways(&self, environment: Environment, version: u64) -> Result<Vec<GatewayRow>> {
        let now_ms = self.now_ms();
        let rows = self
            .rows(sql!(
                "SELECT id, version, seen_ms, streams FROM gateways \
                 WHERE environment = ?1 AND seen_ms > ?2 ORDER BY id",
                environment.as_str(),
                now_ms - FORGOTTEN_MS
            ))
            .await?;
        rows.into_iter()
            .map(|mut row| {
                let (id, has, seen_ms) = (row.text()?, row.u64()?, row.i64()?);
                let streams = row.maybe_i64()?.and_then(|n| u32::try_from(n).ok());
                Ok(GatewayRow {
                    id,
                    environment,
                    version: has,
                    seen_ms,
                    current: has >= version,
                    lost: now_ms - seen_ms > LOST_MS,
                    streams,
                })
            })
            .collect()
    }
}

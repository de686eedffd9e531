//! What SDKs read: the newest snapshot in GrowthBook's words.

use std::sync::Arc;

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_flags::{SignedSnapshot, Snapshot, payload};

use crate::sql::sql;
use crate::views::SdkPayload;
use crate::{Console, Error, Result};

/// What keeps SDKs of this console informed, as far as pages tell of it.
pub trait SdkHost: Send + Sync {
    fn has(&self, environment: Environment) -> SdkHostState;
}

/// Of one environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SdkHostState {
    /// Snapshot in force; 0 for none.
    pub version: u64,
    pub streams: u32,
}

impl Console {
    /// Whose state pages show from now on; the first one stays.
    pub fn show_sdk_host(&self, host: Arc<dyn SdkHost>) {
        let _ = self.inner.sdk_host.set(host);
    }

    /// The features of an environment as its gateways decide them now; none before
    /// anything was published.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn sdk_payload(&self, actor: &Actor, environment: Environment) -> Result<SdkPayload> {
        self.authorise(actor, Action::ViewExperiments, Some(environment), None)?;
        let Some(newest) = self.newest_snapshot(environment).await? else {
            return Ok(SdkPayload::default());
        };
        let signed: SignedSnapshot =
            serde_json::from_str(&newest.envelope).map_err(Error::internal)?;
        let snapshot: Snapshot = serde_json::from_str(&signed.payload).map_err(Error::internal)?;
        Ok(SdkPayload {
            version: newest.version,
            features: payload::features(&snapshot, self.now_ms()),
            saved_groups: payload::saved_groups(&snapshot.saved_groups),
        })
    }

    /// The signed envelopes that are newer than the versions known of each environment, for
    /// this console's own pages for SDKs: whoever asks there shows an SDK key.
    ///
    /// # Errors
    /// The database's.
    pub async fn newer_snapshots(
        &self,
        known: &[(Environment, u64)],
    ) -> Result<Vec<(Environment, String)>> {
        let rows = self
            .rows(sql!(
                "SELECT environment, MAX(version) FROM snapshots GROUP BY environment"
            ))
            .await?;
        let mut newer = Vec::new();
        for mut row in rows {
            let place = (row.environment()?, row.u64()?);
            let is_known =
                |(of, version): &(Environment, u64)| *of == place.0 && *version >= place.1;
            if known.iter().any(is_known) {
                continue;
            }
            let newest = self.newest_snapshot(place.0).await?;
            newer.extend(newest.map(|newest| (place.0, newest.envelope)));
        }
        Ok(newer)
    }
}

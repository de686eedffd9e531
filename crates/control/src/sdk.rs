//! What SDKs read: the newest snapshot in GrowthBook's words.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_flags::{SignedSnapshot, Snapshot, payload};

use crate::views::SdkPayload;
use crate::{Console, Error, Result};

impl Console {
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
}

//! What runs, what hurts, what waits for me.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Evidence, Experiment, Status, Stop};

use crate::authority::may;
use crate::sql::sql;
use crate::views::{ExperimentRow, Hurt, Overview, Propagation, Verdict};
use crate::{Console, Result};

const DAY_MS: i64 = 24 * 3_600_000;
const RECENT: u32 = 8;
/// Width of a stored traffic bucket.
pub(crate) const BUCKET_MS: i64 = 10_000;
const BUCKETS: usize = 60;
/// Complete buckets that make the last minute.
const MINUTE: usize = 6;

impl Console {
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn overview(&self, actor: &Actor) -> Result<Overview> {
        let environment = self.inner.settings.environment;
        self.authorise(actor, Action::ViewOverview, Some(environment), None)?;
        let live = self.at_the_edge(environment).await?;
        let rows = self.summarise(&live).await?;
        let propagation = self.propagation(environment).await?;
        let traffic = self.traffic(environment).await?;
        // The bucket in progress would always look like a drop.
        let minute =
            &traffic[traffic.len().saturating_sub(MINUTE + 1)..traffic.len().saturating_sub(1)];
        let requests: u64 = minute.iter().map(|b| b.0).sum();
        let errors: u64 = minute.iter().map(|b| b.1).sum();
        let recent = if may(actor, Action::ViewAudit, None) {
            self.newest_entries(RECENT).await?
        } else {
            Vec::new()
        };
        let waits = self.waits_for(actor, environment, &rows).await?;
        let hurts = self.hurts(environment, &rows, &propagation).await?;
        let mut running = rows;
        running.retain(|r| r.status == Status::Running);
        running.sort_by_key(|r| std::cmp::Reverse(r.started_ms));
        Ok(Overview {
            environment,
            hurts,
            waits,
            running,
            propagation,
            requests_per_s: requests as f64 / 60.0,
            error_rate: (requests > 0).then(|| errors as f64 / requests as f64),
            traffic: traffic
                .iter()
                .take(BUCKETS)
                .map(|b| u32::try_from(b.0).unwrap_or(u32::MAX))
                .collect(),
            recent,
        })
    }

    /// Requests and errors of the last ten minutes and of the bucket in progress, oldest first.
    async fn traffic(&self, environment: Environment) -> Result<Vec<(u64, u64)>> {
        let last_ms = self.now_ms() / BUCKET_MS * BUCKET_MS;
        let first_ms = last_ms - BUCKET_MS * BUCKETS as i64;
        let rows = self
            .rows(sql!(
                "SELECT bucket_ms, requests, errors FROM traffic \
                 WHERE environment = ?1 AND bucket_ms >= ?2 AND bucket_ms <= ?3",
                environment.as_str(),
                first_ms,
                last_ms
            ))
            .await?;
        let mut buckets = vec![(0, 0); BUCKETS + 1];
        for mut row in rows {
            let at = usize::try_from((row.i64()? - first_ms) / BUCKET_MS).unwrap_or(0);
            let counted = (row.u64()?, row.u64()?);
            if let Some(bucket) = buckets.get_mut(at) {
                *bucket = counted;
            }
        }
        Ok(buckets)
    }

    async fn hurts(
        &self,
        environment: Environment,
        live: &[ExperimentRow],
        propagation: &Propagation,
    ) -> Result<Vec<Hurt>> {
        let mut hurts = self.stopped_for_harm(environment).await?;
        if let (Some(problem), Some(since_ms)) = (&propagation.problem, propagation.created_ms) {
            hurts.push(Hurt::NotPublished {
                version: propagation.version,
                since_ms,
                problem: problem.clone(),
            });
        }
        if propagation.gateways.is_empty() {
            hurts.push(Hurt::NoGateway);
        }
        hurts.extend(
            propagation
                .gateways
                .iter()
                .filter(|g| g.lost)
                .map(|g| Hurt::GatewayLost {
                    gateway: g.id.clone(),
                    seen_ms: g.seen_ms,
                }),
        );
        hurts.extend(
            live.iter()
                .filter(|r| r.verdict == Some(Verdict::BrokenSplit))
                .map(|r| Hurt::BrokenSplit {
                    experiment: r.id.clone(),
                    name: r.name.clone(),
                }),
        );
        Ok(hurts)
    }

    async fn stopped_for_harm(&self, environment: Environment) -> Result<Vec<Hurt>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM experiments WHERE environment = ?1 AND stopped_ms > ?2 \
                 AND status NOT IN ('decided', 'archived') ORDER BY stopped_ms DESC",
                environment.as_str(),
                self.now_ms() - DAY_MS
            ))
            .await?;
        let mut hurts = Vec::new();
        for mut row in rows {
            let e: Experiment = row.json()?;
            let evidence = e.stop.as_ref().and_then(Stop::evidence);
            let harm = evidence.filter(Evidence::is_harm);
            let variant = harm.as_ref().and_then(Evidence::variant);
            if let (Some(variant), Some(at_ms)) = (variant, e.stopped_ms) {
                hurts.push(Hurt::StoppedForHarm {
                    experiment: e.id.to_string(),
                    name: e.name,
                    variant: variant.to_owned(),
                    at_ms,
                });
            }
        }
        Ok(hurts)
    }
}

//! Effects on the world outside: planned in the commit that needs them, carried
//! out here by whoever holds the lease.

mod attempt;
mod propagation;
mod publish;
mod reconcile;
mod stage;

pub(crate) use attempt::backoff_ms;
pub(crate) use stage::{Changed, no_room};

use nexus_domain::Environment;

use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::ports::DatabaseError;
use crate::sql::{Cells, sql};
use crate::{Console, Result};

/// What a round of effects came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Effects {
    pub(crate) published: u32,
    pub(crate) failing: u32,
}

/// A planned effect that has no outcome yet.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) environment: Environment,
    pub(crate) version: u64,
    pub(crate) attempts: u64,
    pub(crate) next_ms: i64,
    pub(crate) problem: Option<String>,
}

/// The signed bytes of one version.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) version: u64,
    pub(crate) envelope: String,
    pub(crate) created_ms: i64,
    pub(crate) published_ms: Option<i64>,
}

impl Console {
    /// One round: each environment's newest snapshot, if it is not out yet.
    pub(crate) async fn effects(&self, lease: &Lease) -> Result<Effects> {
        let mut done = Effects::default();
        for environment in Environment::ALL {
            let open = self.open_intents(environment).await?;
            let Some(newest) = self.newest_snapshot(environment).await? else {
                self.publish_first(lease, environment).await?;
                continue;
            };
            let (due, old): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|i| i.version >= newest.version);
            // Only the newest matters to gateways: the others end here.
            if !old.is_empty() && !self.supersede(lease, &old).await? {
                return Ok(done);
            }
            match due.into_iter().next() {
                Some(intent) if intent.next_ms <= self.now_ms() => {
                    self.attempt(lease, &intent, &newest, &mut done).await?;
                }
                Some(intent) if intent.problem.is_some() => done.failing += 1,
                Some(_) => {}
                None => self.reconcile(lease, environment, &newest).await?,
            }
        }
        Ok(done)
    }

    async fn supersede(&self, lease: &Lease, old: &[Intent]) -> Result<bool> {
        failpoint("intent.before_supersede");
        let mut statements = vec![lease.guard()];
        for intent in old {
            statements.extend(self.finish(lease, intent, "superseded"));
        }
        let went = self.fenced(statements).await?;
        failpoint("intent.after_supersede");
        Ok(went)
    }

    /// The statements that end an intent. The key of the outcome lets it end once.
    fn finish(
        &self,
        lease: &Lease,
        intent: &Intent,
        outcome: &str,
    ) -> [crate::ports::Statement; 2] {
        [
            sql!(
                "INSERT INTO intent_outcomes (intent_id, outcome, epoch, at_ms) \
                 VALUES (?1, ?2, ?3, ?4)",
                intent.id.as_str(),
                outcome,
                lease.epoch,
                self.now_ms()
            ),
            sql!(
                "UPDATE intents SET status = 'done', problem = NULL WHERE id = ?1",
                intent.id.as_str()
            ),
        ]
    }

    /// A batch that only the holder of the lease may write; false when somebody
    /// else is the holder by now (or has already recorded the same outcome).
    pub(crate) async fn fenced(&self, statements: Vec<crate::ports::Statement>) -> Result<bool> {
        match self.inner.db.batch(statements).await {
            Ok(_) => {
                self.inner.changes.bump();
                Ok(true)
            }
            Err(DatabaseError::Constraint(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn open_intents(&self, environment: Environment) -> Result<Vec<Intent>> {
        let rows = self
            .rows(sql!(
                "SELECT id, environment, version, attempts, next_ms, problem \
                 FROM intents WHERE status IN ('planned', 'running') AND environment = ?1 \
                 ORDER BY version, id",
                environment.as_str()
            ))
            .await?;
        rows.into_iter().map(intent).collect()
    }

    pub(crate) async fn newest_snapshot(&self, environment: Environment) -> Result<Option<Stored>> {
        let row = self
            .row(sql!(
                "SELECT version, envelope, created_ms, published_ms FROM snapshots \
                 WHERE environment = ?1 ORDER BY version DESC LIMIT 1",
                environment.as_str()
            ))
            .await?;
        row.map(|mut r| {
            Ok(Stored {
                version: r.u64()?,
                envelope: r.text()?,
                created_ms: r.i64()?,
                published_ms: r.maybe_i64()?,
            })
        })
        .transpose()
    }
}

fn intent(mut row: Cells) -> Result<Intent> {
    Ok(Intent {
        id: row.text()?,
        environment: row.environment()?,
        version: row.u64()?,
        attempts: row.u64()?,
        next_ms: row.i64()?,
        problem: row.maybe_text()?,
    })
}

//! Applies the files of `migrations/`, which are compiled in.

use nexus_control::ports::DatabaseError;
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use sqlx::{Executor as _, Row as _};

use crate::error;

/// Name and text of every migration, in order.
pub(crate) const FILES: &[(&str, &str)] = &[
    (
        "0001_foundation",
        include_str!("../../../migrations/0001_foundation.sql"),
    ),
    (
        "0002_metrics",
        include_str!("../../../migrations/0002_metrics.sql"),
    ),
    (
        "0003_flags",
        include_str!("../../../migrations/0003_flags.sql"),
    ),
    (
        "0004_sdk_keys",
        include_str!("../../../migrations/0004_sdk_keys.sql"),
    ),
    (
        "0005_targeting",
        include_str!("../../../migrations/0005_targeting.sql"),
    ),
    (
        "0006_experiment_life",
        include_str!("../../../migrations/0006_experiment_life.sql"),
    ),
    (
        "0007_metric_cuts",
        include_str!("../../../migrations/0007_metric_cuts.sql"),
    ),
    (
        "0008_flag_life",
        include_str!("../../../migrations/0008_flag_life.sql"),
    ),
    (
        "0009_quantiles",
        include_str!("../../../migrations/0009_quantiles.sql"),
    ),
    (
        "0010_traffic_samples",
        include_str!("../../../migrations/0010_traffic_samples.sql"),
    ),
    (
        "0012_team_work",
        include_str!("../../../migrations/0012_team_work.sql"),
    ),
    (
        "0013_quantile_slices",
        include_str!("../../../migrations/0013_quantile_slices.sql"),
    ),
    (
        "0014_raw_events",
        include_str!("../../../migrations/0014_raw_events.sql"),
    ),
    (
        "0017_slice_steps",
        include_str!("../../../migrations/0017_slice_steps.sql"),
    ),
    (
        "0018_recompute_attempts",
        include_str!("../../../migrations/0018_recompute_attempts.sql"),
    ),
    (
        "0019_gateway_streams",
        include_str!("../../../migrations/0019_gateway_streams.sql"),
    ),
];

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The file was applied with another text than this version knows.
    #[error("migration {0} was changed after it had been applied")]
    Changed(String),
    /// A newer version of the server has been here.
    #[error("the database knows migration {0}, this version does not")]
    Newer(String),
}

/// Where nothing is missing, nothing is locked: a command beside a busy console does not wait for
/// it.
pub(crate) async fn run(db: &SqlitePool) -> Result<(), MigrateError> {
    let mut connection = db.acquire().await.map_err(fault)?;
    let is_there = connection
        .fetch_optional("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'")
        .await
        .map_err(fault)?;
    if is_there.is_some() && applied(&mut connection).await? == FILES.len() {
        return Ok(());
    }
    drop(connection);
    let mut transaction = db.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    transaction
        .execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations \
             (name TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL)",
        )
        .await
        .map_err(fault)?;
    let applied = applied(&mut transaction).await?;
    for (name, text) in FILES.iter().skip(applied) {
        sqlx::raw_sql(*text)
            .execute(&mut *transaction)
            .await
            .map_err(fault)?;
        sqlx::query("INSERT INTO schema_migrations (name, sha256) VALUES (?1, ?2)")
            .bind(*name)
            .bind(sha256(text))
            .execute(&mut *transaction)
            .await
            .map_err(fault)?;
    }
    transaction.commit().await.map_err(fault)
}

/// How many have been applied; each as this version knows it.
async fn applied(connection: &mut SqliteConnection) -> Result<usize, MigrateError> {
    let applied = connection
        .fetch_all("SELECT name, sha256 FROM schema_migrations ORDER BY name")
        .await
        .map_err(fault)?;
    for row in &applied {
        let (name, digest): (String, String) = (row.get(0), row.get(1));
        match FILES.iter().find(|(known, _)| *known == name) {
            Some((_, text)) if sha256(text) == digest => {}
            Some(_) => return Err(MigrateError::Changed(name)),
            None => return Err(MigrateError::Newer(name)),
        }
    }
    Ok(applied.len())
}

fn fault(error: sqlx::Error) -> MigrateError {
    MigrateError::Database(error::of(error))
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

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
    (
        "0020_unit_numbers",
        include_str!("../../../migrations/0020_unit_numbers.sql"),
    ),
    (
        "0021_converted",
        include_str!("../../../migrations/0021_converted.sql"),
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
    apply(db, FILES).await
}

async fn apply(
    db: &SqlitePool,
    files: &[(&'static str, &'static str)],
) -> Result<(), MigrateError> {
    let mut connection = db.acquire().await.map_err(fault)?;
    let is_there = connection
        .fetch_optional("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'")
        .await
        .map_err(fault)?;
    if is_there.is_some() && applied(&mut connection).await? == files.len() {
        return Ok(());
    }
    drop(connection);
    // What a file moves from table to table may be more than fits into memory.
    db.execute("PRAGMA temp_store = FILE")
        .await
        .map_err(fault)?;
    let done = apply_missing(db, files).await;
    db.execute("PRAGMA temp_store = MEMORY")
        .await
        .map_err(fault)?;
    done
}

async fn apply_missing(
    db: &SqlitePool,
    files: &[(&'static str, &'static str)],
) -> Result<(), MigrateError> {
    let mut transaction = db.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    transaction
        .execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations \
             (name TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL)",
        )
        .await
        .map_err(fault)?;
    let applied = applied(&mut transaction).await?;
    for (name, text) in files.iter().skip(applied) {
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

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqlitePoolOptions;

    use super::*;

    const OLDER: &str = "
        INSERT INTO ingest_events (id, at_ms) VALUES ('e', 5);
        INSERT INTO units VALUES ('b', 'x', 'control', 5, 0, 1, 'DE', 'phone', 'firefox');
        INSERT INTO units VALUES ('a', 'x', 'treatment', 6, 1, 0, NULL, NULL, NULL);
        INSERT INTO units VALUES ('a', 'y', 'control', 7, 0, 0, NULL, NULL, NULL);
        INSERT INTO unit_conversions VALUES ('c', 'signup', 'production', 8);
        INSERT INTO metric_events VALUES ('b', 'revenue', 'production', 'e', 9, 1500);
        INSERT INTO unit_metrics VALUES ('b', 'x', 'revenue', 1, 1500, 2, 3, 4, 5, 6, 7);
        INSERT INTO unit_values VALUES ('b', 'x', 'wait', '[]');
        INSERT INTO unit_waits VALUES ('a', 'y', 1);
        INSERT INTO unit_days VALUES ('d', 'revenue', 'production', 20000, 3, 4500);";

    /// Of a table: its rows with their units' names, before and after.
    macro_rules! kept {
        ($table:literal: $($column:literal)+) => {
            [
                concat!(
                    "SELECT '[' || quote(unit)",
                    $(" || ',' || quote(", $column, ")",)+
                    " || ']' FROM ",
                    $table
                ),
                concat!(
                    "SELECT '[' || quote((SELECT n.unit FROM unit_numbers n \
                     WHERE n.number = t.number))",
                    $(" || ',' || quote(", $column, ")",)+
                    " || ']' FROM ",
                    $table,
                    " t"
                ),
            ]
        };
    }

    const KEPT: [[&str; 2]; 7] = [
        kept!("units": "experiment_id" "variant" "exposed_ms" "errored" "converted" "country"
            "device" "browser"),
        kept!("unit_conversions": "metric" "environment" "at_ms"),
        kept!("metric_events": "metric" "environment" "id" "at_ms" "value_milli"),
        kept!("unit_metrics": "experiment_id" "metric" "events" "total_milli" "base_events"
            "base_milli" "pre_events" "pre_milli" "pre_base_events" "pre_base_milli"),
        kept!("unit_values": "experiment_id" "metric" "bins"),
        kept!("unit_waits": "experiment_id" "slow"),
        kept!("unit_days": "metric" "environment" "day" "events" "total_milli"),
    ];

    #[tokio::test]
    async fn what_an_older_version_kept_of_units_stays_theirs() {
        let memory = SqlitePoolOptions::new().max_connections(1);
        let db = memory.connect("sqlite::memory:").await.unwrap();
        let numbering = FILES
            .iter()
            .position(|(name, _)| *name == "0020_unit_numbers");
        let older = &FILES[..numbering.unwrap()];
        apply(&db, older).await.unwrap();
        sqlx::raw_sql(OLDER).execute(&db).await.unwrap();
        let mut before = Vec::new();
        for [sql, _] in KEPT {
            before.push(rows(&db, sql).await);
        }
        run(&db).await.unwrap();
        for ([_, sql], before) in KEPT.into_iter().zip(before) {
            assert!(!before.is_empty());
            assert_eq!(rows(&db, sql).await, before);
        }
        let given = "SELECT unit || number || (SELECT units FROM ingest_head) FROM unit_numbers";
        assert_eq!(rows(&db, given).await, ["a14", "b24", "c34", "d44"]);
        // What the version before would write is refused.
        let old = "INSERT INTO unit_waits (unit, experiment_id, slow) VALUES ('z', 'x', 0)";
        assert!(sqlx::raw_sql(old).execute(&db).await.is_err());
    }

    #[tokio::test]
    async fn who_had_converted_before_it_was_kept_by_exposure_has_had_their_time() {
        let memory = SqlitePoolOptions::new().max_connections(1);
        let db = memory.connect("sqlite::memory:").await.unwrap();
        let by_exposure = FILES.iter().position(|(name, _)| *name == "0021_converted");
        apply(&db, &FILES[..by_exposure.unwrap()]).await.unwrap();
        let older = "
            INSERT INTO variant_stats (experiment_id, variant, exposures, conversions,
                errored_users, conflicts, guardrail_log_e)
            VALUES ('x', 'a', 9, 4, 0, 0, 0), ('x', 'b', 8, 3, 0, 0, 0), ('y', 'a', 7, 2, 0, 0, 0);
            INSERT INTO variant_series (experiment_id, bucket_ms, variant, exposures, conversions)
            VALUES ('x', 10, 'a', 5, 0), ('x', 20, 'a', 4, 4), ('x', 20, 'b', 8, 3),
                ('y', 30, 'a', 7, 2), ('gone', 10, 'a', 1, 1)";
        sqlx::raw_sql(older).execute(&db).await.unwrap();
        run(&db).await.unwrap();
        let kept = "SELECT experiment_id || bucket_ms || variant || converted FROM variant_series";
        let expected = ["gone10a0", "x10a4", "x20a0", "x20b3", "y30a2"];
        assert_eq!(rows(&db, kept).await, expected);
    }

    async fn rows(db: &SqlitePool, sql: &'static str) -> Vec<String> {
        let found = sqlx::raw_sql(sql).fetch_all(db).await.unwrap();
        let mut found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
        found.sort();
        found
    }
}

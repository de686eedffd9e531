//! What every adapter of the database must do: run over SQLite and over D1.

use std::sync::Arc;

use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::experiment::Command;
use nexus_domain::flag::FlagCommand;

use super::{TestConsole, batch, conversion, draft, flag_draft, request};
use crate::ingest::{SampledVisitor, Samples};
use crate::ports::{Database, DatabaseError, Statement, Value};
use crate::sql::sql;

type Outcome = Result<(), String>;

/// Runs on an empty, migrated database and leaves rows behind.
///
/// # Errors
/// What the adapter does wrong, in words.
pub async fn database_suite(db: Arc<dyn Database>) -> Outcome {
    values(&*db).await?;
    batches(&*db).await?;
    constraints(&*db).await?;
    shared_sql(&*db).await?;
    the_console(db.clone()).await?;
    flags(db.clone()).await?;
    samples(db).await
}

/// Visitors are kept, found again, and cut where there are too many.
async fn samples(db: Arc<dyn Database>) -> Outcome {
    let t = TestConsole::new(db, 3);
    let said = |e: crate::Error| e.to_string();
    for first in (0..2_400).step_by(400) {
        let visitor = |n| SampledVisitor {
            unit: format!("visitor-{n}"),
            country: Some("JP".to_owned()),
            device: "mobile".to_owned(),
            attributes: [("plan".to_owned(), "pro".to_owned())].into(),
        };
        let mut sent = batch(vec![]);
        sent.samples = Some(Samples {
            at_ms: t.console.now_ms(),
            below: nexus_flags::RANKS,
            visitors: (first..first + 400).map(visitor).collect(),
        });
        t.console.ingest(&t.gateway(), sent).await.map_err(said)?;
    }
    let asked = draft("sampled");
    let owner = t.person(Role::Owner);
    let estimate = t
        .console
        .estimate_experiment(&owner, &asked)
        .await
        .map_err(said)?;
    let all = estimate.window.all;
    check(
        all.sampled == 2_000,
        "the visitors of the smallest ranks are kept",
    )?;
    check(
        all.visitors.abs_diff(2_400) < 110,
        "the end of the sample says how many there are",
    )
}

fn check(holds: bool, what: &str) -> Outcome {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

async fn query(db: &dyn Database, statement: Statement) -> Result<Vec<Vec<Value>>, String> {
    db.query(statement).await.map_err(|e| e.to_string())
}

fn as_number(value: Option<&Value>) -> Option<f64> {
    match value {
        Some(Value::Integer(number)) => Some(*number as f64),
        Some(Value::Real(number)) => Some(*number),
        _ => None,
    }
}

async fn values(db: &dyn Database) -> Outcome {
    let text = "naïve 日本 '\"; \u{1f980}";
    let row = query(
        db,
        sql!(
            "SELECT ?1, ?2, ?3, ?4",
            text,
            9_007_199_254_740_991_i64,
            1.5,
            None::<i64>
        ),
    )
    .await?;
    let row = row.first().ok_or("a select of constants gave no row")?;
    check(
        row.first() == Some(&Value::Text(text.to_owned())),
        "text must come back as it was",
    )?;
    check(
        as_number(row.get(1)) == Some(9_007_199_254_740_991.0),
        "integers up to 2^53 must be exact",
    )?;
    check(as_number(row.get(2)) == Some(1.5), "reals must be exact")?;
    check(
        row.get(3) == Some(&Value::Null),
        "null must come back as null",
    )?;
    let none = query(
        db,
        sql!("SELECT value FROM meta WHERE key = ?1", "no such key"),
    )
    .await?;
    check(none.is_empty(), "no row must be no row")
}

fn put(key: &str, value: &str) -> Statement {
    sql!("INSERT INTO meta (key, value) VALUES (?1, ?2)", key, value)
}

async fn count(db: &dyn Database, pattern: &str) -> Result<f64, String> {
    let rows = query(
        db,
        sql!(
            "SELECT COUNT(*) FROM meta WHERE key LIKE ?1 ESCAPE '\\'",
            pattern
        ),
    )
    .await?;
    as_number(rows.first().and_then(|r| r.first())).ok_or_else(|| "COUNT gave no number".to_owned())
}

async fn batches(db: &dyn Database) -> Outcome {
    let changed = db
        .batch(vec![
            put("suite_a", "1"),
            put("suite_b", "1"),
            sql!(
                "UPDATE meta SET value = '2' WHERE key LIKE ?1 ESCAPE '\\'",
                "suite\\_%"
            ),
            sql!("DELETE FROM meta WHERE key = ?1", "no such key"),
        ])
        .await
        .map_err(|e| e.to_string())?;
    check(
        changed == [1, 1, 2, 0],
        &format!("rows changed must be 1, 1, 2, 0, not {changed:?}"),
    )?;
    check(
        db.batch(Vec::new()).await.is_ok_and(|c| c.is_empty()),
        "an empty batch is fine",
    )?;
    check(
        count(db, "suite\\_%").await? == 2.0,
        "both rows must be there",
    )
}

async fn constraints(db: &dyn Database) -> Outcome {
    let refused = |done: Result<Vec<u64>, DatabaseError>, what: &str| match done {
        Err(DatabaseError::Constraint(_)) => Ok(()),
        other => Err(format!("{what} must be a constraint error, not {other:?}")),
    };
    let twice = vec![put("suite_c", "1"), put("suite_a", "1")];
    refused(db.batch(twice).await, "a taken primary key")?;
    check(
        count(db, "suite\\_c").await? == 0.0,
        "a refused batch must leave nothing",
    )?;
    let check_fails = vec![
        put("suite_d", "1"),
        sql!("UPDATE leases SET epoch = -1 WHERE name = 'controllers'"),
    ];
    refused(db.batch(check_fails).await, "a check")?;
    check(
        count(db, "suite\\_d").await? == 0.0,
        "a failed check must take the batch back",
    )?;
    let null = vec![sql!(
        "INSERT INTO meta (key, value) VALUES (?1, ?2)",
        "suite_e",
        None::<&str>
    )];
    refused(db.batch(null).await, "a null where none may be")?;
    let orphan = vec![sql!(
        "INSERT INTO intent_outcomes (intent_id, outcome, epoch, at_ms) VALUES ('none', '', 0, 0)"
    )];
    refused(db.batch(orphan).await, "a foreign key to nothing")
}

async fn shared_sql(db: &dyn Database) -> Outcome {
    let upsert = || {
        sql!(
            "INSERT INTO traffic (environment, bucket_ms, requests, errors) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (environment, bucket_ms) DO UPDATE SET \
             requests = traffic.requests + excluded.requests",
            "suite",
            10_i64,
            5_i64,
            0_i64
        )
    };
    db.batch(vec![upsert(), upsert()])
        .await
        .map_err(|e| e.to_string())?;
    let rows = query(
        db,
        sql!(
            "SELECT requests FROM traffic WHERE environment = ?1",
            "suite"
        ),
    )
    .await?;
    check(
        as_number(rows.first().and_then(|r| r.first())) == Some(10.0),
        "an upsert must add up",
    )?;
    let rows = query(
        db,
        sql!("SELECT 1 WHERE ?1 LIKE ?2 ESCAPE '\\'", "50x", "50\\%"),
    )
    .await?;
    check(rows.is_empty(), "an escaped wildcard must stand for itself")
}

/// The use cases themselves, end to end.
async fn the_console(db: Arc<dyn Database>) -> Outcome {
    let t = TestConsole::new(db.clone(), 1);
    let other = t.beside(db, 2);
    let owner = t.person(Role::Owner);
    let said = |e: crate::Error| format!("{e}: {:?}", std::error::Error::source(&e));
    let made = t
        .console
        .create_experiment(&owner, draft("suite"))
        .await
        .map_err(said)?;
    let started = other
        .console
        .command_experiment(&owner, "suite", Some(made.version), Command::Start)
        .await
        .map_err(said)?;
    let stale = t
        .console
        .command_experiment(&owner, "suite", Some(made.version), Command::Pause)
        .await;
    check(
        matches!(
            stale,
            Err(crate::Error::Conflict {
                expected: 1,
                actual: 2
            })
        ),
        "a stale version must be a conflict",
    )?;
    let ticks = t.ticks("suite", 2).await.map_err(said)?;
    check(ticks.published == 1, "the snapshot must be published once")?;
    let at_ms = t.console.now_ms();
    let events: Vec<_> = (0..100)
        .map(|n| {
            let variant = if n % 2 == 0 { "control" } else { "treatment" };
            request(n, at_ms, &format!("u{n}"), "suite", variant, 200)
        })
        .chain([conversion(1_000, at_ms + 1, "u3", "conversion")])
        .collect();
    let gateway = t.gateway();
    let first = t
        .console
        .ingest(&gateway, batch(events.clone()))
        .await
        .map_err(said)?;
    let again = other
        .console
        .ingest(&gateway, batch(events))
        .await
        .map_err(said)?;
    check(
        (first.accepted, again.duplicate) == (101, 101),
        "events must count once",
    )?;
    let detail = t.console.experiment(&owner, "suite").await.map_err(said)?;
    let exposures: Vec<u64> = detail
        .results
        .variants
        .iter()
        .map(|v| v.exposures)
        .collect();
    check(
        exposures == [50, 50],
        "exposures must be counted per variant",
    )?;
    check(
        detail
            .results
            .variants
            .get(1)
            .is_some_and(|v| v.conversions == 1),
        "the conversion must be counted",
    )?;
    check(
        detail.experiment.version == started.version,
        "reads must see the newest version",
    )?;
    t.console.overview(&owner).await.map_err(said)?;
    t.console
        .experiments(&owner, &crate::views::ExperimentQuery::default())
        .await
        .map_err(said)?;
    let log = t
        .console
        .audit(&owner, &crate::views::AuditQuery::default())
        .await
        .map_err(said)?;
    check(log.total == 2, "two commands must have two entries")?;
    check(
        t.console.audit_verify(&owner).await.map_err(said)?.ok,
        "the log must verify",
    )
}

/// Flags with their own tables.
async fn flags(db: Arc<dyn Database>) -> Outcome {
    let t = TestConsole::new(db, 3);
    let owner = t.person(Role::Owner);
    let said = |e: crate::Error| format!("{e}: {:?}", std::error::Error::source(&e));
    let (production, staging) = (Environment::Production, Environment::Staging);
    let made = t.console.create_flag(&owner, flag_draft("suite")).await;
    let version = Some(made.map_err(said)?.version);
    let command = |version, command| {
        t.console
            .command_flag(&owner, production, "suite", version, command, "")
    };
    let on = command(version, FlagCommand::Enable).await.map_err(said)?;
    let stale = command(version, FlagCommand::Disable).await;
    check(
        matches!(stale, Err(crate::Error::Conflict { .. })),
        "a stale version of a flag must be a conflict",
    )?;
    let copy = crate::FlagCopy {
        key: "suite",
        from: production,
        to: staging,
        version: None,
    };
    t.console.copy_flag(&owner, copy).await.map_err(said)?;
    let query = crate::views::FlagQuery {
        q: "SUITE".to_owned(),
        ..Default::default()
    };
    let list = t.console.flags(&owner, &query).await.map_err(said)?;
    check(
        (list.total, list.items.len()) == (2, 2),
        "both flags must be listed",
    )?;
    let revisions = t.console.flag_revisions(&owner, production, "suite").await;
    let revisions = revisions.map_err(said)?.revisions;
    let known: Vec<u64> = revisions.iter().map(|r| r.flag.version).collect();
    check(
        known == [on.version, 1],
        "every state of a flag must be kept",
    )?;
    let hits = t.console.search(&owner, "suite").await.map_err(said)?;
    check(hits.len() == 3, "flags must be found beside experiments")
}

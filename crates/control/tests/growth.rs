//! A database grown by SQL (`cargo xtask measure results`) is the one that as many people had
//! left by events; and what a page of results reads does not grow with them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::anew::unnumbered;
use common::{run, sqlite};
use nexus_control::ports::{Database, Statement, Value};
use nexus_control::testing::{
    Asked, Course, TestConsole, Watched, batch, conversion, grow, rows_of_people,
};
use nexus_domain::access::Role;
use nexus_domain::experiment::Dimension;
use tempfile::TempDir;

const FEW: Course = Course {
    people: 400,
    twins: 0,
    days: 4,
};
const COPIES: u64 = 3;

struct Played {
    t: TestConsole,
    db: Arc<Watched>,
    _dir: TempDir,
}

async fn played(course: Course) -> Played {
    let (dir, db) = sqlite().await;
    let db = Arc::new(Watched::new(db));
    let t = TestConsole::new(db.clone(), 1);
    let owner = t.person(Role::Owner);
    course.play(&t, &owner, "a").await.unwrap();
    Played { t, db, _dir: dir }
}

/// Rows by table, sorted.
type Tables = BTreeMap<String, Vec<String>>;

/// What people leave; not the diary of the console itself, ids of events, and maxima that
/// controllers keep.
async fn tables(db: &dyn Database) -> Tables {
    const DIARY: [&str; 15] = [
        "audit_checkpoints",
        "audit_entries",
        "audit_nodes",
        "experiment_revisions",
        "gateways",
        "ingest_head",
        "intent_outcomes",
        "intents",
        "leases",
        "meta",
        "pending_actions",
        "schema_migrations",
        "sessions",
        "snapshots",
        "step_up_used",
    ];
    let columns = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                   WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid";
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in db.query(Statement::new(columns, [])).await.unwrap() {
        let [Value::Text(table), Value::Text(column)] = &row[..] else {
            panic!("{row:?}");
        };
        let is_id = column == "id" && (table == "ingest_events" || table == "metric_events");
        if !DIARY.contains(&table.as_str()) && !is_id && !column.ends_with("log_e") {
            all.entry(table.clone()).or_default().push(column.clone());
        }
    }
    let mut tables = Tables::new();
    for (table, mut columns) in all {
        unnumbered(&table, &mut columns);
        // Names out of the schema itself.
        let sql = ["SELECT", &columns.join(", "), "FROM", &table].join(" ");
        let rows = db.query(Statement::new(sql.leak(), [])).await.unwrap();
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        tables.insert(table, rows);
    }
    tables
}

/// Not grown, because a course leaves nothing there: it has no looks, no ramp, no flags, no
/// people of the console and no sampled visitors. A new table belongs here or into
/// `testing/growth.rs`.
const NOT_MET: [&str; 25] = [
    "api_tokens",
    "code_references",
    "code_scans",
    "comments",
    "environment_rules",
    "flag_counts",
    "flag_revisions",
    "flag_values",
    "flags",
    "holdouts",
    "look_counts",
    "look_distributions",
    "look_metrics",
    "look_plans",
    "members",
    "qa_links",
    "raw_events",
    "recomputations",
    "sample_limits",
    "saved_group_revisions",
    "saved_groups",
    "sdk_keys",
    "slice_steps",
    "templates",
    "traffic_samples",
];

#[test]
fn a_grown_database_is_as_if_everybody_had_come() {
    run(async {
        let grown = played(FEW).await;
        grow(&*grown.db, COPIES).await.unwrap();
        let counted = played(Course {
            twins: COPIES,
            ..FEW
        })
        .await;
        let (grown, counted) = (tables(&*grown.db).await, tables(&*counted.db).await);
        let empty = counted.iter().filter(|(_, rows)| rows.is_empty());
        let empty: BTreeSet<&str> = empty.map(|(table, _)| table.as_str()).collect();
        assert_eq!(empty, BTreeSet::from(NOT_MET), "tables that a course fills");
        for (table, rows) in &counted {
            similar(table, &grown[table], rows);
        }
    });
}

fn similar(table: &str, grown: &[String], counted: &[String]) {
    // What a quantile was at a time is left as it was.
    let is_compared = table != "quantile_series";
    for (one, other) in grown.iter().zip(counted).filter(|_| is_compared) {
        assert_eq!(one, other, "{table}");
    }
    assert_eq!(grown.len(), counted.len(), "{table}");
}

#[test]
fn whoever_was_made_by_growing_goes_on_as_a_user() {
    run(async {
        let grown = played(FEW).await;
        grow(&*grown.db, COPIES).await.unwrap();
        let (t, owner) = (&grown.t, grown.t.person(Role::Owner));
        let sql = "SELECT n.unit FROM units u JOIN unit_numbers n ON n.number = u.number \
                   WHERE u.converted = 0 AND n.unit LIKE '%.2' LIMIT 1";
        let rows = grown.db.query(Statement::new(sql, [])).await.unwrap();
        let [[Value::Text(unit)]] = [&rows[0][..]] else {
            panic!("{rows:?}");
        };
        let sum = |detail: &nexus_control::views::ExperimentDetail| {
            let variants = detail.results.variants.iter();
            variants.map(|v| v.conversions).sum::<u64>()
        };
        let before = t.console.experiment(&owner, "a").await.unwrap();
        let event = conversion(u64::MAX, t.console.now_ms(), unit, "signup");
        let reply = t.console.ingest(&t.gateway(), batch(vec![event])).await;
        assert_eq!(reply.unwrap().accepted, 1);
        let after = t.console.experiment(&owner, "a").await.unwrap();
        assert_eq!(sum(&after), sum(&before) + 1);
    });
}

/// Tables with rows of people and events.
const OF_PEOPLE: [&str; 9] = [
    "ingest_events",
    "metric_events",
    "unit_conversions",
    "unit_days",
    "unit_metrics",
    "unit_numbers",
    "unit_values",
    "unit_waits",
    "units",
];

#[test]
fn a_page_of_results_reads_as_much_of_many_people_as_of_few() {
    run(async {
        let played = played(FEW).await;
        let few = reads(&played).await;
        let rows = rows_of_people(&*played.db).await.unwrap();
        grow(&*played.db, COPIES).await.unwrap();
        let many = rows_of_people(&*played.db).await.unwrap();
        assert_eq!(many, rows * (COPIES + 1));
        assert_eq!(reads(&played).await, few);
        for asked in few {
            let words: Vec<&str> = asked.sql.split_whitespace().collect();
            let mut pairs = words.windows(2);
            let of_people = pairs
                .any(|pair| ["FROM", "JOIN"].contains(&pair[0]) && OF_PEOPLE.contains(&pair[1]));
            assert!(!of_people, "{}", asked.sql);
        }
    });
}

/// Of the experiment's page and of every metric's.
async fn reads(played: &Played) -> Vec<Asked> {
    let owner = played.t.person(Role::Owner);
    let _before = played.db.asked();
    let console = &played.t.console;
    let detail = console.experiment(&owner, "a").await.unwrap();
    for metric in &detail.experiment.metrics {
        let key = Some(metric.key.as_str());
        for by in Dimension::ALL {
            console.metric(&owner, "a", key, by).await.unwrap();
        }
    }
    console
        .metric(&owner, "a", None, Dimension::Country)
        .await
        .unwrap();
    played.db.asked()
}

//! Raw events, and what is counted of the experiment `a`.

use std::collections::BTreeMap;

use nexus_control::ports::{Database, Row, Statement, Value};
use nexus_control::testing::TestConsole;
use nexus_control::views::{Recomputable, RecomputeStatus};
use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::environment::EnvironmentRules;

use super::World;

pub(crate) async fn keep(t: &TestConsole, raw_days: u16) {
    let rules = EnvironmentRules {
        environment: Environment::Production,
        review: false,
        raw_days,
    };
    let admin = t.person(Role::SecurityAdmin);
    t.console
        .set_environment_rules(&admin, rules)
        .await
        .unwrap();
}

pub(crate) async fn state(t: &TestConsole) -> Recomputable {
    let viewer = t.person(Role::Viewer);
    t.console.recomputable(&viewer, "a").await.unwrap()
}

pub(crate) async fn status(t: &TestConsole) -> RecomputeStatus {
    state(t).await.newest.unwrap().status
}

pub(crate) async fn text(db: &dyn Database, sql: &'static str) -> Vec<String> {
    let rows = db.query(Statement::new(sql, [])).await.unwrap();
    let one = |row: Row| match row.into_iter().next().unwrap() {
        Value::Text(text) => text,
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(one).collect()
}

pub(crate) async fn number(db: &dyn Database, sql: &'static str) -> i64 {
    let rows = db.query(Statement::new(sql, [])).await.unwrap();
    match rows[0][0] {
        Value::Integer(number) => number,
        ref other => panic!("{other:?}"),
    }
}

/// Everything that is counted of the experiment, by table; rows of units under the name that
/// they have by now.
pub(crate) async fn counts(db: &dyn Database) -> BTreeMap<String, Vec<String>> {
    const OF_UNITS: [&str; 4] = ["units", "unit_metrics", "unit_values", "unit_waits"];
    let units = text(
        db,
        "SELECT name FROM recomputations WHERE experiment_id = 'a' AND holds_units = 1",
    )
    .await;
    let units = units.first().map_or("a", String::as_str);
    let columns = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                   WHERE m.type = 'table' ORDER BY m.name, c.cid";
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in db.query(Statement::new(columns, [])).await.unwrap() {
        let [Value::Text(table), Value::Text(column)] = &row[..] else {
            panic!("{row:?}");
        };
        tables
            .entry(table.clone())
            .or_default()
            .push(column.clone());
    }
    tables.retain(|table, columns| {
        let diary = ["experiment_revisions", "recomputations"].contains(&table.as_str());
        columns.contains(&"experiment_id".to_owned()) && !diary
    });
    let mut all = BTreeMap::new();
    for (table, mut columns) in tables {
        columns.retain(|column| column != "experiment_id");
        unnumbered(&table, &mut columns);
        let name = if OF_UNITS.contains(&table.as_str()) {
            units
        } else {
            "a"
        };
        // Names out of the schema itself.
        let columns = columns.join(", ");
        let sql = [
            "SELECT",
            &columns,
            "FROM",
            &table,
            "WHERE experiment_id = ?1",
        ]
        .join(" ");
        let rows = db.query(Statement::new(sql.leak(), [name.into()]));
        let mut rows: Vec<String> = rows
            .await
            .unwrap()
            .iter()
            .map(|r| format!("{r:?}"))
            .collect();
        rows.sort();
        all.insert(table, rows);
    }
    all
}

/// Units by name, whatever numbers they were given.
pub(crate) fn unnumbered(table: &str, columns: &mut [String]) {
    for column in columns.iter_mut().filter(|column| *column == "number") {
        *column = format!("(SELECT n.unit FROM unit_numbers n WHERE n.number = {table}.number)");
    }
}

/// Rows of sums under names of re-computations.
pub(crate) async fn leftovers(db: &dyn Database) -> i64 {
    let sql = "SELECT (SELECT COUNT(*) FROM variant_stats WHERE experiment_id LIKE 'recount:%') \
               + (SELECT COUNT(*) FROM metric_stats WHERE experiment_id LIKE 'recount:%') \
               + (SELECT COUNT(*) FROM experiment_metrics WHERE experiment_id LIKE 'recount:%') \
               + (SELECT COUNT(*) FROM look_counts WHERE experiment_id LIKE 'recount:%')";
    number(db, sql).await
}

pub(crate) async fn actions(w: &World) -> Vec<(String, Option<String>)> {
    let log = w.t.console.audit(&w.owner, &Default::default()).await;
    let entries = log.unwrap().items.into_iter().map(|row| row.entry);
    let ours = entries.filter(|e| e.action.contains("recompute"));
    let mut all: Vec<_> = ours.map(|e| (e.action, e.reason)).collect();
    all.reverse();
    all
}

//! Makes the database of a console whose only experiment has run for four weeks and seen about
//! so many events: `course <database> <events>`. Up to a million of them are counted by the
//! console's own code with its clock turned ahead; beyond, what some of them left is multiplied
//! by SQL. Prints what there is as one line of JSON.
//!
//! ```text
//! cargo run --release -p nexus-control --example course -- console.db 100000000
//! ```

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use nexus_control::ports::Clock as _;
use nexus_control::testing::{Course, TestConsole, Watched, grow, rows_of_people};
use nexus_domain::access::Role;
use nexus_domain::experiment::Dimension;
use nexus_sqlite::Sqlite;
use serde_json::{Value, json};

const EXPERIMENT: &str = "course";
const DAYS: i64 = 28;
const DAY_MS: i64 = 86_400_000;
/// What a person does, about.
const EVENTS_PER_PERSON: u64 = 8;
/// More are not counted one by one.
const COUNTED: u64 = 1_000_000;
/// Enough for each bucket of the course and each of its variants.
const MULTIPLIED: u64 = 32_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [database, events] = &std::env::args().skip(1).collect::<Vec<_>>()[..] else {
        return Err("course <database> <events>".into());
    };
    let report = make(Path::new(database), events.parse()?).await?;
    print(&report);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this line is the command's result")]
fn print(report: &Value) {
    println!("{report}");
}

async fn make(path: &Path, events: u64) -> Result<Value, Box<dyn Error>> {
    let sqlite = Arc::new(Sqlite::open_unsynced(path).await?);
    sqlite.migrate().await?;
    let db = Arc::new(Watched::new(sqlite.clone()));
    let t = TestConsole::new(db.clone(), 1);
    t.clock
        .advance(now_ms()? - DAYS * DAY_MS - t.clock.now_ms());
    let owner = t.person(Role::Owner);
    let is_counted = events <= COUNTED;
    let course = Course {
        people: if is_counted {
            (events / EVENTS_PER_PERSON).next_multiple_of(4)
        } else {
            MULTIPLIED
        },
        twins: 0,
        days: DAYS,
    };
    let counted = course.play(&t, &owner, EXPERIMENT).await?;
    let copies = if is_counted {
        0
    } else {
        events.div_ceil(counted) - 1
    };
    grow(&*db, copies).await?;
    let times = copies + 1;
    let _before = db.asked();
    t.console.experiment(&owner, EXPERIMENT).await?;
    let page = asked(&db);
    t.console
        .metric(&owner, EXPERIMENT, Some("spent"), Dimension::Country)
        .await?;
    let metric = asked(&db);
    let report = json!({
        "experiment": EXPERIMENT,
        "counted_events": counted,
        "events": counted * times,
        "users": course.people * times,
        "rows_of_people": rows_of_people(&*db).await?,
        "page": page,
        "metric_page": metric,
    });
    sqlite.close().await;
    Ok(report)
}

/// Questions to the database and rows of the answers, since it was asked last.
fn asked(db: &Watched) -> Value {
    let asked = db.asked();
    let rows: usize = asked.iter().map(|asked| asked.rows).sum();
    json!({ "questions": asked.len(), "rows": rows })
}

#[expect(clippy::disallowed_methods, reason = "a course ends now")]
fn now_ms() -> Result<i64, Box<dyn Error>> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(i64::try_from(since.as_millis())?)
}

//! Makes the database of a console whose only experiment has run for four weeks and seen about
//! so many events: `course <database> <events> [raw]`. Up to a million of them are counted by the
//! console's own code with its clock turned ahead; beyond, what some of them left is multiplied
//! by SQL. Prints what there is as one line of JSON. With `raw`, raw events are kept too, under
//! ids as gateways and browsers make them, of which no two are alike: it is them that take room.
//!
//! ```text
//! cargo run --release -p nexus-control --example course -- console.db 100000000
//! ```

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use nexus_control::ingest::IngestEvent;
use nexus_control::ports::{Clock as _, Database as _, Statement, Value as Cell};
use nexus_control::testing::{Course, SeededRandom, TestConsole, Watched, grow, rows_of_people};
use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::environment::EnvironmentRules;
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
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (database, events, keeps_raw) = match args[..] {
        [database, events] => (database, events, false),
        [database, events, "raw"] => (database, events, true),
        _ => return Err("course <database> <events> [raw]".into()),
    };
    let report = make(Path::new(database), events.parse()?, keeps_raw).await?;
    print(&report);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this line is the command's result")]
fn print(report: &Value) {
    println!("{report}");
}

async fn make(path: &Path, events: u64, keeps_raw: bool) -> Result<Value, Box<dyn Error>> {
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
    let counted = if keeps_raw {
        let rules = EnvironmentRules {
            environment: Environment::Production,
            review: false,
            raw_days: 90,
        };
        t.console.set_environment_rules(&owner, rules).await?;
        let random = SeededRandom::new(2);
        let named = |event: &mut IngestEvent| rename(event, &random);
        course.play_as(&t, &owner, EXPERIMENT, named).await?
    } else {
        course.play(&t, &owner, EXPERIMENT).await?
    };
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
        "raw": raw(&db).await?,
    });
    sqlite.close().await;
    Ok(report)
}

/// An event's id as a gateway makes it (UUIDv7), a user's as a browser does (UUIDv4).
fn rename(event: &mut IngestEvent, random: &SeededRandom) {
    let (id, unit, at_ms) = match event {
        IngestEvent::Request(e) => (&mut e.id, &mut e.unit, e.at_ms),
        IngestEvent::Conversion(e) => (&mut e.id, &mut e.unit, e.at_ms),
        IngestEvent::Repeats(_) => return,
    };
    *id = uuid(&format!("{at_ms:012x}"), 7, random);
    let of_user = u64::from_str_radix(unit, 16).unwrap_or_default();
    *unit = uuid("", 4, &SeededRandom::new(of_user));
}

fn uuid(head: &str, version: u64, random: &SeededRandom) -> String {
    let mut hex = format!("{head}{:016x}{:016x}", random.number(), random.number());
    hex.replace_range(12..13, &version.to_string());
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..32]
    )
}

/// What raw events take; null where none are kept.
async fn raw(db: &Watched) -> Result<Value, Box<dyn Error>> {
    let sql = "SELECT COUNT(*), SUM(events), SUM(LENGTH(block)) FROM raw_events WHERE events > 0";
    let rows = db.query(Statement::new(sql, [])).await?;
    Ok(match rows.first().map(Vec::as_slice) {
        Some(
            [
                Cell::Integer(blocks),
                Cell::Integer(events),
                Cell::Integer(bytes),
            ],
        ) => {
            json!({ "blocks": blocks, "events": events, "bytes": bytes })
        }
        _ => Value::Null,
    })
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

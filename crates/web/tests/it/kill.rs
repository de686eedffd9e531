//! The console is killed while SDKs report events to it: what it has answered for is counted,
//! and whatever is sent again counts once.
//!
//! The victim is this very test binary, run again with `NEXUS_KILL_DIR` set. What was accepted
//! it writes to `acknowledged`, like a service that forgets what it need not send again.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::time::Duration;

use axum::Router;
use http::{Method, StatusCode};
use nexus_control::ports::{Database as _, Statement, Value as Cell};
use nexus_control::testing::{draft, sdk_key_draft};
use nexus_domain::access::Role;
use nexus_domain::experiment::Command;
use nexus_web::sdk::{Options, Sdk};
use serde_json::json;

use crate::world::{World, ask};

/// Users at once.
const AT_ONCE: u64 = 8;

fn pages(world: &World) -> Router {
    let options = Options {
        rate: 0,
        max_streams: 0,
        sleep: None,
        behind_cloudflare: false,
    };
    nexus_web::sdk::router(Sdk::new(&world.web, options))
}

fn ids(n: u64) -> [String; 2] {
    [0, 1].map(|k| format!("01890a5d-ac96-774b-bcce-b3{:010x}", n * 2 + k))
}

/// Reports that a user saw their variant and converted; whether that was accepted.
async fn report(pages: &Router, key: &str, n: u64) -> bool {
    let (headers, unit) = ([("x-api-key", key)], format!("u{n}"));
    let question = json!({"context": {"targetingKey": unit}});
    let flags = "/ofrep/v1/evaluate/flags";
    let all = ask(pages, Method::POST, flags, &headers, Some(question)).await;
    let all = all.json()["flags"].as_array().unwrap().clone();
    let of_experiment = all.into_iter().find(|flag| flag["key"] == "cta");
    let variant = of_experiment.unwrap()["value"].clone();
    let [exposure, conversion] = ids(n);
    let events = json!({"events": [
        {"type": "exposure", "id": exposure, "experiment": "cta", "variant": variant, "unit": unit},
        {"id": conversion, "metric": "conversion", "unit": unit},
    ]});
    let sent = ask(pages, Method::POST, "/events", &headers, Some(events)).await;
    sent.status == StatusCode::OK && sent.json()["accepted"] == 2
}

/// Not a test by itself: what the other one runs and kills.
#[tokio::test(flavor = "multi_thread")]
async fn victim() {
    let Ok(dir) = std::env::var("NEXUS_KILL_DIR") else {
        return;
    };
    let dir = Path::new(&dir);
    let world = World::on(dir, None, 2).await;
    let (pages, key) = (pages(&world), fs::read_to_string(dir.join("key")).unwrap());
    let reporter = async |first: u64| {
        for n in (first..).step_by(AT_ONCE as usize) {
            assert!(report(&pages, &key, n).await, "{n}");
            let acknowledged = dir.join("acknowledged");
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(acknowledged);
            file.unwrap()
                .write_all(format!("{n}\n").as_bytes())
                .unwrap();
        }
    };
    futures::future::join_all((0..AT_ONCE).map(reporter)).await;
}

fn start(dir: &Path) -> Child {
    let mut process = Process::new(std::env::current_exe().unwrap());
    process
        .args(["--exact", "kill::victim", "--test-threads=1"])
        .env("NEXUS_KILL_DIR", dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    process.spawn().unwrap()
}

fn acknowledged(dir: &Path) -> BTreeSet<u64> {
    let text = fs::read_to_string(dir.join("acknowledged")).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

async fn counted(world: &World) -> (u64, u64) {
    let sql = "SELECT SUM(exposures), SUM(conversions) FROM variant_stats";
    let values = Vec::new();
    let rows = world.db.query(Statement { sql, values }).await.unwrap();
    let number = |cell: &Cell| match cell {
        Cell::Integer(number) => u64::try_from(*number).unwrap(),
        other => panic!("{other:?}"),
    };
    (number(&rows[0][0]), number(&rows[0][1]))
}

async fn is_stored(world: &World, id: &str) -> bool {
    let sql = "SELECT id FROM ingest_events WHERE id = ?1 OR id = 'c:' || ?1";
    let values = vec![Cell::Text(id.to_owned())];
    let rows = world.db.query(Statement { sql, values }).await.unwrap();
    !rows.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_survives_a_kill_and_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    {
        let world = World::on(dir, None, 1).await;
        let (console, owner) = (&world.t.console, world.t.person(Role::Owner));
        console
            .create_experiment(&owner, draft("cta"))
            .await
            .unwrap();
        let started = console.command_experiment(&owner, "cta", None, Command::Start);
        started.await.unwrap();
        let mut draft = sdk_key_draft("api");
        draft.kind = nexus_domain::sdk_key::SdkKeyKind::Server;
        draft.origins = Vec::new();
        let key = console.create_sdk_key(&owner, draft).await.unwrap().key;
        fs::write(dir.join("key"), key).unwrap();
    }
    for (life, enough) in [40, 90].into_iter().enumerate() {
        let mut victim = start(dir);
        for _ in 0..600 {
            if acknowledged(dir).len() >= enough {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        let accepted = acknowledged(dir);
        assert!(accepted.len() >= enough, "the victim reports");
        let world = World::on(dir, None, 10 + life as u64).await;
        let (exposures, conversions) = counted(&world).await;
        let least = accepted.len() as u64;
        assert!(
            (least..=least + AT_ONCE).contains(&exposures),
            "{exposures} of {least}"
        );
        assert_eq!(exposures, conversions);
        for id in accepted.iter().flat_map(|n| ids(*n)) {
            assert!(is_stored(&world, &id).await, "{id}");
        }
        let (pages, key) = (pages(&world), fs::read_to_string(dir.join("key")).unwrap());
        for n in &accepted {
            assert!(report(&pages, &key, *n).await, "{n} again");
        }
        assert_eq!(
            counted(&world).await,
            (exposures, conversions),
            "nothing is doubled"
        );
    }
}

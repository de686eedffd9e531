//! A console on a real SQLite file.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]
#![allow(dead_code, reason = "every test file uses a part of it")]

pub(crate) mod anew;
pub(crate) mod log;
pub(crate) mod people;
pub(crate) mod visitors;

use std::collections::BTreeMap;
use std::sync::Arc;

use nexus_control::ingest::IngestEvent;
use nexus_control::ports::Clock as _;
use nexus_control::testing::{Breakable, NOW_MS, TestConsole, batch};
use nexus_domain::access::Role;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Command, Draft, Experiment};
use nexus_sqlite::Sqlite;
use tempfile::TempDir;

pub(crate) const HOUR_MS: i64 = 3_600_000;

pub(crate) struct World {
    pub(crate) t: TestConsole,
    pub(crate) db: Arc<Breakable>,
    pub(crate) owner: Actor,
    _dir: TempDir,
}

pub(crate) async fn sqlite() -> (TempDir, Arc<Sqlite>) {
    let dir = tempfile::tempdir().unwrap();
    let db = Sqlite::open_unsynced(&dir.path().join("console.db"))
        .await
        .unwrap();
    db.migrate().await.unwrap();
    (dir, Arc::new(db))
}

pub(crate) async fn world(seed: u64) -> World {
    let (dir, db) = sqlite().await;
    let db = Arc::new(Breakable::new(db));
    let t = TestConsole::new(db.clone(), seed);
    let owner = t.person(Role::Owner);
    World {
        t,
        db,
        owner,
        _dir: dir,
    }
}

/// An event with the hours after which it arrives.
pub(crate) struct Late {
    pub(crate) event: IngestEvent,
    pub(crate) at_ms: i64,
    pub(crate) hours: i64,
}

impl World {
    pub(crate) async fn started(&self, draft: Draft) -> Experiment {
        let id = draft.id.clone();
        self.t
            .console
            .create_experiment(&self.owner, draft)
            .await
            .unwrap();
        self.t
            .console
            .command_experiment(&self.owner, &id, None, Command::Start)
            .await
            .unwrap()
    }

    pub(crate) async fn stopped(&self, id: &str) {
        let stop = Command::Stop {
            reason: String::new(),
        };
        let console = &self.t.console;
        let stopped = console.command_experiment(&self.owner, id, None, stop);
        stopped.await.unwrap();
    }

    /// Has all events counted in the order of their arrival, hour by hour, and twice; backwards
    /// within each hour if asked, while what is old is removed as in life.
    pub(crate) async fn hears(&self, all: impl Iterator<Item = Late>, backwards: bool) {
        let mut hours: BTreeMap<i64, Vec<IngestEvent>> = BTreeMap::new();
        for late in all {
            let hour = (late.at_ms - NOW_MS) / HOUR_MS + 1 + late.hours;
            hours.entry(hour).or_default().push(late.event);
        }
        for (hour, mut events) in hours {
            let passed_ms = self.t.clock.now_ms() - NOW_MS;
            self.t.clock.advance(hour * HOUR_MS - passed_ms);
            if backwards {
                events.reverse();
                events.push(events[0].clone());
                self.t.ticks("x", 1).await.unwrap();
            }
            let gateway = self.t.gateway();
            for events in [events.clone(), events] {
                let counted = self.t.console.ingest(&gateway, batch(events));
                counted.await.unwrap();
            }
        }
    }

    pub(crate) async fn verifies(&self) -> bool {
        self.t.console.audit_verify(&self.owner).await.unwrap().ok
    }
}

pub(crate) fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

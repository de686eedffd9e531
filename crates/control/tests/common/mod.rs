//! A console on a real SQLite file.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]
#![allow(dead_code, reason = "every test file uses a part of it")]

pub(crate) mod log;
pub(crate) mod people;
pub(crate) mod visitors;

use std::sync::Arc;

use nexus_control::testing::{Breakable, TestConsole};
use nexus_domain::access::Role;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Command, Draft, Experiment};
use nexus_sqlite::Sqlite;
use tempfile::TempDir;

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

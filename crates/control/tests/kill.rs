//! The process is killed at every enumerated point of a story, started again,
//! and left to itself; afterwards nothing is doubled, lost or half done.
//!
//! The victim is this very test binary, run again with `NEXUS_KILL_DIR` set: it
//! works on a SQLite file and a directory that stands for Workers KV. What it
//! has been told was done it writes to `acknowledged`, like a person who saw the
//! page say so.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

#[path = "common/files.rs"]
mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;

use files::{FileClock, Files, append};
use nexus_control::ports::{Clock as _, Database as _, Random, Statement, Value};
use nexus_control::testing::{
    NOW_MS, SeededRandom, batch, conversion, draft, flag_draft, holdout_draft, request,
    saved_group_draft, sdk_key_draft,
};
use nexus_control::views::PendingRequest;
use nexus_control::{Console, Error, KILL_POINTS, Keys, Settings};
use nexus_domain::Environment;
use nexus_domain::access::{Grant, Role, Scope};
use nexus_domain::actor::{Actor, Principal, SignIn};
use nexus_domain::experiment::{Command, Draft, Schedule};
use nexus_domain::flag::FlagCommand;
use nexus_domain::ids::TokenId;
use nexus_domain::sdk_key::{EncryptionChange, SdkKey, SdkKeyEdit};
use nexus_sqlite::Sqlite;

const SIGKILL: i32 = 9;

/// Ids of different lives must differ.
struct LifeRandom(SeededRandom);

impl Random for LifeRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

struct Life {
    console: Console,
    db: Arc<Sqlite>,
    clock: Arc<FileClock>,
    dir: PathBuf,
}

async fn live(dir: &Path, life: u64) -> Life {
    let db = Sqlite::open_unsynced(&dir.join("console.db"))
        .await
        .unwrap();
    db.migrate().await.unwrap();
    let db = Arc::new(db);
    let clock = Arc::new(FileClock(dir.join("clock")));
    let settings = Settings {
        environment: Environment::Production,
        owner_email: None,
        public_url: "https://console.example.com".into(),
        kv_namespace: "nexus-config".into(),
    };
    let console = Console::new(
        settings,
        db.clone(),
        Arc::new(Files(dir.to_owned())),
        clock.clone(),
        Arc::new(LifeRandom(SeededRandom::new(life * 1_000_003))),
        Keys::from_seeds(&[7; 32], &[8; 32]),
    );
    Life {
        console,
        db,
        clock,
        dir: dir.to_owned(),
    }
}

fn cli() -> Actor {
    Actor::cli("root", "story".into())
}
async fn named_keys(console: &Console, name: &str) -> Vec<SdkKey> {
    let mut keys = console.sdk_keys(&cli(), None).await.unwrap();
    keys.retain(|key| key.name == name);
    keys
}

fn gateway() -> Actor {
    Actor {
        principal: Principal::Token {
            token: TokenId::from_u128(1),
            name: "gateway".into(),
            scopes: vec![Scope::Ingest],
        },
        grants: Vec::new(),
        sign_in: SignIn::ApiToken,
        step_up: None,
        request_id: "gateway".into(),
    }
}

impl Life {
    fn acknowledge(&self, what: &str) {
        append(&self.dir.join("acknowledged"), &format!("{what}\n"));
    }

    /// Creates and starts; "it is so already" is as good, and not acknowledged
    /// as done by this call.
    async fn experiment(&self, draft: Draft, command: Command) {
        let id = &draft.id.clone();
        let done = format!("experiment.{} {id}", command.as_str());
        match self.console.create_experiment(&cli(), draft).await {
            Ok(_) => self.acknowledge(&format!("experiment.create {id}")),
            Err(Error::Invalid(_)) => {}
            Err(error) => panic!("{error}"),
        }
        match self
            .console
            .command_experiment(&cli(), id, Some(1), command)
            .await
        {
            Ok(_) => self.acknowledge(&done),
            Err(Error::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Creates and switches on, likewise.
    async fn flag(&self, key: &str) {
        match self.console.create_flag(&cli(), flag_draft(key)).await {
            Ok(flag) => self.acknowledge(&format!("flag.create {}", flag.path())),
            Err(Error::Invalid(_)) => {}
            Err(error) => panic!("{error}"),
        }
        let (cli, environment) = (cli(), Environment::Production);
        let before = self.console.flag(&cli, environment, key).await.unwrap();
        let on = FlagCommand::Enable;
        let after = self
            .console
            .command_flag(&cli, environment, key, None, on, "");
        if after.await.unwrap().version > before.flag.version {
            self.acknowledge(&format!("flag.enable {}", before.flag.path()));
        }
    }

    /// One that stays, encrypted later; one that ends.
    async fn sdk_keys(&self) {
        let (cli, console) = (cli(), &self.console);
        for name in ["web", "old"] {
            let mut made = named_keys(console, name).await;
            if made.is_empty() {
                let once = console.create_sdk_key(&cli, sdk_key_draft(name)).await;
                made.push(once.unwrap().sdk_key);
                self.acknowledge(&format!("sdk_key.create {}", made[0].id));
            }
            let id = made[0].id.as_str();
            let after = if name == "old" {
                console.revoke_sdk_key(&cli, id).await
            } else {
                let edit = SdkKeyEdit {
                    encryption: EncryptionChange::On,
                    ..SdkKeyEdit::of(&made[0])
                };
                let version = made[0].version;
                console.change_sdk_key(&cli, id, version, &edit).await
            };
            if after.unwrap().version > made[0].version {
                self.acknowledge(&format!("sdk_key {id} is as it should be"));
            }
        }
    }

    async fn saved_group_and_holdout(&self) {
        let (cli, console) = (cli(), &self.console);
        let made = console.create_saved_group(&cli, saved_group_draft("beta", &["ann"]));
        let made = made
            .await
            .is_ok()
            .then_some("saved_group.create production/beta");
        let held = console.create_holdout(&cli, holdout_draft("year", true));
        let held = held.await.is_ok().then_some("holdout.create year");
        made.into_iter()
            .chain(held)
            .for_each(|what| self.acknowledge(what));
    }

    async fn member(&self) {
        let request = PendingRequest::AddMember {
            email: "ada@example.com".into(),
            machine: false,
            grants: vec![Grant {
                role: Role::Viewer,
                environment: None,
            }],
        };
        match self.console.request(&cli(), request).await {
            Ok(pending) => {
                self.console.confirm(&cli(), &pending.id).await.unwrap();
                self.acknowledge("member.add ada@example.com");
            }
            Err(Error::Invalid(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn rounds(&self, rounds: u32) {
        for _ in 0..rounds {
            self.console.tick("victim").await.unwrap();
            self.clock.advance(1_000);
        }
    }

    /// Counted anew in two steps, because the last event came much later. Then another one, of
    /// which the database refuses the outcome.
    async fn recompute(&self) {
        let (cli, console) = (cli(), &self.console);
        let found = console.recomputable(&cli, "harmful").await.unwrap();
        if found.newest.is_none() {
            self.clock.advance(13 * 3_600_000);
            let late = vec![conversion(900, self.clock.now_ms(), "u1", "signup")];
            console.ingest(&gateway(), batch(late)).await.unwrap();
            let asked = console.recompute_experiment(&cli, "harmful", None, None);
            asked.await.unwrap();
        }
        self.rounds(3).await;
        let found = console.recomputable(&cli, "ending").await.unwrap();
        if found.newest.is_none() {
            let refuse = "CREATE TRIGGER IF NOT EXISTS refuse BEFORE UPDATE ON recomputations \
                          WHEN NEW.status = 'done' BEGIN UPDATE leases SET epoch = -1; END";
            self.db
                .batch(vec![Statement::new(refuse, [])])
                .await
                .unwrap();
            let asked = console.recompute_experiment(&cli, "ending", None, None);
            asked.await.unwrap();
        }
        self.rounds(16).await;
    }

    async fn story(&self) {
        let rules = r#"{"environment":"production","review":false,"raw_days":30}"#;
        let (cli, rules) = (cli(), serde_json::from_str(rules).unwrap());
        let kept = self.console.set_environment_rules(&cli, rules);
        kept.await.unwrap();
        self.experiment(draft("harmful"), Command::Start).await;
        let mut ending = draft("ending");
        ending.schedule.end_ms = Some(NOW_MS + 3_600_000);
        self.experiment(ending, Command::Start).await;
        let (mut planned, mut times) = (draft("planned"), Schedule::default());
        planned.ramp = serde_json::from_str(r#"[{"coverage_bp":100,"minutes":1}]"#).unwrap();
        times.start_ms = Some(NOW_MS + 3_600_000);
        self.experiment(planned, Command::Schedule(times)).await;
        self.rounds(2).await;
        let events = (0..200u64)
            .map(|n| {
                let variant = if n % 2 == 0 { "control" } else { "treatment" };
                let status = if n % 2 == 1 && n % 3 == 0 { 500 } else { 200 };
                request(n, NOW_MS, &format!("u{n}"), "harmful", variant, status)
            })
            .collect();
        self.console
            .ingest(&gateway(), batch(events))
            .await
            .unwrap();
        self.acknowledge("ingest 200");
        self.rounds(2).await;
        self.member().await;
        self.flag("banner").await;
        self.sdk_keys().await;
        self.saved_group_and_holdout().await;
        self.clock.advance(4 * 3_600_000);
        self.rounds(2).await;
        // Somebody empties the namespace.
        let _ = fs::remove_file(self.dir.join("snapshot:production"));
        for wait_ms in [40_000, 60_000] {
            self.clock.advance(wait_ms);
            self.rounds(3).await;
        }
        self.recompute().await;
    }
}

/// Not a test by itself: what the others run and kill.
#[test]
fn victim() {
    let Ok(dir) = std::env::var("NEXUS_KILL_DIR") else {
        return;
    };
    let life = std::env::var("NEXUS_KILL_LIFE").unwrap().parse().unwrap();
    run(async {
        live(Path::new(&dir), life).await.story().await;
    });
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Lives through the story; whether it was killed at that point.
fn one_life(dir: &Path, life: u64, kill_at: Option<&str>) -> bool {
    let mut process = Process::new(std::env::current_exe().unwrap());
    process
        .args(["--exact", "victim", "--test-threads=1"])
        .env("NEXUS_KILL_DIR", dir)
        .env("NEXUS_KILL_LIFE", life.to_string())
        .env_remove("NEXUS_KILL_AT")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(point) = kill_at {
        process.env("NEXUS_KILL_AT", point);
    }
    let done = process.output().unwrap();
    if done.status.success() {
        return false;
    }
    assert_eq!(
        done.status.signal(),
        Some(SIGKILL),
        "{kill_at:?}: {}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    true
}

async fn texts(db: &Sqlite, sql: &'static str) -> Vec<Vec<String>> {
    let rows = db
        .query(Statement {
            sql,
            values: vec![],
        })
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| {
            row.into_iter()
                .map(|value| match value {
                    Value::Text(text) => text,
                    Value::Integer(number) => number.to_string(),
                    Value::Real(number) => number.to_string(),
                    Value::Null => String::new(),
                })
                .collect()
        })
        .collect()
}

async fn check(dir: &Path, point: &str) {
    let life = live(dir, 999).await;
    let db = &life.db;
    let log = life
        .console
        .audit(&cli(), &Default::default())
        .await
        .unwrap();
    let mut entries: BTreeMap<(String, String), u32> = BTreeMap::new();
    for row in &log.items {
        *entries
            .entry((row.entry.action.clone(), row.entry.object_id.clone()))
            .or_default() += 1;
    }
    // Every state that exists has exactly one entry, and each happened once.
    let expected: BTreeSet<(&str, &str)> = [
        ("experiment.create", "harmful"),
        ("experiment.start", "harmful"),
        ("experiment.stop_for_harm", "harmful"),
        ("experiment.recompute", "harmful"),
        ("experiment.recomputed", "harmful"),
        ("environment.change", "production"),
        ("experiment.create", "ending"),
        ("experiment.start", "ending"),
        ("experiment.end_schedule", "ending"),
        ("experiment.recompute", "ending"),
        ("experiment.fail_recompute", "ending"),
        ("experiment.create", "planned"),
        ("experiment.schedule", "planned"),
        ("experiment.start", "planned"),
        ("experiment.step_ramp", "planned"),
        ("flag.create", "production/banner"),
        ("flag.enable", "production/banner"),
        ("saved_group.create", "production/beta"),
        ("holdout.create", "year"),
    ]
    .into();
    for (name, last) in [("web", "sdk_key.change"), ("old", "sdk_key.revoke")] {
        let keys = named_keys(&life.console, name).await;
        assert_eq!(keys.len(), 1, "{point}: keys named {name}");
        assert_eq!(keys[0].version, 2, "{point}: {name}");
        for action in ["sdk_key.create", last] {
            let times = entries.remove(&(action.to_owned(), keys[0].id.to_string()));
            assert_eq!(times, Some(1), "{point}: {action} {name}");
        }
    }
    let member = texts(db, "SELECT id FROM members").await;
    assert_eq!(member.len(), 1, "{point}: members");
    for (action, object) in &expected {
        let times = entries.remove(&((*action).to_owned(), (*object).to_owned()));
        assert_eq!(times, Some(1), "{point}: {action} {object}");
    }
    assert_eq!(
        entries.remove(&("member.add".to_owned(), member[0][0].clone())),
        Some(1),
        "{point}"
    );
    assert!(entries.is_empty(), "{point}: {entries:?}");
    let revisions = texts(db, "SELECT COUNT(*) FROM experiment_revisions").await;
    assert_eq!(revisions[0][0], "10", "{point}: revisions");
    let revisions = texts(db, "SELECT COUNT(*) FROM flag_revisions").await;
    assert_eq!(revisions[0][0], "2", "{point}: revisions of the flag");
    // What was acknowledged is in the log (above); nothing was acknowledged twice.
    let acknowledged = fs::read_to_string(dir.join("acknowledged")).unwrap_or_default();
    let mut commands: Vec<&str> = acknowledged
        .lines()
        .filter(|l| !l.starts_with("ingest"))
        .collect();
    commands.sort_unstable();
    let all = commands.len();
    commands.dedup();
    assert_eq!(commands.len(), all, "{point}: {acknowledged}");

    assert!(
        life.console.audit_verify(&cli()).await.unwrap().ok,
        "{point}: the log"
    );
    // Events counted once.
    let counted = texts(
        db,
        "SELECT (SELECT SUM(exposures) FROM variant_stats), (SELECT SUM(requests) FROM traffic)",
    )
    .await;
    assert_eq!(counted[0], ["200", "200"], "{point}");
    let recounted = texts(db, "SELECT status FROM recomputations ORDER BY asked_ms").await;
    assert_eq!(recounted, [["done"], ["failed"]], "{point}");
    // KV equals the state, and its versions never went back.
    let newest = texts(db, "SELECT envelope, version, published_ms FROM snapshots WHERE environment = 'production' ORDER BY version DESC LIMIT 1").await;
    let kv = fs::read_to_string(dir.join("snapshot:production")).unwrap();
    assert_eq!(kv, newest[0][0], "{point}: KV");
    assert!(
        !newest[0][2].is_empty(),
        "{point}: not recorded as published"
    );
    assert_eq!(
        newest[0][1], "13",
        "{point}: one snapshot per change at the edge"
    );
    let puts = fs::read_to_string(dir.join("puts")).unwrap();
    let puts: Vec<u64> = puts.lines().map(|l| l.parse().unwrap()).collect();
    assert!(puts.is_sorted(), "{point}: {puts:?}");
    // Exactly one outcome per intent.
    let open = texts(
        db,
        "SELECT i.id FROM intents i LEFT JOIN intent_outcomes o ON o.intent_id = i.id \
         WHERE i.status <> 'done' OR o.intent_id IS NULL",
    )
    .await;
    assert!(open.is_empty(), "{point}: {open:?}");
    let used = texts(db, "SELECT COUNT(*) FROM step_up_used").await;
    assert_eq!(used[0][0], "1", "{point}: confirmations");
    life.db.close().await;
}

#[test]
fn killed_anywhere_the_story_ends_right() {
    assert!(KILL_POINTS.len() >= 20);
    let distinct: BTreeSet<_> = KILL_POINTS.iter().collect();
    assert_eq!(distinct.len(), KILL_POINTS.len());
    let mut never = Vec::new();
    for point in KILL_POINTS {
        // The first time it is passed, and once more later in the story.
        for times in [1, 3] {
            let at = format!("{point}:{times}");
            let dir = tempfile::tempdir().unwrap();
            let killed = one_life(dir.path(), 1, Some(&at));
            if !killed && times == 1 {
                never.push(*point);
            }
            let mut life = 2;
            // Whoever starts it again has it go through the story once more.
            while one_life(dir.path(), life, None) {
                life += 1;
            }
            run(check(dir.path(), &at));
        }
    }
    assert!(never.is_empty(), "never passed: {never:?}");
}

//! Puts the console together on this machine: SQLite, Cloudflare over HTTP,
//! keys from files.

use std::sync::Arc;

use anyhow::Context as _;
use nexus_cloudflare::{Client, ReqwestTransport};
use nexus_control::cloudflare::KvSnapshots;
use nexus_control::ports::{Clock, Database, Random};
use nexus_control::{Console, Keys, Settings};
use nexus_sqlite::Sqlite;

use crate::config::Data;
use crate::keys;
use crate::machine::Machine;

pub(crate) struct Wired {
    pub console: Console,
    pub sqlite: Arc<Sqlite>,
}

/// Opens (and migrates) the database and builds the console.
pub(crate) async fn console(data: &Data) -> anyhow::Result<Wired> {
    let dir = &data.data_dir;
    std::fs::create_dir_all(dir).with_context(|| format!("can't make {}", dir.display()))?;
    let sqlite = open(data).await?;
    let snapshot = keys::load_or_create(dir, "snapshot")?;
    let checkpoint = keys::load_or_create(dir, "checkpoint")?;
    let settings = Settings {
        environment: data.environment,
        owner_email: data.owner_email.clone(),
        public_url: data.public_url.clone(),
        kv_namespace: data.cloudflare.kv_namespace.clone(),
    };
    let console = Console::new(
        settings,
        sqlite.clone() as Arc<dyn Database>,
        Arc::new(snapshots(data)?),
        Arc::new(Machine) as Arc<dyn Clock>,
        Arc::new(Machine) as Arc<dyn Random>,
        Keys::from_seeds(&snapshot, &checkpoint),
    );
    Ok(Wired { console, sqlite })
}

pub(crate) async fn open(data: &Data) -> anyhow::Result<Arc<Sqlite>> {
    let path = data.data_dir.join("console.db");
    let sqlite = Sqlite::open(&path)
        .await
        .with_context(|| format!("database {}", path.display()))?;
    sqlite.migrate().await.context("migrations")?;
    Ok(Arc::new(sqlite))
}

fn snapshots(data: &Data) -> anyhow::Result<KvSnapshots> {
    let cloudflare = &data.cloudflare;
    let token = cloudflare.cloudflare_api_token.clone().unwrap_or_default();
    let client = Client::new(
        ReqwestTransport::new()?,
        &cloudflare.cloudflare_api_base_url,
        token,
        &cloudflare.cloudflare_account_id,
    );
    Ok(KvSnapshots::new(client, &cloudflare.kv_namespace))
}

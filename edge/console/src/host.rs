//! The console and its router, kept between requests.

use std::cell::RefCell;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::get;
use nexus_app::{App, AppOptions, AssetManifest, Live};
use nexus_cloudflare::Client;
use nexus_control::cloudflare::KvSnapshots;
use nexus_control::ports::{Clock, Database, Random};
use nexus_control::{Console, Settings};
use nexus_edge_d1::D1;
use nexus_web::Web;
use nexus_web::sdk::Sdk;
use secrecy::SecretString;
use worker::{Env, Error, Result};

use crate::fetcher::Fetcher;
use crate::machine::Machine;
use crate::{access, config};

/// Most bytes of the site's manifest.
const MANIFEST_BYTES: usize = 1024 * 1024;
/// Hosts kept for later requests.
const KEPT: usize = 8;

thread_local! {
    static FREE: RefCell<Vec<Host>> = const { RefCell::new(Vec::new()) };
}

/// One console and its router, used by one request at a time.
///
/// A console has locks that its requests wait in line for. In a Worker nobody may wait for
/// another request: the runtime can drop that one in the middle, and its lock would never
/// open again. So each request takes a host of its own, and only one that was answered
/// gives it back. Between hosts the database decides, as it does between isolates.
pub(crate) struct Host {
    pub(crate) console: Console,
    pub(crate) router: Router,
    pub(crate) sdk: Sdk,
}

impl Host {
    /// A free host of this isolate, or a new one.
    pub(crate) async fn take(env: &Env) -> Result<Self> {
        let free = FREE.with(|free| free.borrow_mut().pop());
        match free {
            Some(host) => Ok(host),
            None => Self::new(env).await,
        }
    }

    pub(crate) fn give_back(self) {
        FREE.with(|free| {
            let mut free = free.borrow_mut();
            if free.len() < KEPT {
                free.push(self);
            }
        });
    }

    async fn new(env: &Env) -> Result<Self> {
        let settings = config::settings(env)?;
        let public_url = settings.public_url.clone();
        let snapshots = snapshots(env, &settings);
        let console = Console::new(
            settings,
            Arc::new(D1::new(env.d1("DB")?)) as Arc<dyn Database>,
            Arc::new(snapshots),
            Arc::new(Machine) as Arc<dyn Clock>,
            Arc::new(Machine) as Arc<dyn Random>,
            config::keys(env)?,
        );
        let web = Web::new(
            console.clone(),
            Some(access::verifier(env)?),
            config::ticket_key(env)?,
            Arc::new(Machine),
            &public_url,
        );
        let options = AppOptions {
            assets: manifest(env).await?,
            live: Live::Poll,
            ..AppOptions::default()
        };
        let sdk = Sdk::new(&web, config::sdk(env)?);
        let app = App::new(console.clone(), options);
        let router = router(app.clone(), web.clone(), public_url)
            .merge(nexus_web::sdk::router(sdk.clone()))
            .layer(from_fn(nexus_web::limit_body))
            .layer(from_fn_with_state(app, nexus_app::refusals))
            .layer(from_fn_with_state(web, nexus_web::secure));
        Ok(Self {
            console,
            router,
            sdk,
        })
    }
}

fn router(app: App, web: Web, public_url: String) -> Router {
    // Access signs people in, in front of the public address.
    let sign_in = || async move { Redirect::to(&public_url) };
    // Read from the bottom: the last layer is the outermost. More come around it.
    nexus_app::router(app)
        .merge(nexus_web::api::router(web.clone()))
        .layer(from_fn_with_state(web.clone(), nexus_web::identify))
        .layer(from_fn_with_state(web.clone(), nexus_web::same_origin))
        .route(nexus_app::SIGN_IN, get(sign_in))
        .merge(nexus_web::ops::router(web))
}

fn snapshots(env: &Env, settings: &Settings) -> KvSnapshots {
    let token = config::or(env, "CLOUDFLARE_API_TOKEN", "");
    if token.is_empty() {
        tracing::warn!("CLOUDFLARE_API_TOKEN is not set: snapshots can't be published");
    }
    let base_url = "https://api.cloudflare.com/client/v4";
    let client = Client::new(
        Fetcher,
        &config::or(env, "CLOUDFLARE_API_BASE_URL", base_url),
        SecretString::from(token),
        &config::or(env, "CLOUDFLARE_ACCOUNT_ID", ""),
    );
    KvSnapshots::new(client, &settings.kv_namespace)
}

/// Names of the static files, from the static files.
async fn manifest(env: &Env) -> Result<AssetManifest> {
    let files = env.get_binding::<worker::Fetcher>("ASSETS")?;
    let answer = files
        .fetch("https://assets.invalid/assets/manifest.json", None)
        .await?;
    let missing = |problem: String| Error::RustError(format!("the site's manifest: {problem}"));
    if answer.status() != http::StatusCode::OK {
        return Err(missing(answer.status().to_string()));
    }
    let bytes = axum::body::to_bytes(axum::body::Body::new(answer.into_body()), MANIFEST_BYTES)
        .await
        .map_err(|error| missing(error.to_string()))?;
    let text = String::from_utf8_lossy(&bytes);
    AssetManifest::from_json(&text).map_err(|error| missing(error.to_string()))
}

//! Where snapshots come from, and the loop that looks for new ones.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use nexus_flags::MAX_ENVELOPE_BYTES;
use reqwest::{Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::backoff::{Backoff, jitter};
use super::runtime::Runtime;
use crate::ports::{Clock, SnapshotSource, SourceError};
use crate::snapshot::Offer;

/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// Namespaces on one page of the list; the most that Cloudflare gives.
const PAGE: usize = 1000;
/// Cloudflare's code for a key that is not there.
const NO_KEY: u32 = 10_009;
/// Pages looked through for the namespace's title.
const MAX_PAGES: usize = 10;

/// Any source.
pub enum Source {
    Kv(Box<KvSource>),
    File(FileSource),
}

/// A file, read anew each time.
pub struct FileSource(PathBuf);

/// A value in Workers KV, through Cloudflare's API.
pub struct KvSource {
    client: reqwest::Client,
    token: SecretString,
    /// `…/accounts/{id}/storage/kv/namespaces`
    namespaces: Url,
    /// Title or id.
    namespace: String,
    key: String,
    /// Of the namespace with this title, while it is known.
    namespace_id: Mutex<Option<String>>,
}

impl FileSource {
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl KvSource {
    /// A source of the value `key` in a namespace given by title or id.
    ///
    /// # Errors
    /// When the base URL is not usable.
    pub fn new(
        base_url: &str,
        account: &str,
        token: SecretString,
        namespace: &str,
        key: &str,
    ) -> anyhow::Result<Self> {
        let mut namespaces: Url = base_url.parse().context("CLOUDFLARE_API_BASE_URL")?;
        namespaces
            .path_segments_mut()
            .ok()
            .context("CLOUDFLARE_API_BASE_URL cannot have a path")?
            .pop_if_empty()
            .extend(["accounts", account, "storage", "kv", "namespaces"]);
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("nexus-gateway/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let (namespace, key) = (namespace.to_owned(), key.to_owned());
        Ok(Self {
            client,
            token,
            namespaces,
            namespace,
            key,
            namespace_id: Mutex::default(),
        })
    }

    async fn get(&self, url: Url) -> Result<Response, SourceError> {
        let request = self.client.get(url).bearer_auth(self.token.expose_secret());
        request.send().await.map_err(|error| unreachable(&error))
    }

    async fn namespace_id(&self) -> Result<String, SourceError> {
        let is_id =
            self.namespace.len() == 32 && self.namespace.bytes().all(|b| b.is_ascii_hexdigit());
        if is_id {
            return Ok(self.namespace.clone());
        }
        let mut known = self.namespace_id.lock().await;
        if let Some(id) = known.as_ref() {
            return Ok(id.clone());
        }
        let id = self.find_namespace().await?;
        Ok(known.insert(id).clone())
    }

    /// `None` when the namespace has no such key. When there is no such namespace either,
    /// it was deleted, and one made anew under its title has another id.
    async fn absent(&self, response: Response) -> Result<Option<Bytes>, SourceError> {
        let refusal = serde_json::from_slice::<Failure>(&read(response).await?);
        let is_key = |failure: Failure| failure.errors.iter().any(|one| one.code == NO_KEY);
        if refusal.is_ok_and(is_key) {
            return Ok(None);
        }
        *self.namespace_id.lock().await = None;
        Err(SourceError(format!(
            "the KV namespace {:?} is gone",
            self.namespace
        )))
    }

    async fn find_namespace(&self) -> Result<String, SourceError> {
        for page in 1..=MAX_PAGES {
            let mut url = self.namespaces.clone();
            url.query_pairs_mut()
                .append_pair("per_page", &PAGE.to_string())
                .append_pair("page", &page.to_string());
            let response = self.get(url).await?;
            if !response.status().is_success() {
                return Err(refused(response.status()));
            }
            let listed: List = serde_json::from_slice(&read(response).await?)
                .map_err(|error| SourceError(format!("KV gave no list of namespaces: {error}")))?;
            let count = listed.result.len();
            if let Some(found) = listed
                .result
                .into_iter()
                .find(|one| one.title == self.namespace)
            {
                return Ok(found.id);
            }
            if count < PAGE {
                break;
            }
        }
        Err(SourceError(format!(
            "there is no KV namespace called {:?}",
            self.namespace
        )))
    }
}

#[derive(Deserialize)]
struct List {
    result: Vec<Namespace>,
}

#[derive(Deserialize)]
struct Namespace {
    id: String,
    title: String,
}

/// Cloudflare's envelope of a refusal.
#[derive(Deserialize)]
struct Failure {
    errors: Vec<FailureCode>,
}

#[derive(Deserialize)]
struct FailureCode {
    code: u32,
}

impl SnapshotSource for KvSource {
    async fn fetch(&self) -> Result<Option<Bytes>, SourceError> {
        let id = self.namespace_id().await?;
        let mut url = self.namespaces.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend([id.as_str(), "values", &self.key]);
        }
        let response = self.get(url).await?;
        match response.status() {
            StatusCode::NOT_FOUND => self.absent(response).await,
            status if status.is_success() => read(response).await.map(Some),
            status => Err(refused(status)),
        }
    }
}

impl SnapshotSource for FileSource {
    async fn fetch(&self) -> Result<Option<Bytes>, SourceError> {
        let path = self.0.clone();
        let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
        match read {
            Ok(Ok(bytes)) => Ok(Some(bytes.into())),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Ok(Err(error)) => Err(SourceError(error.to_string())),
            Err(error) => Err(SourceError(error.to_string())),
        }
    }
}

impl SnapshotSource for Source {
    async fn fetch(&self) -> Result<Option<Bytes>, SourceError> {
        match self {
            Self::Kv(kv) => kv.fetch().await,
            Self::File(file) => file.fetch().await,
        }
    }
}

/// The body, as long as it can be an envelope.
async fn read(mut response: Response) -> Result<Bytes, SourceError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(&error))?
    {
        if bytes.len() + chunk.len() > MAX_ENVELOPE_BYTES {
            return Err(SourceError(
                "KV's answer is larger than a snapshot can be".to_owned(),
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn refused(status: StatusCode) -> SourceError {
    SourceError(format!("KV answers {status}"))
}

/// Without the URL, which names the account.
fn unreachable(error: &reqwest::Error) -> SourceError {
    let why = if error.is_timeout() {
        "in time"
    } else {
        "at all"
    };
    tracing::debug!(?error, "KV");
    SourceError(format!("KV did not answer {why}"))
}

/// Looks for a new snapshot for as long as it is polled.
pub(super) async fn poll(runtime: Arc<Runtime>, source: Source, every: Duration) {
    let mut backoff = Backoff::new(every, LONGEST_PAUSE.max(every));
    loop {
        let healthy = look(&runtime, &source).await;
        let pause = if healthy {
            backoff.reset();
            // A tenth at random, so that gateways don't come in step.
            every.mul_f64(0.9) + jitter(every) / 10
        } else {
            backoff.next()
        };
        tokio::time::sleep(pause).await;
    }
}

/// One look; true when the source answered.
async fn look(runtime: &Runtime, source: &Source) -> bool {
    let snapshots = &runtime.gateway.snapshots;
    let fetched = source.fetch().await;
    let now_ms = runtime.now_ms();
    match fetched {
        Ok(Some(envelope)) => match snapshots.offer(&envelope, now_ms) {
            Ok(Offer::Taken { version }) => {
                runtime.feeds.wake();
                tracing::info!(version, "a new snapshot is in force");
            }
            Ok(Offer::Unchanged) => {}
            Err(refusal) => tracing::warn!(%refusal, "a snapshot was refused"),
        },
        Ok(None) => snapshots.nothing_published(now_ms),
        Err(problem) => {
            tracing::warn!(%problem, "cannot look for a new snapshot");
            snapshots.source_failed(problem.0, now_ms);
            return false;
        }
    }
    true
}

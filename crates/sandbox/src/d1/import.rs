//! Importing a file of SQL, in the steps that `wrangler d1 execute --file`
//! takes: `init` gives an upload URL, the file is PUT there, `ingest` starts
//! the work and `poll` asks for its end. The whole file is one transaction.

use std::collections::HashMap;
use std::path::{Path as FsPath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::response::IntoResponse;
use http::header::{ETAG, HOST};
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::databases::by_uuid;
use super::error::{invalid, too_large};
use super::lexer::split;
use super::outcome::{Outcome, Shape};
use super::pool::Database;
use super::run::{Bound, run};
use crate::Sandbox;
use crate::envelope::{ApiError, Reply, json_body, ok};
use crate::ids;

/// Longest file, in bytes.
const FILE_BYTES: usize = 100 * 1024 * 1024;
/// Most uploads and jobs remembered; the oldest are forgotten first.
const REMEMBERED: usize = 256;
/// How long an answer waits for a small file to be done.
const PATIENCE: Duration = Duration::from_secs(2);

/// The end of a job: the final answer, once there is one.
type Ending = watch::Receiver<Option<Value>>;

/// Uploads under way and jobs, in memory: after a restart clients start over.
#[derive(Debug)]
pub(super) struct Imports {
    directory: PathBuf,
    uploads: Mutex<Remembered<Upload>>,
    jobs: Mutex<Remembered<Ending>>,
}

#[derive(Debug, Clone)]
struct Upload {
    database: String,
    etag: String,
}

#[derive(Debug)]
struct Remembered<T> {
    order: std::collections::VecDeque<String>,
    items: HashMap<String, T>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self {
            order: std::collections::VecDeque::new(),
            items: HashMap::new(),
        }
    }
}

impl<T: Clone> Remembered<T> {
    fn put(&mut self, key: &str, item: T) {
        self.order.push_back(key.to_owned());
        self.items.insert(key.to_owned(), item);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.items.remove(&oldest);
        }
    }
}

fn remember<T: Clone>(map: &Mutex<Remembered<T>>, key: &str, item: T) {
    map.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .put(key, item);
}

fn recall<T: Clone>(map: &Mutex<Remembered<T>>, key: &str) -> Option<T> {
    map.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .items
        .get(key)
        .cloned()
}

impl Imports {
    /// Empties the upload directory: what is left there belongs to no job.
    pub(super) async fn open(data_dir: &FsPath) -> Result<Self, std::io::Error> {
        let directory = data_dir.join("uploads");
        if tokio::fs::try_exists(&directory).await? {
            tokio::fs::remove_dir_all(&directory).await?;
        }
        tokio::fs::create_dir_all(&directory).await?;
        Ok(Self {
            directory,
            uploads: Mutex::default(),
            jobs: Mutex::default(),
        })
    }

    fn file(&self, token: &str) -> PathBuf {
        self.directory.join(token)
    }
}

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
enum Step {
    Init { etag: String },
    Ingest { filename: String, etag: String },
    Poll { current_bookmark: String },
}

pub(super) async fn import(
    State(sandbox): State<Sandbox>,
    Path((_, id)): Path<(String, String)>,
    headers: http::HeaderMap,
    body: Bytes,
) -> Reply {
    let database = by_uuid(&sandbox, &id).await?;
    let step = json_body(&body, 7400)
        .map_err(|_| invalid("action", "expected init, ingest or poll with their fields"))?;
    match step {
        Step::Init { etag } => init(&sandbox, &id, &headers, etag),
        Step::Ingest { filename, etag } => ingest(&sandbox, &id, database, &filename, &etag).await,
        Step::Poll { current_bookmark } => poll(&sandbox, &current_bookmark).await,
    }
}

fn init(sandbox: &Sandbox, id: &str, headers: &http::HeaderMap, etag: String) -> Reply {
    let is_md5 = ids::is_hex_32(&etag);
    if !is_md5 {
        return Err(invalid("etag", "expected an MD5 in hex"));
    }
    let token = ids::hex_32()?;
    let upload = Upload {
        database: id.to_ascii_lowercase(),
        etag: etag.to_ascii_lowercase(),
    };
    remember(&sandbox.databases().imports.uploads, &token, upload);
    let host = headers
        .get(HOST)
        .and_then(|h| h.to_str().ok())
        .unwrap_or("127.0.0.1");
    let base = sandbox
        .config()
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{host}"));
    Ok(ok(json!({
        "type": "import",
        "success": true,
        "filename": token,
        "upload_url": format!("{base}/__sandbox/uploads/{token}"),
        "messages": [],
    })))
}

/// Stores the file and answers with its MD5, as R2 does.
pub(super) async fn upload(
    State(sandbox): State<Sandbox>,
    Path(token): Path<String>,
    request: Request,
) -> Reply {
    let imports = &sandbox.databases().imports;
    if recall(&imports.uploads, &token).is_none() {
        return Err(ApiError::not_found(
            7400,
            "this upload URL is not or no longer valid",
        ));
    }
    let file = axum::body::to_bytes(request.into_body(), FILE_BYTES)
        .await
        .map_err(|_| too_large("the file is over 100 MiB or was cut off"))?;
    tokio::fs::write(imports.file(&token), &file).await?;
    Ok([(ETAG, format!("\"{}\"", md5_hex(&file)))].into_response())
}

fn md5_hex(bytes: &[u8]) -> String {
    let digest: [u8; 16] = Md5::digest(bytes).into();
    uuid::Uuid::from_bytes(digest).simple().to_string()
}

async fn ingest(
    sandbox: &Sandbox,
    id: &str,
    database: Arc<Database>,
    filename: &str,
    etag: &str,
) -> Reply {
    let imports = &sandbox.databases().imports;
    let known = recall(&imports.uploads, filename)
        .filter(|u| u.database == id.to_ascii_lowercase() && u.etag == etag.to_ascii_lowercase());
    let known = known.ok_or_else(|| invalid("filename", "no upload has this name and etag"))?;
    let file = tokio::fs::read(imports.file(filename))
        .await
        .map_err(|_| invalid("filename", "the file was not uploaded"))?;
    if md5_hex(&file) != known.etag {
        return Err(invalid("etag", "the uploaded file has another MD5"));
    }
    let sql = String::from_utf8(file).map_err(|_| invalid("filename", "the file is not UTF-8"))?;
    let bookmark = bookmark()?;
    let (done, outcome) = watch::channel(None);
    remember(&imports.jobs, &bookmark, outcome);
    let (at, path) = (bookmark.clone(), imports.file(filename));
    tokio::spawn(async move {
        let answer = perform(&database, &sql, &at).await;
        done.send_replace(Some(answer));
        if let Err(error) = tokio::fs::remove_file(path).await {
            tracing::warn!(%error, "an imported file was not removed");
        }
    });
    poll(sandbox, &bookmark).await
}

fn bookmark() -> Result<String, ApiError> {
    Ok(format!("00000001-00000000-00000000-{}", ids::hex_32()?))
}

/// Runs the file; the answer is what `poll` hands out from then on.
async fn perform(database: &Database, sql: &str, bookmark: &str) -> Value {
    let parts = split(sql);
    let count = parts.len();
    let plain = |sql: &&str| Bound {
        sql: (*sql).to_owned(),
        parameters: Vec::new(),
    };
    let outcome = run(database, parts.iter().map(plain).collect(), Shape::Arrays).await;
    match outcome {
        Ok(results) => json!({
            "type": "import", "success": true, "status": "complete", "at_bookmark": bookmark,
            "messages": [format!("Processed {count} queries.")],
            "result": {
                "final_bookmark": bookmark, "num_queries": count, "meta": total(&results),
            },
        }),
        Err(error) => json!({
            "type": "import", "success": true, "status": "error", "at_bookmark": bookmark,
            "messages": [], "error": error.message, "errors": [error.message],
        }),
    }
}

/// The `meta` of the whole: sums, with sizes and ids of the last statement.
fn total(results: &[Outcome]) -> Value {
    let mut meta = results.last().map(|r| r.meta.clone()).unwrap_or_else(
        || json!({ "duration": 0.0, "rows_read": 0, "rows_written": 0, "size_after": 0 }),
    );
    for field in ["rows_read", "rows_written", "changes"] {
        meta[field] = results
            .iter()
            .filter_map(|r| r.meta[field].as_i64())
            .sum::<i64>()
            .into();
    }
    let duration_ms: f64 = results
        .iter()
        .filter_map(|r| r.meta["duration"].as_f64())
        .sum();
    meta["duration"] = ((duration_ms * 1e4).round() / 1e4).into();
    meta["changed_db"] = results.iter().any(|r| r.meta["changed_db"] == true).into();
    meta
}

async fn poll(sandbox: &Sandbox, bookmark: &str) -> Reply {
    let Some(mut outcome) = recall(&sandbox.databases().imports.jobs, bookmark) else {
        return Err(invalid(
            "current_bookmark",
            "not currently importing anything",
        ));
    };
    let waited = tokio::time::timeout(PATIENCE, outcome.wait_for(Option::is_some)).await;
    let answer = waited.ok().and_then(Result::ok).and_then(|a| a.clone());
    Ok(ok(answer.unwrap_or_else(|| {
        json!({
            "type": "import", "success": true, "status": "active", "at_bookmark": bookmark,
            "messages": ["Importing."],
        })
    })))
}

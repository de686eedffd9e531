//! A crowd's events, sent as gateways send theirs: in batches, each again until it is
//! answered, over several connections.
#![expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this module is for"
)]

use crate::crowd::{Counted, Crowd, Event, RATES};
use crate::report::Percentiles;
use crate::target::Target;
use anyhow::{Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The most the API takes.
const BATCH: usize = 1_000;
/// A console that is started again is back by then.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

#[derive(clap::Args, Clone)]
pub(crate) struct Args {
    /// The console's `/api/v1/ingest`
    #[arg(long)]
    url: Target,
    /// Bearer token of scope `ingest`
    #[arg(long)]
    token: String,
    /// The running experiment: variants `control` and `treatment`, metrics `conversion` and
    /// `purchase`
    #[arg(long)]
    experiment: String,
    #[arg(long, default_value_t = 100_000)]
    events: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=64))]
    connections: u32,
}

/// What was sent, and what must have been counted.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    events: u64,
    duplicates: u64,
    seconds: f64,
    events_per_s: f64,
    /// Requests that no answer came to, or that it can't now; sent again.
    resent: u64,
    /// From sending a batch to its answer, without those sent again.
    answer_ms: Percentiles,
    rates: [f64; 2],
    /// Control first.
    counted: [Counted; 2],
}

#[derive(Deserialize)]
struct Reply {
    rejected: Vec<serde_json::Value>,
}

#[derive(Default)]
struct Seen {
    events: u64,
    resent: u64,
    answers: Vec<Duration>,
}

/// Sends everything.
///
/// # Errors
/// When the console refuses an event, or is away for long.
pub(crate) async fn run(args: &Args) -> Result<Report> {
    let crowd = Arc::new(Mutex::new(Crowd::new(
        &args.experiment,
        args.seed,
        args.events,
    )));
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for worker in 0..args.connections {
        workers.spawn(send_all(args.clone(), worker, Arc::clone(&crowd)));
    }
    let mut all = Seen::default();
    while let Some(seen) = workers.join_next().await {
        let seen = seen??;
        all.events += seen.events;
        all.resent += seen.resent;
        all.answers.extend(seen.answers);
    }
    let seconds = start.elapsed().as_secs_f64();
    let crowd = crowd.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Report {
        events: all.events,
        duplicates: crowd.duplicates,
        seconds,
        events_per_s: all.events as f64 / seconds,
        resent: all.resent,
        answer_ms: Percentiles::of(all.answers.into_iter()),
        rates: RATES,
        counted: crowd.counted,
    })
}

async fn send_all(args: Args, worker: u32, crowd: Arc<Mutex<Crowd>>) -> Result<Seen> {
    let mut seen = Seen::default();
    let mut connection = None;
    for number in 0_u64.. {
        let events = {
            let mut crowd = crowd.lock().unwrap_or_else(PoisonError::into_inner);
            crowd.next(BATCH, now_ms())
        };
        if events.is_empty() {
            break;
        }
        let body = body(&format!("{worker}-{number}"), &events)?;
        let begun = Instant::now();
        let mut resent = 0;
        let answer = loop {
            match send(&args, &body, &mut connection).await {
                Ok(answer) => break answer,
                Err(problem) if begun.elapsed() > PATIENCE => return Err(problem),
                Err(_) => {
                    connection = None;
                    resent += 1;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        all_taken(&answer)?;
        if resent == 0 {
            seen.answers.push(begun.elapsed());
        }
        seen.resent += resent;
        seen.events += events.len() as u64;
    }
    Ok(seen)
}

fn body(batch: &str, events: &[Event]) -> Result<Bytes> {
    let body = serde_json::json!({
        "gateway_id": "crowd",
        "environment": "production",
        "snapshot_version": 1,
        "sent_ms": now_ms(),
        "batch_id": batch,
    });
    // By hand around the events, which are not worth a tree each.
    let head = body.to_string();
    let head = head.trim_end_matches('}');
    let events = serde_json::to_string(events)?;
    Ok(format!("{head},\"events\":{events}}}").into())
}

type Connection = SendRequest<Full<Bytes>>;

/// Sends a batch; what answers it.
///
/// # Errors
/// When nothing does, or it says that it can't now.
async fn send(args: &Args, body: &Bytes, connection: &mut Option<Connection>) -> Result<Answer> {
    let sender = match connection {
        Some(sender) => sender,
        None => {
            let stream = TcpStream::connect(args.url.address).await?;
            stream.set_nodelay(true)?;
            let (sender, driver) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(driver);
            connection.insert(sender)
        }
    };
    sender.ready().await?;
    let request = Request::post(args.url.path.as_str())
        .header(HOST, args.url.address.to_string())
        .header(CONTENT_TYPE, "application/json")
        .header(AUTHORIZATION, format!("Bearer {}", args.token))
        .body(Full::new(body.clone()))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status.is_server_error() {
        bail!("the console answered {status}");
    }
    Ok(Answer { status, body })
}

struct Answer {
    status: StatusCode,
    body: Bytes,
}

/// Whether every event was counted, now or before.
fn all_taken(answer: &Answer) -> Result<()> {
    if !answer.status.is_success() {
        let body = String::from_utf8_lossy(&answer.body);
        bail!("the console answered {}: {body}", answer.status);
    }
    let reply: Reply = serde_json::from_slice(&answer.body)?;
    match reply.rejected.first() {
        Some(first) => bail!("an event was rejected: {first}"),
        None => Ok(()),
    }
}

fn now_ms() -> u64 {
    SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_millis() as u64)
}

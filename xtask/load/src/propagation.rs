//! How long a change takes to where it counts: until each host of SDKs' pages answers by the
//! new version, and until each of many clients has heard of it by its stream.
#![expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this module is for"
)]

use crate::report::Percentiles;
use crate::target::Target;
use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use std::str::FromStr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout_at};

/// Between two questions which version is in force.
const LOOK: Duration = Duration::from_millis(5);
/// A change that is not everywhere by then is lost.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest pause between two changes; they must not come in step with those who look.
const PAUSE_MS: u32 = 1_000;

#[derive(clap::Args, Clone)]
pub(crate) struct Args {
    /// The console's `/api/v1/flags/{environment}/{key}`; the flag, which is off, is switched on and off
    #[arg(long)]
    flag: Target,
    /// Bearer token of scope `flags:write`
    #[arg(long)]
    token: String,
    /// SDKs' pages as name=URL, such as gateway=http://127.0.0.1:7820/__nexus; repeatable
    #[arg(long = "host", required = true)]
    hosts: Vec<Host>,
    /// An SDK key of the flag's environment
    #[arg(long)]
    key: String,
    #[arg(long, default_value_t = 200)]
    changes: u32,
    /// Streams at each host
    #[arg(long, default_value_t = 100)]
    streams: usize,
}

#[derive(Clone)]
struct Host {
    name: String,
    pages: Target,
}

impl FromStr for Host {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, url) = text.split_once('=').context("not name=URL")?;
        Ok(Self {
            name: name.to_owned(),
            pages: url.trim_end_matches('/').parse()?,
        })
    }
}

impl Host {
    fn path(&self, page: &str) -> String {
        format!("{}/{page}", self.pages.path.trim_end_matches('/'))
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    changes: u32,
    hosts: Vec<Reached>,
}

/// Milliseconds from the answer to a change.
#[derive(Debug, Serialize)]
struct Reached {
    name: String,
    streams: usize,
    /// Until the host answers by the new version.
    in_force_ms: Percentiles,
    /// Until a stream has told so; of all streams and changes.
    told_ms: Percentiles,
}

/// A version was seen: at which host, by which of its watchers (the first one asks, the others
/// have streams), when.
struct Seen {
    host: usize,
    watcher: usize,
    version: u64,
    at: Instant,
}

type News = mpsc::UnboundedSender<Seen>;

/// Watches, changes, waits, and changes again.
///
/// # Errors
/// When a host refuses, or a change does not arrive everywhere.
pub(crate) async fn run(args: &Args) -> Result<Report> {
    let (news, mut seen) = mpsc::unbounded_channel();
    for (host, place) in args.hosts.iter().enumerate() {
        let (place, key, news) = (place.clone(), args.key.clone(), news.clone());
        tokio::spawn(watch(ask_again(
            place.clone(),
            key.clone(),
            host,
            news.clone(),
        )));
        for watcher in 1..=args.streams {
            let stream = listen(place.clone(), key.clone(), (host, watcher), news.clone());
            tokio::spawn(watch(stream));
        }
    }
    let mut state = State::new(args);
    let mut console = Connection::open(&args.flag).await?;
    state.until_all_have(0, &mut seen, None).await?;
    let mut version = state.newest();
    let mut times = vec![(Vec::new(), Vec::new()); args.hosts.len()];
    for change in 0..args.changes {
        // The number has no divisor with the longest pause in common.
        let pause_ms = change.wrapping_mul(379) % PAUSE_MS;
        sleep(Duration::from_millis(pause_ms.into())).await;
        let command = ["enable", "disable"][change as usize % 2];
        console.switch(args, command).await?;
        let acknowledged = Instant::now();
        version += 1;
        state
            .until_all_have(version, &mut seen, Some((acknowledged, &mut times)))
            .await
            .with_context(|| format!("change {change}"))?;
    }
    let hosts = args.hosts.iter().zip(times);
    let hosts = hosts.map(|(host, (in_force, told))| Reached {
        name: host.name.clone(),
        streams: args.streams,
        in_force_ms: Percentiles::of(in_force.into_iter()),
        told_ms: Percentiles::of(told.into_iter()),
    });
    Ok(Report {
        changes: args.changes,
        hosts: hosts.collect(),
    })
}

/// Times until a version is in force, and until streams told so; of one host.
type Times = (Vec<Duration>, Vec<Duration>);

/// The newest version that each watcher of each host has seen.
struct State(Vec<Vec<Option<u64>>>);

impl State {
    fn new(args: &Args) -> Self {
        Self(vec![vec![None; args.streams + 1]; args.hosts.len()])
    }

    fn newest(&self) -> u64 {
        self.0
            .iter()
            .flatten()
            .flatten()
            .max()
            .copied()
            .unwrap_or(0)
    }

    fn lack(&self, version: u64) -> usize {
        let all = self.0.iter().flatten();
        all.filter(|it| it.is_none_or(|has| has < version)).count()
    }

    /// Waits until every watcher has seen the version, and notes when.
    async fn until_all_have(
        &mut self,
        version: u64,
        seen: &mut mpsc::UnboundedReceiver<Seen>,
        mut noted: Option<(Instant, &mut Vec<Times>)>,
    ) -> Result<()> {
        let late = tokio::time::Instant::now() + PATIENCE;
        while self.lack(version) > 0 {
            let Ok(news) = timeout_at(late, seen.recv()).await else {
                bail!(
                    "{} watchers do not see version {version}",
                    self.lack(version)
                );
            };
            let news = news.context("nobody watches")?;
            let place = &mut self.0[news.host][news.watcher];
            let is_first = place.is_none_or(|had| had < version) && news.version >= version;
            *place = Some(news.version);
            if let (true, Some((since, times))) = (is_first, noted.as_mut()) {
                let took = news.at.saturating_duration_since(*since);
                let (in_force, told) = &mut times[news.host];
                let list = if news.watcher == 0 { in_force } else { told };
                list.push(took);
            }
        }
        Ok(())
    }
}

/// Says why a watcher ended; the run then fails.
#[expect(clippy::print_stderr, reason = "the run fails by this")]
async fn watch(watcher: impl Future<Output = Result<()>>) {
    if let Err(problem) = watcher.await {
        eprintln!("a watcher ended: {problem:#}");
    }
}

/// Asks again and again by which version flags are evaluated.
async fn ask_again(place: Host, key: String, host: usize, news: News) -> Result<()> {
    let mut connection = Connection::open(&place.pages).await?;
    let path = place.path("ofrep/v1/evaluate/flags");
    let mut last = 0;
    loop {
        let body = r#"{"context":{"targetingKey":"watcher"}}"#;
        let answer = connection.send(Method::POST, &path, &key, body).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(status == StatusCode::OK, "{}: {status}", place.name);
        let body: Value = serde_json::from_slice(&body)?;
        let version = body["metadata"]["version"].as_u64().context("no version")?;
        let at = Instant::now();
        if version != last {
            last = version;
            let watcher = 0;
            news.send(Seen {
                host,
                watcher,
                version,
                at,
            })?;
        }
        sleep(LOOK).await;
    }
}

/// Reads a stream and tells of each version.
async fn listen(
    place: Host,
    key: String,
    (host, watcher): (usize, usize),
    news: News,
) -> Result<()> {
    let mut connection = Connection::open(&place.pages).await?;
    let path = place.path(&format!("ofrep/v1/changes/{key}"));
    let answer = connection.send(Method::GET, &path, &key, "").await?;
    ensure!(
        answer.status() == StatusCode::OK,
        "{}: {}",
        place.name,
        answer.status()
    );
    let mut body = answer.into_body();
    let mut text = String::new();
    while let Some(frame) = body.frame().await {
        let Ok(part) = frame?.into_data() else {
            continue;
        };
        let at = Instant::now();
        text.push_str(std::str::from_utf8(&part)?);
        while let Some((event, rest)) = text.split_once("\n\n") {
            if let Some(version) = version_of(event) {
                news.send(Seen {
                    host,
                    watcher,
                    version,
                    at,
                })?;
            }
            text = rest.to_owned();
        }
    }
    bail!("{}: a stream ended", place.name)
}

/// Of `id: <version>-<start>`.
fn version_of(event: &str) -> Option<u64> {
    let mut lines = event.lines();
    let id = lines.find_map(|line| line.strip_prefix("id: "))?;
    id.split('-').next()?.parse().ok()
}

/// One connection that is kept.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    async fn open(to: &Target) -> Result<Self> {
        let stream = TcpStream::connect(to.address).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        let host = to.address.to_string();
        Ok(Self { sender, host })
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        bearer: &str,
        body: &'static str,
    ) -> Result<Response<Incoming>> {
        self.sender.ready().await?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, format!("Bearer {bearer}"))
            .body(Full::new(Bytes::from_static(body.as_bytes())))?;
        Ok(self.sender.send_request(request).await?)
    }

    /// Switches the flag; returns when the console has answered.
    async fn switch(&mut self, args: &Args, command: &str) -> Result<()> {
        let path = format!("{}/{command}", args.flag.path);
        let answer = self.send(Method::POST, &path, &args.token, "{}").await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        let said = String::from_utf8_lossy(&body);
        ensure!(status == StatusCode::OK, "{command}: {status}: {said}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn the_version_stands_in_the_id() {
        let event = "id: 12-1700\nevent: message\ndata: {}";
        assert_eq!(version_of(event), Some(12));
        assert_eq!(version_of("retry: 3000"), None);
    }
}

//! The load itself. Closed loop: each connection sends its next request when the one before
//! is answered; says how much a server can do. Open loop (`--rate`): requests have a
//! timetable that does not wait for answers, and a late start counts as waiting; says what
//! a visitor feels at that rate.
#![expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this module is for"
)]

use crate::report::{Observed, Report, Sample};
use crate::target::Target;
use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper_util::rt::TokioIo;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(10);

#[derive(clap::Args, Clone)]
pub(crate) struct Args {
    /// `http://127.0.0.1:<port>/<path>`
    #[arg(long)]
    url: Target,
    /// Connections kept open
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=256))]
    connections: u32,
    /// How long
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Requests per second over all connections [default: as many as are answered]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    rate: Option<u32>,
    /// `name: value`, repeatable
    #[arg(long = "header", value_parser = parse_header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Requests come from so many users in turn (`x-nexus-user`) [default: from strangers]
    #[arg(long)]
    users: Option<u32>,
}

fn parse_header(text: &str) -> Result<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once(':').context("a header is `name: value`")?;
    Ok((name.trim().parse()?, value.trim().parse()?))
}

/// Runs all connections to the end.
///
/// # Errors
/// When the target does not accept a first connection.
pub(crate) async fn run(args: &Args) -> Result<Report> {
    // One connection first: a wrong address is an error, not a report full of errors.
    let first = connect(args).await.context("the target does not answer")?;
    drop(first);
    let start = Instant::now();
    let end = start + Duration::from_secs(args.seconds);
    let mut workers = JoinSet::new();
    for index in 0..args.connections {
        let timetable = Timetable::of(args, index, start);
        workers.spawn(worker(args.clone(), index, timetable, end));
    }
    let mut all = Observed::default();
    while let Some(seen) = workers.join_next().await {
        let seen = seen?;
        all.samples.extend(seen.samples);
        all.errors += seen.errors;
    }
    Ok(Report::of(&all, start.elapsed()))
}

/// When a worker's requests are due.
struct Timetable {
    next: Instant,
    /// `None` in a closed loop.
    every: Option<Duration>,
}

impl Timetable {
    /// Workers take turns: with n of them each has every n-th request.
    fn of(args: &Args, index: u32, start: Instant) -> Self {
        let every = args
            .rate
            .map(|rate| Duration::from_secs_f64(f64::from(args.connections) / f64::from(rate)));
        let offset = every.map_or(Duration::ZERO, |every| every * index / args.connections);
        Self {
            next: start + offset,
            every,
        }
    }

    /// Waits until the next request is due and returns the moment it was due at.
    async fn due(&mut self) -> Instant {
        let Some(every) = self.every else {
            return Instant::now();
        };
        let due = self.next;
        self.next += every;
        tokio::time::sleep_until(due.into()).await;
        due
    }
}

/// A worker's share of the users: with n workers each has every n-th.
struct Users {
    count: u32,
    step: u32,
    next: u32,
}

impl Users {
    const fn of(count: u32, workers: u32, index: u32) -> Self {
        Self {
            count,
            step: workers,
            next: index,
        }
    }

    fn next(&mut self) -> HeaderValue {
        let user = self.next % self.count.max(1);
        self.next = if self.next + self.step < self.count {
            self.next + self.step
        } else {
            self.next % self.step
        };
        HeaderValue::from(user)
    }
}

async fn worker(args: Args, index: u32, mut timetable: Timetable, end: Instant) -> Observed {
    let mut observed = Observed::default();
    let mut users = args
        .users
        .map(|users| Users::of(users, args.connections, index));
    let mut connection = None;
    while Instant::now() < end {
        let due = timetable.due().await;
        let user = users.as_mut().map(Users::next);
        let sent =
            tokio::time::timeout(PATIENCE, exchange(&args, user, &mut connection, due)).await;
        match sent {
            Ok(Ok(sample)) => observed.samples.push(sample),
            Ok(Err(_)) | Err(_) => {
                observed.errors += 1;
                connection = None;
                // A server that is down is not asked in a busy loop.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    observed
}

type Connection = SendRequest<Empty<Bytes>>;

async fn connect(args: &Args) -> Result<Connection> {
    let stream = TcpStream::connect(args.url.address).await?;
    stream.set_nodelay(true)?;
    let (sender, driver) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    Ok(sender)
}

async fn exchange(
    args: &Args,
    user: Option<HeaderValue>,
    connection: &mut Option<Connection>,
    due: Instant,
) -> Result<Sample> {
    let sender = match connection {
        Some(sender) => sender,
        None => connection.insert(connect(args).await?),
    };
    sender.ready().await?;
    let mut request =
        Request::get(args.url.path.as_str()).header(HOST, args.url.address.to_string());
    for (name, value) in &args.headers {
        request = request.header(name, value);
    }
    if let Some(user) = user {
        request = request.header("x-nexus-user", user);
    }
    let response = sender.send_request(request.body(Empty::new())?).await?;
    let first_byte = due.elapsed();
    let status = response.status().as_u16();
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, |data| data.len() as u64);
    }
    Ok(Sample {
        status,
        first_byte,
        whole: due.elapsed(),
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::{Args, Users, run};
    use axum::{Router, routing::get};
    use tokio::net::TcpListener;

    fn args(port: u16, rate: Option<u32>) -> Args {
        Args {
            url: format!("http://127.0.0.1:{port}/").parse().unwrap(),
            connections: 4,
            seconds: 1,
            rate,
            headers: vec![("accept".parse().unwrap(), "text/plain".parse().unwrap())],
            users: None,
        }
    }

    async fn server() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().route("/", get(|| async { "hello" }));
        tokio::spawn(async { axum::serve(listener, router).await });
        port
    }

    #[tokio::test]
    async fn an_open_loop_is_never_ahead_of_its_timetable() {
        let report = run(&args(server().await, Some(100))).await.unwrap();
        let json = serde_json::to_value(report).unwrap();
        assert_eq!(json["errors"], 0);
        assert_eq!(json["body_bytes"], 5);
        let requests = json["requests"].as_u64().unwrap();
        assert!((1..=104).contains(&requests), "{requests}");
    }

    #[tokio::test]
    async fn a_closed_loop_sends_what_is_answered() {
        let report = run(&args(server().await, None)).await.unwrap();
        let json = serde_json::to_value(report).unwrap();
        assert_eq!(json["errors"], 0);
        assert_eq!(json["statuses"]["200"], json["requests"]);
        assert!(json["first_byte_ms"]["p50"].as_f64() <= json["whole_ms"]["p99"].as_f64());
    }

    #[test]
    fn workers_share_the_users_and_all_come_again() {
        let mut seen = std::collections::BTreeMap::new();
        for index in 0..3 {
            let mut users = Users::of(7, 3, index);
            for _ in 0..14 {
                *seen
                    .entry(users.next().to_str().unwrap().to_owned())
                    .or_insert(0) += 1;
            }
        }
        assert_eq!(seen.len(), 7);
        assert!(seen.values().all(|visits| *visits > 1), "{seen:?}");
    }

    #[tokio::test]
    async fn nobody_there_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(run(&args(port, None)).await.is_err());
    }
}

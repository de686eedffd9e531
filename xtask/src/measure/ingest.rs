//! `cargo xtask measure ingest`: a crowd whose truth is known, counted by the console as it
//! runs in production, and killed in the middle of it. Everything must be counted once.

use super::load::{Load, Loader, Percentiles};
use super::{machine, memory, section, seed};
use crate::stack::http::Ask;
use crate::stack::{DEMO_OWNER, Interrupt, Ports, Settings, Stack, local, scratch};
use crate::workspace::Profile;
use crate::{build, prerequisites, ui};
use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const EXPERIMENT: &str = "crowd";
/// What a person of the crowd makes known, about (xtask/load/src/crowd.rs).
const EVENTS_PER_PERSON: u64 = 4;
const LOOK: Duration = Duration::from_millis(250);
const VISITS_PER_S: u32 = 20;
/// Most that the console may have taken at any moment of any of its lives: its database's cache of
/// 256 MB, and the batches of 32 connections as they are read, counted and written. Nothing in it
/// grows with what was counted before.
const MEMORY_KB: u64 = 768_000;

#[derive(clap::Args, Clone, Copy)]
pub(super) struct Args {
    /// How many events the crowd makes
    #[arg(long, default_value_t = 10_000_000)]
    events: u64,
    /// How often the console is killed meanwhile
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(0..=20))]
    kills: u64,
}

/// The report of `nexus-load ingest` (xtask/load/src/ingest.rs).
#[derive(Deserialize)]
struct Sent {
    events: u64,
    duplicates: u64,
    seconds: f64,
    events_per_s: f64,
    resent: u64,
    answer_ms: Percentiles,
    rates: [f64; 2],
    counted: [Counted; 2],
}

#[derive(Debug, Deserialize, PartialEq)]
struct Counted {
    users: u64,
    converted: u64,
    purchases_milli: u64,
}

/// Builds, starts, sends, kills, compares, and writes the section of the page.
///
/// # Errors
/// When a part fails, or anything was lost or counted twice.
pub(super) fn run(args: Args, page: &Path) -> Result<()> {
    let interrupt = Interrupt::install()?;
    prerequisites::check()?;
    build::site(Profile::Release)?;
    build::binaries(Profile::Release)?;
    let loader = Loader::build(4, 5)?;
    let settings = Settings {
        profile: Profile::Release,
        data: scratch("measure-ingest"),
        ports: Ports::free()?,
        traffic_per_s: 0,
        owner_email: DEMO_OWNER.to_owned(),
    };
    let data = settings.data.clone();
    let mut stack = Stack::start(settings, &interrupt)?;
    let text = measure(args, &loader, &mut stack, &interrupt);
    stack.stop();
    let text = text?;
    std::fs::remove_dir_all(data)?;
    section::replace(page, section::INGEST, &text)?;
    ui::note(page.display());
    Ok(())
}

fn measure(
    args: Args,
    loader: &Loader,
    stack: &mut Stack,
    interrupt: &Interrupt,
) -> Result<String> {
    let port = stack.settings().ports.console;
    let token = seed::token(stack.settings())?;
    let bearer = format!("Bearer {token}");
    begin(port, &bearer)?;
    let (sent, peaks_kb) = send(args, stack, &bearer, interrupt)?;
    let most_kb = peaks_kb.iter().max().copied().unwrap_or_default();
    ensure!(
        most_kb <= MEMORY_KB,
        "the console took {most_kb} kB, more than the {MEMORY_KB} kB that it may"
    );
    let detail = detail(port, &bearer)?;
    let results = &detail["results"];
    compare(&sent, results)?;
    let url = format!("{}/experiments/{EXPERIMENT}", local(port));
    let headers = [("authorization", bearer.as_str()), ("accept", "text/html")];
    let opened = loader.at_rate("results page", &url, &headers, VISITS_PER_S)?;
    let database = bytes_below(&stack.settings().data.join("console"))?;
    markdown(args, &sent, results, &opened, &peaks_kb, database)
}

fn begin(port: u16, bearer: &str) -> Result<()> {
    let variant =
        |key: &str| json!({ "key": key, "name": key, "weight_bp": 5_000, "features": {} });
    let draft = json!({
        "id": EXPERIMENT,
        "environment": "production",
        "name": "A crowd whose truth is known",
        "hypothesis": "What is counted is what happened.",
        "variants": [variant("control"), variant("treatment")],
        "goal": "conversion",
        "metrics": [{ "key": "purchase", "kind": { "of": "mean" } }],
    });
    for (path, body) in [
        ("/api/v1/experiments".to_owned(), draft.to_string()),
        (
            format!("/api/v1/experiments/{EXPERIMENT}/start"),
            "{}".to_owned(),
        ),
    ] {
        let answer = Ask::post_json(port, &path, &body)
            .header("authorization", bearer)
            .send()?;
        ensure!(
            answer.status < 300,
            "POST {path} answered {}: {}",
            answer.status,
            answer.text()
        );
    }
    Ok(())
}

/// Lets the crowd go, kills the console at even parts of it, and watches its memory: the peak of
/// each of its lives, in kB.
fn send(
    args: Args,
    stack: &mut Stack,
    bearer: &str,
    interrupt: &Interrupt,
) -> Result<(Sent, Vec<u64>)> {
    let step = ui::step(format!("count {} events", args.events));
    let port = stack.settings().ports.console;
    let token = std::fs::read_to_string(stack.settings().data.join("gateway-token"))?;
    let mut crowd = Crowd(
        Command::new(Profile::Release.binary("nexus-load"))
            .args(["ingest", "--experiment", EXPERIMENT])
            .args(["--url", &format!("{}/api/v1/ingest", local(port))])
            .args(["--token", token.trim()])
            .args(["--events", &args.events.to_string()])
            .stdout(Stdio::piped())
            .spawn()?,
    );
    let people = args.events / EVENTS_PER_PERSON;
    let mut kills = (1..=args.kills)
        .map(|kill| people * kill / (args.kills + 1))
        .peekable();
    let mut peaks_kb = Vec::new();
    let mut peak_kb = 0;
    while crowd.0.try_wait()?.is_none() {
        std::thread::sleep(LOOK);
        if interrupt.is_set() {
            bail!("interrupted");
        }
        let memory = memory::of_all(&stack.ids());
        peak_kb = peak_kb.max(memory.get("console").map_or(0, |m| m.peak_kb));
        let Ok(detail) = detail(port, bearer) else {
            continue;
        };
        if kills
            .next_if(|at| users(&detail["results"]) >= *at)
            .is_some()
        {
            stack.crash("console", interrupt)?;
            peaks_kb.push(std::mem::take(&mut peak_kb));
        }
    }
    peaks_kb.push(peak_kb);
    let output = std::mem::take(&mut crowd.0.stdout).context("the crowd's report")?;
    let sent: Sent = serde_json::from_reader(output).context("the report of nexus-load")?;
    ensure!(
        kills.peek().is_none(),
        "the crowd ended before the last kill"
    );
    step.done_with(&format!("{:.0} events/s", sent.events_per_s));
    Ok((sent, peaks_kb))
}

/// The process that sends; it ends with us.
struct Crowd(Child);

impl Drop for Crowd {
    fn drop(&mut self) {
        // The only error is that it has ended, which is what we want.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn detail(port: u16, bearer: &str) -> Result<Value> {
    let path = format!("/api/v1/experiments/{EXPERIMENT}");
    let answer = Ask::get(port, &path)
        .header("authorization", bearer)
        .send()?;
    ensure!(
        answer.status == 200,
        "GET {path} answered {}",
        answer.status
    );
    Ok(serde_json::from_slice(&answer.body)?)
}

fn users(results: &Value) -> u64 {
    let variants = results["variants"].as_array().into_iter().flatten();
    variants.filter_map(|v| v["exposures"].as_u64()).sum()
}

/// To the event; and the interval of the lift holds the truth.
fn compare(sent: &Sent, results: &Value) -> Result<()> {
    for (index, wanted) in sent.counted.iter().enumerate() {
        let variant = &results["variants"][index];
        let value = &results["metrics"][0]["variants"][index]["value"];
        let number = |key: &str| variant[key].as_u64().context("a count is missing");
        let users = number("exposures")?;
        let mean = value.as_f64().context("the mean is missing")?;
        let found = Counted {
            users,
            converted: number("conversions")?,
            purchases_milli: (mean * users as f64 * 1_000.0).round() as u64,
        };
        ensure!(
            found == *wanted,
            "counted {found:?}, but {wanted:?} happened"
        );
    }
    let [control, treatment] = sent.rates;
    let truth = treatment / control - 1.0;
    let (low, high) = interval(results)?;
    ensure!(
        (low..=high).contains(&truth),
        "the interval {low} to {high} does not hold the true lift {truth}"
    );
    Ok(())
}

fn interval(results: &Value) -> Result<(f64, f64)> {
    let lift = &results["variants"][1]["lift"];
    let bound = |key: &str| lift[key].as_f64().context("the lift has no interval");
    Ok((bound("low")?, bound("high")?))
}

fn bytes_below(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

fn markdown(
    args: Args,
    sent: &Sent,
    results: &Value,
    opened: &Load,
    peaks_kb: &[u64],
    database: u64,
) -> Result<String> {
    let machine = machine::describe()?;
    let (low, high) = interval(results)?;
    let [control, treatment] = sent.rates;
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    let mb = |bytes: u64| format!("{:.0} MB", bytes as f64 / 1e6);
    let peaks: Vec<String> = peaks_kb.iter().map(|kb| mb(kb * 1_000)).collect();
    let peaks_name = format!(
        "console's peak memory, each of its lives (limit {})",
        mb(MEMORY_KB * 1_000)
    );
    let rows = [
        ("events sent", sent.events.to_string()),
        ("of them sent twice", sent.duplicates.to_string()),
        (
            "users",
            sent.counted
                .iter()
                .map(|c| c.users)
                .sum::<u64>()
                .to_string(),
        ),
        (
            "events/s, kills and restarts included",
            format!("{:.0}", sent.events_per_s),
        ),
        ("seconds", format!("{:.0}", sent.seconds)),
        (
            "answer to a batch of 1,000, p50",
            format!("{:.0} ms", sent.answer_ms.p50),
        ),
        ("p99", format!("{:.0} ms", sent.answer_ms.p99)),
        (
            "console killed (SIGKILL) and started again",
            args.kills.to_string(),
        ),
        ("batches tried again", sent.resent.to_string()),
        ("true lift", percent(treatment / control - 1.0)),
        (
            "interval, always valid",
            format!("{} to {}", percent(low), percent(high)),
        ),
        (peaks_name.as_str(), peaks.join(", ")),
        ("database on disk", mb(database)),
        (
            "results page, first byte p50",
            format!("{:.1} ms", opened.first_byte_ms.p50),
        ),
        ("p99", format!("{:.1} ms", opened.first_byte_ms.p99)),
    ];
    let rows: Vec<String> = rows
        .iter()
        .map(|(name, value)| format!("| {name} | {value} |"))
        .collect();
    Ok(format!(
        "{}\n\nWritten by `cargo xtask measure ingest`. {} ({} cores, shared by console and sender), \
         commit {}. A crowd made by `nexus-load ingest` from a seed, in batches of 1,000 over 32 \
         connections: shuffled, 1 % sent twice, returning users, conversions before the exposure. \
         Users, conversions and purchases of both variants were counted exactly (or this section \
         were not written).\n\n| | |\n|---|---:|\n{}\n",
        section::INGEST,
        machine.cpu,
        machine.cores,
        machine.commit,
        rows.join("\n")
    ))
}

//! `cargo xtask measure results`: how long a page of results takes to open after a thousand,
//! a million and a hundred million events, each in a console of its own.

use super::load::{Load, Loader};
use super::numbers::Memory;
use super::{machine, memory, section, seed};
use crate::stack::{DEMO_OWNER, Interrupt, Ports, Settings, Stack, local, scratch};
use crate::workspace::Profile;
use crate::{build, prerequisites, run, ui};
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::fmt::Write as _;
use std::path::Path;

const VISITS_PER_S: u32 = 20;
/// What a page may take, at the 99th percentile.
const AIM_MS: f64 = 50.0;

#[derive(clap::Args, Clone, Copy)]
pub(super) struct Args {
    /// How many events the largest experiment has seen; the others a hundredth and a thousand
    #[arg(long, default_value_t = 100_000_000, value_parser = clap::value_parser!(u64).range(100_000..=100_000_000))]
    events: u64,
    /// Seconds per load
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
}

/// The report of the example `course` of `nexus-control`.
#[derive(Deserialize)]
struct Course {
    experiment: String,
    counted_events: u64,
    events: u64,
    users: u64,
    rows_of_people: u64,
    page: Asked,
    metric_page: Asked,
    /// Where raw events were kept.
    raw: Option<Raw>,
}

/// What raw events take.
#[derive(Deserialize)]
struct Raw {
    blocks: u64,
    events: u64,
    bytes: u64,
}

#[derive(Deserialize)]
struct Asked {
    questions: u64,
    rows: u64,
}

/// One experiment with its console.
struct Opened {
    course: Course,
    database_bytes: u64,
    page: Load,
    metric_page: Load,
    api: Load,
    console: Memory,
}

/// Builds, makes each experiment, opens its pages, and writes the section of the page.
///
/// # Errors
/// When a part fails, or a page takes longer than promised.
pub(super) fn run(args: Args, page: &Path) -> Result<()> {
    let interrupt = Interrupt::install()?;
    prerequisites::check()?;
    build::site(Profile::Release)?;
    build::binaries(Profile::Release)?;
    let loader = Loader::build(4, args.seconds)?;
    let (hello_process, hello_port) = loader.hello()?;
    let hello = loader.at_rate("bare axum hello", &local(hello_port), &[], VISITS_PER_S)?;
    drop(hello_process);
    let mut all = Vec::new();
    for events in [1_000, args.events / 100, args.events] {
        all.push(opened(events, &loader, &interrupt)?);
    }
    for opened in &all {
        let p99 = opened.page.first_byte_ms.p99;
        ensure!(
            p99 < AIM_MS,
            "after {} events the page takes {p99:.1} ms",
            opened.course.events
        );
    }
    let raw = raw(args.events / 100)?;
    section::replace(page, section::RESULTS, &markdown(&hello, &all, &raw)?)?;
    ui::note(page.display());
    Ok(())
}

fn opened(events: u64, loader: &Loader, interrupt: &Interrupt) -> Result<Opened> {
    let settings = Settings {
        profile: Profile::Release,
        data: scratch("measure-results"),
        ports: Ports::free()?,
        traffic_per_s: 0,
        owner_email: DEMO_OWNER.to_owned(),
    };
    let data = settings.data.clone();
    let folder = data.join("console");
    std::fs::create_dir_all(&folder)?;
    let course = course(&folder.join("console.db"), events, &[])?;
    let mut stack = Stack::start(settings, interrupt)?;
    let opened = open(course, &folder, loader, &stack);
    stack.stop();
    let opened = opened?;
    std::fs::remove_dir_all(data)?;
    Ok(opened)
}

/// Apart from the pages, which read no raw events.
fn raw(events: u64) -> Result<Raw> {
    let folder = scratch("measure-raw");
    std::fs::create_dir_all(&folder)?;
    let course = course(&folder.join("console.db"), events, &["raw"])?;
    std::fs::remove_dir_all(folder)?;
    course.raw.context("the course kept no raw events")
}

fn course(database: &Path, events: u64, more: &[&str]) -> Result<Course> {
    let step = ui::step(format!("four weeks with {events} events"));
    let mut course = run::cargo();
    course
        .args(["run", "--locked", "--release", "--quiet"])
        .args(["--package", "nexus-control", "--example", "course", "--"])
        .arg(database)
        .arg(events.to_string())
        .args(more);
    let course: Course = serde_json::from_str(&run::reading(&mut course)?)
        .context("the report of the example `course`")?;
    step.done_with(&format!("{} rows of people", course.rows_of_people));
    Ok(course)
}

fn open(course: Course, folder: &Path, loader: &Loader, stack: &Stack) -> Result<Opened> {
    let settings = stack.settings();
    let bearer = format!("Bearer {}", seed::token(settings)?);
    let console = local(settings.ports.console);
    let at_rate = |name: &str, path: &str, accept: &str| {
        let headers = [("authorization", bearer.as_str()), ("accept", accept)];
        let url = format!("{console}{path}");
        loader.at_rate(name, &url, &headers, VISITS_PER_S)
    };
    let path = format!("/experiments/{}", course.experiment);
    let page = at_rate("results page", &path, "text/html")?;
    let metric_page = at_rate("metric page", &format!("{path}/metrics/spent"), "text/html")?;
    let api = at_rate("API", &format!("/api/v1{path}"), "application/json")?;
    let mut memory = memory::of_all(&stack.ids());
    Ok(Opened {
        database_bytes: std::fs::metadata(folder.join("console.db"))?.len(),
        course,
        page,
        metric_page,
        api,
        console: memory.remove("console").context("the console's memory")?,
    })
}

fn markdown(hello: &Load, all: &[Opened], raw: &Raw) -> Result<String> {
    let machine = machine::describe()?;
    let mut text = format!(
        "{}\n\nWritten by `cargo xtask measure results`. {} ({} cores, shared by console and \
         visitors), commit {}. {VISITS_PER_S} visits/s. An experiment of four weeks: four variants, \
         seven metrics of all kinds beside the goal, one of them a guardrail, one adjusted by \
         the time before; limits of errors and of waiting; three dimensions with 249 countries. Each \
         size has a console and a database of its own. Written only when every results page opens \
         within {AIM_MS:.0} ms (p99).\n\n\
         What was counted as events went through the console's own counting, with its clock turned \
         ahead through the four weeks. The rest was made by SQL: each row of a person or event copied \
         under other names, each counter multiplied; a test holds the outcome against the same people \
         sent as events, table by table (`crates/control/tests/growth.rs`). A page reads counters \
         only, no row of a person.\n\n",
        section::RESULTS,
        machine.cpu,
        machine.cores,
        machine.commit,
    );
    let names: Vec<String> = all.iter().map(|o| short(o.course.events)).collect();
    writeln!(text, "| events | {} |", names.join(" | "))?;
    writeln!(text, "|---|{}", "---:|".repeat(all.len()))?;
    let mut row = |name: &str, cell: &dyn Fn(&Opened) -> String| {
        let cells: Vec<String> = all.iter().map(cell).collect();
        writeln!(text, "| {name} | {} |", cells.join(" | "))
    };
    row("events, exactly", &|o| o.course.events.to_string())?;
    row("of them counted as events", &|o| {
        o.course.counted_events.to_string()
    })?;
    row("users", &|o| o.course.users.to_string())?;
    row("rows of users and events", &|o| {
        o.course.rows_of_people.to_string()
    })?;
    row("database MB", &|o| mb(o.database_bytes))?;
    row("results page, first byte p50 ms", &|o| p50(&o.page))?;
    row("p99", &|o| p99(&o.page))?;
    row("one metric's page, first byte p50 ms", &|o| {
        p50(&o.metric_page)
    })?;
    row("p99", &|o| p99(&o.metric_page))?;
    row("results by the API, first byte p50 ms", &|o| p50(&o.api))?;
    row("p99", &|o| p99(&o.api))?;
    row("results page, questions to the database", &|o| {
        o.course.page.questions.to_string()
    })?;
    row("rows of the answers", &|o| o.course.page.rows.to_string())?;
    row("metric's page, questions to the database", &|o| {
        o.course.metric_page.questions.to_string()
    })?;
    row("rows of the answers", &|o| {
        o.course.metric_page.rows.to_string()
    })?;
    row("console, resident MB", &|o| {
        mb(o.console.resident_kb * 1_000)
    })?;
    row("console, peak MB", &|o| mb(o.console.peak_kb * 1_000))?;
    writeln!(
        text,
        "\nA bare axum server that says hello, asked alike: p50 {} ms, p99 {} ms. With a thousand \
         events the course has fewer points and some countries nobody, so there is less to read and \
         to draw.",
        p50(hello),
        p99(hello)
    )?;
    writeln!(
        text,
        "\nRaw events, kept of {} events under ids that are all random (UUIDs): {:.1} bytes of an \
         event, in blocks of {:.0} events on average.",
        short(raw.events),
        raw.bytes as f64 / raw.events.max(1) as f64,
        raw.events as f64 / raw.blocks.max(1) as f64
    )?;
    Ok(text)
}

fn p50(load: &Load) -> String {
    format!("{:.1}", load.first_byte_ms.p50)
}

fn p99(load: &Load) -> String {
    format!("{:.1}", load.first_byte_ms.p99)
}

fn mb(bytes: u64) -> String {
    format!("{:.0}", bytes as f64 / 1e6)
}

/// To one digit, as people say it.
fn short(events: u64) -> String {
    let round = |unit: f64| (events as f64 / unit).round();
    match events {
        0..500_000 => format!("{} thousand", round(1e3)),
        _ => format!("{} million", round(1e6)),
    }
}

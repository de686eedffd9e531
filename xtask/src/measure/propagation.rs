//! `cargo xtask measure propagation`: from the answer to a change until it counts at the
//! gateway and at the console's own pages for SDKs, and until each of many SDK clients has
//! heard of it by its stream.

use super::load::{Loader, Percentiles};
use super::{machine, section};
use crate::stack::http::Ask;
use crate::stack::{
    DEMO_OWNER, Interrupt, Ports, Settings, Stack, console_command, local, scratch,
};
use crate::workspace::Profile;
use crate::{build, prerequisites, run, ui};
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::json;
use std::path::Path;
use std::process::Command;

const ENVIRONMENT: &str = "production";
const FLAG: &str = "measured";
/// What is promised, at the 99th percentile.
const MOST_MS: f64 = 1_000.0;

#[derive(clap::Args, Clone, Copy)]
pub(super) struct Args {
    /// How many changes are made, one after the other
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    changes: u32,
    /// SDK clients with an open stream, at the gateway and at the console each
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    streams: u32,
}

/// The report of `nexus-load propagation` (xtask/load/src/propagation.rs).
#[derive(Deserialize)]
struct Report {
    changes: u32,
    hosts: Vec<Reached>,
}

#[derive(Deserialize)]
struct Reached {
    name: String,
    streams: usize,
    in_force_ms: Percentiles,
    told_ms: Percentiles,
}

/// Builds, starts, changes and watches, writes the section of the page.
///
/// # Errors
/// When a part fails, or changes take longer than is promised.
pub(super) fn run(args: Args, page: &Path) -> Result<()> {
    let interrupt = Interrupt::install()?;
    prerequisites::check()?;
    build::site(Profile::Release)?;
    build::binaries(Profile::Release)?;
    Loader::build(1, 1)?;
    let settings = Settings {
        profile: Profile::Release,
        data: scratch("measure-propagation"),
        ports: Ports::free()?,
        traffic_per_s: 0,
        owner_email: DEMO_OWNER.to_owned(),
    };
    let data = settings.data.clone();
    let mut stack = Stack::start(settings, &interrupt)?;
    let report = measure(args, stack.settings());
    stack.stop();
    let report = report?;
    std::fs::remove_dir_all(data)?;
    let text = markdown(&report)?;
    print(&text);
    hold(&report)?;
    section::replace(page, section::PROPAGATION, &text)?;
    ui::note(page.display());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the table is the command's result")]
fn print(text: &str) {
    println!("{text}");
}

fn measure(args: Args, settings: &Settings) -> Result<Report> {
    let (console, gateway) = (settings.ports.console, settings.ports.gateway);
    let command = |arguments: &[&str]| run::reading(&mut console_command(settings, arguments));
    let create = [
        "sdk-key", "create", "--server", "--print", "--name", "measure",
    ];
    let key = command(&[&create[..], &["--in", ENVIRONMENT]].concat())?;
    let create = ["token", "create", "--print", "--name", "measure"];
    let token = command(&[&create[..], &["--scope", "flags:write"]].concat())?;
    make_flag(console, &token)?;
    let pages = format!("{}/__nexus", local(gateway));
    until_known(gateway, &key)?;
    let step = ui::step(format!(
        "{} changes to {} streams",
        args.changes,
        2 * args.streams
    ));
    let mut load = Command::new(settings.profile.binary("nexus-load"));
    load.args(["propagation", "--token", &token, "--key", &key])
        .args(["--changes", &args.changes.to_string()])
        .args(["--streams", &args.streams.to_string()])
        .args(["--host", &format!("gateway={pages}")])
        .args(["--host", &format!("console={}/", local(console))])
        .arg("--flag")
        .arg(format!(
            "{}/api/v1/flags/{ENVIRONMENT}/{FLAG}",
            local(console)
        ));
    let report = run::reading(&mut load)?;
    let report: Report = serde_json::from_str(&report).context("the report of nexus-load")?;
    let worst = report.hosts.iter().map(|host| host.told_ms.p99);
    step.done_with(&format!("p99 {:.0} ms", worst.fold(0.0, f64::max)));
    Ok(report)
}

fn make_flag(console: u16, token: &str) -> Result<()> {
    let draft = json!({
        "key": FLAG,
        "environment": ENVIRONMENT,
        "name": "Measured",
        "kind": "boolean",
        "value": false,
        "rules": [{ "value": true }],
    });
    let (body, bearer) = (draft.to_string(), format!("Bearer {token}"));
    let answer = Ask::post_json(console, "/api/v1/flags", &body)
        .header("authorization", &bearer)
        .send()?;
    ensure!(
        answer.status == 201,
        "the flag: {} {}",
        answer.status,
        answer.text()
    );
    Ok(())
}

/// Waits until the gateway knows flag and key.
fn until_known(gateway: u16, key: &str) -> Result<()> {
    let begun = ui::now();
    let path = format!("/__nexus/ofrep/v1/evaluate/flags/{FLAG}");
    let question = r#"{"context":{"targetingKey":"u"}}"#;
    loop {
        let answer = Ask::post_json(gateway, &path, question)
            .header("x-api-key", key)
            .send()?;
        if answer.status == 200 {
            return Ok(());
        }
        let waited = begun.elapsed().as_secs();
        ensure!(waited < 30, "the gateway answers {}", answer.status);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn hold(report: &Report) -> Result<()> {
    for host in &report.hosts {
        for (what, times) in [("in force", host.in_force_ms), ("told", host.told_ms)] {
            ensure!(
                times.p99 < MOST_MS,
                "{}: changes are {what} after p50 {:.0} ms, p99 {:.0} ms, at most {:.0} ms; \
                 promised is a p99 under {MOST_MS} ms",
                host.name,
                times.p50,
                times.p99,
                times.max
            );
        }
    }
    Ok(())
}

fn markdown(report: &Report) -> Result<String> {
    let machine = machine::describe()?;
    let row = |what: String, times: Percentiles| {
        let Percentiles { p50, p99, max, .. } = times;
        format!("| {what} | {p50:.0} ms | {p99:.0} ms | {max:.0} ms |")
    };
    let rows: Vec<String> = report
        .hosts
        .iter()
        .flat_map(|host| {
            let (name, streams) = (&host.name, host.streams);
            [
                row(format!("in force at the {name}"), host.in_force_ms),
                row(
                    format!("told on each of {streams} streams of the {name}"),
                    host.told_ms,
                ),
            ]
        })
        .collect();
    Ok(format!(
        "{}\n\nWritten by `cargo xtask measure propagation`. {} ({} cores, shared by everything), \
         commit {}. A flag was switched {} times by the API. The time runs from the answer to the \
         change: through Workers KV (the sandbox's) to the gateway, and at the console's own pages \
         for SDKs. The gateway looks twice a second (`NEXUS_POLL_MS=500`); in force is asked every 5 ms.\n\n| | p50 | p99 | max |\n|---|---:|---:|---:|\n{}\n",
        section::PROPAGATION,
        machine.cpu,
        machine.cores,
        machine.commit,
        report.changes,
        rows.join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use super::{Percentiles, Reached, Report, hold};

    #[test]
    fn a_second_is_too_long() {
        let times = |p99| Percentiles {
            p50: 100.0,
            p90: 200.0,
            p99,
            max: 2_000.0,
        };
        let report = |told| Report {
            changes: 1,
            hosts: vec![Reached {
                name: "gateway".to_owned(),
                streams: 1,
                in_force_ms: times(999.0),
                told_ms: times(told),
            }],
        };
        assert!(hold(&report(999.9)).is_ok());
        assert!(hold(&report(1_000.0)).is_err());
    }
}

//! Running `nexus-load` and helper servers beside the stack.

use crate::stack::{Process, Program, scratch};
use crate::workspace::Profile;
use crate::{run, ui};
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

/// The report of `nexus-load` (xtask/load/src/report.rs).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    pub(crate) statuses: BTreeMap<u16, u64>,
    pub(crate) requests_per_s: f64,
    pub(crate) body_bytes: u64,
    pub(crate) first_byte_ms: Percentiles,
    pub(crate) whole_ms: Percentiles,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

/// Each comes about as often in a run as a visitor asks for pages and what they contain.
const RETURNING_USERS: u32 = 5_000;

/// A built load generator with its bounds.
pub(crate) struct Loader {
    binary: PathBuf,
    connections: u32,
    seconds: u64,
}

impl Loader {
    /// Builds the generator and the bare proxy with optimisation.
    ///
    /// # Errors
    /// When cargo fails.
    pub(crate) fn build(connections: u32, seconds: u64) -> Result<Self> {
        let step = ui::step("load generator and bare proxy");
        run::visibly(run::cargo().args([
            "build",
            "--locked",
            "--release",
            "--package",
            "nexus-load",
        ]))?;
        run::visibly(run::cargo().args([
            "build",
            "--locked",
            "--release",
            "--package",
            "nexus-gateway",
            "--example",
            "bare_proxy",
        ]))?;
        step.done();
        Ok(Self {
            binary: Profile::Release.binary("nexus-load"),
            connections,
            seconds,
        })
    }

    /// Asks as often as is answered.
    ///
    /// # Errors
    /// When nothing answers well.
    pub(crate) fn most(&self, name: &str, url: &str, headers: &[(&str, &str)]) -> Result<Load> {
        self.send(name, url, None, &header_arguments(headers))
    }

    /// Asks `rate` times a second, whatever is answered.
    ///
    /// # Errors
    /// When nothing answers well.
    pub(crate) fn at_rate(
        &self,
        name: &str,
        url: &str,
        headers: &[(&str, &str)],
        rate: u32,
    ) -> Result<Load> {
        self.send(name, url, Some(rate), &header_arguments(headers))
    }

    /// As often as is answered, or at a rate, by visitors who come again and again.
    ///
    /// # Errors
    /// When nothing answers well.
    pub(crate) fn returning(&self, name: &str, url: &str, rate: Option<u32>) -> Result<Load> {
        let users = ["--users".to_owned(), RETURNING_USERS.to_string()];
        self.send(name, url, rate, &users)
    }

    fn send(&self, name: &str, url: &str, rate: Option<u32>, more: &[String]) -> Result<Load> {
        let step = ui::step(format!("measure {name}"));
        let mut command = Command::new(&self.binary);
        command.args(["http", "--url", url]);
        command.args(["--connections", &self.connections.to_string()]);
        command.args(["--seconds", &self.seconds.to_string()]);
        if let Some(rate) = rate {
            command.args(["--rate", &rate.to_string()]);
        }
        command.args(more);
        let report = run::reading(&mut command)?;
        let load: Load = serde_json::from_str(&report).context("the report of nexus-load")?;
        let good = load.statuses.get(&200).copied().unwrap_or(0);
        if good == 0 || good != load.requests || load.errors > 0 {
            bail!("{name}: a measurement with bad answers says nothing: {report}");
        }
        step.done_with(&format!(
            "{:.0} requests/s, p50 {:.2} ms, p99 {:.2} ms",
            load.requests_per_s, load.first_byte_ms.p50, load.first_byte_ms.p99
        ));
        Ok(load)
    }

    /// The bare axum server, running until dropped.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn hello(&self) -> Result<(Process, u16)> {
        let port = free_port()?;
        let arguments = vec![
            "hello".into(),
            "--listen".into(),
            format!("127.0.0.1:{port}").into(),
        ];
        let program = Program {
            name: "hello",
            binary: self.binary.clone(),
            arguments,
            environment: vec![],
            health: (port, "/"),
        };
        Ok((started(program)?, port))
    }

    /// The bare reverse proxy in front of a port of this machine, running until dropped.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn bare_proxy(&self, origin: u16) -> Result<(Process, u16)> {
        let port = free_port()?;
        let program = Program {
            name: "bare-proxy",
            binary: Profile::Release.binary("examples/bare_proxy"),
            arguments: vec![
                format!("127.0.0.1:{port}").into(),
                format!("127.0.0.1:{origin}").into(),
            ],
            environment: vec![],
            health: (port, "/health"),
        };
        Ok((started(program)?, port))
    }
}

fn header_arguments(headers: &[(&str, &str)]) -> Vec<String> {
    let pairs = headers.iter();
    pairs
        .flat_map(|(name, value)| ["--header".to_owned(), format!("{name}: {value}")])
        .collect()
}

fn started(program: Program) -> Result<Process> {
    let mut process = Process::start(program, &scratch("measure-logs"))?;
    process.wait_healthy(|| false)?;
    Ok(process)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

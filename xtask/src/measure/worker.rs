//! The gateway as a Worker beside a Worker that only passes on, both on workerd.
//!
//! `end2end/edge-gateway/serve.mjs` starts both in front of the stack's origin, prints one line
//! `{"pass_through": url, "gateway": url}`, and ends with its standard input.

use super::load::Loader;
use super::numbers::Worker;
use crate::stack::local;
use crate::{build, npm, ui};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const FOLDER: &str = "end2end/edge-gateway";

#[derive(Deserialize)]
struct Urls {
    pass_through: String,
    gateway: String,
}

/// Measures both at their limit.
///
/// # Errors
/// When workerd does not start or a Worker does not answer with 200.
pub(super) fn measure(loader: &Loader, origin: u16) -> Result<Worker> {
    let worker = build::gateway_worker()?;
    let folder = npm::install(FOLDER)?;
    let step = ui::step("start both Workers on workerd");
    let mut node = Command::new("node")
        .arg("serve.mjs")
        .current_dir(folder)
        .env("NEXUS_EDGE_GATEWAY_DIR", worker)
        .env("NEXUS_MEASURE_ORIGIN", local(origin))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("could not start Node")?;
    let urls = first_line(&mut node);
    step.done();
    let outcome = urls.and_then(|urls| both(loader, &urls));
    // Closing its input asks it to end; it holds workerd, so it is not killed first.
    drop(node.stdin.take());
    node.wait()?;
    outcome
}

fn both(loader: &Loader, urls: &Urls) -> Result<Worker> {
    let pass_through = loader.most("pass-through Worker", &urls.pass_through, &[])?;
    let gateway = loader.most("gateway Worker", &urls.gateway, &[])?;
    let throughput_ratio = gateway.requests_per_s / pass_through.requests_per_s;
    Ok(Worker {
        pass_through,
        gateway,
        throughput_ratio,
    })
}

fn first_line(node: &mut Child) -> Result<Urls> {
    let output = node.stdout.take().context("Node has no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    serde_json::from_str(&line).with_context(|| format!("{FOLDER}/serve.mjs said {line:?}"))
}

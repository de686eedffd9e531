//! `cargo xtask stack`: the system for tests. It runs on free ports with data of its own,
//! prints one line of JSON once everything is up, and ends when its standard input is
//! closed, so that it never outlives the test runner that started it.

use super::programs::{SANDBOX_ACCOUNT, SANDBOX_TOKEN, local};
use super::{DEMO_OWNER, Ending, Interrupt, Ports, Settings, Stack};
use crate::workspace::{self, Profile};
use crate::{build, ui};
use anyhow::{Result, bail};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Release binaries instead of debug ones
    #[arg(long)]
    release: bool,
    /// Use what is built already
    #[arg(long)]
    no_build: bool,
    /// Where the data lives; kept afterwards [default: a new folder, removed at the end]
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Synthetic requests per second to the gateway, until its page says otherwise
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=1000))]
    traffic: u32,
}

/// What the JSON line says.
#[derive(Serialize)]
struct Description<'a> {
    /// The address to open: the console behind Access.
    url: String,
    api_url: String,
    console_url: String,
    gateway_url: String,
    stable_url: String,
    canary_url: String,
    traffic_url: String,
    api_token: &'static str,
    account_id: &'static str,
    owner_email: &'a str,
    data: &'a PathBuf,
    ports: &'a Ports,
    /// Process ids by name.
    pids: BTreeMap<&'static str, u32>,
}

impl<'a> Description<'a> {
    fn of(stack: &'a Stack) -> Self {
        let settings = stack.settings();
        let ports = &settings.ports;
        Self {
            url: local(ports.access),
            api_url: format!("{}/client/v4", local(ports.api)),
            console_url: local(ports.console),
            gateway_url: local(ports.gateway),
            stable_url: local(ports.stable),
            canary_url: local(ports.canary),
            traffic_url: local(ports.traffic),
            api_token: SANDBOX_TOKEN,
            account_id: SANDBOX_ACCOUNT,
            owner_email: &settings.owner_email,
            data: &settings.data,
            ports,
            pids: stack.ids().into_iter().collect(),
        }
    }
}

/// Runs the stack until standard input closes or a signal comes.
///
/// # Errors
/// When it does not come up, or a process ends by itself.
pub(crate) fn run(args: &Args) -> Result<()> {
    let interrupt = Interrupt::install()?;
    let profile = if args.release {
        Profile::Release
    } else {
        Profile::Debug
    };
    if !args.no_build {
        build::site(Profile::Release)?;
        build::binaries(profile)?;
    }
    let (data, temporary) = match &args.data {
        Some(folder) => (folder.clone(), false),
        None => (scratch("stack"), true),
    };
    let settings = Settings {
        profile,
        data: data.clone(),
        ports: Ports::free()?,
        traffic_per_s: args.traffic,
        owner_email: DEMO_OWNER.to_owned(),
    };
    let outcome = serve(settings, &interrupt);
    if temporary && outcome.is_ok() {
        std::fs::remove_dir_all(&data)?;
    }
    outcome
}

fn serve(settings: Settings, interrupt: &Interrupt) -> Result<()> {
    let mut stack = Stack::start(settings, interrupt)?;
    print(&Description::of(&stack))?;
    end_with_standard_input(interrupt.clone());
    let ending = stack.watch(interrupt);
    stack.stop();
    match ending {
        Ending::Interrupted => Ok(()),
        Ending::Died(report) => bail!(report),
    }
}

#[expect(clippy::print_stdout, reason = "this line is the command's result")]
fn print(description: &Description<'_>) -> Result<()> {
    println!("{}", serde_json::to_string(description)?);
    Ok(())
}

fn end_with_standard_input(interrupt: Interrupt) {
    std::thread::spawn(move || {
        let mut ignored = [0; 64];
        while matches!(std::io::stdin().read(&mut ignored), Ok(count) if count > 0) {}
        interrupt.set();
    });
}

/// A folder of our own below cargo's target folder.
pub(crate) fn scratch(purpose: &str) -> PathBuf {
    let folder = workspace::target()
        .join("scratch")
        .join(format!("{purpose}-{}", std::process::id()));
    ui::note(format!("data in {}", folder.display()));
    folder
}

//! `cargo xtask up`: from a fresh clone to a running system.

use crate::stack::{DEMO_OWNER, Ending, Interrupt, PortArgs, Ports, Settings, Stack};
use crate::workspace::{self, Profile};
use crate::{build, prerequisites, ui};
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Start over: removes the data of earlier runs first
    #[arg(long)]
    fresh: bool,
    /// Synthetic requests per second to the gateway, until its page says otherwise
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=1000))]
    traffic: u32,
    /// The member who may do everything from the first moment
    #[arg(long, default_value = DEMO_OWNER, value_name = "ADDRESS")]
    owner: String,
    #[command(flatten)]
    ports: PortArgs,
}

/// Builds, starts, waits for Ctrl-C, stops.
///
/// # Errors
/// When something is missing, does not build, does not start, or ends by itself.
pub(crate) fn run(args: &Args) -> Result<()> {
    let whole = ui::step("cargo xtask up");
    let interrupt = Interrupt::install()?;
    let ports = args.ports.ports();
    // Before the build: nobody wants to wait minutes for this answer.
    ports.check_free()?;
    prerequisites::check()?;
    let data = data_folder();
    if args.fresh {
        remove(&data)?;
    }
    build_all()?;
    if interrupt.is_set() {
        bail!("interrupted");
    }
    let settings = Settings {
        profile: Profile::Release,
        data,
        ports,
        traffic_per_s: args.traffic,
        owner_email: args.owner.clone(),
    };
    let mut stack = Stack::start(settings, &interrupt)?;
    whole.done();
    welcome(stack.settings());
    finish(&mut stack, &interrupt)
}

/// Site and binaries at the same time: optimising the client keeps one core busy for long.
fn build_all() -> Result<()> {
    let (site, binaries) = std::thread::scope(|scope| {
        let site = scope.spawn(|| build::site(Profile::Release));
        let binaries = build::binaries(Profile::Release);
        (site.join(), binaries)
    });
    let site = site.unwrap_or_else(|_| bail!("building the site panicked"));
    site.and(binaries)
}

/// Waits for the end and brings it about cleanly.
pub(crate) fn finish(stack: &mut Stack, interrupt: &Interrupt) -> Result<()> {
    let ending = stack.watch(interrupt);
    let step = ui::step("stop everything");
    stack.stop();
    step.done();
    match ending {
        Ending::Interrupted => Ok(()),
        Ending::Died(report) => bail!(report),
    }
}

/// The data of `up` and `dev`, inside the checkout and ignored by git.
pub(crate) fn data_folder() -> PathBuf {
    workspace::root().join(".nexus")
}

fn remove(data: &PathBuf) -> Result<()> {
    if data.exists() {
        ui::note(format!("--fresh: removing {}", data.display()));
        std::fs::remove_dir_all(data).with_context(|| format!("removing {}", data.display()))?;
    }
    Ok(())
}

/// One address, how to sign in, what to try.
pub(crate) fn welcome(settings: &Settings) {
    let Ports {
        access,
        api,
        gateway,
        traffic,
        ..
    } = &settings.ports;
    ui::line(format!(
        "
  Open      {address}
  Sign in   choose {owner} on the page that opens; it also shows the six-digit code
            of the second factor.
  Try       create an experiment, start it, and watch the gateway split live traffic
            by it; then make a variant fail on http://127.0.0.1:{traffic}/ and see it stop.

  gateway http://127.0.0.1:{gateway}/   sandbox account and faults http://127.0.0.1:{api}/
  logs and data in {data}; Ctrl-C stops everything.
",
        address = ui::bold(&format!("http://127.0.0.1:{access}/")),
        owner = settings.owner_email,
        data = settings.data.display(),
    ));
}

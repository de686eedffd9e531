//! `cargo xtask dev`: like `up`, but debug builds, rebuilt and restarted on change.

use crate::stack::{DEMO_OWNER, Interrupt, PortArgs, Settings, Stack};
use crate::workspace::{self, Profile};
use crate::{build, prerequisites, stamp, ui, up};
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// How often files are looked at; a save shows within this and the build.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// Everything that ends up in a binary or in the site.
const WATCHED: [&str; 7] = [
    "Cargo.toml",
    "app",
    "crates",
    "migrations",
    "server",
    "style",
    "xtask/npm",
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Synthetic requests per second to the gateway, until its page says otherwise
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=1000))]
    traffic: u32,
    #[command(flatten)]
    ports: PortArgs,
}

/// Runs until Ctrl-C. A build that fails leaves the last good system running.
///
/// # Errors
/// When the first build or start fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let interrupt = Interrupt::install()?;
    let ports = args.ports.ports();
    ports.check_free()?;
    prerequisites::check()?;
    build::site(Profile::Debug)?;
    build::binaries(Profile::Debug)?;
    let settings = Settings {
        profile: Profile::Debug,
        data: up::data_folder(),
        ports,
        traffic_per_s: args.traffic,
        owner_email: DEMO_OWNER.to_owned(),
    };
    let mut stack = Stack::start(settings, &interrupt)?;
    up::welcome(stack.settings());
    let mut build = 1;
    tell_pages(build)?;
    let mut known = Times::read()?;
    while !interrupt.is_set() {
        std::thread::sleep(LOOK_EVERY);
        let now = Times::read()?;
        if now != known {
            known = now;
            match renew(&mut stack, &interrupt) {
                Ok(Renewed { pages: true }) => {
                    build += 1;
                    tell_pages(build)?;
                }
                Ok(Renewed { pages: false }) => {}
                Err(error) => {
                    ui::error(&error);
                    ui::note("the last good build keeps running; save again to retry");
                }
            }
        }
        if let Some(report) = stack.death() {
            ui::line(report);
            ui::note("save a file to build and start it again");
        }
    }
    up::finish(&mut stack, &interrupt)
}

/// What a change led to.
struct Renewed {
    /// Whether pages look different now.
    pages: bool,
}

/// Names the running build where open pages look for it (xtask/npm/reload.js).
fn tell_pages(build: u32) -> Result<()> {
    let name = format!("{}-{build}", std::process::id());
    std::fs::write(workspace::site().join("build.txt"), name)?;
    Ok(())
}

/// Builds again and restarts the programs whose binary came out different.
fn renew(stack: &mut Stack, interrupt: &Interrupt) -> Result<Renewed> {
    let step = ui::step("change seen");
    let before = binaries()?;
    let manifest = workspace::site().join("manifest.json");
    let site_before = std::fs::read_to_string(&manifest).unwrap_or_default();
    build::site(Profile::Debug)?;
    build::binaries(Profile::Debug)?;
    let site_changed = std::fs::read_to_string(&manifest).unwrap_or_default() != site_before;
    let after = binaries()?;
    let changed = |binary: &str| before.get(binary) != after.get(binary);
    let mut restarted = Vec::new();
    // The console reads the manifest when it starts.
    let programs = [
        ("sandbox", changed("nexus-sandbox")),
        ("origins", changed("nexus-demo")),
        ("console", changed("nexus-admin") || site_changed),
        ("gateway", changed("nexus-gateway")),
        ("traffic", changed("nexus-demo")),
    ];
    for (name, needed) in programs {
        if (needed || stack.is_down(name)) && stack.has(name) {
            stack.restart(name, interrupt)?;
            restarted.push(name);
        }
    }
    let what = if restarted.is_empty() {
        "nothing to restart".into()
    } else {
        format!("restarted {}", restarted.join(", "))
    };
    step.done_with(&what);
    Ok(Renewed {
        pages: restarted.contains(&"console"),
    })
}

/// When each binary was last written.
fn binaries() -> Result<BTreeMap<&'static str, SystemTime>> {
    build::BINARIES
        .iter()
        .map(|(_, binary)| {
            let modified = std::fs::metadata(Profile::Debug.binary(binary))?.modified()?;
            Ok((*binary, modified))
        })
        .collect()
}

/// When each watched file was last written.
#[derive(PartialEq, Eq)]
struct Times(BTreeMap<PathBuf, SystemTime>);

impl Times {
    fn read() -> Result<Self> {
        let mut times = BTreeMap::new();
        for watched in WATCHED {
            for file in stamp::files_below(&workspace::root().join(watched))? {
                // An editor may have moved it away just now; the next look sees it.
                if let Ok(modified) = file.metadata().and_then(|data| data.modified()) {
                    times.insert(file, modified);
                }
            }
        }
        Ok(Self(times))
    }
}

//! Pythons in which other people's programs run, for the tests that compare ours with them:
//! statistics (`crates/stats/tests/oracle`) and clients (`end2end/conformance`).

use crate::{run, stamp, ui, workspace};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// The one version that the pinned packages exist for.
const VERSION: &str = "3.11";

/// Whose packages are wanted; they don't all go together in one environment.
#[derive(Clone, Copy)]
pub(super) enum Packages {
    Statistics,
    Clients,
}

impl Packages {
    const fn requirements(self) -> &'static str {
        match self {
            Self::Statistics => "crates/stats/tests/oracle/requirements.txt",
            Self::Clients => "end2end/conformance/requirements.txt",
        }
    }

    const fn folder(self) -> &'static str {
        match self {
            Self::Statistics => "oracle",
            Self::Clients => "python-clients",
        }
    }
}

/// The executable of the statistics' Python, with the packages installed.
///
/// # Errors
/// Says what is missing.
pub(super) fn python() -> Result<PathBuf> {
    match std::env::var_os("NEXUS_PYTHON") {
        Some(given) => Ok(given.into()),
        None => Ok(programs(Packages::Statistics)?.join("python")),
    }
}

/// The folder of an environment's programs; it is made at the first use.
///
/// # Errors
/// Says what is missing.
pub(super) fn programs(packages: Packages) -> Result<PathBuf> {
    let system = system_python()?;
    let requirements = workspace::root().join(packages.requirements());
    let digest = stamp::Inputs::default()
        .value(VERSION)
        .path(&requirements)?
        .digest();
    let folder = workspace::target().join(packages.folder());
    let python = folder.join("bin/python");
    stamp::unless_done(&folder.join("stamp"), &digest, &python, || {
        let step = ui::step(format!("Python packages of {}", packages.requirements()));
        run::visibly(
            Command::new(system)
                .args(["-m", "venv", "--clear"])
                .arg(&folder),
        )?;
        run::visibly(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--no-input"])
                .args(["--disable-pip-version-check", "--requirement"])
                .arg(&requirements),
        )?;
        step.done();
        Ok(())
    })?;
    Ok(folder.join("bin"))
}

fn system_python() -> Result<&'static str> {
    let version = "import sys, venv; print('%d.%d' % sys.version_info[:2])";
    let fits = |name: &&str| {
        run::reading(Command::new(name).args(["-c", version])).is_ok_and(|said| said == VERSION)
    };
    match ["python3.11", "python3"].into_iter().find(fits) {
        Some(name) => Ok(name),
        None => bail!("no Python {VERSION} with its module venv"),
    }
}

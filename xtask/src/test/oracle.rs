//! The Python in which other people's statistics run, for the tests that compare ours with
//! them (`crates/stats/tests/oracle`).

use crate::{run, stamp, ui, workspace};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// The one version that the pinned packages exist for.
const VERSION: &str = "3.11";
const REQUIREMENTS: &str = "crates/stats/tests/oracle/requirements.txt";

/// Its executable, with the packages installed; made at the first use.
///
/// # Errors
/// Says what is missing.
pub(super) fn python() -> Result<PathBuf> {
    if let Some(given) = std::env::var_os("NEXUS_PYTHON") {
        return Ok(given.into());
    }
    let system = system_python()?;
    let requirements = workspace::root().join(REQUIREMENTS);
    let digest = stamp::Inputs::default()
        .value(VERSION)
        .path(&requirements)?
        .digest();
    let folder = workspace::target().join("oracle");
    let python = folder.join("bin/python");
    stamp::unless_done(&folder.join("stamp"), &digest, &python, || {
        let step = ui::step("Python packages of the reference statistics");
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
    Ok(python)
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

//! The native binaries, in one cargo call so that they share what they are built from.

use crate::workspace::Profile;
use crate::{run, ui};
use anyhow::Result;

/// Every binary the system consists of, by package and name.
pub(crate) const BINARIES: [(&str, &str); 4] = [
    ("nexus-server", "nexus-admin"),
    ("nexus-sandbox", "nexus-sandbox"),
    ("nexus-gateway", "nexus-gateway"),
    ("nexus-demo", "nexus-demo"),
];

/// Builds all native binaries; cargo's own progress is passed through.
///
/// # Errors
/// When cargo fails.
pub(crate) fn binaries(profile: Profile) -> Result<()> {
    let step = ui::step("native binaries");
    let mut cargo = run::cargo();
    cargo.args(["build", "--locked"]);
    for (package, binary) in BINARIES {
        cargo.args(["--package", package, "--bin", binary]);
    }
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    run::visibly(&mut cargo)?;
    step.done();
    Ok(())
}

/// Builds the debug binaries together with all tests. Tests bring features into what they
/// share with the binaries; built apart, half of it would be compiled twice.
///
/// # Errors
/// When cargo fails.
pub(crate) fn binaries_and_tests() -> Result<()> {
    let step = ui::step("native binaries and tests");
    run::visibly(run::cargo().args(["build", "--locked", "--bins", "--tests"]))?;
    step.done();
    Ok(())
}

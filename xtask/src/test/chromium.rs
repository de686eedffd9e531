//! Debian's Chromium: Playwright's own download is not used.

use crate::{run, ui};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

pub(super) const CHROMIUM: &str = "/usr/bin/chromium";
/// Without it every Japanese page is boxes, and its layout means nothing.
const JAPANESE_FONT: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";

/// Installs the browser and a Japanese font when they are missing and we may.
///
/// # Errors
/// Says what to install by hand.
pub(super) fn ensure() -> Result<()> {
    let missing: Vec<&str> = [(CHROMIUM, "chromium"), (JAPANESE_FONT, "fonts-noto-cjk")]
        .into_iter()
        .filter(|(path, _)| !Path::new(path).exists())
        .map(|(_, package)| package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!("apt-get install -y {}", missing.join(" "));
    let root = run::reading(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    let debian = Path::new("/usr/bin/apt-get").exists();
    if !root || !debian {
        bail!(
            "the browser tests need {}: run `{by_hand}` as root",
            missing.join(" and ")
        );
    }
    let step = ui::step(by_hand);
    run::visibly(Command::new("apt-get").args(["update", "-qq"]))?;
    run::visibly(
        Command::new("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(&missing)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    step.done();
    Ok(())
}

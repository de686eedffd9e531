//! From bundled parts to hashed, compressed files: done by `xtask/npm/assets.mjs`, because
//! Node brings brotli and the npm packages bring the bundlers, all quicker to have than to
//! compile.

use crate::workspace::Profile;
use crate::{run, workspace};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Writes the site from the client's parts, the style sheets and the static files. In a
/// debug site pages load again when another build runs.
///
/// # Errors
/// When a style sheet or script does not parse, or a file cannot be written.
pub(crate) fn write(tools: &Path, client: &Path, out: &Path, profile: Profile) -> Result<()> {
    let root = workspace::root();
    let mut node = Command::new("node");
    node.arg(tools.join("assets.mjs"))
        .arg("--client")
        .arg(client)
        .arg("--style")
        .arg(root.join("style/main.css"))
        .arg("--public")
        .arg(root.join("app/public"))
        .arg("--out")
        .arg(out);
    if profile == Profile::Debug {
        node.arg("--reload").arg(tools.join("reload.js"));
    }
    run::visibly(&mut node)
}

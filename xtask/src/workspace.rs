//! Where things are: the workspace, cargo's target folder, the built site.

use crate::run;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The root of the checkout: what cargo says now rather than when this was built, since
/// two checkouts may share a target folder and with it this program.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let now = std::env::var_os("CARGO_MANIFEST_DIR");
        let xtask = now.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let xtask = PathBuf::from(xtask);
        xtask.parent().unwrap_or(&xtask).to_owned()
    });
    &ROOT
}

/// Cargo's target folder, honouring `CARGO_TARGET_DIR`.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if Path::new(&dir).is_absolute() => PathBuf::from(dir),
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The built browser assets (see `build::site`).
pub(crate) fn site() -> PathBuf {
    target().join("site")
}

/// How the native binaries are compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Profile {
    Debug,
    Release,
}

impl Profile {
    /// The folder of the target directory that holds its binaries.
    fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    /// The path of one of our own binaries.
    pub(crate) fn binary(self, name: &str) -> PathBuf {
        target().join(self.folder()).join(name)
    }
}

/// What `cargo metadata` says about our own packages.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    workspace_default_members: Vec<String>,
}

/// A package of the workspace.
#[derive(Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

/// A direct dependency as its manifest declares it.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for a normal one, else `dev` or `build`.
    pub(crate) kind: Option<String>,
    pub(crate) optional: bool,
    /// Where it lies when it is one of ours.
    pub(crate) path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

impl Metadata {
    pub(crate) fn default_members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_default_members.contains(&package.id))
    }
}

impl Package {
    /// Its folder below the root of the checkout.
    pub(crate) fn folder(&self) -> String {
        let folder = self.manifest_path.parent().unwrap_or(&self.manifest_path);
        let below = folder.strip_prefix(root()).unwrap_or(folder);
        below.to_string_lossy().into_owned()
    }

    /// The folder of its library's sources, when it has a library.
    pub(crate) fn library_source(&self) -> Option<&Path> {
        let library = self
            .targets
            .iter()
            .find(|target| target.kind.iter().any(|kind| kind.ends_with("lib")))?;
        library.src_path.parent()
    }
}

/// Asks cargo about the workspace; nothing is resolved or downloaded.
///
/// # Errors
/// When a manifest is broken.
pub(crate) fn metadata() -> Result<Metadata> {
    let text = run::reading(run::cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    serde_json::from_str(&text).context("reading `cargo metadata`")
}

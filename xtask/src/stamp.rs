//! Digests of inputs, so that a step whose inputs did not change is skipped.

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// A digest over named inputs.
#[derive(Default)]
pub(crate) struct Inputs(Sha256);

impl Inputs {
    /// Adds a value that changes the outcome, such as an option or a tool's version.
    #[must_use]
    pub(crate) fn value(mut self, value: &str) -> Self {
        self.0.update((value.len() as u64).to_le_bytes());
        self.0.update(value);
        self
    }

    /// Adds the content of a file, or of every file below a folder, with their names.
    /// A path that does not exist counts as such.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn path(mut self, path: &Path) -> Result<Self> {
        for file in files_below(path)? {
            let content =
                std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            self = self.value(&file.to_string_lossy());
            self.0.update((content.len() as u64).to_le_bytes());
            self.0.update(&content);
        }
        Ok(self)
    }

    /// The digest in hexadecimal.
    pub(crate) fn digest(self) -> String {
        use std::fmt::Write as _;
        self.0
            .finalize()
            .iter()
            .fold(String::new(), |mut hex, byte| {
                // Writing into a String cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

/// Every file at or below `path`, sorted; `node_modules` and hidden folders are left out.
///
/// # Errors
/// When a folder cannot be listed.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut waiting = vec![path.to_owned()];
    while let Some(next) = waiting.pop() {
        if next.is_file() {
            files.push(next);
        } else if next.is_dir() {
            let listing =
                std::fs::read_dir(&next).with_context(|| format!("listing {}", next.display()))?;
            for entry in listing {
                let name = entry?.file_name();
                let hidden = name.to_string_lossy().starts_with('.');
                if !hidden && name != "node_modules" && name != "target" {
                    waiting.push(next.join(name));
                }
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Runs `work` unless it ran with the same digest before and its `result` is still there;
/// true when it ran.
///
/// # Errors
/// What `work` fails with, or when the stamp cannot be written.
pub(crate) fn unless_done(
    stamp: &Path,
    digest: &str,
    result: &Path,
    work: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    if result.exists() && std::fs::read_to_string(stamp).is_ok_and(|known| known == digest) {
        return Ok(false);
    }
    work()?;
    if let Some(folder) = stamp.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(stamp, digest).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{Inputs, unless_done};

    #[test]
    fn values_do_not_run_together() {
        let joined = Inputs::default().value("ab").value("c").digest();
        let split = Inputs::default().value("a").value("bc").digest();
        assert_ne!(joined, split);
        assert_eq!(joined.len(), 64);
    }

    #[test]
    fn work_is_done_once_per_digest_and_again_after_a_failure_or_a_loss() {
        let folder = std::env::temp_dir().join(format!("nexus-stamp-{}", std::process::id()));
        let (stamp, result) = (folder.join("stamp"), folder.join("result"));
        std::fs::create_dir_all(&folder).unwrap();
        let make = |digest: &str| {
            unless_done(&stamp, digest, &result, || {
                Ok(std::fs::write(&result, digest)?)
            })
            .unwrap()
        };
        assert!(unless_done(&stamp, "one", &result, || anyhow::bail!("broken")).is_err());
        assert!(make("one"));
        assert!(!make("one"));
        assert!(make("two"));
        std::fs::remove_file(&result).unwrap();
        assert!(make("two"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}

//! The console's own keys, made on first start: files of 32 random bytes that
//! only the owner can read.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use nexus_control::ports::Random as _;

use crate::machine::Machine;

/// 256 random bits that never leave the process.
pub(crate) type Seed = Zeroizing<[u8; 32]>;

/// Reads `<dir>/<name>.key`, making it first if there is none.
pub(crate) fn load_or_create(dir: &Path, name: &str) -> anyhow::Result<Seed> {
    let path = dir.join(format!("{name}.key"));
    let seed = match fs::read(&path) {
        Ok(bytes) => {
            let bytes = Zeroizing::new(bytes);
            let mode = fs::metadata(&path)?.permissions().mode();
            if mode & 0o077 != 0 {
                bail!(
                    "{} can be read by others (mode {:o}); run: chmod 600 {}",
                    path.display(),
                    mode & 0o777,
                    path.display()
                );
            }
            let array: [u8; 32] = bytes.as_slice().try_into().map_err(|_| {
                anyhow::anyhow!(
                    "{} must hold exactly 32 bytes, not {}",
                    path.display(),
                    bytes.len()
                )
            })?;
            Zeroizing::new(array)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(&path)?,
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    Ok(seed)
}

/// Written whole under another name and then linked, so a crash leaves either
/// no key or a good one, and two processes agree on one.
fn create(path: &Path) -> anyhow::Result<Seed> {
    let mut seed = Zeroizing::new([0; 32]);
    Machine.fill(seed.as_mut());
    let temporary = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .with_context(|| temporary.display().to_string())?;
    file.write_all(seed.as_ref())?;
    file.sync_all()?;
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => Ok(seed),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let bytes = Zeroizing::new(fs::read(path)?);
            let array: [u8; 32] = bytes
                .as_slice()
                .try_into()
                .map_err(|_| anyhow::anyhow!("{} is not a key", path.display()))?;
            Ok(Zeroizing::new(array))
        }
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = load_or_create(dir.path(), "a").unwrap();
        assert_eq!(*load_or_create(dir.path(), "a").unwrap(), *first);
        assert_ne!(*load_or_create(dir.path(), "b").unwrap(), *first);
        let path = dir.path().join("a.key");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(
            load_or_create(dir.path(), "a")
                .unwrap_err()
                .to_string()
                .contains("chmod 600")
        );
        fs::write(dir.path().join("b.key"), b"short").unwrap();
        assert!(load_or_create(dir.path(), "b").is_err());
    }
}

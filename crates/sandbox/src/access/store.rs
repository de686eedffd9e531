//! Small state kept as one JSON file each, so a restart keeps people signed in.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Serialize, de::DeserializeOwned};

use super::error::AccessError;

/// A value in memory that is written to its file, whole, after every change.
pub(crate) struct Store<T> {
    path: PathBuf,
    value: Mutex<T>,
}

impl<T: Serialize + DeserializeOwned> Store<T> {
    /// Reads the file, or makes it from `first` when there is none.
    pub(crate) fn open(
        path: PathBuf,
        first: impl FnOnce() -> Result<T, AccessError>,
    ) -> Result<Self, AccessError> {
        let value = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| AccessError::Format {
                path: path.clone(),
                source,
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let value = first()?;
                write(&path, &value)?;
                value
            }
            Err(source) => return Err(AccessError::File { path, source }),
        };
        Ok(Self {
            path,
            value: Mutex::new(value),
        })
    }

    /// Looks at the value.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the value and writes it before anyone else sees it.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Result<R, AccessError> {
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = change(&mut value);
        write(&self.path, &*value)?;
        Ok(answer)
    }
}

/// Writes beside the file and renames, so a reader sees the old state or the new one. Only
/// the owner may read it: keys and sessions are inside.
fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), AccessError> {
    let fail = |source| AccessError::File {
        path: path.to_owned(),
        source,
    };
    let bytes = serde_json::to_vec_pretty(value).map_err(|source| AccessError::Format {
        path: path.to_owned(),
        source,
    })?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    let beside = path.with_extension("tmp");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(fail)?;
    file.write_all(&bytes)
        .and_then(|()| file.sync_all())
        .map_err(fail)?;
    std::fs::rename(&beside, path).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_opening_sees_the_last_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/state.json");
        let store: Store<Vec<u32>> = Store::open(path.clone(), || Ok(vec![1])).unwrap();
        store.update(|list| list.push(2)).unwrap();
        let again: Store<Vec<u32>> = Store::open(path, || Ok(Vec::new())).unwrap();
        assert_eq!(again.read(Clone::clone), [1, 2]);
    }

    #[test]
    fn a_broken_file_is_an_error_and_not_an_empty_state() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        std::fs::write(&path, "{").unwrap();
        let opened: Result<Store<Vec<u32>>, _> = Store::open(path, || Ok(Vec::new()));
        assert!(matches!(opened, Err(AccessError::Format { .. })));
    }
}

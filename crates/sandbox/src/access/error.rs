//! What can go wrong while the sandbox's sign-in services start or write their state.

use std::path::PathBuf;

/// Errors of Access and the OpenID provider that are not the visitor's.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A state file cannot be read or written: check the data directory's owner and space.
    #[error("state file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A state file was changed by hand or by another version: remove it to start over.
    #[error("state file {path} is not readable JSON of this version: {source}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Where it stopped.
        source: serde_json::Error,
    },
    /// An RSA key cannot be made, read or used.
    #[error("RSA key: {0}")]
    Key(String),
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {0}")]
    Random(getrandom::Error),
    /// A configured value is unusable.
    #[error("configuration: {0}")]
    Config(String),
}

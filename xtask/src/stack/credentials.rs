//! What the gateway needs from the console, the key that signs snapshots and a token for its
//! events, and members for the identities that the sandbox offers. All come from the console's
//! own command line, as in production.

use super::Settings;
use super::programs;
use crate::run;
use anyhow::{Context as _, Result, bail};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Keys and token the gateway is started with.
#[derive(Clone)]
pub(crate) struct Credentials {
    /// `<key_id>:<base64url>[,…]`, as `NEXUS_SNAPSHOT_KEYS` wants them.
    pub(crate) snapshot_keys: String,
    /// A bearer token of scope `ingest`.
    pub(crate) ingest_token: String,
}

/// Reads the snapshot keys, and the first time adds the members and mints the token; it is
/// kept, readable by its owner only, beside the database that knows it.
///
/// # Errors
/// When the console's command line refuses.
pub(crate) fn obtain(settings: &Settings) -> Result<Credentials> {
    let keys = run::reading(&mut programs::console_command(settings, &["keys", "show"]))?;
    let snapshot_keys = keys.split_whitespace().collect::<Vec<_>>().join(",");
    if !snapshot_keys.contains(':') {
        bail!("`nexus-admin keys show` printed no key but {snapshot_keys:?}");
    }
    let file = settings.data.join("gateway-token");
    let ingest_token = match std::fs::read_to_string(&file) {
        Ok(token) => token.trim().to_owned(),
        Err(_) => {
            enrol(settings)?;
            mint(settings, &file)?
        }
    };
    Ok(Credentials {
        snapshot_keys,
        ingest_token,
    })
}

/// The sandbox's identities and what they are in the console. The owner comes by
/// configuration; two are outside on purpose.
const MEMBERS: [(&str, &str); 5] = [
    ("experimenter@demo.nexus", "experimenter"),
    ("operator@demo.nexus", "operator"),
    ("approver@demo.nexus", "approver"),
    ("security@demo.nexus", "security_admin"),
    ("viewer@demo.nexus", "viewer"),
];

fn enrol(settings: &Settings) -> Result<()> {
    for (email, role) in MEMBERS {
        let arguments = ["member", "add", email, "--role", role];
        run::reading(&mut programs::console_command(settings, &arguments))?;
    }
    Ok(())
}

fn mint(settings: &Settings, file: &Path) -> Result<String> {
    let arguments = [
        "token", "create", "--name", "gateway", "--scope", "ingest", "--print",
    ];
    let token = run::reading(&mut programs::console_command(settings, &arguments))?;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut open| open.write_all(token.as_bytes()))
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(token)
}

//! Random identifiers in the shapes Cloudflare gives out.

/// 16 random bytes. The operating system's source does not fail on the hosts
/// this runs on; if it did, the caller answers 500 rather than guess.
fn random_16() -> Result<[u8; 16], getrandom::Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// 32 lower-case hex digits: namespaces, users, uploads.
pub(crate) fn hex_32() -> Result<String, getrandom::Error> {
    let bytes = random_16()?;
    Ok(uuid::Uuid::from_bytes(bytes).simple().to_string())
}

/// A version 4 UUID with hyphens: D1 databases.
pub(crate) fn uuid_v4() -> Result<String, getrandom::Error> {
    let uuid = uuid::Builder::from_random_bytes(random_16()?).into_uuid();
    Ok(uuid.hyphenated().to_string())
}

/// Whether `text` has the shape of an account or namespace id.
pub(crate) fn is_hex_32(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

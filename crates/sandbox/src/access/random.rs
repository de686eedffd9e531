//! Unguessable names for sessions, tickets and codes.

use super::error::AccessError;

/// `bytes` random bytes of the operating system as lower-case hexadecimal.
pub(crate) fn hex_id(bytes: usize) -> Result<String, AccessError> {
    let mut raw = vec![0_u8; bytes];
    getrandom::fill(&mut raw).map_err(AccessError::Random)?;
    Ok(hex::encode(raw))
}

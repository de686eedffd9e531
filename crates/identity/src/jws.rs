//! Compact JWS (RFC 7515) with exactly one algorithm, RS256.
//!
//! Built on `rsa` and `sha2` rather than `jsonwebtoken`: what that crate would save is
//! the splitting and the call below; its claims layer takes payloads that are not JSON
//! for broken tokens, keeps the last of two equal claim names, and can't be told about
//! the header members refused here. The advisory on `rsa` (RUSTSEC-2023-0071, timing of
//! private key operations) does not concern verifying with a public key.

use serde_json::Value;

use crate::jwk::{self, JwkSet, RsaKey};
use crate::{b64, json};

/// Longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Header members that hand the choice of key or the meaning of the signature to whoever
/// made the token. Their mere presence is refused.
const FORBIDDEN: [&str; 10] = [
    "crit", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "b64", "zip", "enc",
];

/// Why a token is no token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Over [`MAX_TOKEN_BYTES`].
    #[error("token too large")]
    TooLarge,
    /// Not three parts, not canonical base64url, or a header that is no JSON object
    /// with unique names.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// `alg` is not exactly `RS256`.
    #[error("algorithm refused")]
    Algorithm,
    /// The header holds a member that must not be obeyed.
    #[error("header member {0} refused")]
    ForbiddenMember(&'static str),
    /// `kid` names none of our keys.
    #[error("unknown key")]
    UnknownKey,
    /// The signature does not match.
    #[error("bad signature")]
    Signature,
}

/// A token taken apart but **not yet verified**: nothing but the key id can be read.
#[derive(Debug)]
pub struct UnverifiedJws<'a> {
    kid: String,
    signing_input: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> UnverifiedJws<'a> {
    /// Takes a token apart and checks its header.
    ///
    /// # Errors
    /// [`JwsError`] other than `UnknownKey` and `Signature`.
    pub fn parse(token: &'a str) -> Result<Self, JwsError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(JwsError::TooLarge);
        }
        let (signing_input, signature) =
            token.rsplit_once('.').ok_or(JwsError::Malformed("token"))?;
        let (header, payload) = signing_input
            .split_once('.')
            .ok_or(JwsError::Malformed("token"))?;
        // A third dot would sit in the payload and fail to decode; say so at once.
        if payload.contains('.') {
            return Err(JwsError::Malformed("token"));
        }
        let kid = check_header(header)?;
        let signature = b64::decode(signature)
            .filter(|bytes| !bytes.is_empty())
            .ok_or(JwsError::Malformed("signature"))?;
        Ok(Self {
            kid,
            signing_input,
            payload,
            signature,
        })
    }

    /// The id of the key the token claims to be signed with: only for looking it up.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Verifies with one key, whose id must be the token's, and returns the payload.
    ///
    /// # Errors
    /// `UnknownKey`, `Signature`, or `Malformed("payload")`.
    pub fn verify(&self, key: &RsaKey) -> Result<Vec<u8>, JwsError> {
        if key.kid() != self.kid {
            return Err(JwsError::UnknownKey);
        }
        if !key.verifies(self.signing_input.as_bytes(), &self.signature) {
            return Err(JwsError::Signature);
        }
        b64::decode(self.payload).ok_or(JwsError::Malformed("payload"))
    }
}

fn check_header(encoded: &str) -> Result<String, JwsError> {
    let malformed = JwsError::Malformed("header");
    let header = b64::decode(encoded)
        .and_then(|bytes| json::parse_object(&bytes))
        .ok_or(malformed)?;
    if header.get("alg").and_then(Value::as_str) != Some("RS256") {
        return Err(JwsError::Algorithm);
    }
    if let Some(name) = FORBIDDEN
        .into_iter()
        .find(|name| header.contains_key(*name))
    {
        return Err(JwsError::ForbiddenMember(name));
    }
    match json::optional_str(&header, "typ") {
        Ok(None) => {}
        Ok(Some(typ)) if typ.eq_ignore_ascii_case("JWT") => {}
        _ => return Err(malformed),
    }
    match header.get("kid").and_then(Value::as_str) {
        Some(kid) if jwk::is_kid(kid) => Ok(kid.to_owned()),
        _ => Err(malformed),
    }
}

/// Verifies a token against a key set and returns the payload.
///
/// # Errors
/// [`JwsError`].
pub fn verify(token: &str, keys: &JwkSet) -> Result<Vec<u8>, JwsError> {
    let jws = UnverifiedJws::parse(token)?;
    jws.verify(keys.get(jws.kid()).ok_or(JwsError::UnknownKey)?)
}

#[cfg(test)]
mod tests {
    use super::{JwsError, UnverifiedJws};
    use crate::b64;
    use crate::jwk::RsaKey;

    /// RFC 7515 A.2: the example signature, whose header names no key. The bare signature
    /// verifies; as a token it is refused, because we never guess which key is meant.
    #[test]
    fn rfc7515_appendix_a2() {
        const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
        const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        let jwk = format!(r#"{{"kty":"RSA","alg":"RS256","kid":"a2","e":"AQAB","n":"{N}"}}"#);
        let key = RsaKey::parse(jwk.as_bytes()).unwrap();
        let (input, signature) = TOKEN.rsplit_once('.').unwrap();
        let signature = b64::decode(signature).unwrap();
        assert!(key.verifies(input.as_bytes(), &signature));
        assert!(!key.verifies(&input.as_bytes()[1..], &signature));
        assert_eq!(
            UnverifiedJws::parse(TOKEN).unwrap_err(),
            JwsError::Malformed("header")
        );
    }
}

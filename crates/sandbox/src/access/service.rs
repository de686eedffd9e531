//! Service tokens: `CF-Access-Client-Id` with `CF-Access-Client-Secret`.
//!
//! Strict, as Access is for organisations made since 5 October 2026: a bad token is 401 even
//! with a good cookie beside it, a disabled one 403, a header sent twice is refused, and no
//! cookie is ever issued.

use std::path::Path;

use axum::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::config::ServiceToken;
use super::error::AccessError;
use super::random::hex_id;
use super::store::Store;
use super::web::single;

const ID: &str = "cf-access-client-id";
const SECRET: &str = "cf-access-client-secret";

/// What the service-token headers of a request amount to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// There are none.
    Nothing,
    /// They are a token's: its client id.
    Valid(String),
    /// They are nobody's, incomplete or doubled.
    Bad,
    /// They are a disabled token's.
    Disabled,
}

/// The known tokens. Only digests of the secrets are kept for comparing, so that every
/// comparison takes the same time whatever the lengths.
pub(crate) struct ServiceTokens {
    known: Vec<Known>,
}

struct Known {
    client_id: String,
    secret_digest: [u8; 32],
    enabled: bool,
}

impl ServiceTokens {
    pub(crate) fn new(tokens: &[ServiceToken]) -> Self {
        let known = tokens.iter().map(|token| Known {
            client_id: token.client_id.clone(),
            secret_digest: Sha256::digest(token.client_secret.expose_secret()).into(),
            enabled: token.enabled,
        });
        Self {
            known: known.collect(),
        }
    }

    /// Judges the headers of a request.
    pub(crate) fn judge(&self, headers: &HeaderMap) -> Presented {
        if !headers.contains_key(ID) && !headers.contains_key(SECRET) {
            return Presented::Nothing;
        }
        let (Some(id), Some(secret)) = (single(headers, ID), single(headers, SECRET)) else {
            return Presented::Bad;
        };
        let given: [u8; 32] = Sha256::digest(secret).into();
        let mut verdict = Presented::Bad;
        for token in &self.known {
            let same_id = token.client_id.as_bytes().ct_eq(id.as_bytes());
            if bool::from(same_id & token.secret_digest.ct_eq(&given)) {
                verdict = if token.enabled {
                    Presented::Valid(token.client_id.clone())
                } else {
                    Presented::Disabled
                };
            }
        }
        verdict
    }
}

#[derive(Serialize, Deserialize)]
struct KeptToken {
    client_id: String,
    client_secret: String,
}

/// The demo's own token, made at the first start and kept in `service-token.json` for the
/// scripts of the demo to read.
pub(crate) fn demo_token(data_dir: &Path) -> Result<ServiceToken, AccessError> {
    let file = Store::open(data_dir.join("service-token.json"), || {
        let client_id = format!("{}.access", hex_id(16)?);
        Ok(KeptToken {
            client_id,
            client_secret: hex_id(32)?,
        })
    })?;
    Ok(file.read(|kept| ServiceToken {
        name: "demo".into(),
        client_id: kept.client_id.clone(),
        client_secret: SecretString::from(kept.client_secret.clone()),
        enabled: true,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn judge(pairs: &[(&'static str, &'static str)]) -> Presented {
        let token = |id: &str, enabled| ServiceToken {
            name: String::new(),
            client_id: id.into(),
            client_secret: SecretString::from("s3cret".to_owned()),
            enabled,
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        ServiceTokens::new(&[token("a", true), token("off", false)]).judge(&headers)
    }

    #[test]
    fn every_way_to_send_a_token() {
        assert_eq!(judge(&[]), Presented::Nothing);
        assert_eq!(
            judge(&[(ID, "a"), (SECRET, "s3cret")]),
            Presented::Valid("a".into())
        );
        assert_eq!(
            judge(&[(ID, "off"), (SECRET, "s3cret")]),
            Presented::Disabled
        );
        for bad in [
            &[(ID, "a"), (SECRET, "s3cre")][..],
            &[(ID, "off"), (SECRET, "wrong")],
            &[(ID, "b"), (SECRET, "s3cret")],
            &[(ID, "a")],
            &[(SECRET, "s3cret")],
            &[(ID, "a"), (ID, "a"), (SECRET, "s3cret")],
            &[(ID, "a"), (SECRET, "s3cret"), (SECRET, "s3cret")],
        ] {
            assert_eq!(judge(bad), Presented::Bad, "{bad:?}");
        }
    }
}

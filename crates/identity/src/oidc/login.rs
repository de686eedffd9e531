//! One sign-in under way.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::error::OidcError;
use crate::b64;

/// How long a sign-in may take, in milliseconds.
pub const LOGIN_MS: i64 = 10 * 60_000;
/// Random bytes that make the state, the nonce and the PKCE verifier.
pub const RANDOM_BYTES: usize = 96;
const MAX_RETURN_PATH_BYTES: usize = 2048;

/// What the sign-in is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A new session.
    Session,
    /// A step-up: the provider is told to ask again (`prompt=login`, `max_age=0`).
    StepUp,
}

/// Kept in the server-side session between [`super::OidcProvider::begin`] and
/// [`super::OidcProvider::finish`], and removed by whoever calls the latter. Serialisable
/// for that alone; without Debug, because the verifier is a secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct LoginState {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) pkce_verifier: String,
    pub(crate) purpose: Purpose,
    pub(crate) started_ms: i64,
    pub(crate) return_to: String,
}

/// The query the provider sends the browser back with.
#[derive(Clone, Default, Deserialize)]
pub struct Callback {
    /// The code to exchange.
    pub code: Option<String>,
    /// Ours, echoed.
    pub state: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

impl LoginState {
    pub(crate) fn new(
        random: &[u8; RANDOM_BYTES],
        purpose: Purpose,
        return_to: &str,
        now_ms: i64,
    ) -> Result<Self, OidcError> {
        if !is_local_path(return_to) {
            return Err(OidcError::ReturnPath);
        }
        let (state, rest) = random.split_at(32);
        let (nonce, verifier) = rest.split_at(32);
        Ok(Self {
            state: b64::encode(state),
            nonce: b64::encode(nonce),
            pkce_verifier: b64::encode(verifier),
            purpose,
            started_ms: now_ms,
            return_to: return_to.to_owned(),
        })
    }

    /// Where to send the browser afterwards: a path of this site.
    #[must_use]
    pub fn return_to(&self) -> &str {
        &self.return_to
    }

    /// What the sign-in is for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Checks the callback against this state and returns the code.
    pub(crate) fn accept(
        &self,
        callback: &Callback,
        issuer: &str,
        now_ms: i64,
    ) -> Result<String, OidcError> {
        let echoed = callback.state.as_deref().unwrap_or_default();
        if !bool::from(echoed.as_bytes().ct_eq(self.state.as_bytes())) {
            return Err(OidcError::State);
        }
        if !(0..=LOGIN_MS).contains(&now_ms.saturating_sub(self.started_ms)) {
            return Err(OidcError::TooSlow);
        }
        if callback.iss.as_deref().is_some_and(|iss| iss != issuer) {
            return Err(OidcError::OtherIssuer);
        }
        if let Some(error) = &callback.error {
            return Err(OidcError::Refused(error_code(error)));
        }
        callback
            .code
            .clone()
            .filter(|code| !code.is_empty())
            .ok_or(OidcError::Code)
    }
}

/// RFC 6749 §4.1.2.1 codes are lower-case words; anything else comes from a prankster.
fn error_code(error: &str) -> String {
    let ok = error.len() <= 64 && error.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    (if ok { error } else { "invalid" }).to_owned()
}

/// A path of this site: browsers read `//host` and `/\host` as another one.
fn is_local_path(path: &str) -> bool {
    let mut bytes = path.bytes();
    path.len() <= MAX_RETURN_PATH_BYTES
        && bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

#[cfg(test)]
mod tests {
    use super::{Callback, LOGIN_MS, LoginState, OidcError, Purpose, is_local_path};

    #[test]
    fn only_paths_of_this_site() {
        for good in ["/", "/experiments?page=2#x", "/a//b"] {
            assert!(is_local_path(good), "{good}");
        }
        for bad in [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "https://evil.example",
            "/a b",
            "/\t/evil.example",
            "/a\r\nSet-Cookie:x",
            "\u{2f}\u{2215}x",
        ] {
            assert!(!is_local_path(bad), "{bad:?}");
        }
        assert!(!is_local_path(&format!("/{}", "a".repeat(2048))));
    }

    #[test]
    fn a_callback_must_fit_the_state() {
        let login = LoginState::new(&[5; 96], Purpose::Session, "/", 0)
            .ok()
            .unwrap();
        let good = Callback {
            code: Some("c".into()),
            state: Some(login.state.clone()),
            iss: Some("https://op".into()),
            error: None,
        };
        let accept = |callback: &Callback, now_ms| login.accept(callback, "https://op", now_ms);
        assert_eq!(accept(&good, LOGIN_MS).as_deref(), Ok("c"));
        assert_eq!(accept(&good, LOGIN_MS + 1), Err(OidcError::TooSlow));
        assert_eq!(accept(&good, -1), Err(OidcError::TooSlow));
        for state in [None, Some(String::new()), Some("x".into())] {
            assert_eq!(
                accept(
                    &Callback {
                        state,
                        ..good.clone()
                    },
                    0
                ),
                Err(OidcError::State)
            );
        }
        let other = Callback {
            iss: Some("https://evil".into()),
            ..good.clone()
        };
        assert_eq!(accept(&other, 0), Err(OidcError::OtherIssuer));
        let refused = |text: &str| Callback {
            error: Some(text.into()),
            ..good.clone()
        };
        assert_eq!(
            accept(&refused("access_denied"), 0),
            Err(OidcError::Refused("access_denied".into()))
        );
        assert_eq!(
            accept(&refused("<script>"), 0),
            Err(OidcError::Refused("invalid".into()))
        );
        assert_eq!(
            accept(
                &Callback {
                    code: None,
                    ..good.clone()
                },
                0
            ),
            Err(OidcError::Code)
        );
    }
}

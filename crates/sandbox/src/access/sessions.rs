//! Sign-ins that are alive, and the application tokens made from them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::AccessError;
use super::people::{Person, subject};
use super::random::hex_id;
use super::store::Store;

/// Sign-ins kept at most; beyond it the one that ends first goes.
const CAPACITY: usize = 10_000;

/// One sign-in of a person. Its id is the `identity_nonce` of all its tokens.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) second_factor: bool,
    pub(crate) ip: String,
    pub(crate) started_ms: i64,
    pub(crate) until_ms: i64,
}

/// Claims of an application token as Access writes them: a person has `email`, `nbf`,
/// `identity_nonce`, `country` (and here `amr`); a service token `common_name` and an empty
/// `sub`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nbf: Option<i64>,
    pub(crate) iss: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identity_nonce: Option<String>,
    pub(crate) sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) amr: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) common_name: Option<String>,
}

impl Claims {
    /// Claims for a person's session.
    pub(crate) fn person(session: &Session, iss: &str, aud: &str, now_s: i64, life_s: i64) -> Self {
        Self {
            aud: vec![aud.into()],
            email: Some(session.email.clone()),
            exp: (now_s + life_s).min(session.until_ms / 1000),
            iat: now_s,
            nbf: Some(now_s),
            iss: iss.into(),
            kind: "app".into(),
            identity_nonce: Some(session.id.clone()),
            sub: subject(&session.email),
            country: Some(session.country.clone()),
            amr: session
                .second_factor
                .then(|| vec!["mfa".into(), "otp".into()]),
            common_name: None,
        }
    }

    /// Claims for a service token.
    pub(crate) fn service(client_id: &str, iss: &str, aud: &str, now_s: i64, life_s: i64) -> Self {
        Self {
            aud: vec![aud.into()],
            email: None,
            exp: now_s + life_s,
            iat: now_s,
            nbf: None,
            iss: iss.into(),
            kind: "app".into(),
            identity_nonce: None,
            sub: String::new(),
            country: None,
            amr: None,
            common_name: Some(client_id.into()),
        }
    }
}

/// All live sign-ins, kept over restarts. A revoked one is simply gone.
pub(crate) struct Sessions {
    file: Store<BTreeMap<String, Session>>,
}

impl Sessions {
    pub(crate) fn open(data_dir: &Path) -> Result<Self, AccessError> {
        let file = Store::open(data_dir.join("sessions.json"), || Ok(BTreeMap::new()))?;
        Ok(Self { file })
    }

    /// Starts a sign-in; `replaces` ends the one the browser had before.
    pub(crate) fn start(
        &self,
        person: &Person,
        second_factor: bool,
        ip: &str,
        (now_ms, life_s): (i64, i64),
        replaces: Option<&str>,
    ) -> Result<Session, AccessError> {
        let session = Session {
            id: hex_id(16)?,
            email: person.email.clone(),
            name: person.name.clone(),
            country: person.country.clone(),
            second_factor,
            ip: ip.into(),
            started_ms: now_ms,
            until_ms: now_ms + life_s * 1000,
        };
        self.file.update(|sessions| {
            sessions.retain(|id, old| old.until_ms > now_ms && Some(id.as_str()) != replaces);
            if sessions.len() >= CAPACITY {
                let first = sessions
                    .values()
                    .min_by_key(|old| old.until_ms)
                    .map(|s| s.id.clone());
                first.map(|id| sessions.remove(&id));
            }
            sessions.insert(session.id.clone(), session.clone());
        })?;
        Ok(session)
    }

    /// The sign-in of this id, if it is alive.
    pub(crate) fn find(&self, id: &str, now_ms: i64) -> Option<Session> {
        self.file
            .read(|sessions| sessions.get(id).filter(|s| s.until_ms > now_ms).cloned())
    }

    /// Ends one sign-in.
    pub(crate) fn end(&self, id: &str) -> Result<(), AccessError> {
        self.file.update(|sessions| {
            sessions.remove(id);
        })
    }

    /// Ends every sign-in of an address and says how many.
    pub(crate) fn end_all_of(&self, email: &str) -> Result<usize, AccessError> {
        self.file.update(|sessions| {
            let before = sessions.len();
            sessions.retain(|_, session| session.email != email);
            before - sessions.len()
        })
    }
}

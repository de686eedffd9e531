//! From a verified payload to an identity.

use serde::Serialize;
use serde_json::{Map, Value};

use super::config::{AccessConfig, Application};
use super::error::AssertionError;
use crate::mfa::{MfaEvidence, MfaSource};
use crate::{Country, Email, json};

const MAX_AUDIENCES: usize = 16;
const MAX_ID_BYTES: usize = 256;

/// A verified assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assertion {
    /// The application it was made for.
    pub application: Application,
    /// Who it names.
    pub subject: Subject,
    /// `iat` in milliseconds since 1970.
    pub issued_ms: i64,
    /// `exp` in milliseconds since 1970.
    pub expires_ms: i64,
}

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Somebody who signed in.
    Person(Person),
    /// An Access service token.
    Service {
        /// The token's client id, never an address.
        client_id: String,
    },
}

/// A person as Access knows them. Holds no role: those are ours to give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Lower-cased address, the key to the member.
    pub email: Email,
    /// Access' own id of the user.
    pub sub: String,
    /// Where the request came from when the token was made.
    pub country: Option<Country>,
    /// Proof of a second factor.
    pub mfa: MfaEvidence,
    /// When the person last proved who they are, if the token says so, in milliseconds.
    pub auth_time_ms: Option<i64>,
}

/// Checks every claim. The signature has been verified before.
pub(crate) fn check(
    payload: &[u8],
    config: &AccessConfig,
    application: Application,
    now_ms: i64,
) -> Result<Assertion, AssertionError> {
    let claims = json::parse_object(payload).ok_or(AssertionError::Payload)?;
    check_addressing(&claims, config, application)?;
    let (issued_ms, expires_ms) = check_times(&claims, config, now_ms)?;
    let subject = subject(&claims, config.mfa_of(application))?;
    if let Subject::Person(person) = &subject {
        check_country(person.country, config)?;
    }
    Ok(Assertion {
        application,
        subject,
        issued_ms,
        expires_ms,
    })
}

fn check_addressing(
    claims: &Map<String, Value>,
    config: &AccessConfig,
    application: Application,
) -> Result<(), AssertionError> {
    if text(claims, "iss")? != Some(&config.issuer) {
        return Err(AssertionError::Issuer);
    }
    let ours = config
        .audience_of(application)
        .ok_or(AssertionError::Audience)?;
    if !audiences(claims)?.contains(&ours) {
        return Err(AssertionError::Audience);
    }
    // `org` is the token of the team's sign-in page: good for making others, not for us.
    if text(claims, "type")? != Some("app") {
        return Err(AssertionError::Type);
    }
    Ok(())
}

/// RFC 7519 §4.1.3: a string or a list of strings.
fn audiences(claims: &Map<String, Value>) -> Result<Vec<&str>, AssertionError> {
    match claims.get("aud") {
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(many)) if many.len() <= MAX_AUDIENCES => many
            .iter()
            .map(|value| value.as_str().ok_or(AssertionError::Claim("aud")))
            .collect(),
        _ => Err(AssertionError::Claim("aud")),
    }
}

fn check_times(
    claims: &Map<String, Value>,
    config: &AccessConfig,
    now_ms: i64,
) -> Result<(i64, i64), AssertionError> {
    let date = |name| json::numeric_date_ms(claims, name).map_err(|()| AssertionError::Claim(name));
    let expires_ms = date("exp")?.ok_or(AssertionError::Claim("exp"))?;
    let issued_ms = date("iat")?.ok_or(AssertionError::Claim("iat"))?;
    let leeway_ms = i64::from(config.leeway_s) * 1000;
    if now_ms >= expires_ms.saturating_add(leeway_ms) {
        return Err(AssertionError::Expired);
    }
    if issued_ms > now_ms.saturating_add(leeway_ms) {
        return Err(AssertionError::IssuedInFuture);
    }
    if date("nbf")?.is_some_and(|nbf_ms| nbf_ms > now_ms.saturating_add(leeway_ms)) {
        return Err(AssertionError::NotYetValid);
    }
    if expires_ms <= issued_ms {
        return Err(AssertionError::Claim("exp"));
    }
    Ok((issued_ms, expires_ms))
}

/// A service token has `sub: ""` and `common_name` but no address; a person has the
/// first and the last and no `common_name`. Mixtures are refused: guessing which half to
/// believe is how a machine becomes an approver.
fn subject(claims: &Map<String, Value>, mfa: MfaSource) -> Result<Subject, AssertionError> {
    let sub = text(claims, "sub")?.ok_or(AssertionError::Claim("sub"))?;
    let email = text(claims, "email")?.filter(|email| !email.is_empty());
    let common_name = text(claims, "common_name")?.filter(|name| !name.is_empty());
    match (sub, email, common_name) {
        ("", None, Some(client_id)) if is_id(client_id) => Ok(Subject::Service {
            client_id: client_id.to_owned(),
        }),
        (sub, Some(email), None) if is_id(sub) => Ok(Subject::Person(Person {
            email: Email::parse(email).map_err(|_| AssertionError::Claim("email"))?,
            sub: sub.to_owned(),
            country: country(claims)?,
            mfa: match mfa {
                MfaSource::Amr => MfaEvidence::from_claim(claims.get("amr")),
                MfaSource::AccessPolicy => MfaEvidence::AccessPolicy,
            },
            auth_time_ms: json::numeric_date_ms(claims, "auth_time")
                .map_err(|()| AssertionError::Claim("auth_time"))?,
        })),
        _ => Err(AssertionError::Subject),
    }
}

fn country(claims: &Map<String, Value>) -> Result<Option<Country>, AssertionError> {
    match text(claims, "country")? {
        None | Some("") => Ok(None),
        Some(code) => Country::parse(code)
            .map(Some)
            .map_err(|_| AssertionError::Claim("country")),
    }
}

fn check_country(country: Option<Country>, config: &AccessConfig) -> Result<(), AssertionError> {
    let Some(allowed) = &config.allowed_countries else {
        return Ok(());
    };
    if country.is_some_and(|country| allowed.contains(&country)) {
        return Ok(());
    }
    Err(AssertionError::Country(country))
}

fn text<'a>(
    claims: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, AssertionError> {
    json::optional_str(claims, name).map_err(|()| AssertionError::Claim(name))
}

/// Visible ASCII of bounded length.
fn is_id(id: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
}

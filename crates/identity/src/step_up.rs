//! Step-up: before a dangerous action the person proves anew, for that one action, that
//! it is they who sit there.
//!
//! With Access this is a second application on `/step-up/*` whose policy asks for the
//! factor every time (`mfa_config.session_duration: "0m"`); a fresh assertion for its
//! audience is the proof. With OpenID Connect it is a new sign-in with `prompt=login`.

use serde::{Deserialize, Serialize};

use crate::Email;
use crate::access::{Application, Assertion, Subject};
use crate::mfa::MfaEvidence;

/// How long a step-up lasts, counted from the sign-in, in milliseconds.
pub const STEP_UP_MS: i64 = 5 * 60_000;
/// Clock skew forgiven on the way into the future, in milliseconds.
const LEEWAY_MS: i64 = 60_000;

/// SHA-256 over the canonical description of what is to be done; computed by the use case.
pub type ActionDigest = [u8; 32];

/// The session that asks for a step-up.
#[derive(Debug, Clone, Copy)]
pub struct SessionIdentity<'a> {
    /// Whose session it is.
    pub email: &'a Email,
    /// The provider's id of the same person.
    pub sub: &'a str,
}

/// A sign-in made for a step-up, whichever way it came. It may be kept in a
/// session that only the server reads and writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshSignIn {
    email: Email,
    sub: String,
    at_ms: i64,
    mfa: MfaEvidence,
}

/// Proof that the session's person was there at `at_ms` for this action. Made only here
/// and by opening a [`crate::ticket::StepUpTicket`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepUpProof {
    email: Email,
    at_ms: i64,
    action_digest: ActionDigest,
}

/// Why a step-up failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepUpError {
    /// The assertion is for the console, not for the step-up application.
    #[error("assertion of another application")]
    Application,
    /// Service tokens never step up.
    #[error("not a person")]
    NotAPerson,
    /// Somebody else signed in.
    #[error("another person signed in")]
    OtherPerson,
    /// No second factor was used.
    #[error("no second factor")]
    NoSecondFactor,
    /// The sign-in is older than [`STEP_UP_MS`] or from the future.
    #[error("sign-in is not fresh")]
    NotFresh,
}

impl FreshSignIn {
    /// From an assertion of the step-up application.
    ///
    /// # Errors
    /// `Application` or `NotAPerson`.
    pub fn from_access(assertion: &Assertion) -> Result<Self, StepUpError> {
        if assertion.application != Application::StepUp {
            return Err(StepUpError::Application);
        }
        let Subject::Person(person) = &assertion.subject else {
            return Err(StepUpError::NotAPerson);
        };
        // The token may be younger than the sign-in behind it; the older time counts.
        let at_ms = person
            .auth_time_ms
            .unwrap_or(i64::MAX)
            .min(assertion.issued_ms);
        Ok(Self {
            email: person.email.clone(),
            sub: person.sub.clone(),
            at_ms,
            mfa: person.mfa.clone(),
        })
    }

    /// The provider's id of the person.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// When the person signed in.
    #[must_use]
    pub const fn at_ms(&self) -> i64 {
        self.at_ms
    }

    #[cfg(feature = "oidc")]
    pub(crate) fn new(email: Email, sub: String, at_ms: i64, mfa: MfaEvidence) -> Self {
        Self {
            email,
            sub,
            at_ms,
            mfa,
        }
    }
}

impl StepUpProof {
    /// Checks a fresh sign-in against the session and binds it to one action.
    ///
    /// # Errors
    /// [`StepUpError`].
    pub fn establish(
        session: SessionIdentity<'_>,
        fresh: &FreshSignIn,
        action_digest: ActionDigest,
        now_ms: i64,
    ) -> Result<Self, StepUpError> {
        if fresh.email != *session.email || fresh.sub != session.sub {
            return Err(StepUpError::OtherPerson);
        }
        if !fresh.mfa.is_proven() {
            return Err(StepUpError::NoSecondFactor);
        }
        if !is_fresh(fresh.at_ms, now_ms) {
            return Err(StepUpError::NotFresh);
        }
        Ok(Self::from_parts(
            fresh.email.clone(),
            fresh.at_ms,
            action_digest,
        ))
    }

    pub(crate) fn from_parts(email: Email, at_ms: i64, action_digest: ActionDigest) -> Self {
        Self {
            email,
            at_ms,
            action_digest,
        }
    }

    /// Who stepped up.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.email
    }

    /// When they signed in, in milliseconds.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        self.at_ms
    }

    /// For which action.
    #[must_use]
    pub fn action_digest(&self) -> &ActionDigest {
        &self.action_digest
    }
}

/// At most [`STEP_UP_MS`] ago and not further ahead than clocks may differ.
pub(crate) fn is_fresh(at_ms: i64, now_ms: i64) -> bool {
    let age_ms = now_ms.saturating_sub(at_ms);
    (-LEEWAY_MS..=STEP_UP_MS).contains(&age_ms)
}

#[cfg(test)]
mod tests {
    use super::{FreshSignIn, STEP_UP_MS, SessionIdentity, StepUpError, StepUpProof};
    use crate::Email;
    use crate::access::{Application, Assertion, Person, Subject};
    use crate::mfa::{AmrMethod, MfaEvidence};

    const NOW_MS: i64 = 1_800_000_000_000;

    fn assertion() -> Assertion {
        Assertion {
            application: Application::StepUp,
            subject: Subject::Person(Person {
                email: Email::parse("ada@example.com").unwrap(),
                sub: "u1".into(),
                country: None,
                mfa: MfaEvidence::Methods(vec![AmrMethod::Otp]),
                auth_time_ms: None,
            }),
            issued_ms: NOW_MS - 1000,
            expires_ms: NOW_MS + 60_000,
        }
    }

    fn establish(
        assertion: &Assertion,
        email: &str,
        sub: &str,
    ) -> Result<StepUpProof, StepUpError> {
        let email = Email::parse(email).unwrap();
        let fresh = FreshSignIn::from_access(assertion)?;
        StepUpProof::establish(
            SessionIdentity { email: &email, sub },
            &fresh,
            [7; 32],
            NOW_MS,
        )
    }

    fn with_person(change: impl FnOnce(&mut Person)) -> Assertion {
        let mut assertion = assertion();
        if let Subject::Person(person) = &mut assertion.subject {
            change(person);
        }
        assertion
    }

    #[test]
    fn a_fresh_sign_in_of_the_same_person_is_proof() {
        let proof = establish(&assertion(), "ADA@example.com", "u1").unwrap();
        assert_eq!(proof.email().as_str(), "ada@example.com");
        assert_eq!(
            (proof.at_ms(), proof.action_digest()),
            (NOW_MS - 1000, &[7; 32])
        );
    }

    #[test]
    fn nothing_else_is() {
        let fails = |a: &Assertion| establish(a, "ada@example.com", "u1").unwrap_err();
        let console = Assertion {
            application: Application::Console,
            ..assertion()
        };
        assert_eq!(fails(&console), StepUpError::Application);
        let service = Subject::Service {
            client_id: "x.access".into(),
        };
        assert_eq!(
            fails(&Assertion {
                subject: service,
                ..assertion()
            }),
            StepUpError::NotAPerson
        );
        for evidence in [MfaEvidence::Absent, MfaEvidence::Unknown] {
            let weak = with_person(|p| p.mfa = evidence);
            assert_eq!(fails(&weak), StepUpError::NoSecondFactor);
        }
        let old_sign_in = with_person(|p| p.auth_time_ms = Some(NOW_MS - STEP_UP_MS - 1));
        assert_eq!(fails(&old_sign_in), StepUpError::NotFresh);
        let other = establish(&assertion(), "eve@example.com", "u1");
        assert_eq!(other, Err(StepUpError::OtherPerson));
        let other = establish(&assertion(), "ada@example.com", "u2");
        assert_eq!(other, Err(StepUpError::OtherPerson));
    }

    #[test]
    fn freshness_ends_after_five_minutes() {
        let at = |issued_ms| {
            establish(
                &Assertion {
                    issued_ms,
                    ..assertion()
                },
                "ada@example.com",
                "u1",
            )
        };
        assert!(at(NOW_MS - STEP_UP_MS).is_ok());
        assert_eq!(at(NOW_MS - STEP_UP_MS - 1), Err(StepUpError::NotFresh));
        assert!(at(NOW_MS + 60_000).is_ok());
        assert_eq!(at(NOW_MS + 60_001), Err(StepUpError::NotFresh));
        assert_eq!(at(i64::MIN), Err(StepUpError::NotFresh));
        assert_eq!(at(i64::MAX - 1), Err(StepUpError::NotFresh));
    }
}

//! What a request carries once it has passed the layers of this crate.

use nexus_domain::actor::Actor;

/// Who calls. Present in the extensions of every request behind [`crate::identify()`].
#[derive(Clone, Debug)]
pub enum Caller {
    Actor(Actor),
    SignedOut(SignedOut),
}

/// Why there is no actor; each is a page of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// No assertion, session or token came with the request.
    NoToken,
    /// What came can't be trusted: expired, forged, for another application.
    BadToken,
    /// The keys to check it with can't be had now; trying again is sensible.
    Unverifiable,
    /// Signed in, but without a second factor.
    NoMfa {
        email: String,
    },
    NotMember {
        email: String,
    },
    Disabled {
        email: String,
    },
}

/// The response's CSP nonce, for inline scripts and styles.
#[derive(Clone, Debug)]
pub struct Nonce(pub String);

/// Ties log lines, audit entries and the response header `x-request-id`.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

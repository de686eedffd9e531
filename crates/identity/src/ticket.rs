//! The step-up ticket: carries a [`StepUpProof`] through the browser, from `/step-up/…`
//! back to the form it was asked for.
//!
//! Wire form: `base64url(body) "." base64url(HMAC-SHA-256(key, context ‖ body))`, where
//! `body = version:u8 ‖ id:16 ‖ at_ms:i64 big-endian ‖ action digest:32 ‖ e-mail`.

use std::fmt;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret as _, SecretBox};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::step_up::{ActionDigest, StepUpProof, is_fresh};
use crate::{Email, b64};

const VERSION: u8 = 1;
/// Separates these MACs from any other use of the same server key.
const CONTEXT: &[u8] = b"nexus-admin step-up ticket v1\0";
const FIXED_BYTES: usize = 1 + 16 + 8 + 32;
const MAX_TEXT_BYTES: usize = 1024;

/// The server's key for tickets: 256 random bits, the same on every instance.
pub struct TicketKey(SecretBox<[u8; 32]>);

impl TicketKey {
    /// Wraps a key; the caller keeps no copy.
    #[must_use]
    pub fn new(key: Box<[u8; 32]>) -> Self {
        Self(SecretBox::new(key))
    }

    fn mac(&self, body: &[u8]) -> Option<Hmac<Sha256>> {
        // HMAC takes keys of any length, so this is never `None`.
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).ok()?;
        mac.update(CONTEXT);
        mac.update(body);
        Some(mac)
    }
}

/// Names one ticket. The caller stores it on use and refuses it the second time, for
/// [`crate::step_up::STEP_UP_MS`] and a minute.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TicketId(pub [u8; 16]);

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a ticket is not honoured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Not a ticket, or not one of ours.
    #[error("not a valid ticket")]
    Invalid,
    /// Made for another action: what is to be done has changed since.
    #[error("ticket for another action")]
    OtherAction,
    /// Made for another person.
    #[error("ticket of another person")]
    OtherPerson,
    /// The sign-in behind it is over five minutes old.
    #[error("ticket expired")]
    Expired,
}

/// A proof with an id, ready to travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepUpTicket {
    id: TicketId,
    proof: StepUpProof,
}

impl StepUpTicket {
    /// Gives a proof an id, which must be 16 fresh random bytes.
    #[must_use]
    pub fn new(id: TicketId, proof: StepUpProof) -> Self {
        Self { id, proof }
    }

    /// What single use is enforced by.
    #[must_use]
    pub fn id(&self) -> TicketId {
        self.id
    }

    /// The proof inside.
    #[must_use]
    pub fn proof(&self) -> &StepUpProof {
        &self.proof
    }

    /// The form that travels: URL-safe text, under 600 bytes.
    #[must_use]
    pub fn encode(&self, key: &TicketKey) -> String {
        let body = self.body();
        let tag = key.mac(&body).map(|mac| mac.finalize().into_bytes());
        // Without a tag the text opens nowhere: this fails closed.
        let tag = tag.map(|tag| b64::encode(&tag)).unwrap_or_default();
        format!("{}.{tag}", b64::encode(&body))
    }

    fn body(&self) -> Vec<u8> {
        let mut body = vec![VERSION];
        body.extend_from_slice(&self.id.0);
        body.extend_from_slice(&self.proof.at_ms().to_be_bytes());
        body.extend_from_slice(self.proof.action_digest());
        body.extend_from_slice(self.proof.email().as_str().as_bytes());
        body
    }

    /// Opens a ticket for this person and action. Single use is up to the caller, by
    /// [`Self::id`], in the same commit as the action.
    ///
    /// # Errors
    /// [`TicketError`].
    pub fn open(
        text: &str,
        key: &TicketKey,
        email: &Email,
        action_digest: &ActionDigest,
        now_ms: i64,
    ) -> Result<Self, TicketError> {
        let body = authenticated_body(text, key).ok_or(TicketError::Invalid)?;
        let ticket = Self::from_body(&body).ok_or(TicketError::Invalid)?;
        if ticket.proof.email() != email {
            return Err(TicketError::OtherPerson);
        }
        if !bool::from(ticket.proof.action_digest().ct_eq(action_digest)) {
            return Err(TicketError::OtherAction);
        }
        if !is_fresh(ticket.proof.at_ms(), now_ms) {
            return Err(TicketError::Expired);
        }
        Ok(ticket)
    }

    fn from_body(body: &[u8]) -> Option<Self> {
        let (fixed, email) = body.split_at_checked(FIXED_BYTES)?;
        let (version, rest) = fixed.split_first()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (at_ms, rest) = rest.split_first_chunk::<8>()?;
        let action_digest = rest.first_chunk::<32>()?;
        if *version != VERSION {
            return None;
        }
        let email = Email::parse(std::str::from_utf8(email).ok()?).ok()?;
        let proof = StepUpProof::from_parts(email, i64::from_be_bytes(*at_ms), *action_digest);
        Some(Self {
            id: TicketId(*id),
            proof,
        })
    }
}

fn authenticated_body(text: &str, key: &TicketKey) -> Option<Vec<u8>> {
    if text.len() > MAX_TEXT_BYTES {
        return None;
    }
    let (body, tag) = text.split_once('.')?;
    let (body, tag) = (b64::decode(body)?, b64::decode(tag)?);
    // `verify_slice` compares in constant time and refuses shortened tags.
    key.mac(&body)?.verify_slice(&tag).ok()?;
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::{StepUpTicket, TicketError, TicketId, TicketKey};
    use crate::step_up::{STEP_UP_MS, StepUpProof};
    use crate::{Email, b64};

    const NOW_MS: i64 = 1_800_000_000_000;

    fn key(byte: u8) -> TicketKey {
        TicketKey::new(Box::new([byte; 32]))
    }

    fn email(text: &str) -> Email {
        Email::parse(text).unwrap()
    }

    fn ticket() -> StepUpTicket {
        let proof = StepUpProof::from_parts(email("ada@example.com"), NOW_MS, [9; 32]);
        StepUpTicket::new(TicketId([3; 16]), proof)
    }

    fn open(text: &str) -> Result<StepUpTicket, TicketError> {
        StepUpTicket::open(text, &key(1), &email("ada@example.com"), &[9; 32], NOW_MS)
    }

    #[test]
    fn a_ticket_comes_back_whole_and_only_with_its_key() {
        let text = ticket().encode(&key(1));
        assert_eq!(open(&text), Ok(ticket()));
        assert_eq!(open(&ticket().encode(&key(2))), Err(TicketError::Invalid));
        assert_eq!(ticket().id().to_string(), "03".repeat(16));
    }

    #[test]
    fn a_ticket_is_bound_to_person_action_and_time() {
        let text = ticket().encode(&key(1));
        let (ada, eve) = (email("ada@example.com"), email("eve@example.com"));
        let open =
            |email, digest, now_ms| StepUpTicket::open(&text, &key(1), email, &digest, now_ms);
        assert_eq!(open(&eve, [9; 32], NOW_MS), Err(TicketError::OtherPerson));
        assert_eq!(open(&ada, [8; 32], NOW_MS), Err(TicketError::OtherAction));
        assert!(open(&ada, [9; 32], NOW_MS + STEP_UP_MS).is_ok());
        assert_eq!(
            open(&ada, [9; 32], NOW_MS + STEP_UP_MS + 1),
            Err(TicketError::Expired)
        );
        assert_eq!(
            open(&ada, [9; 32], NOW_MS - 60_001),
            Err(TicketError::Expired)
        );
    }

    #[test]
    fn shortened_and_emptied_tags_are_refused() {
        let text = ticket().encode(&key(1));
        let (body, tag) = text.split_once('.').unwrap();
        let whole = b64::decode(tag).unwrap();
        for bad in [
            String::new(),
            ".".into(),
            body.into(),
            format!("{body}."),
            format!("{body}.{}", b64::encode(&whole[..16])),
            format!("{body}.{}", b64::encode(&whole[..31])),
            format!("{body}.{}", b64::encode(&[&whole[..], &[0]].concat())),
            format!("{body}.{tag}="),
            format!("{body}.{tag}.{tag}"),
            format!(".{tag}"),
            "A".repeat(5000),
        ] {
            assert_eq!(open(&bad), Err(TicketError::Invalid), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_changed_byte_passes(at in 0_usize..200, byte: u8) {
            let text = ticket().encode(&key(1));
            let mut bytes = text.clone().into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            proptest::prop_assert_eq!(open(&changed).is_ok(), changed == text);
        }

        #[test]
        fn noise_never_opens(text in "\\PC{0,80}|[A-Za-z0-9_.-]{0,200}") {
            proptest::prop_assert_eq!(open(&text), Err(TicketError::Invalid));
        }
    }
}

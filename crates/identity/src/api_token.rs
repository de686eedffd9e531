//! API tokens: `nxa_<public id>_<secret>_<checksum>`.
//!
//! - public id: 16 base62 characters, the database key, harmless in a log;
//! - secret: 40 base62 characters (238 bits), shown once;
//! - checksum: CRC-32 of everything before it in 6 base62 characters, so that typing errors
//!   and secret scanners need no database.
//!
//! Stored is SHA-256 of the token. Slow password hashes protect guessable secrets; nobody
//! guesses 238 random bits, and a slow hash on every API request would only be a way to
//! exhaust us.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

const PREFIX: &str = "nxa";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_CHARS: usize = 16;
const SECRET_CHARS: usize = 40;
const CHECKSUM_CHARS: usize = 6;
/// Length of a whole token in bytes.
pub const TOKEN_CHARS: usize = 4 + ID_CHARS + 1 + SECRET_CHARS + 1 + CHECKSUM_CHARS;
/// Random bytes that make one token.
pub const RANDOM_BYTES: usize = ID_CHARS + SECRET_CHARS;

/// The public part: finds the row, proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicId(String);

/// A whole token. Has no Debug, Display or Serialize and is wiped when dropped.
pub struct ApiTokenSecret {
    public_id: PublicId,
    text: SecretString,
}

/// What the database keeps: SHA-256 over the token's text.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

/// Not a token: the checksum or the form is wrong. Nothing was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API token")]
pub struct InvalidToken;

impl ApiTokenSecret {
    /// Makes a token of random bytes, which must come from the system's generator.
    #[must_use]
    pub fn generate(random: &[u8; RANDOM_BYTES]) -> Self {
        let (id, secret) = random.split_at(ID_CHARS);
        let id = base62(id);
        let body = format!("{PREFIX}_{id}_{}", base62(secret));
        let text = format!("{body}_{}", checksum(&body));
        Self {
            public_id: PublicId(id),
            text: text.into(),
        }
    }

    /// Parses what a client sent. Success means only that it could be a token.
    ///
    /// # Errors
    /// [`InvalidToken`].
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        if text.len() != TOKEN_CHARS || !text.is_ascii() {
            return Err(InvalidToken);
        }
        let (body, sum) = text.rsplit_once('_').ok_or(InvalidToken)?;
        let mut parts = body.split('_');
        let (prefix, id, secret) = (parts.next(), parts.next(), parts.next());
        let (Some(PREFIX), Some(id), Some(secret), None) = (prefix, id, secret, parts.next())
        else {
            return Err(InvalidToken);
        };
        let public_id = PublicId::try_from(id.to_owned())?;
        let ok = is_base62(secret, SECRET_CHARS) && sum == checksum(body);
        ok.then(|| Self {
            public_id,
            text: text.into(),
        })
        .ok_or(InvalidToken)
    }

    /// Finds the row.
    #[must_use]
    pub fn public_id(&self) -> &PublicId {
        &self.public_id
    }

    /// What to store.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.text.expose_secret()).into())
    }

    /// Whether this is the token behind a stored hash, in constant time.
    #[must_use]
    pub fn matches(&self, stored: &TokenHash) -> bool {
        self.hash().0.ct_eq(&stored.0).into()
    }

    /// The text itself, for the one page that shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

impl TokenHash {
    /// From the database.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the database.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl PublicId {
    /// The 16 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PublicId {
    type Error = InvalidToken;
    fn try_from(text: String) -> Result<Self, InvalidToken> {
        if is_base62(&text, ID_CHARS) {
            Ok(Self(text))
        } else {
            Err(InvalidToken)
        }
    }
}

impl From<PublicId> for String {
    fn from(id: PublicId) -> Self {
        id.0
    }
}

fn is_base62(text: &str, chars: usize) -> bool {
    text.len() == chars && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Eight characters from each eight bytes: 2⁶⁴ over 62⁸ is so large that the bias of the
/// remainder is below 2⁻¹⁶ of a probability.
fn base62(random: &[u8]) -> String {
    let mut text = String::with_capacity(random.len());
    for chunk in random.chunks(8) {
        let mut number = chunk
            .iter()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        for _ in chunk {
            text.push(digit(number % 62));
            number /= 62;
        }
    }
    text
}

fn digit(value: u64) -> char {
    let index = usize::try_from(value).unwrap_or(0);
    char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
}

fn checksum(body: &str) -> String {
    let mut number = u64::from(crc32(body.as_bytes()));
    let mut text = [b'0'; CHECKSUM_CHARS].map(char::from);
    for place in text.iter_mut().rev() {
        *place = digit(number % 62);
        number /= 62;
    }
    text.iter().collect()
}

/// CRC-32/ISO-HDLC, the one of zip and PNG.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{ApiTokenSecret, RANDOM_BYTES, TOKEN_CHARS, TokenHash, crc32};

    fn random(seed: u8) -> [u8; RANDOM_BYTES] {
        std::array::from_fn(|i| (i as u8).wrapping_mul(37).wrapping_add(seed))
    }

    #[test]
    fn crc_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn tokens_come_back_and_match_only_themselves() {
        let token = ApiTokenSecret::generate(&random(1));
        assert_eq!(token.expose().len(), TOKEN_CHARS);
        let again = ApiTokenSecret::parse(token.expose()).ok().unwrap();
        assert_eq!(again.public_id(), token.public_id());
        let stored = TokenHash::from_bytes(token.hash().to_bytes());
        assert!(again.matches(&stored));
        assert!(!ApiTokenSecret::generate(&random(2)).matches(&stored));
    }

    #[test]
    fn extremes_are_well_formed() {
        for random in [[0; RANDOM_BYTES], [0xff; RANDOM_BYTES]] {
            let token = ApiTokenSecret::generate(&random);
            assert!(ApiTokenSecret::parse(token.expose()).is_ok());
        }
    }

    #[test]
    fn every_single_typing_error_is_found() {
        let text = ApiTokenSecret::generate(&random(3)).expose().to_owned();
        for at in 0..text.len() {
            for byte in [b'0', b'z', b'_', b' ', 0xc3] {
                let mut bytes = text.clone().into_bytes();
                if bytes[at] == byte {
                    continue;
                }
                bytes[at] = byte;
                let changed = String::from_utf8_lossy(&bytes).into_owned();
                assert!(ApiTokenSecret::parse(&changed).is_err(), "{changed}");
            }
            // Neighbours swapped.
            let mut bytes = text.clone().into_bytes();
            if at + 1 < bytes.len() && bytes[at] != bytes[at + 1] {
                bytes.swap(at, at + 1);
                assert!(ApiTokenSecret::parse(std::str::from_utf8(&bytes).unwrap()).is_err());
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn noise_is_no_token(text in "\\PC{0,80}|nxa_[A-Za-z0-9]{16}_[A-Za-z0-9]{40}_[A-Za-z0-9]{5}") {
            proptest::prop_assert!(ApiTokenSecret::parse(&text).is_err());
        }

        #[test]
        fn every_generated_token_parses(bytes in proptest::collection::vec(proptest::num::u8::ANY, RANDOM_BYTES)) {
            let token = ApiTokenSecret::generate(&bytes.try_into().unwrap());
            let again = ApiTokenSecret::parse(token.expose()).ok().unwrap();
            proptest::prop_assert!(again.matches(&token.hash()));
        }
    }
}

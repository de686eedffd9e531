//! Time-based one-time passwords (RFC 6238 over RFC 4226): SHA-1, 6 digits, 30 s steps, which
//! is what every authenticator app reads without further questions.

use hmac::{Hmac, Mac};
use sha1::Sha1;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Length of a step in seconds (RFC 6238 §5.2).
pub const STEP_S: i64 = 30;

/// The step a time in seconds since the Unix epoch falls into.
#[must_use]
pub fn step_at(now_s: i64) -> u64 {
    u64::try_from(now_s.div_euclid(STEP_S)).unwrap_or(0)
}

/// The six digits of a step (RFC 4226 §5.3, dynamic truncation).
#[must_use]
pub fn code(secret: &[u8], step: u64) -> String {
    format!("{:06}", truncated(secret, step) % 1_000_000)
}

/// The step, one before `now_s` to one after it, whose code this is. One step of tolerance
/// each way is what RFC 6238 §5.2 recommends for clocks that differ.
#[must_use]
pub fn matching_step(secret: &[u8], given: &str, now_s: i64) -> Option<u64> {
    let now = step_at(now_s);
    let mut found = 0_u64;
    let mut any = Choice::from(0);
    for step in now.saturating_sub(1)..=now + 1 {
        let same = code(secret, step).as_bytes().ct_eq(given.as_bytes());
        found.conditional_assign(&step, same);
        any |= same;
    }
    bool::from(any).then_some(found)
}

/// The URI an authenticator app reads from a QR code.
#[must_use]
pub fn otpauth_uri(secret: &[u8], issuer: &str, account: &str) -> String {
    let mut uri = url::Url::parse("otpauth://totp/").map_or_else(
        |_| String::new(),
        |mut uri| {
            uri.set_path(&format!("/{issuer}:{account}"));
            uri.into()
        },
    );
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("secret", &base32(secret))
        .append_pair("issuer", issuer)
        .append_pair("algorithm", "SHA1")
        .append_pair("digits", "6")
        .append_pair("period", &STEP_S.to_string())
        .finish();
    uri.push('?');
    // Apps read the query as a URI, not as a form: a blank is %20.
    uri.push_str(&query.replace('+', "%20"));
    uri
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base32 of RFC 4648 without padding.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut window, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        window = (window << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[(window >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[(window << (5 - bits) & 31) as usize]));
    }
    out
}

/// Reads Base32 as people write it: any case, blanks, hyphens and padding are skipped.
#[must_use]
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut window, mut bits) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !b" -=".contains(byte)) {
        let value = ALPHABET
            .iter()
            .position(|letter| *letter == byte.to_ascii_uppercase())?;
        window = (window << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(window >> bits & 0xff).ok()?);
        }
    }
    Some(out)
}

fn truncated(secret: &[u8], step: u64) -> u32 {
    // HMAC takes keys of every length, so there is no error to report.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else {
        return 0;
    };
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let start = usize::from(digest[19] & 15);
    let word: [u8; 4] = std::array::from_fn(|index| digest[start + index]);
    u32::from_be_bytes(word) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_vectors_of_rfc_6238_appendix_b() {
        let secret = b"12345678901234567890";
        for (time_s, expected) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(truncated(secret, step_at(time_s)) % 100_000_000, expected);
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226_appendix_d() {
        let codes = ["755224", "287082", "359152", "969429", "338314", "254676"];
        for (step, expected) in codes.iter().enumerate() {
            assert_eq!(code(b"12345678901234567890", step as u64), *expected);
        }
    }

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (plain, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
            assert_eq!(from_base32(text).unwrap(), plain.as_bytes());
        }
        assert_eq!(from_base32("mzxw 6ytb-oi======").unwrap(), b"foobar");
        assert_eq!(from_base32("MZ1"), None);
    }

    #[test]
    fn one_step_of_tolerance_each_way() {
        let secret = b"12345678901234567890";
        let now_s = 1_111_111_111;
        let now = step_at(now_s);
        for step in now - 1..=now + 1 {
            assert_eq!(
                matching_step(secret, &code(secret, step), now_s),
                Some(step)
            );
        }
        assert_eq!(matching_step(secret, &code(secret, now - 2), now_s), None);
        assert_eq!(matching_step(secret, &code(secret, now + 2), now_s), None);
        assert_eq!(matching_step(secret, "", now_s), None);
    }

    #[test]
    fn the_uri_is_what_authenticators_read() {
        assert_eq!(
            otpauth_uri(b"foobar", "Nexus Sandbox", "a@b.example"),
            "otpauth://totp/Nexus%20Sandbox:a@b.example?secret=MZXW6YTBOI&issuer=Nexus%20Sandbox\
             &algorithm=SHA1&digits=6&period=30"
        );
    }

    proptest! {
        #[test]
        fn base32_round_trips(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(from_base32(&base32(&bytes)).unwrap(), bytes);
        }
    }
}

//! Who asks: the unit that assignment is sticky by.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};

use crate::limits::MAX_UNIT_BYTES;
use crate::ports::Random;

/// Carries a signed-in user's id. It only chooses variants and grants nothing, so it
/// needs no proof.
pub(crate) const USER_HEADER: &str = "x-nexus-user";
/// The cookie of anonymous visitors.
const COOKIE: &str = "nexus_uid";
/// Its content: 128 random bits.
const UID_BYTES: usize = 16;
/// Base64url without padding of that many.
const UID_LENGTH: usize = 22;
/// Longest life that browsers grant: 400 days (RFC 6265bis §5.5).
const MAX_AGE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// User id or cookie id; empty when there is neither.
    pub unit: String,
    /// Whether the id was made for this request and must be set as a cookie.
    pub is_new: bool,
}

impl Identity {
    /// The user id that the host has verified, else the one in the header, else the
    /// cookie; empty without any. Unusable ids (too long, not visible ASCII) count as
    /// absent.
    #[must_use]
    pub fn of(headers: &HeaderMap, verified_user: Option<&str>) -> Self {
        let header = || {
            headers
                .get(USER_HEADER)
                .and_then(|value| value.to_str().ok())
        };
        let user = verified_user
            .filter(|id| is_unit(id))
            .or_else(|| header().filter(|id| is_unit(id)));
        let unit = user.or_else(|| cookie_id(headers)).unwrap_or_default();
        Self {
            unit: unit.to_owned(),
            is_new: false,
        }
    }

    /// With an id of its own where there was none.
    pub(crate) fn or_new(self, random: &impl Random) -> Self {
        if !self.unit.is_empty() {
            return self;
        }
        match random.bytes::<UID_BYTES>() {
            Some(bytes) => Self {
                unit: URL_SAFE_NO_PAD.encode(bytes),
                is_new: true,
            },
            None => self,
        }
    }

    /// The cookie to set, if the id is new.
    pub(crate) fn cookie(&self, secure: bool) -> Option<HeaderValue> {
        if !self.is_new {
            return None;
        }
        let secure = if secure { "; Secure" } else { "" };
        let unit = &self.unit;
        HeaderValue::try_from(format!(
            "{COOKIE}={unit}; Path=/; Max-Age={MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax{secure}"
        ))
        .ok()
    }
}

/// Whether a text can be a unit: 1 to 128 bytes of visible ASCII.
pub(crate) fn is_unit(text: &str) -> bool {
    (1..=MAX_UNIT_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The first well-formed id among the cookies.
fn cookie_id(headers: &HeaderMap) -> Option<&str> {
    cookies(headers, COOKIE).find(|id| is_uid(id))
}

/// Values of the cookies of a name.
pub(crate) fn cookies<'h>(
    headers: &'h HeaderMap,
    name: &'h str,
) -> impl Iterator<Item = &'h str> + 'h {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(found, _)| *found == name)
        .map(|(_, value)| value)
}

fn is_uid(text: &str) -> bool {
    let mut bytes = [0; UID_BYTES];
    text.len() == UID_LENGTH && URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) == Ok(UID_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Random for Fixed {
        fn bytes<const N: usize>(&self) -> Option<[u8; N]> {
            Some([7; N])
        }
    }
    struct NoEntropy;
    impl Random for NoEntropy {
        fn bytes<const N: usize>(&self) -> Option<[u8; N]> {
            None
        }
    }

    const UID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn unit(pairs: &[(&'static str, &str)], verified: Option<&str>) -> String {
        Identity::of(&headers(pairs), verified).unit
    }

    #[test]
    fn the_most_certain_identity_wins() {
        let cookie = ("cookie", "a=b; nexus_uid=AAAAAAAAAAAAAAAAAAAAAA; c=d");
        assert_eq!(unit(&[cookie, ("x-nexus-user", "ann")], Some("bob")), "bob");
        assert_eq!(unit(&[cookie, ("x-nexus-user", "ann")], None), "ann");
        assert_eq!(unit(&[cookie], None), UID);
        assert_eq!(unit(&[], None), "");
    }

    #[test]
    fn unusable_ids_count_as_absent() {
        let long = "x".repeat(129);
        assert_eq!(unit(&[("x-nexus-user", &long)], None), "");
        assert_eq!(unit(&[("x-nexus-user", "a b")], None), "");
        for bad in [
            "nexus_uid=",
            "nexus_uid=short",
            "nexus_uid=AAAAAAAAAAAAAAAAAAAAA!",
            "nexus_uid=AAAAAAAAAAAAAAAAAAAAAB",
        ] {
            assert_eq!(unit(&[("cookie", bad)], None), "", "{bad}");
        }
        let second = format!("nexus_uid=bad; nexus_uid={UID}");
        assert_eq!(unit(&[("cookie", &second)], None), UID);
    }

    #[test]
    fn a_stranger_gets_a_cookie_that_is_recognised() {
        let stranger = Identity::of(&HeaderMap::new(), None).or_new(&Fixed);
        let cookie = stranger.cookie(true).unwrap();
        let text = cookie.to_str().unwrap();
        assert_eq!(
            text,
            "nexus_uid=BwcHBwcHBwcHBwcHBwcHBw; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure"
        );
        let sent_back = text.split(';').next().unwrap();
        let known = Identity::of(&headers(&[("cookie", sent_back)]), None).or_new(&Fixed);
        assert_eq!(
            known,
            Identity {
                is_new: false,
                ..stranger
            }
        );
        assert_eq!(known.cookie(true), None);
    }

    #[test]
    fn without_entropy_nobody_gets_an_id() {
        let stranger = Identity::of(&HeaderMap::new(), None).or_new(&NoEntropy);
        assert_eq!((stranger.unit.as_str(), stranger.cookie(false)), ("", None));
    }

    proptest::proptest! {
        #[test]
        fn no_header_panics(cookie: Vec<u8>, user: Vec<u8>) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&cookie) { headers.insert(header::COOKIE, value); }
            if let Ok(value) = HeaderValue::from_bytes(&user) { headers.insert(USER_HEADER, value); }
            let unit = Identity::of(&headers, None).unit;
            proptest::prop_assert!(unit.is_empty() || is_unit(&unit));
        }
    }
}

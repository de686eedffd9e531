//! Which key somebody shows.

use http::{HeaderMap, header};
use nexus_flags::{SdkKey, SdkKeyKind};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Longest text that can be a key.
const MAX_KEY_BYTES: usize = 256;

/// What such a token begins with.
const CHANGES_TOKEN: &str = "nxt_";

/// Position of the key. Takes the same time wherever it stands and whether it is there.
pub(super) fn find(keys: &[SdkKey], shown: &str) -> Option<usize> {
    if shown.is_empty() || shown.len() > MAX_KEY_BYTES {
        return None;
    }
    let digest = hexadecimal(&Sha256::digest(shown.as_bytes()));
    let (mut found, mut position) = (Choice::from(0), 0_u32);
    for (index, key) in (0_u32..).zip(keys) {
        let same = key.sha256.as_bytes().ct_eq(&digest);
        position.conditional_assign(&index, same);
        found |= same;
    }
    bool::from(found).then_some(position as usize)
}

/// What stands in the address of a server key's stream of changes instead of the key:
/// addresses get into logs. It follows from what the snapshot says of the key, opens that
/// stream only, and ends with the key. A client key is no secret.
pub(super) fn changes_token(key: &SdkKey) -> Option<String> {
    let digest = Sha256::new()
        .chain_update("nexus changes ")
        .chain_update(&key.sha256)
        .finalize();
    let text = hexadecimal(&digest);
    let text = std::str::from_utf8(&text).unwrap_or_default();
    (key.kind == SdkKeyKind::Server).then(|| format!("{CHANGES_TOKEN}{text}"))
}

/// Position of the key whose token this is; takes the same time wherever it stands.
pub(super) fn find_by_token(tokens: &[Option<String>], shown: &str) -> Option<usize> {
    let mut found = None;
    for (index, token) in tokens.iter().enumerate() {
        let token = token.as_deref().unwrap_or_default();
        if bool::from(token.as_bytes().ct_eq(shown.as_bytes())) && !token.is_empty() {
            found = Some(index);
        }
    }
    found
}

/// The key in a header: `Authorization: Bearer` or `X-API-Key`.
pub(super) fn in_headers(headers: &HeaderMap) -> Option<&str> {
    in_api_key_header(headers).or_else(|| as_bearer(headers))
}

pub(super) fn in_api_key_header(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-api-key")?.to_str().ok()
}

pub(super) fn as_bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = text.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| key.trim_start())
}

/// 64 digits in lower case, as the console writes them.
fn hexadecimal(digest: &[u8]) -> [u8; 64] {
    let mut text = [b'0'; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(digest) {
        let digits = [byte >> 4, byte & 15];
        for (place, digit) in pair.iter_mut().zip(digits) {
            *place = if digit < 10 {
                b'0' + digit
            } else {
                b'a' + digit - 10
            };
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(sha256: &str) -> SdkKey {
        SdkKey {
            id: "k".to_owned(),
            sha256: sha256.to_owned(),
            kind: SdkKeyKind::Server,
            origins: Vec::new(),
            encryption_key: None,
        }
    }

    #[test]
    fn keys_are_found_by_their_digest() {
        // FIPS 180-2's example.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let keys = [key(""), key(&"0".repeat(64)), key(abc)];
        assert_eq!(find(&keys, "abc"), Some(2));
        for wrong in ["", "abd", abc, &"a".repeat(300)] {
            assert_eq!(find(&keys, wrong), None);
        }
        assert_eq!(find(&[], "abc"), None);
    }

    #[test]
    fn a_server_key_has_a_token_for_its_stream_and_a_client_key_none() {
        let (one, other) = (key(&"1".repeat(64)), key(&"2".repeat(64)));
        let mut client = key(&"3".repeat(64));
        client.kind = SdkKeyKind::Client;
        let tokens = [&client, &one, &other].map(changes_token);
        let of_other = tokens[2].clone().unwrap();
        assert!(tokens[0].is_none() && of_other.starts_with("nxt_") && of_other.len() == 68);
        assert_eq!(find_by_token(&tokens, &of_other), Some(2));
        for wrong in ["", "nxt_", &other.sha256, &of_other[..67]] {
            assert_eq!(find_by_token(&tokens, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn keys_are_shown_in_two_headers() {
        let shown = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            in_headers(&headers).map(str::to_owned)
        };
        assert_eq!(shown("authorization", "bearer k").as_deref(), Some("k"));
        assert_eq!(shown("x-api-key", "k").as_deref(), Some("k"));
        assert_eq!(shown("authorization", "Basic k"), None);
    }
}

//! Noise never panics and never verifies.

use std::sync::LazyLock;

use futures::executor::block_on;
use http::{HeaderMap, HeaderValue};
use nexus_identity::access::{ASSERTION_HEADER, AccessVerifier, Application};
use nexus_identity::jwk::JwkSet;
use nexus_identity::jws;
use proptest::prelude::*;

use crate::common::{Certs, KEY_A, KEY_B, NOW_MS, b64, person, verifier};

static VERIFIER: LazyLock<AccessVerifier<Certs>> = LazyLock::new(verifier);
static GOOD: LazyLock<String> = LazyLock::new(|| KEY_A.assertion(&person()));

fn passes(value: &[u8]) -> bool {
    let Ok(value) = HeaderValue::from_bytes(value) else {
        return false;
    };
    let headers = HeaderMap::from_iter([(ASSERTION_HEADER.parse().unwrap(), value)]);
    block_on(VERIFIER.verify(&headers, Application::Console, NOW_MS)).is_ok()
}

#[test]
fn the_basis_of_the_mutations_verifies() {
    assert!(passes(GOOD.as_bytes()));
}

proptest! {
    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(!passes(&bytes));
    }

    #[test]
    fn random_tokens(header in "\\PC{0,60}", payload in "\\PC{0,60}", signature: Vec<u8>) {
        let token = format!("{}.{}.{}", b64(header), b64(payload), b64(signature));
        prop_assert!(!passes(token.as_bytes()));
    }

    #[test]
    fn random_keysets(text in "\\PC{0,200}|\\{\"keys\":\\[\\{\"kty\":\"RSA\",\"n\":\"[A-Z]{0,9}\"\\}\\]\\}") {
        prop_assert!(JwkSet::parse(text.as_bytes()).is_err());
    }
}

proptest! {
    // Each case may cost an RSA operation in a debug build.
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_changed_byte(at: prop::sample::Index, byte: u8) {
        let mut bytes = GOOD.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        prop_assert_eq!(passes(&bytes), bytes == GOOD.as_bytes());
    }

    #[test]
    fn cut_doubled_and_stretched(from: prop::sample::Index, to: prop::sample::Index, extra in "[A-Za-z0-9_.-]{0,4}") {
        let (from, to) = (from.index(GOOD.len()), to.index(GOOD.len()));
        let changed = format!("{}{extra}{}", &GOOD[..from], &GOOD[to..]);
        prop_assert_eq!(passes(changed.as_bytes()), changed == *GOOD);
    }

    /// A flipped bit anywhere in the decoded payload or signature.
    #[test]
    fn a_flipped_bit(in_signature: bool, at: prop::sample::Index, bit in 0_u8..8) {
        use base64::Engine as _;
        let mut parts: Vec<String> = GOOD.split('.').map(str::to_owned).collect();
        let part = &mut parts[if in_signature { 2 } else { 1 }];
        let mut bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&*part).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        *part = b64(bytes);
        prop_assert!(!passes(parts.join(".").as_bytes()));
    }

    /// Any payload signed by us comes out of the signature layer as it went in, and is
    /// refused under another key.
    #[test]
    fn signature_layer_round_trip(payload: Vec<u8>) {
        let input = format!("{}.{}", b64(KEY_A.header().to_string()), b64(&payload));
        let token = format!("{input}.{}", KEY_A.sign(&input));
        let ours = JwkSet::parse(&Certs::body(&[&KEY_A])).unwrap();
        let theirs = JwkSet::parse(&Certs::body(&[&KEY_B])).unwrap();
        prop_assert_eq!(jws::verify(&token, &ours), Ok(payload));
        prop_assert!(jws::verify(&token, &theirs).is_err());
    }
}

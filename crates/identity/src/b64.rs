//! Base64url exactly as JOSE wants it (RFC 7515 §2): no padding, no whitespace,
//! unused bits zero, so that one value has one spelling.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Decodes, or `None` for anything but the canonical spelling.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Encodes without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn one_value_has_one_spelling() {
        assert_eq!(decode("Zg"), Some(b"f".to_vec()));
        for other in [
            "Zh", "Zg==", "Zg=", " Zg", "Zg\n", "Z", "Z+", "Z/", "Zg.", "Zé",
        ] {
            assert_eq!(decode(other), None, "{other:?}");
        }
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
    }

    proptest::proptest! {
        #[test]
        fn decoding_is_the_inverse_and_injective(bytes: Vec<u8>, text in "[A-Za-z0-9_-]{0,24}") {
            proptest::prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
            if let Some(decoded) = decode(&text) {
                proptest::prop_assert_eq!(encode(&decoded), text);
            }
        }
    }
}

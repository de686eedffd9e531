//! Encrypted payloads: `<iv>.<ciphertext>` in base64, AES-128 in CBC mode with PKCS #7
//! padding, as the specification's `decrypt` says.
//!
//! This hides a payload from who has no key; it does not show that nobody changed it.

use aes::Aes128;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use cbc::{Decryptor, Encryptor};
use serde_json::{Map, Value};

/// As JavaScript's `atob` reads it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text cannot be decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptError {
    #[error("the key is not the base64 of 16 bytes")]
    Key,
    #[error("the text is not of the form <iv>.<ciphertext> in base64")]
    Form,
    #[error("the key does not fit the text")]
    WrongKey,
    #[error("what is inside is not JSON")]
    NotJson,
}

/// The text inside.
///
/// # Errors
/// When key or text are malformed or do not belong together.
pub fn decrypt(encrypted: &str, key: &str) -> Result<String, DecryptError> {
    let key = BASE64.decode(key).map_err(|_| DecryptError::Key)?;
    let (iv, body) = encrypted.split_once('.').ok_or(DecryptError::Form)?;
    let iv = BASE64.decode(iv).map_err(|_| DecryptError::Form)?;
    let mut body = BASE64.decode(body).map_err(|_| DecryptError::Form)?;
    let key: [u8; 16] = key.try_into().map_err(|_| DecryptError::Key)?;
    let iv: [u8; 16] = iv.try_into().map_err(|_| DecryptError::Form)?;
    let plain = Decryptor::<Aes128>::new(&key.into(), &iv.into())
        .decrypt_padded_mut::<Pkcs7>(&mut body)
        .map_err(|_| DecryptError::WrongKey)?;
    let text = std::str::from_utf8(plain).map_err(|_| DecryptError::WrongKey)?;
    Ok(text.to_owned())
}

/// The text as [`decrypt`] reads it. An `iv` must not be used for two texts.
///
/// # Errors
/// When the key is malformed.
pub fn encrypt(text: &str, key: &str, iv: [u8; 16]) -> Result<String, DecryptError> {
    let key = BASE64.decode(key).map_err(|_| DecryptError::Key)?;
    let key: [u8; 16] = key.try_into().map_err(|_| DecryptError::Key)?;
    let encryptor = Encryptor::<Aes128>::new(&key.into(), &iv.into());
    let mut body = text.as_bytes().to_vec();
    // Padding takes up to one block.
    body.resize(text.len() + iv.len(), 0);
    let body = encryptor.encrypt_padded_mut::<Pkcs7>(&mut body, text.len());
    let body = body.map_err(|_| DecryptError::Form)?;
    Ok(format!("{}.{}", BASE64.encode(iv), BASE64.encode(body)))
}

/// A payload with its encrypted parts (`encryptedFeatures` and so on) in clear.
///
/// # Errors
/// When a part cannot be decrypted or is no JSON.
pub fn decrypt_payload(mut payload: Map<String, Value>, key: &str) -> Result<Value, DecryptError> {
    const PARTS: [(&str, &str); 4] = [
        ("encryptedFeatures", "features"),
        ("encryptedExperiments", "experiments"),
        ("encryptedSavedGroups", "savedGroups"),
        ("encryptedContextualBandits", "contextualBandits"),
    ];
    for (encrypted, clear) in PARTS {
        if let Some(Value::String(text)) = payload.remove(encrypted) {
            let text = decrypt(&text, key)?;
            let part = serde_json::from_str(&text).map_err(|_| DecryptError::NotJson)?;
            payload.insert(clear.to_owned(), part);
        }
    }
    Ok(Value::Object(payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KEY: [u8; 16] = *b"sixteen bytes ok";

    fn encrypted(text: &str) -> String {
        encrypt(text, &BASE64.encode(KEY), [7; 16]).expect("a good key")
    }

    #[test]
    fn encrypted_parts_take_their_places() {
        let key = BASE64.encode(KEY);
        let decrypt = |features: &str| {
            let payload =
                json!({ "encryptedFeatures": encrypted(features), "dateUpdated": "today" });
            let payload = payload.as_object().cloned().unwrap_or_default();
            decrypt_payload(payload, &key)
        };
        let expected = json!({ "features": { "f": {} }, "dateUpdated": "today" });
        assert_eq!(decrypt(r#"{ "f": {} }"#), Ok(expected));
        assert_eq!(decrypt(r#"{ "f": "#), Err(DecryptError::NotJson));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let text = encrypted("secret");
        let other = BASE64.encode([1; 16]);
        let decrypted = decrypt(&text, &BASE64.encode(KEY));
        assert_eq!(decrypted.as_deref(), Ok("secret"));
        assert_eq!(decrypt(&text, &other), Err(DecryptError::WrongKey));
        assert_eq!(decrypt(&text, "short"), Err(DecryptError::Key));
        assert_eq!(decrypt("nothing", &other), Err(DecryptError::Form));
        assert_eq!(encrypt("x", "short", [7; 16]), Err(DecryptError::Key));
    }
}

//! Keys, tokens and a certs endpoint for tests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::executor::block_on;
use http::{HeaderMap, HeaderValue};
use nexus_identity::FetchError;
use nexus_identity::access::{
    AccessConfig, AccessVerifier, Application, Assertion, AssertionError, JwksFetch,
};
use rsa::pkcs1v15::SigningKey;
use rsa::signature::{SignatureEncoding as _, Signer as _};
use rsa::{BigUint, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::Sha256;

pub(crate) const NOW_MS: i64 = 1_800_000_000_000;
pub(crate) const NOW_S: i64 = NOW_MS / 1000;
pub(crate) const ISSUER: &str = "https://team.cloudflareaccess.com";
pub(crate) const AUD: &str = "4714c1358e65fe4b408ad6d432a5f878";
pub(crate) const STEP_UP_AUD: &str = "a-step-up-audience";

pub(crate) struct TestKey {
    pub(crate) kid: &'static str,
    pub(crate) n: String,
    signing: SigningKey<Sha256>,
}

pub(crate) static KEY_A: LazyLock<TestKey> = LazyLock::new(|| TestKey::load("rfc7515", "key-a"));
pub(crate) static KEY_B: LazyLock<TestKey> = LazyLock::new(|| TestKey::load("rfc7520", "key-b"));

impl TestKey {
    fn load(name: &str, kid: &'static str) -> Self {
        let all: Value = serde_json::from_str(include_str!("keys.json")).unwrap();
        let text = |member: &str| all[name][member].as_str().unwrap();
        let int =
            |member: &str| BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(text(member)).unwrap());
        let mut key =
            RsaPrivateKey::from_components(int("n"), int("e"), int("d"), vec![int("p"), int("q")])
                .unwrap();
        key.precompute().unwrap();
        Self {
            kid,
            n: text("n").to_owned(),
            signing: SigningKey::new(key),
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid, "e": "AQAB", "n": self.n})
    }

    pub(crate) fn header(&self) -> Value {
        json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"})
    }

    pub(crate) fn sign(&self, message: &str) -> String {
        b64(self.signing.sign(message.as_bytes()).to_bytes())
    }

    /// A token of this header and payload, whatever they are.
    pub(crate) fn token(&self, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", b64(header), b64(payload));
        format!("{input}.{}", self.sign(&input))
    }

    /// A token with the usual header.
    pub(crate) fn assertion(&self, claims: &Value) -> String {
        self.token(&self.header().to_string(), &claims.to_string())
    }
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What Access puts into the token of a person.
pub(crate) fn person() -> Value {
    json!({
        "aud": [AUD], "email": "Ada@Example.com", "exp": NOW_S + 3600, "iat": NOW_S - 10,
        "nbf": NOW_S - 10, "iss": ISSUER, "type": "app", "identity_nonce": "6ei69kawdKzMIAPF",
        "sub": "7335d417-61da-459d-899c-0a01c76a2f94", "country": "JP"
    })
}

/// What Access puts into the token of a service.
pub(crate) fn service() -> Value {
    json!({
        "type": "app", "aud": AUD, "exp": NOW_S + 3600, "iss": ISSUER, "iat": NOW_S - 10,
        "common_name": "e367826f93b8d71185e03fe518aff3b4.access", "sub": ""
    })
}

/// `base` with one member set.
pub(crate) fn with(mut base: Value, name: &str, value: Value) -> Value {
    base[name] = value;
    base
}

pub(crate) fn without(mut base: Value, name: &str) -> Value {
    base.as_object_mut().unwrap().remove(name);
    base
}

/// The certs endpoint: counts its calls and can be told to answer anything.
#[derive(Clone)]
pub(crate) struct Certs(pub(crate) Arc<CertsState>);

pub(crate) struct CertsState {
    pub(crate) calls: AtomicUsize,
    pub(crate) answer: Mutex<Result<Vec<u8>, FetchError>>,
    pub(crate) share: bool,
    /// How often a fetch yields before it answers.
    pub(crate) yields: AtomicUsize,
}

impl Certs {
    pub(crate) fn of(keys: &[&TestKey]) -> Self {
        Self(Arc::new(CertsState {
            calls: AtomicUsize::new(0),
            answer: Mutex::new(Ok(Self::body(keys))),
            share: true,
            yields: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn body(keys: &[&TestKey]) -> Vec<u8> {
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
        json!({"keys": keys, "public_cert": {"kid": "x", "cert": "y"}, "public_certs": []})
            .to_string()
            .into_bytes()
    }

    pub(crate) fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn answer(&self, answer: Result<Vec<u8>, FetchError>) {
        *self.0.answer.lock().unwrap() = answer;
    }
}

#[async_trait]
impl JwksFetch for Certs {
    async fn fetch(&self, url: &str, _: usize) -> Result<Vec<u8>, FetchError> {
        assert_eq!(url, format!("{ISSUER}/cdn-cgi/access/certs"));
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        for _ in 0..self.0.yields.load(Ordering::SeqCst) {
            yield_now().await;
        }
        self.0.answer.lock().unwrap().clone()
    }

    fn can_share(&self) -> bool {
        self.0.share
    }
}

async fn yield_now() {
    let mut yielded = false;
    futures::future::poll_fn(|cx| {
        if yielded {
            return std::task::Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

pub(crate) fn config() -> AccessConfig {
    AccessConfig::for_issuer(ISSUER, AUD, Some(STEP_UP_AUD))
}

/// A verifier that knows key A.
pub(crate) fn verifier() -> AccessVerifier<Certs> {
    AccessVerifier::new(config(), Certs::of(&[&KEY_A])).unwrap()
}

/// Verifies one token in its header with a new verifier that knows key A.
pub(crate) fn verify(token: &str) -> Result<Assertion, AssertionError> {
    verify_with(&verifier(), token)
}

pub(crate) fn verify_with(
    verifier: &AccessVerifier<Certs>,
    token: &str,
) -> Result<Assertion, AssertionError> {
    let headers = headers(&[token.as_bytes()]);
    block_on(verifier.verify(&headers, Application::Console, NOW_MS))
}

pub(crate) fn headers(values: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        let value = HeaderValue::from_bytes(value).unwrap();
        headers.append("Cf-Access-Jwt-Assertion", value);
    }
    headers
}

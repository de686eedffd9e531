//! `get-identity` as the evidence of a second factor.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::executor::block_on;
use nexus_identity::access::{AccessVerifier, Application, IdentityFetch, Subject};
use nexus_identity::{AmrMethod, FetchError, MfaEvidence, MfaSource};
use serde_json::{Value, json};

use crate::common::{Certs, ISSUER, KEY_A, NOW_MS, config, person, service, with};

#[derive(Clone, Default)]
struct Port(Arc<(AtomicUsize, Mutex<Option<Vec<u8>>>)>);

#[async_trait]
impl IdentityFetch for Port {
    async fn get_identity(&self, url: &str, token: &str, _: usize) -> Result<Vec<u8>, FetchError> {
        assert_eq!(url, format!("{ISSUER}/cdn-cgi/access/get-identity"));
        assert!(token.contains('.'));
        self.0.0.fetch_add(1, Ordering::SeqCst);
        self.0.1.lock().unwrap().clone().ok_or(FetchError::Timeout)
    }
}

impl Port {
    fn says(&self, body: &Value) {
        *self.0.1.lock().unwrap() = Some(body.to_string().into_bytes());
    }

    fn calls(&self) -> usize {
        self.0.0.load(Ordering::SeqCst)
    }
}

fn identity() -> Value {
    json!({
        "email": "ada@EXAMPLE.com", "user_uuid": "7335d417-61da-459d-899c-0a01c76a2f94",
        "idp": {"id": "x", "type": "okta"}, "geo": {"country": "JP"}, "amr": ["pwd", "hwk"]
    })
}

fn setup() -> (Port, impl Fn(&Value, i64) -> Option<MfaEvidence>) {
    let port = Port::default();
    let mut config = config();
    config.mfa = MfaSource::Amr;
    let verifier =
        AccessVerifier::with_identity(config, Certs::of(&[&KEY_A]), port.clone()).unwrap();
    let ask = move |claims: &Value, after_ms: i64| {
        let token = KEY_A.assertion(claims);
        let asked = verifier.verify_token(&token, Application::Console, NOW_MS + after_ms);
        match block_on(asked).unwrap().subject {
            Subject::Person(person) => Some(person.mfa),
            Subject::Service { .. } => None,
        }
    };
    (port, ask)
}

#[test]
fn it_is_asked_once_in_thirty_seconds() {
    let (port, ask) = setup();
    port.says(&identity());
    let proven = Some(MfaEvidence::Methods(vec![AmrMethod::Hwk]));
    for ms in [0, 1, 29_999] {
        assert_eq!(ask(&person(), ms), proven);
    }
    assert_eq!(port.calls(), 1);
    port.says(&with(identity(), "amr", json!(["pwd"])));
    assert_eq!(ask(&person(), 30_000), Some(MfaEvidence::Absent));
    assert_eq!(port.calls(), 2);
    // Another token of the same person is another question.
    ask(&with(person(), "identity_nonce", json!("y")), 30_001);
    assert_eq!(port.calls(), 3);
}

#[test]
fn an_answer_about_somebody_else_proves_nothing() {
    for (name, value) in [
        ("user_uuid", json!("other")),
        ("user_uuid", json!(null)),
        ("email", json!("eve@example.com")),
        ("email", json!(null)),
        ("amr", json!("hwk")),
        ("amr", json!({"hwk": true})),
    ] {
        let (port, ask) = setup();
        port.says(&with(identity(), name, value.clone()));
        assert_eq!(
            ask(&person(), 0),
            Some(MfaEvidence::Absent),
            "{name} {value}"
        );
    }
    let (port, ask) = setup();
    *port.0.1.lock().unwrap() = Some(br#"{"amr":["hwk"],"amr":["hwk"]}"#.to_vec());
    assert_eq!(ask(&person(), 0), Some(MfaEvidence::Absent));
}

#[test]
fn silence_is_unknown_and_does_not_hammer() {
    let (port, ask) = setup();
    for ms in 0..10 {
        assert_eq!(ask(&person(), ms * 100), Some(MfaEvidence::Unknown));
    }
    assert_eq!(port.calls(), 1);
    port.says(&identity());
    assert!(ask(&person(), 5_000).unwrap().is_proven());
}

#[test]
fn it_is_asked_only_when_needed() {
    let (port, ask) = setup();
    assert!(
        ask(&with(person(), "amr", json!(["otp"])), 0)
            .unwrap()
            .is_proven()
    );
    assert_eq!(ask(&service(), 0), None);
    assert_eq!(port.calls(), 0);
}

//! The client against a scripted transport, and against a real socket.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::executor::block_on;
use nexus_cloudflare::{
    Client, Error, Request, ReqwestTransport, Response, Retries, TokenStatus, Transport,
    TransportError,
};
use secrecy::SecretString;

const BASE: &str = "https://api.example.com/client/v4/";
const ACCOUNT: &str = "00000000000000000000000000005a4d";

type Answer = Result<Response, TransportError>;

#[derive(Clone, Default)]
struct Script(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    answers: VecDeque<Answer>,
    /// Method, URL, body.
    seen: Vec<(String, String, Vec<u8>)>,
    slept_ms: Vec<u64>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Answer {
        let mut state = self.0.lock().unwrap();
        assert!(
            request
                .headers
                .contains(&("authorization", "Bearer secret".to_owned()))
        );
        state.seen.push((
            request.method.as_str().to_owned(),
            request.url,
            request.body,
        ));
        state
            .answers
            .pop_front()
            .expect("one call more than scripted")
    }

    async fn sleep(&self, ms: u64) {
        self.0.lock().unwrap().slept_ms.push(ms);
    }

    fn random(&self) -> u64 {
        u64::MAX
    }
}

fn answer(status: u16, body: &str) -> Answer {
    Ok(Response {
        status,
        headers: Vec::new(),
        body: body.into(),
    })
}

fn failure(status: u16, code: u32) -> Answer {
    answer(
        status,
        &format!(
            r#"{{"success":false,"errors":[{{"code":{code},"message":"no"}}],"messages":[],"result":null}}"#
        ),
    )
}

fn scripted(answers: Vec<Answer>) -> (Client, Script) {
    let script = Script::default();
    script.0.lock().unwrap().answers = answers.into();
    let token = SecretString::from("secret".to_owned());
    (Client::new(script.clone(), BASE, token, ACCOUNT), script)
}

fn calls(script: &Script) -> Vec<String> {
    let state = script.0.lock().unwrap();
    let prefix = format!("{BASE}accounts/{ACCOUNT}/storage/kv/");
    state
        .seen
        .iter()
        .map(|(m, url, _)| format!("{m} {}", url.replace(&prefix, "")))
        .collect()
}

#[test]
fn values_are_read_and_written_as_they_are() {
    let (client, script) = scripted(vec![
        answer(200, "raw \u{1f980} bytes"),
        failure(404, 10_009),
        answer(
            200,
            r#"{"success":true,"errors":[],"messages":[],"result":{}}"#,
        ),
    ]);
    let got = block_on(client.kv_get("ns", "snapshot:production")).unwrap();
    assert_eq!(got.unwrap(), "raw \u{1f980} bytes".as_bytes());
    assert_eq!(block_on(client.kv_get("ns", "k")).unwrap(), None);
    block_on(client.kv_put("ns", "k", b"v".to_vec())).unwrap();
    assert_eq!(
        calls(&script),
        [
            "GET namespaces/ns/values/snapshot%3Aproduction",
            "GET namespaces/ns/values/k",
            "PUT namespaces/ns/values/k"
        ]
    );
    assert_eq!(script.0.lock().unwrap().seen[2].2, b"v");
}

#[test]
fn a_missing_namespace_is_not_a_missing_key() {
    let (client, _) = scripted(vec![failure(404, 10_013)]);
    let error = block_on(client.kv_get("ns", "k")).unwrap_err();
    assert!(error.has_code(10_013) && !error.is_passing());
}

#[test]
fn passing_failures_are_tried_again_and_retry_after_is_honoured() {
    let mut limited = failure(429, 971).unwrap();
    limited.headers.push(("retry-after".into(), "2".into()));
    let (client, script) = scripted(vec![
        Err(TransportError::Connection("reset".into())),
        Ok(limited),
        failure(503, 0),
        answer(200, "v"),
    ]);
    assert_eq!(block_on(client.kv_get("ns", "k")).unwrap().unwrap(), b"v");
    let slept = script.0.lock().unwrap().slept_ms.clone();
    assert!(
        slept[0] <= 200 && slept[1] == 2_000 && slept[2] <= 800,
        "{slept:?}"
    );
}

#[test]
fn it_gives_up_after_a_few_and_at_once_on_what_will_not_pass() {
    let (client, script) = scripted((0..4).map(|_| failure(500, 1)).collect());
    assert!(matches!(
        block_on(client.kv_get("ns", "k")),
        Err(Error::Busy { status: 500, .. })
    ));
    assert_eq!(calls(&script).len(), 4);
    let (client, _) = scripted(vec![failure(403, 10_000)]);
    assert!(matches!(
        block_on(client.kv_put("ns", "k", vec![])),
        Err(Error::Denied { .. })
    ));
    let (client, script) = scripted(vec![Err(TransportError::Timeout)]);
    assert!(block_on(client.with_retries(Retries::NONE).kv_get("ns", "k")).is_err());
    assert!(script.0.lock().unwrap().slept_ms.is_empty());
    let mut patient = failure(429, 971).unwrap();
    patient.headers.push(("retry-after".into(), "3600".into()));
    let (client, _) = scripted(vec![Ok(patient)]);
    let error = block_on(client.kv_get("ns", "k")).unwrap_err();
    assert_eq!(error.retry_after_ms(), Some(3_600_000));
}

const NONE: &str = r#"{"success":true,"errors":[],"messages":[],"result":[],"result_info":{"page":1,"per_page":100,"count":0,"total_count":0}}"#;
const ONE: &str = r#"{"success":true,"errors":[],"messages":[],"result":[{"id":"n1","title":"mine","supports_url_encoding":true}],"result_info":{"page":1,"per_page":100,"count":1,"total_count":1}}"#;
const MADE: &str =
    r#"{"success":true,"errors":[],"messages":[],"result":{"id":"n1","title":"mine"}}"#;

#[test]
fn a_namespace_is_found_created_or_found_after_all() {
    let ensured = |answers| {
        let (client, script) = scripted(answers);
        let id = block_on(client.kv_ensure("mine")).map(|n| n.id);
        (id, calls(&script).len())
    };
    assert_eq!(ensured(vec![answer(200, ONE)]), (Ok("n1".into()), 1));
    assert_eq!(
        ensured(vec![answer(200, NONE), answer(200, MADE)]),
        (Ok("n1".into()), 2)
    );
    // Somebody else was faster; or it was us, and the answer was lost.
    assert_eq!(
        ensured(vec![
            answer(200, NONE),
            failure(400, 10_014),
            answer(200, ONE)
        ])
        .0,
        Ok("n1".into())
    );
    let lost = Err(TransportError::Timeout);
    assert_eq!(
        ensured(vec![answer(200, NONE), lost, answer(200, ONE)]).0,
        Ok("n1".into())
    );
    assert!(
        ensured(vec![answer(200, NONE), failure(403, 10_000)])
            .0
            .is_err()
    );
}

#[test]
fn lists_are_read_to_the_end() {
    let full: Vec<String> = (0..100)
        .map(|n| format!(r#"{{"id":"{n}","title":"t{n}"}}"#))
        .collect();
    let first = format!(
        r#"{{"success":true,"result":[{}],"result_info":{{"per_page":100,"count":100}}}}"#,
        full.join(",")
    );
    let (client, script) = scripted(vec![answer(200, &first), answer(200, ONE)]);
    assert_eq!(block_on(client.kv_namespaces()).unwrap().len(), 101);
    assert!(calls(&script)[1].contains("page=2"));
}

#[test]
fn the_token_is_verified_and_shown_nowhere() {
    let (client, _) = scripted(vec![
        answer(
            200,
            r#"{"success":true,"result":{"id":"x","status":"active"}}"#,
        ),
        failure(401, 1_000),
    ]);
    assert_eq!(
        block_on(client.verify_token()).unwrap().status,
        TokenStatus::Active
    );
    let error = block_on(client.verify_token()).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("secret"));
}

#[test]
fn nonsense_is_an_error_and_no_panic() {
    for (status, body) in [
        (200, "not json"),
        (200, "{}"),
        (200, r#"{"success":true}"#),
        (500, "<html>"),
        (302, ""),
    ] {
        let (client, _) = scripted((0..4).map(|_| answer(status, body)).collect());
        assert!(block_on(client.verify_token()).is_err(), "{body}");
    }
}

#[tokio::test]
async fn over_a_real_socket() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        // The first connection is cut, the second one answers.
        drop(listener.accept().await.unwrap());
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4_096];
        let n = socket.read(&mut request).await.unwrap();
        socket
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nvalue")
            .await
            .unwrap();
        String::from_utf8_lossy(&request[..n]).into_owned()
    });
    let transport = ReqwestTransport::new().unwrap();
    let base = format!("http://{address}/client/v4");
    let client = Client::new(
        transport,
        &base,
        SecretString::from("secret".to_owned()),
        ACCOUNT,
    );
    assert_eq!(client.kv_get("ns", "a b").await.unwrap().unwrap(), b"value");
    let request = server.await.unwrap().to_lowercase();
    assert!(request.starts_with(&format!(
        "get /client/v4/accounts/{ACCOUNT}/storage/kv/namespaces/ns/values/a%20b http/1.1"
    )));
    assert!(request.contains("authorization: bearer secret"));
}

//! The certs endpoint is asked rarely, and its answers last.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt as _;
use futures::executor::block_on;
use futures::future::join_all;
use nexus_identity::FetchError;
use nexus_identity::access::{AccessVerifier, Application, AssertionError as E, KeyError};
use nexus_identity::jws::JwsError;
use serde_json::{Value, json};

use crate::common::{
    Certs, CertsState, KEY_A, KEY_B, NOW_MS, NOW_S, TestKey, config, person, with,
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

struct Fixture {
    certs: Certs,
    verifier: AccessVerifier<Certs>,
    by_a: String,
    by_b: String,
}

/// Tokens that live for 30 days, so that only keys can be the reason of a refusal.
fn lasting() -> Value {
    with(person(), "exp", json!(NOW_S + 30 * 86_400))
}

fn fixture_of(certs: Certs) -> Fixture {
    let verifier = AccessVerifier::new(config(), certs.clone()).unwrap();
    let (by_a, by_b) = (KEY_A.assertion(&lasting()), KEY_B.assertion(&lasting()));
    Fixture {
        certs,
        verifier,
        by_a,
        by_b,
    }
}

fn fixture(keys: &[&TestKey]) -> Fixture {
    fixture_of(Certs::of(keys))
}

impl Fixture {
    async fn ask_async(&self, token: &str, after_ms: i64) -> Result<(), E> {
        self.verifier
            .verify_token(token, Application::Console, NOW_MS + after_ms)
            .await
            .map(drop)
    }

    fn ask(&self, token: &str, after_ms: i64) -> Result<(), E> {
        block_on(self.ask_async(token, after_ms))
    }
}

const UNKNOWN: Result<(), E> = Err(E::Token(JwsError::UnknownKey));
const UNAVAILABLE: Result<(), E> = Err(E::Keys(KeyError::Unavailable));

#[test]
fn one_fetch_serves_many_requests() {
    let f = fixture(&[&KEY_A]);
    for second in 0..50 {
        assert_eq!(f.ask(&f.by_a, second * 1000), Ok(()));
    }
    assert_eq!(f.certs.calls(), 1);
}

#[test]
fn malformed_tokens_cost_no_fetch() {
    let f = fixture(&[&KEY_A]);
    for bad in ["", "a.b.c", "x"] {
        assert!(f.ask(bad, 0).is_err());
    }
    assert_eq!(f.certs.calls(), 0);
}

#[test]
fn unknown_ids_do_not_hammer() {
    let f = fixture(&[&KEY_A]);
    assert_eq!(f.ask(&f.by_a, 0), Ok(()));
    for ms in 0..200 {
        let header = json!({"alg": "RS256", "kid": format!("invented-{ms}")}).to_string();
        let token = format!("{}.e30.AA", crate::common::b64(header));
        assert_eq!(f.ask(&token, ms * 100), UNKNOWN);
    }
    assert_eq!(
        f.certs.calls(),
        1,
        "20 s are within the first fetch's minute"
    );
    assert_eq!(f.ask(&f.by_b, MINUTE_MS - 1), UNKNOWN);
    assert_eq!(f.certs.calls(), 1);
    assert_eq!(f.ask(&f.by_b, MINUTE_MS), UNKNOWN);
    assert_eq!(f.certs.calls(), 2);
    assert_eq!(
        f.ask(&f.by_a, MINUTE_MS),
        Ok(()),
        "the known key still works"
    );
}

#[test]
fn concurrent_requests_share_one_fetch() {
    let f = fixture(&[&KEY_A]);
    f.certs.0.yields.store(5, Ordering::SeqCst);
    let results = block_on(join_all((0..20).map(|_| f.ask_async(&f.by_a, 0))));
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(f.certs.calls(), 1);
}

/// A client that hangs up in the middle neither loses the fetch nor buys another one.
#[test]
fn a_cancelled_request_leaves_its_fetch_to_the_next() {
    let f = fixture(&[&KEY_A]);
    f.certs.0.yields.store(3, Ordering::SeqCst);
    for _ in 0..2 {
        assert!(
            f.ask_async(&f.by_a, 0).now_or_never().is_none(),
            "dropped while waiting"
        );
    }
    assert_eq!(f.ask(&f.by_a, 1000), Ok(()));
    assert_eq!(f.certs.calls(), 1);
}

/// The same for the hourly refresh, which the others do not wait for but push along.
#[test]
fn a_cancelled_refresh_ends_all_the_same() {
    let f = fixture(&[&KEY_A]);
    assert_eq!(f.ask(&f.by_a, 0), Ok(()));
    f.certs.answer(Ok(Certs::body(&[&KEY_B])));
    f.certs.0.yields.store(3, Ordering::SeqCst);
    let later_ms = HOUR_MS + 1;
    assert!(f.ask_async(&f.by_a, later_ms).now_or_never().is_none());
    assert_eq!(
        f.ask(&f.by_a, later_ms),
        Ok(()),
        "served from the last good copy meanwhile"
    );
    let results: Vec<_> = (0..5).map(|_| f.ask(&f.by_a, later_ms)).collect();
    assert_eq!(results.last(), Some(&UNKNOWN), "the withdrawal has arrived");
    assert_eq!(f.certs.calls(), 2);
}

/// Where requests can't wait for each other (Workers) each may fetch, up to a limit.
#[test]
fn unshared_fetches_are_bounded() {
    let f = fixture_of(Certs(Arc::new(CertsState {
        calls: AtomicUsize::new(0),
        answer: Mutex::new(Ok(Certs::body(&[&KEY_A]))),
        share: false,
        yields: AtomicUsize::new(3),
    })));
    let results = block_on(join_all((0..20).map(|_| f.ask_async(&f.by_a, 0))));
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 4);
    assert_eq!(f.certs.calls(), 4);
    assert_eq!(f.ask(&f.by_a, 1), Ok(()));
    assert_eq!(f.ask(&f.by_b, 2), UNKNOWN);
    assert_eq!(f.certs.calls(), 4);
}

#[test]
fn rotation_is_followed() {
    let f = fixture(&[&KEY_A]);
    assert_eq!(f.ask(&f.by_a, 0), Ok(()));
    f.certs.answer(Ok(Certs::body(&[&KEY_A, &KEY_B])));
    assert_eq!(
        f.ask(&f.by_b, 30_000),
        UNKNOWN,
        "throttled for the first minute"
    );
    assert_eq!(f.ask(&f.by_b, MINUTE_MS), Ok(()));
    assert_eq!(f.ask(&f.by_a, MINUTE_MS), Ok(()), "the old key overlaps");
    f.certs.answer(Ok(Certs::body(&[&KEY_B])));
    assert_eq!(f.ask(&f.by_a, HOUR_MS), Ok(()));
    assert_eq!(
        f.ask(&f.by_a, MINUTE_MS + HOUR_MS + 1),
        UNKNOWN,
        "withdrawn within the hour"
    );
    assert_eq!(f.ask(&f.by_b, 2 * HOUR_MS), Ok(()));
}

#[test]
fn the_last_good_copy_serves_for_seven_days() {
    let f = fixture(&[&KEY_A]);
    assert_eq!(f.ask(&f.by_a, 0), Ok(()));
    f.certs.answer(Err(FetchError::Status(503)));
    for day in 1..=7 {
        assert_eq!(f.ask(&f.by_a, day * DAY_MS), Ok(()), "day {day}");
    }
    assert_eq!(f.ask(&f.by_a, 7 * DAY_MS + 1), UNAVAILABLE);
    f.certs.answer(Ok(Certs::body(&[&KEY_A])));
    assert_eq!(f.ask(&f.by_a, 7 * DAY_MS + 2), UNAVAILABLE, "throttled");
    assert_eq!(f.ask(&f.by_a, 7 * DAY_MS + MINUTE_MS), Ok(()), "back again");
}

#[test]
fn bad_answers_never_replace_a_good_copy() {
    let f = fixture(&[&KEY_A]);
    assert_eq!(f.ask(&f.by_a, 0), Ok(()));
    let twice = json!({"keys": [KEY_B.jwk(), KEY_B.jwk()]}).to_string();
    for (hour, body) in [
        "",
        "<html>",
        "{}",
        r#"{"keys":[]}"#,
        r#"{"keys":{}}"#,
        &twice,
        &"x".repeat(70_000),
    ]
    .iter()
    .enumerate()
    {
        f.certs.answer(Ok(body.as_bytes().to_vec()));
        let after_ms = (i64::try_from(hour).unwrap() + 2) * HOUR_MS;
        assert_eq!(f.ask(&f.by_a, after_ms), Ok(()), "{body:.20}");
        assert_eq!(f.ask(&f.by_b, after_ms), UNKNOWN);
    }
    assert_eq!(f.certs.calls(), 8);
}

#[test]
fn without_any_key_it_is_an_outage_not_a_refusal() {
    let f = fixture(&[&KEY_A]);
    f.certs.answer(Err(FetchError::Timeout));
    for ms in 0..20 {
        let error = f.ask(&f.by_a, ms).unwrap_err();
        assert!(error.is_outage());
        assert_eq!(Err(error), UNAVAILABLE);
    }
    assert_eq!(f.certs.calls(), 1);
    f.certs.answer(Ok(Certs::body(&[&KEY_A])));
    assert_eq!(f.ask(&f.by_a, MINUTE_MS), Ok(()));
}

#[test]
fn a_clock_that_jumps_back_does_not_lock_the_throttle() {
    let f = fixture(&[&KEY_A]);
    assert_eq!(f.ask(&f.by_b, DAY_MS), UNKNOWN);
    f.certs.answer(Ok(Certs::body(&[&KEY_A, &KEY_B])));
    assert_eq!(f.ask(&f.by_b, 0), Ok(()));
    assert_eq!(f.certs.calls(), 2);
}

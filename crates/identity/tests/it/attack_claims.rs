//! Known attacks on the claims, in tokens rightly signed by our key.

use std::collections::BTreeSet;

use futures::executor::block_on;
use nexus_identity::Country;
use nexus_identity::access::{AccessVerifier, Application, Assertion, AssertionError as E};
use serde_json::{Value, json};

use crate::common::{
    AUD, Certs, ISSUER, KEY_A, NOW_MS, NOW_S, STEP_UP_AUD, config, person, verifier, verify,
    verify_with, with, without,
};

fn claims(claims: &Value) -> Result<Assertion, E> {
    verify(&KEY_A.assertion(claims))
}

fn changed(name: &str, value: Value) -> Result<Assertion, E> {
    claims(&with(person(), name, value))
}

#[test]
fn wrong_issuer() {
    for issuer in [
        "https://evil.cloudflareaccess.com",
        "https://team.cloudflareaccess.com/",
        "http://team.cloudflareaccess.com",
        "https://TEAM.cloudflareaccess.com",
        "https://team.cloudflareaccess.com.evil.example",
        "",
    ] {
        assert_eq!(changed("iss", json!(issuer)), Err(E::Issuer), "{issuer}");
    }
    assert_eq!(claims(&without(person(), "iss")), Err(E::Issuer));
    for odd in [json!(null), json!([ISSUER]), json!(1)] {
        assert_eq!(changed("iss", odd), Err(E::Claim("iss")));
    }
}

#[test]
fn audience_as_string_or_list() {
    for good in [json!(AUD), json!([AUD]), json!(["other", AUD])] {
        assert!(changed("aud", good).is_ok());
    }
    let upper = AUD.to_uppercase();
    for bad in [
        json!("other"),
        json!(["other"]),
        json!([]),
        json!(""),
        json!([""]),
        json!(STEP_UP_AUD),
        json!(upper),
        json!(format!("{AUD} ")),
        json!(format!("{AUD},other")),
        json!(&AUD[..31]),
    ] {
        assert_eq!(changed("aud", bad.clone()), Err(E::Audience), "{bad}");
    }
    for odd in [
        json!(null),
        json!(7),
        json!({AUD: true}),
        json!([AUD, 7]),
        json!([[AUD]]),
        json!(vec![AUD; 17]),
    ] {
        assert_eq!(changed("aud", odd.clone()), Err(E::Claim("aud")), "{odd}");
    }
    assert_eq!(claims(&without(person(), "aud")), Err(E::Claim("aud")));
}

/// A session's token is no step-up, and the other way round.
#[test]
fn applications_are_not_confused() {
    let ask = |aud: &str, application| {
        let token = KEY_A.assertion(&with(person(), "aud", json!([aud])));
        block_on(verifier().verify_token(&token, application, NOW_MS)).map(|a| a.application)
    };
    assert_eq!(ask(AUD, Application::Console), Ok(Application::Console));
    assert_eq!(
        ask(STEP_UP_AUD, Application::StepUp),
        Ok(Application::StepUp)
    );
    assert_eq!(ask(AUD, Application::StepUp), Err(E::Audience));
    assert_eq!(ask(STEP_UP_AUD, Application::Console), Err(E::Audience));
    let mut config = config();
    config.step_up_audience = None;
    let verifier = AccessVerifier::new(config, Certs::of(&[&KEY_A])).unwrap();
    let token = KEY_A.assertion(&with(person(), "aud", json!(STEP_UP_AUD)));
    let result = block_on(verifier.verify_token(&token, Application::StepUp, NOW_MS));
    assert_eq!(result, Err(E::Audience));
}

#[test]
fn wrong_type() {
    for bad in ["org", "App", "", "app "] {
        assert_eq!(changed("type", json!(bad)), Err(E::Type), "{bad}");
    }
    assert_eq!(claims(&without(person(), "type")), Err(E::Type));
    assert_eq!(changed("type", json!(["app"])), Err(E::Claim("type")));
}

#[test]
fn expired_to_the_millisecond() {
    let at = |exp: i64| changed("exp", json!(exp)).map(drop);
    // 30 s leeway.
    assert_eq!(at(NOW_S - 29), Err(E::Claim("exp")), "before iat");
    let token = KEY_A.assertion(&with(person(), "exp", json!(NOW_S)));
    let ask =
        |now_ms| block_on(verifier().verify_token(&token, Application::Console, now_ms)).map(drop);
    assert_eq!(ask(NOW_MS + 29_999), Ok(()));
    assert_eq!(ask(NOW_MS + 30_000), Err(E::Expired));
    assert_eq!(ask(NOW_MS + 3_600_000), Err(E::Expired));
    assert_eq!(at(NOW_S - 30), Err(E::Expired));
    assert_eq!(at(946_684_800), Err(E::Expired));
}

#[test]
fn not_yet_valid_and_issued_in_the_future() {
    assert!(changed("nbf", json!(NOW_S + 30)).is_ok());
    assert_eq!(changed("nbf", json!(NOW_S + 31)), Err(E::NotYetValid));
    assert!(claims(&without(person(), "nbf")).is_ok());
    assert!(changed("iat", json!(NOW_S + 30)).is_ok());
    assert_eq!(changed("iat", json!(NOW_S + 31)), Err(E::IssuedInFuture));
}

/// CVE-2026-25537 and kin: a date of the wrong type must not count as absent.
#[test]
fn dates_of_the_wrong_kind() {
    for name in ["exp", "iat", "nbf", "auth_time"] {
        for odd in [
            json!((NOW_S + 10).to_string()),
            json!(null),
            json!(true),
            json!([NOW_S]),
            json!({}),
            json!(0),
            json!(-NOW_S),
            json!(u64::MAX),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(1e300),
            json!(-1e300),
            json!("NaN"),
            json!("Infinity"),
            json!(""),
            json!(NOW_MS),
        ] {
            assert_eq!(
                changed(name, odd.clone()),
                Err(E::Claim(name)),
                "{name} {odd}"
            );
        }
    }
    for name in ["exp", "iat"] {
        assert_eq!(claims(&without(person(), name)), Err(E::Claim(name)));
    }
    // Fractions are numbers too (RFC 7519 §2).
    assert!(changed("exp", json!(NOW_S as f64 + 0.5)).is_ok());
    // Not JSON at all.
    for raw in [
        "NaN",
        "Infinity",
        "1e400",
        "-Infinity",
        "0x7fffffff",
        "+1",
        "01",
        "1.",
        ".5",
    ] {
        let payload = person()
            .to_string()
            .replace(&(NOW_S + 3600).to_string(), raw);
        let token = KEY_A.token(&KEY_A.header().to_string(), &payload);
        assert_eq!(verify(&token), Err(E::Payload), "{raw}");
    }
}

#[test]
fn repeated_names_in_the_payload() {
    let good = person().to_string();
    for extra in [
        r#""email":"eve@example.com","#,
        r#""e\u006dail":"eve@example.com","#,
        r#""exp":4000000000,"#,
        r#""custom":{"a":1,"a":2},"#,
    ] {
        let payload = good.replacen('{', &format!("{{{extra}"), 1);
        let token = KEY_A.token(&KEY_A.header().to_string(), &payload);
        assert_eq!(verify(&token), Err(E::Payload), "{extra}");
    }
    for payload in ["", "null", "[]", "\"x\"", "{", "{} {}", "foo"] {
        let token = KEY_A.token(&KEY_A.header().to_string(), payload);
        assert_eq!(verify(&token), Err(E::Payload), "{payload}");
    }
}

#[test]
fn countries() {
    let mut config = config();
    let allowed: BTreeSet<Country> = ["JP", "DE"].map(|c| Country::parse(c).unwrap()).into();
    config.allowed_countries = Some(allowed);
    let verifier = AccessVerifier::new(config, Certs::of(&[&KEY_A])).unwrap();
    let ask = |claims: &Value| verify_with(&verifier, &KEY_A.assertion(claims)).map(drop);
    assert_eq!(ask(&person()), Ok(()));
    let us = Country::parse("US").unwrap();
    assert_eq!(
        ask(&with(person(), "country", json!("US"))),
        Err(E::Country(Some(us)))
    );
    let tor = Country::parse("T1").unwrap();
    assert_eq!(
        ask(&with(person(), "country", json!("T1"))),
        Err(E::Country(Some(tor)))
    );
    assert_eq!(
        ask(&with(person(), "country", json!(""))),
        Err(E::Country(None))
    );
    assert_eq!(ask(&without(person(), "country")), Err(E::Country(None)));
    for odd in [json!("jp"), json!("JPN"), json!(["JP"]), json!(null)] {
        assert_eq!(
            ask(&with(person(), "country", odd)),
            Err(E::Claim("country"))
        );
    }
    // Machines carry no country.
    assert_eq!(ask(&crate::common::service()), Ok(()));
}

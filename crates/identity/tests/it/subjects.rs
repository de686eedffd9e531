//! Persons, services, and everything in between.

use nexus_identity::access::{AccessVerifier, AssertionError as E, Subject};
use nexus_identity::{AmrMethod, MfaEvidence, MfaSource};
use serde_json::{Value, json};

use crate::common::{
    Certs, KEY_A, NOW_MS, NOW_S, config, person, service, verify, verify_with, with, without,
};

fn subject(claims: &Value) -> Result<Subject, E> {
    verify(&KEY_A.assertion(claims)).map(|assertion| assertion.subject)
}

#[test]
fn a_person() {
    let assertion = verify(&KEY_A.assertion(&person())).unwrap();
    assert_eq!(assertion.issued_ms, NOW_MS - 10_000);
    assert_eq!(assertion.expires_ms, NOW_MS + 3_600_000);
    let Subject::Person(person) = assertion.subject else {
        panic!("not a person")
    };
    assert_eq!(person.email.as_str(), "ada@example.com");
    assert_eq!(person.sub, "7335d417-61da-459d-899c-0a01c76a2f94");
    assert_eq!(person.country.unwrap().to_string(), "JP");
    assert_eq!(
        (person.mfa, person.auth_time_ms),
        (MfaEvidence::AccessPolicy, None)
    );
}

#[test]
fn a_service_in_both_spellings() {
    let client_id = "e367826f93b8d71185e03fe518aff3b4.access".to_owned();
    let expected = Ok(Subject::Service { client_id });
    assert_eq!(subject(&service()), expected);
    // Some tokens carry the absent address as an empty string.
    assert_eq!(subject(&with(service(), "email", json!(""))), expected);
}

#[test]
fn mixtures_are_refused() {
    let name = json!("x.access");
    for claims in [
        with(service(), "email", json!("ada@example.com")),
        with(service(), "sub", json!("7335d417")),
        without(service(), "common_name"),
        with(service(), "common_name", json!("")),
        with(service(), "common_name", json!("a b")),
        with(service(), "common_name", json!("x".repeat(257))),
        with(person(), "common_name", name.clone()),
        with(person(), "sub", json!("")),
        with(with(person(), "sub", json!("")), "common_name", name),
        without(person(), "email"),
        with(person(), "email", json!("")),
        with(person(), "sub", json!("a b")),
        with(person(), "sub", json!("x".repeat(257))),
    ] {
        assert_eq!(subject(&claims), Err(E::Subject), "{claims}");
    }
    for (name, value) in [
        ("sub", json!(null)),
        ("sub", json!(7)),
        ("email", json!(["ada@example.com"])),
        ("email", json!(null)),
        ("common_name", json!(null)),
        ("common_name", json!(["x.access"])),
    ] {
        let base = if name == "common_name" {
            service()
        } else {
            person()
        };
        assert_eq!(subject(&with(base, name, value)), Err(E::Claim(name)));
    }
    // An absent `sub` is not an empty one.
    assert_eq!(subject(&without(service(), "sub")), Err(E::Claim("sub")));
    assert_eq!(subject(&without(person(), "sub")), Err(E::Claim("sub")));
}

#[test]
fn addresses_that_only_look_like_one() {
    for email in [
        "ada",
        "ada@example",
        "аda@example.com",
        "ada@example.com\n",
        "a@b@c.d",
        " ada@example.com",
    ] {
        assert_eq!(
            subject(&with(person(), "email", json!(email))),
            Err(E::Claim("email")),
            "{email:?}"
        );
    }
}

#[test]
fn roles_in_the_token_change_nothing() {
    let mut claims = person();
    claims["role"] = json!("owner");
    claims["groups"] = json!(["admins"]);
    claims["custom"] = json!({"role": "owner"});
    assert_eq!(subject(&claims), subject(&person()));
}

#[test]
fn amr_in_the_token() {
    let mut config = config();
    (config.mfa, config.identity_url) = (MfaSource::Amr, None);
    let verifier = AccessVerifier::new(config, Certs::of(&[&KEY_A])).unwrap();
    let evidence = |claims: &Value| match verify_with(&verifier, &KEY_A.assertion(claims))
        .unwrap()
        .subject
    {
        Subject::Person(person) => person.mfa,
        Subject::Service { .. } => panic!("not a person"),
    };
    assert_eq!(evidence(&person()), MfaEvidence::Absent);
    assert_eq!(
        evidence(&with(person(), "amr", json!(["pwd", "sms"]))),
        MfaEvidence::Absent
    );
    assert_eq!(
        evidence(&with(person(), "amr", json!(["pwd", "otp"]))),
        MfaEvidence::Methods(vec![AmrMethod::Otp])
    );
    assert_eq!(
        evidence(&with(person(), "amr", json!("mfa"))),
        MfaEvidence::Absent
    );
}

#[test]
fn auth_time_is_kept() {
    let claims = with(person(), "auth_time", json!(NOW_S - 100));
    let Ok(Subject::Person(person)) = subject(&claims) else {
        panic!("not a person")
    };
    assert_eq!(person.auth_time_ms, Some(NOW_MS - 100_000));
}

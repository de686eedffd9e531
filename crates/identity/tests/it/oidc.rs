//! Sign-in with OpenID Connect, against the provider in [`crate::oidc_provider`].

use futures::executor::block_on;
use nexus_identity::oidc::{
    Callback, LoginState, OidcConfig, OidcError, OidcIdentity, OidcProvider, Purpose,
};
use nexus_identity::step_up::{FreshSignIn, SessionIdentity, StepUpError, StepUpProof};
use nexus_identity::{AmrMethod, FetchError, MfaEvidence};
use serde_json::{Value, json};

use crate::common::{KEY_A, KEY_B, NOW_MS, NOW_S, with, without};
use crate::oidc_provider::{CALLBACK, CLIENT, OP, Provider, SECRET};

fn config() -> OidcConfig {
    OidcConfig {
        issuer: OP.into(),
        client_id: CLIENT.into(),
        client_secret: Some(SECRET.to_owned().into()),
        redirect_url: CALLBACK.into(),
        require_verified_email: true,
        leeway_s: 30,
    }
}

fn connect(op: &Provider) -> OidcProvider<Provider> {
    block_on(OidcProvider::discover(config(), op.clone()))
        .ok()
        .unwrap()
}

fn begin(rp: &OidcProvider<Provider>, purpose: Purpose) -> (String, LoginState) {
    rp.begin(
        &std::array::from_fn(|i| i as u8),
        purpose,
        "/experiments",
        NOW_MS,
    )
    .ok()
    .unwrap()
}

fn callback(op: &Provider, url: &str) -> Callback {
    serde_json::from_value(json!(op.visit(url))).unwrap()
}

/// The whole way, at a provider that behaves as told.
fn sign_in(op: &Provider, purpose: Purpose) -> Result<OidcIdentity, OidcError> {
    let rp = connect(op);
    let (url, login) = begin(&rp, purpose);
    let callback = callback(op, &url);
    // Through the session store and back.
    let login = serde_json::from_str(&serde_json::to_string(&login).unwrap()).unwrap();
    block_on(rp.finish(login, &callback, NOW_MS + 1000))
}

fn with_claims(
    change: impl Fn(Value) -> Value + Send + 'static,
) -> Result<OidcIdentity, OidcError> {
    let op = Provider::new();
    op.set(|b| b.claims = Box::new(change));
    sign_in(&op, Purpose::Session)
}

fn claim(name: &'static str, value: Value) -> Result<OidcIdentity, OidcError> {
    with_claims(move |claims| with(claims, name, value.clone()))
}

#[test]
fn a_sign_in() {
    let identity = sign_in(&Provider::new(), Purpose::Session).unwrap();
    assert_eq!(identity.email.as_str(), "ada@example.com");
    assert_eq!(
        (identity.sub.as_str(), identity.issuer.as_str()),
        ("user-1", OP)
    );
    assert_eq!(identity.amr, ["pwd", "otp"]);
    assert_eq!(identity.mfa, MfaEvidence::Methods(vec![AmrMethod::Otp]));
    assert_eq!(identity.acr.as_deref(), Some("urn:example:gold"));
    assert_eq!((identity.issued_ms, identity.auth_time_ms), (NOW_MS, None));
}

#[test]
fn a_step_up_asks_anew_and_is_proof() {
    let op = Provider::new();
    let rp = connect(&op);
    let (url, _) = begin(&rp, Purpose::StepUp);
    assert!(
        url.contains("prompt=login") && url.contains("max_age=0"),
        "{url}"
    );
    let identity = sign_in(&op, Purpose::StepUp).unwrap();
    let fresh = FreshSignIn::from_oidc(&identity).unwrap();
    let session = SessionIdentity {
        email: &identity.email,
        sub: "user-1",
    };
    let proof = StepUpProof::establish(session, &fresh, [1; 32], NOW_MS).unwrap();
    assert_eq!(proof.at_ms(), NOW_MS - 5000);

    let session_login = sign_in(&op, Purpose::Session).unwrap();
    assert_eq!(
        FreshSignIn::from_oidc(&session_login),
        Err(StepUpError::Application)
    );
    op.set(|b| b.claims = Box::new(|claims| without(claims, "auth_time")));
    let silent = sign_in(&op, Purpose::StepUp).unwrap();
    assert_eq!(FreshSignIn::from_oidc(&silent), Err(StepUpError::NotFresh));
}

#[test]
fn each_sign_in_has_its_own_secrets() {
    let rp = connect(&Provider::new());
    let (url, login) = begin(&rp, Purpose::Session);
    let stored = serde_json::to_value(&login).unwrap();
    let secrets =
        ["state", "nonce", "pkce_verifier"].map(|n| stored[n].as_str().unwrap().to_owned());
    assert!(secrets.iter().all(|s| s.len() == 43));
    assert!(secrets[0] != secrets[1] && secrets[1] != secrets[2] && secrets[0] != secrets[2]);
    assert!(!url.contains(&secrets[2]), "the verifier stays here");
    assert!(!url.contains("secret"));
    let refused = rp.begin(&[0; 96], Purpose::Session, "//evil.example", NOW_MS);
    assert_eq!(refused.err(), Some(OidcError::ReturnPath));
}

#[test]
fn the_callback_must_be_ours() {
    let op = Provider::new();
    let rp = connect(&op);
    let finish = |change: fn(&mut Callback), after_ms| {
        let (url, login) = begin(&rp, Purpose::Session);
        let mut callback = callback(&op, &url);
        change(&mut callback);
        block_on(rp.finish(login, &callback, NOW_MS + after_ms)).map(drop)
    };
    assert_eq!(finish(|_| {}, 0), Ok(()));
    assert_eq!(
        finish(|c| c.state = Some("forged".into()), 0),
        Err(OidcError::State)
    );
    assert_eq!(finish(|c| c.state = None, 0), Err(OidcError::State));
    assert_eq!(
        finish(|c| c.iss = Some("https://evil.example".into()), 0),
        Err(OidcError::OtherIssuer)
    );
    assert_eq!(finish(|_| {}, 10 * 60_000 + 1), Err(OidcError::TooSlow));
    let calls = op.0.lock().unwrap().token_calls;
    assert_eq!(calls, 1, "refused callbacks never reach the token endpoint");
    assert_eq!(
        finish(|c| c.code = Some("invented".into()), 0),
        Err(OidcError::Code)
    );
    assert_eq!(
        finish(|c| c.error = Some("access_denied".into()), 0),
        Err(OidcError::Refused("access_denied".into()))
    );
}

#[test]
fn codes_work_once_and_only_with_their_verifier() {
    let op = Provider::new();
    let rp = connect(&op);
    let (url, login) = begin(&rp, Purpose::Session);
    let once = callback(&op, &url);
    assert!(block_on(rp.finish(login.clone(), &once, NOW_MS)).is_ok());
    assert_eq!(
        block_on(rp.finish(login.clone(), &once, NOW_MS)),
        Err(OidcError::Code)
    );

    // A code stolen from another sign-in is worthless without its verifier.
    let callback = callback(&op, &url);
    let mut stored = serde_json::to_value(&login).unwrap();
    stored["pkce_verifier"] = json!("A".repeat(43));
    let other = serde_json::from_value(stored).unwrap();
    assert_eq!(
        block_on(rp.finish(other, &callback, NOW_MS)),
        Err(OidcError::Code)
    );
}

#[test]
fn id_tokens_of_others_and_other_times() {
    let refused = |why| Err(OidcError::IdToken(why));
    assert_eq!(
        claim("iss", json!("https://evil.example")),
        refused("wrong issuer")
    );
    assert_eq!(claim("aud", json!("other")), refused("wrong audience"));
    assert_eq!(
        claim("aud", json!([CLIENT, "other"])),
        refused("wrong audience")
    );
    assert_eq!(
        claim("azp", json!("other")),
        refused("wrong authorized party")
    );
    assert!(claim("azp", json!(CLIENT)).is_ok());
    assert_eq!(claim("nonce", json!("replayed")), refused("wrong nonce"));
    assert_eq!(with_claims(|c| without(c, "nonce")), refused("wrong nonce"));
    let time = "expired or issued at another time";
    assert_eq!(claim("exp", json!(NOW_S + 1)), refused(time));
    assert_eq!(claim("iat", json!(NOW_S + 32)), refused(time));
    assert_eq!(claim("iat", json!(NOW_S - 632)), refused(time));
    for (name, value) in [
        ("exp", json!(null)),
        ("exp", json!("never")),
        ("sub", json!(null)),
    ] {
        assert_eq!(claim(name, value), Err(OidcError::Provider("token answer")));
    }
    assert_eq!(claim("sub", json!("")), refused("subject"));
}

#[test]
fn addresses_must_be_verified() {
    assert_eq!(claim("email_verified", json!(false)), Err(OidcError::Email));
    assert_eq!(
        with_claims(|c| without(c, "email_verified")),
        Err(OidcError::Email)
    );
    assert_eq!(with_claims(|c| without(c, "email")), Err(OidcError::Email));
    assert_eq!(
        claim("email", json!("not an address")),
        Err(OidcError::Email)
    );
}

#[test]
fn signatures() {
    let made_by = |make: fn(&Value) -> String| {
        let op = Provider::new();
        op.set(|b| b.token = Box::new(make));
        sign_in(&op, Purpose::Session).map(drop)
    };
    let bad = Err(OidcError::IdToken("bad signature"));
    assert_eq!(
        made_by(|c| KEY_B.token(&KEY_A.header().to_string(), &c.to_string())),
        bad
    );
    assert_eq!(made_by(|c| KEY_B.assertion(c)), bad, "unknown key");
    assert_eq!(made_by(|c| tampered(c, "RS384")), bad);
    assert_eq!(made_by(|c| tampered(c, "HS256")), bad);
    assert!(made_by(|c| tampered(c, "none")).is_err());
    assert!(made_by(|_| "not a token".into()).is_err());
}

/// Rightly signed with RS256 under a header that says otherwise.
fn tampered(claims: &Value, alg: &str) -> String {
    KEY_A.token(
        &with(KEY_A.header(), "alg", json!(alg)).to_string(),
        &claims.to_string(),
    )
}

#[test]
fn keys_may_rotate_between_sign_ins() {
    let op = Provider::new();
    let rp = connect(&op);
    op.set(|b| {
        b.published = vec![&KEY_B];
        b.token = Box::new(|claims| KEY_B.assertion(claims));
    });
    let (url, login) = begin(&rp, Purpose::Session);
    assert!(block_on(rp.finish(login, &callback(&op, &url), NOW_MS)).is_ok());
}

#[test]
fn discovery_must_be_sound() {
    let discover = |name: &str, value: Value| {
        let op = Provider::new();
        op.set(|b| b.discovery[name] = value);
        block_on(OidcProvider::discover(config(), op)).err()
    };
    assert_eq!(
        discover("issuer", json!("https://evil.example")),
        Some(OidcError::Provider("discovery names another issuer"))
    );
    for name in ["authorization_endpoint", "token_endpoint"] {
        let plain = discover(name, json!("http://op.example/x"));
        assert_eq!(plain, Some(OidcError::Provider("an endpoint is not https")));
    }
    let op = Provider::new();
    op.set(|b| b.is_down = true);
    let down = block_on(OidcProvider::discover(config(), op)).err();
    assert_eq!(down, Some(OidcError::Unreachable(FetchError::Timeout)));
    let mut insecure = config();
    insecure.issuer = "http://op.example".into();
    let refused = block_on(OidcProvider::discover(insecure, Provider::new())).err();
    assert!(matches!(refused, Some(OidcError::Config(_))));
}

#[test]
fn an_outage_at_the_end_is_an_outage() {
    let op = Provider::new();
    let rp = connect(&op);
    let (url, login) = begin(&rp, Purpose::Session);
    let callback = callback(&op, &url);
    op.set(|b| b.is_down = true);
    let result = block_on(rp.finish(login, &callback, NOW_MS));
    assert_eq!(result, Err(OidcError::Unreachable(FetchError::Timeout)));
}

/// Handlers of axum need futures that can move between threads.
#[test]
fn futures_are_send() {
    fn is_send(_: &(impl Send + ?Sized)) {}
    let op = Provider::new();
    let rp = connect(&op);
    let (_, login) = begin(&rp, Purpose::Session);
    is_send(&rp.finish(login, &Callback::default(), NOW_MS));
    is_send(&OidcProvider::discover(config(), op));
}

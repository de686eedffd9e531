//! A small OpenID provider: discovery, keys, the authorization page as a function, and a
//! token endpoint that checks client, redirect, code and PKCE.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use http_body_util::BodyExt as _;
use nexus_identity::FetchError;
use nexus_identity::oidc::OidcHttp;
use openidconnect::url::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::common::{KEY_A, NOW_S, TestKey, b64, with};

pub(crate) const OP: &str = "https://op.example";
pub(crate) const CLIENT: &str = "nexus";
pub(crate) const SECRET: &str = "a client secret: with colon";
pub(crate) const CALLBACK: &str = "https://console.example/auth/callback";

/// What the provider remembers and how it can be told to misbehave.
pub(crate) struct Behaviour {
    codes: HashMap<String, HashMap<String, String>>,
    /// Changes the claims of the next tokens.
    pub(crate) claims: Box<dyn Fn(Value) -> Value + Send>,
    /// Makes the token of its claims.
    pub(crate) token: Box<dyn Fn(&Value) -> String + Send>,
    pub(crate) published: Vec<&'static TestKey>,
    pub(crate) discovery: Value,
    pub(crate) is_down: bool,
    pub(crate) token_calls: usize,
}

#[derive(Clone)]
pub(crate) struct Provider(pub(crate) Arc<Mutex<Behaviour>>);

impl Provider {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Behaviour {
            codes: HashMap::new(),
            claims: Box::new(|claims| claims),
            token: Box::new(|claims| KEY_A.assertion(claims)),
            published: vec![&KEY_A],
            discovery: json!({
                "issuer": OP, "authorization_endpoint": format!("{OP}/authorize"),
                "token_endpoint": format!("{OP}/token"), "jwks_uri": format!("{OP}/jwks"),
                "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"]
            }),
            is_down: false,
            token_calls: 0,
        })))
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.0.lock().unwrap());
    }

    /// The browser visits the authorization page and signs in: returns the query of the
    /// redirect back.
    pub(crate) fn visit(&self, url: &str) -> HashMap<String, String> {
        let url = Url::parse(url).unwrap();
        assert_eq!(
            url.as_str().split('?').next(),
            Some("https://op.example/authorize")
        );
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], CLIENT);
        assert_eq!(query["redirect_uri"], CALLBACK);
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["scope"], "openid email");
        let code = format!("code-{}", query["state"]);
        let back = [
            ("code", code.clone()),
            ("state", query["state"].clone()),
            ("iss", OP.into()),
        ];
        self.set(|b| drop(b.codes.insert(code, query)));
        back.map(|(name, value)| (name.to_owned(), value)).into()
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(self.clone())
    }
}

async fn discovery(State(provider): State<Provider>) -> Json<Value> {
    Json(provider.0.lock().unwrap().discovery.clone())
}

async fn jwks(State(provider): State<Provider>) -> Json<Value> {
    let keys: Vec<Value> = provider
        .0
        .lock()
        .unwrap()
        .published
        .iter()
        .map(|k| k.jwk())
        .collect();
    Json(json!({"keys": keys}))
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut behaviour = provider.0.lock().unwrap();
    behaviour.token_calls += 1;
    let refuse = |error| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    // RFC 6749 §2.3.1: form-encoded before base64.
    let login = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("{CLIENT}:a+client+secret%3A+with+colon"),
    );
    if headers
        .get("authorization")
        .is_none_or(|value| value != &format!("Basic {login}"))
    {
        return refuse("invalid_client");
    }
    // Once only.
    let Some(query) = behaviour.codes.remove(&form["code"]) else {
        return refuse("invalid_grant");
    };
    let challenge = b64(Sha256::digest(&form["code_verifier"]));
    if challenge != query["code_challenge"] || form["redirect_uri"] != CALLBACK {
        return refuse("invalid_grant");
    }
    let claims = (behaviour.claims)(claims(&query));
    let id_token = (behaviour.token)(&claims);
    Json(json!({"access_token": "unused", "token_type": "Bearer", "id_token": id_token}))
        .into_response()
}

fn claims(query: &HashMap<String, String>) -> Value {
    let claims = json!({
        "iss": OP, "aud": CLIENT, "sub": "user-1", "iat": NOW_S, "exp": NOW_S + 300,
        "nonce": query["nonce"], "email": "Ada@example.com", "email_verified": true,
        "amr": ["pwd", "otp"], "acr": "urn:example:gold"
    });
    match query.get("max_age") {
        Some(_) => with(claims, "auth_time", json!(NOW_S - 5)),
        None => claims,
    }
}

#[async_trait]
impl OidcHttp for Provider {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, FetchError> {
        if self.0.lock().unwrap().is_down {
            return Err(FetchError::Timeout);
        }
        assert_eq!(request.uri().host(), Some("op.example"));
        let response = self
            .router()
            .oneshot(request.map(axum::body::Body::from))
            .await;
        let (parts, body) = response.unwrap().into_parts();
        let body = body.collect().await.map_err(|_| FetchError::TooLarge)?;
        Ok(http::Response::from_parts(parts, body.to_bytes().to_vec()))
    }
}

//! Extractors of the API, whose refusals are problem details.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use nexus_domain::actor::Actor;
use serde::de::DeserializeOwned;

use crate::problem::ProblemDetails;
use crate::{Caller, SignedOut};

/// The caller, who must be somebody: 401 otherwise, 403 for a person who is
/// known but not let in, 503 when that can't be found out now.
pub struct ApiActor(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for ApiActor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        match parts.extensions.get::<Caller>() {
            Some(Caller::Actor(actor)) => Ok(Self(actor.clone())),
            Some(Caller::SignedOut(why)) => Err(refusal(why)),
            None => Err(refusal(&SignedOut::NoToken)),
        }
    }
}

fn refusal(why: &SignedOut) -> Response {
    let (status, code, detail) = match why {
        SignedOut::NoToken => (
            StatusCode::UNAUTHORIZED,
            "no-token",
            "Send an API token as `Authorization: Bearer nxa_…`",
        ),
        SignedOut::BadToken => (
            StatusCode::UNAUTHORIZED,
            "bad-token",
            "The token or assertion is unknown, expired, revoked or malformed",
        ),
        SignedOut::Unverifiable => (
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Who you are can't be checked now; try again",
        ),
        SignedOut::NoMfa { .. } => (
            StatusCode::FORBIDDEN,
            "no-mfa",
            "Sign in with a second factor",
        ),
        SignedOut::NotMember { .. } => (
            StatusCode::FORBIDDEN,
            "not-member",
            "You are not a member of this console",
        ),
        SignedOut::Disabled { .. } => (
            StatusCode::FORBIDDEN,
            "disabled",
            "Your membership is disabled",
        ),
    };
    let mut response = ProblemDetails::new(status, code, detail).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"Nexus Admin\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The query, whose wrong parameter is named.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let axum::extract::Query(query) = axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map_err(|rejection| {
                let detail = std::error::Error::source(&rejection)
                    .map_or_else(|| rejection.to_string(), ToString::to_string);
                bad_parameter(wrong_parameter(&detail), &detail)
            })?;
        Ok(Self(query))
    }
}

/// Which parameter an error of serde's is about: it says `page: …`, or has the
/// name in backticks (unknown, missing or given twice).
fn wrong_parameter(detail: &str) -> Option<&str> {
    let by_name = ["unknown field `", "missing field `", "duplicate field `"];
    if let Some(rest) = by_name.iter().find_map(|start| detail.strip_prefix(start)) {
        return rest.split('`').next();
    }
    let (path, _) = detail.split_once(": ")?;
    Some(path)
}

/// What stands in the path's only place.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => {
                let names = RawPathParams::from_request_parts(parts, state).await;
                let name = names
                    .ok()
                    .and_then(|names| Some(names.iter().next()?.0.to_owned()));
                Err(bad_parameter(name.as_deref(), &rejection.body_text()))
            }
        }
    }
}

fn bad_parameter(name: Option<&str>, detail: &str) -> Response {
    let mut problem = ProblemDetails::new(StatusCode::BAD_REQUEST, "bad-parameter", detail);
    problem.parameter = name.map(|name| name.chars().take(64).collect());
    problem.into_response()
}

/// A JSON body whose mistakes are told with their place.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        if kind.is_none_or(|kind| kind != "application/json") {
            let read = Json::<T>::from_request(request, state).await;
            return read.map(|Json(body)| Self(body)).map_err(|r| refused(&r));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|r| refused(&JsonRejection::from(r)))?;
        // To know the place of a mistake costs as much as reading: so only once there is one.
        if let Ok(body) = serde_json::from_slice(&bytes) {
            return Ok(Self(body));
        }
        let read = Json::<T>::from_bytes(&bytes);
        read.map(|Json(body)| Self(body)).map_err(|r| refused(&r))
    }
}

fn refused(rejection: &JsonRejection) -> Response {
    let code = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        _ => "bad-json",
    };
    ProblemDetails::new(rejection.status(), code, rejection.body_text()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_parameter_is_named_whatever_was_typed() {
        for (detail, name) in [
            ("page: invalid digit found in string", Some("page")),
            ("status: unknown variant `a: `b`", Some("status")),
            (
                "unknown field `pgae: x`, expected one of `q`",
                Some("pgae: x"),
            ),
            ("missing field `from`", Some("from")),
            ("duplicate field `page`", Some("page")),
            ("something else", None),
        ] {
            assert_eq!(wrong_parameter(detail), name, "{detail}");
        }
    }
}

//! From pages and errors to HTTP responses.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use nexus_control::Error;
use nexus_web::SignedOut;

use super::App;
use super::visit::{Visit, context};
use crate::cx::Cx;
use crate::pages::states;
use crate::shell::{self, Page};

/// What a handler gives: both sides are responses, so `?` ends early.
pub type Answer = Result<Response, Response>;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Builds and renders under an owner of its own, so that nothing reactive
/// outlives the response. Everything a page needs has been loaded before:
/// nothing is streamed, nothing can hang.
fn render(build: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new_root(None);
    let html = owner.with(|| build().to_html());
    owner.cleanup();
    format!("<!DOCTYPE html>{html}")
}

/// The HTML of a page within the frame.
#[must_use]
pub fn document(cx: &Cx, build: impl FnOnce(&Cx) -> Page) -> String {
    render(|| shell::document(cx, build(cx)))
}

/// The HTML of a page for those who are not signed in.
#[must_use]
pub fn signed_out_document(cx: &Cx, why: &SignedOut) -> String {
    render(|| {
        let (title, body) = states::signed_out(cx, why);
        shell::bare(cx, &title, body)
    })
}

/// A page for whoever comes, signed in or not.
pub fn public_page(app: &App, parts: &Parts, build: impl FnOnce(&Cx) -> String) -> Response {
    html(StatusCode::OK, build(&context(app, parts)))
}

/// The page of a request that the host's layers refuse.
pub(super) fn refused(cx: &Cx, status: StatusCode, max_bytes: usize) -> Response {
    let text = render(|| {
        let (title, body) = states::refused(cx, status, max_bytes);
        shell::bare(cx, &title, body)
    });
    html(status, text)
}

fn html(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HTML);
    // The same URL reads differently by cookie and language.
    let vary = HeaderValue::from_static("cookie, accept-language");
    response.headers_mut().insert(header::VARY, vary);
    response
}

/// The page that says why nobody is signed in.
pub(super) fn signed_out(cx: &Cx, why: &SignedOut) -> Response {
    let status = match why {
        SignedOut::NoToken | SignedOut::BadToken => StatusCode::UNAUTHORIZED,
        SignedOut::Unverifiable => StatusCode::SERVICE_UNAVAILABLE,
        SignedOut::NoMfa { .. } | SignedOut::NotMember { .. } | SignedOut::Disabled { .. } => {
            StatusCode::FORBIDDEN
        }
    };
    html(status, signed_out_document(cx, why))
}

/// Leads on after a success.
#[must_use]
pub fn see_other(location: &str) -> Response {
    match HeaderValue::try_from(location) {
        Ok(location) => {
            let mut response = StatusCode::SEE_OTHER.into_response();
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Visit {
    #[must_use]
    pub fn page(&self, build: impl FnOnce(&Cx) -> Page) -> Response {
        self.page_with(StatusCode::OK, build)
    }

    #[must_use]
    pub fn page_with(&self, status: StatusCode, build: impl FnOnce(&Cx) -> Page) -> Response {
        html(status, document(&self.cx, build))
    }

    /// The page that says what went wrong. Causes go to the log.
    #[must_use]
    pub fn fail(&self, error: &Error) -> Response {
        let cause = match error {
            Error::Internal(cause) | Error::Unavailable { cause, .. } => {
                let request_id = self.cx.request_id.as_str();
                tracing::error!(%error, %cause, request_id, path = self.cx.path, "page failed");
                self.dev.then(|| cause.to_string())
            }
            _ => None,
        };
        let status =
            StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = self.page_with(status, |cx| states::failed(cx, error, cause));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let soon = HeaderValue::from_static("2");
            response.headers_mut().insert(header::RETRY_AFTER, soon);
        }
        response
    }
}

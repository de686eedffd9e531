//! Every request for the console comes through here: let through, sent to sign in, or refused.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::config::{BYPASSED, STEP_UP_PREFIX};
use super::forward::{Stamp, forward};
use super::login::{add_cookie, ask_code, broken, no_factor};
use super::sessions::Session;
use super::state::{Access, BASE, Caller, Refusal, TICKET_COOKIE, TOKEN_COOKIE};
use super::web::{self, problem, query};
use super::words::Lang;

/// Only the public address is served: a name that merely resolves here (DNS rebinding) is
/// sent to it. Also gives `localhost` and `127.0.0.1` one set of cookies.
pub(crate) async fn one_host(
    State(access): State<Arc<Access>>,
    request: Request,
    next: Next,
) -> Response {
    let named = request
        .uri()
        .authority()
        .map(|authority| authority.as_str().to_owned());
    let named = named.or_else(|| web::single(request.headers(), "host").map(str::to_owned));
    let ours = access
        .origin
        .split_once("://")
        .map(|(_, host)| host.to_owned());
    if named.is_some() && named.as_ref().map(|host| host.to_ascii_lowercase()) == ours {
        return next.run(request).await;
    }
    if web::is_navigation(request.method(), request.headers()) {
        let target = web::local_target(&target_of(&request), &access.config.public_origin);
        return found(&format!("{}{target}", access.origin));
    }
    problem(
        StatusCode::MISDIRECTED_REQUEST,
        "this is not the address Access answers for",
    )
}

/// The gate itself.
pub(crate) async fn gate(
    State(access): State<Arc<Access>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let path = request.uri().path();
    if path.starts_with("/cdn-cgi/") || path.starts_with("/__sandbox/") {
        return problem(StatusCode::NOT_FOUND, "Access has nothing at this address");
    }
    if BYPASSED.iter().any(|of| match of.ends_with('/') {
        true => path.starts_with(of),
        false => path == *of,
    }) {
        return forward(&access, peer, request, Stamp::none(&access)).await;
    }
    let caller = match access.caller(request.headers()) {
        Ok(caller) => caller,
        Err(Refusal::Bad(why)) => return unauthorised(why),
        Err(Refusal::Disabled) => {
            return problem(
                StatusCode::FORBIDDEN,
                "this service token is not allowed here",
            );
        }
    };
    if path.starts_with(STEP_UP_PREFIX) {
        return step_up(&access, peer, request, caller).await;
    }
    let Some(caller) = caller else {
        return to_sign_in(&access, &request);
    };
    let token = match access.main_token(&caller) {
        Ok(token) => token,
        Err(error) => return broken(Lang::of(None, request.headers()), &error),
    };
    let renewed = match &caller {
        Caller::Person(session) if web::cookie(request.headers(), TOKEN_COOKIE) != Some(&token) => {
            access.token_cookie(session, &token)
        }
        _ => None,
    };
    let mut response = forward(&access, peer, request, stamp(&access, &caller, token)).await;
    add_cookie(&mut response, renewed);
    response
}

/// The step-up application: a browser's GET with an unspent ticket for exactly this address
/// goes through once; every other one is asked for a fresh code first.
async fn step_up(
    access: &Access,
    peer: SocketAddr,
    request: Request,
    caller: Option<Caller>,
) -> Response {
    let headers = request.headers();
    let lang = Lang::of(None, headers);
    let target = target_of(&request);
    if web::local_target(&target, &access.config.public_origin) != target {
        return problem(StatusCode::BAD_REQUEST, "write the address without detours");
    }
    let session = match caller {
        Some(Caller::Person(session)) => session,
        Some(Caller::Service(_)) => {
            return problem(
                StatusCode::FORBIDDEN,
                "a service token has no second factor",
            );
        }
        None => return to_sign_in(access, &request),
    };
    if request.method() != Method::GET || !web::is_navigation(request.method(), headers) {
        return problem(
            StatusCode::FORBIDDEN,
            "open this address in a browser to confirm",
        );
    }
    if access
        .people
        .find(&session.email)
        .is_none_or(|person| !person.second_factor)
    {
        return no_factor(lang);
    }
    if !spend_ticket(access, headers, &session, &target) {
        let asked = ask_code(
            access,
            headers,
            lang,
            session.email,
            target,
            Some(session.id),
        );
        return asked.unwrap_or_else(|error| broken(lang, &error));
    }
    let token = match access.step_up_token(&session) {
        Ok(token) => token,
        Err(error) => return broken(lang, &error),
    };
    let stamp = stamp(access, &Caller::Person(session), token);
    let mut response = forward(access, peer, request, stamp).await;
    add_cookie(
        &mut response,
        access.cookie(TICKET_COOKIE, "", STEP_UP_PREFIX, "Strict", 0),
    );
    response
}

fn spend_ticket(access: &Access, headers: &HeaderMap, session: &Session, target: &str) -> bool {
    let Some(name) = web::cookie(headers, TICKET_COOKIE) else {
        return false;
    };
    let fits =
        |ticket: &super::state::Ticket| ticket.session == session.id && ticket.target == target;
    access
        .tickets
        .take_if(name, access.clock.now_ms(), fits)
        .is_some()
}

fn stamp(access: &Access, caller: &Caller, assertion: String) -> Stamp {
    match caller {
        Caller::Person(session) => Stamp {
            assertion: Some(assertion),
            email: Some(session.email.clone()),
            country: session.country.clone(),
        },
        Caller::Service(_) => Stamp {
            assertion: Some(assertion),
            email: None,
            country: access.config.default_country.clone(),
        },
    }
}

fn to_sign_in(access: &Access, request: &Request) -> Response {
    if web::single(request.headers(), "sec-fetch-mode") == Some("navigate")
        && request.method() != Method::GET
    {
        // A form sent after the session ended: its page can be found again, its body cannot.
        return web::see_other(&format!("{BASE}/login"));
    }
    if !web::is_navigation(request.method(), request.headers()) {
        return unauthorised("sign in first");
    }
    let target = web::local_target(&target_of(request), &access.config.public_origin);
    found(&format!(
        "{BASE}/login?{}",
        query(&[("redirect_url", &target)])
    ))
}

fn unauthorised(why: &str) -> Response {
    let mut response = problem(StatusCode::UNAUTHORIZED, why);
    let scheme = HeaderValue::from_static("Cloudflare-Access");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, scheme);
    response
}

fn found(to: &str) -> Response {
    let mut response = web::see_other(to);
    *response.status_mut() = StatusCode::FOUND;
    response
}

fn target_of(request: &Request) -> String {
    request
        .uri()
        .path_and_query()
        .map_or_else(|| "/".into(), ToString::to_string)
}

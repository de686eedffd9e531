//! Signing in: first who, then the code. Also the code for a step-up, which is the second
//! page alone.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Form;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use super::config::STEP_UP_PREFIX;
use super::error::AccessError;
use super::pages::{self, CodeForm, Frame};
use super::people::{CodeError, Person};
use super::random::hex_id;
use super::sessions::Session;
use super::state::{Access, BASE, BROWSER_COOKIE, Caller, Started, TICKET_COOKIE, Ticket};
use super::web::{self, local_target, page, query, see_other};
use super::words::Lang;

const CHOOSE: &str = "/cdn-cgi/access/login";
const CODE: &str = "/cdn-cgi/access/mfa";

/// `GET /cdn-cgi/access/login?redirect_url=…`: who are you?
pub(crate) async fn show_choice(
    State(access): State<Arc<Access>>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = asked.unwrap_or_default();
    let lang = Lang::of(web::param(&asked, "lang").as_deref(), &headers);
    let wanted = web::param(&asked, "redirect_url").unwrap_or_default();
    let target = local_target(&wanted, &access.config.public_origin);
    let own = query(&[("redirect_url", &target)]);
    let frame = Frame {
        lang,
        base: BASE,
        query: Some(&own),
    };
    let hidden = [("redirect_url", target.as_str())];
    page(
        StatusCode::OK,
        pages::choose(frame, CHOOSE, &hidden, &access.people, None),
        "",
    )
}

/// Body of the first page's form.
#[derive(Deserialize)]
pub(crate) struct Choice {
    email: String,
    #[serde(default)]
    redirect_url: String,
    #[serde(default)]
    lang: String,
}

/// `POST /cdn-cgi/access/login`: takes the choice and asks for the code, or signs in an
/// identity that has no second factor.
pub(crate) async fn take_choice(
    State(access): State<Arc<Access>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Response {
    let lang = Lang::of(Some(&choice.lang), &headers);
    if !web::is_own_form(&headers, &access.origin) {
        return foreign(lang);
    }
    let target = local_target(&choice.redirect_url, &access.config.public_origin);
    let Some(person) = access.people.find(&choice.email) else {
        let frame = Frame {
            lang,
            base: BASE,
            query: None,
        };
        let hidden = [("redirect_url", target.as_str())];
        let refused = Some(choice.email.as_str());
        let html = pages::choose(frame, CHOOSE, &hidden, &access.people, refused);
        return page(StatusCode::UNPROCESSABLE_ENTITY, html, "");
    };
    let answer = if person.second_factor {
        ask_code(&access, &headers, lang, person.email, target, None)
    } else if target.starts_with(STEP_UP_PREFIX) {
        Ok(no_factor(lang))
    } else {
        begin_session(&access, &headers, peer, &person, false)
            .and_then(|session| signed_in(&access, &session, &target))
    };
    answer.unwrap_or_else(|error| broken(lang, &error))
}

/// Notes a sign-in that still needs its code and sends the browser to the page for it.
pub(crate) fn ask_code(
    access: &Access,
    headers: &HeaderMap,
    lang: Lang,
    email: String,
    target: String,
    session: Option<String>,
) -> Result<Response, AccessError> {
    let known = web::cookie(headers, BROWSER_COOKIE)
        .filter(|value| value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let browser = known.map_or_else(|| hex_id(16), |known| Ok(known.to_owned()))?;
    let started = Started {
        email,
        target,
        browser: browser.clone(),
        session,
    };
    let state = access.started.put(started, access.clock.now_ms())?;
    let mut response = see_other(&format!(
        "{CODE}?{}",
        query(&[("state", &state), ("lang", lang.tag())])
    ));
    add_cookie(
        &mut response,
        access.cookie(BROWSER_COOKIE, &browser, BASE, "Lax", 3600),
    );
    Ok(response)
}

/// `GET /cdn-cgi/access/mfa?state=…`: the page for the code.
pub(crate) async fn show_code(
    State(access): State<Arc<Access>>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = asked.unwrap_or_default();
    let lang = Lang::of(web::param(&asked, "lang").as_deref(), &headers);
    let state = web::param(&asked, "state").unwrap_or_default();
    match begun(&access, &headers, &state) {
        Some((started, person)) => code_page(&access, lang, &state, &started, &person, None),
        None => expired(lang),
    }
}

/// Body of the second page's form.
#[derive(Deserialize)]
pub(crate) struct Code {
    state: String,
    code: String,
    #[serde(default)]
    lang: String,
}

/// `POST /cdn-cgi/access/mfa`: checks the code; then the browser is signed in, or has its
/// ticket for one step-up request.
pub(crate) async fn take_code(
    State(access): State<Arc<Access>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(form): Form<Code>,
) -> Response {
    let lang = Lang::of(Some(&form.lang), &headers);
    if !web::is_own_form(&headers, &access.origin) {
        return foreign(lang);
    }
    let Some((started, person)) = begun(&access, &headers, &form.state) else {
        return expired(lang);
    };
    match access.people.check(&person, &form.code) {
        Ok(Ok(())) => {}
        Ok(Err(wrong)) => {
            return code_page(&access, lang, &form.state, &started, &person, Some(wrong));
        }
        Err(error) => return broken(lang, &error),
    }
    if access
        .started
        .take(&form.state, access.clock.now_ms())
        .is_none()
    {
        return expired(lang);
    }
    let session = match &started.session {
        // The session may have been ended while the code was typed.
        Some(id) => match access.sessions.find(id, access.clock.now_ms()) {
            Some(session) => Ok(session),
            None => return expired(lang),
        },
        None => begin_session(&access, &headers, peer, &person, true),
    };
    session
        .and_then(|session| signed_in(&access, &session, &started.target))
        .unwrap_or_else(|error| broken(lang, &error))
}

/// A sign-in this very browser began.
fn begun(access: &Access, headers: &HeaderMap, state: &str) -> Option<(Started, Person)> {
    let started = access.started.look(state, access.clock.now_ms())?;
    let same = web::cookie(headers, BROWSER_COOKIE) == Some(started.browser.as_str());
    let person = access.people.find(&started.email)?;
    same.then_some((started, person))
}

fn begin_session(
    access: &Access,
    headers: &HeaderMap,
    peer: SocketAddr,
    person: &Person,
    second_factor: bool,
) -> Result<Session, AccessError> {
    let before = access.session_of(headers).map(|session| session.id);
    let times = (access.clock.now_ms(), access.config.session_life_s);
    let ip = peer.ip().to_string();
    access
        .sessions
        .start(person, second_factor, &ip, times, before.as_deref())
}

/// Sends the browser on, with its token and, towards the step-up application, a ticket that
/// opens exactly the wanted address once.
fn signed_in(access: &Access, session: &Session, target: &str) -> Result<Response, AccessError> {
    let mut response = see_other(target);
    let token = access.main_token(&Caller::Person(session.clone()))?;
    add_cookie(&mut response, access.token_cookie(session, &token));
    if target.starts_with(STEP_UP_PREFIX) {
        let ticket = Ticket {
            session: session.id.clone(),
            target: target.into(),
        };
        let name = access.tickets.put(ticket, access.clock.now_ms())?;
        let cookie = access.cookie(TICKET_COOKIE, &name, STEP_UP_PREFIX, "Strict", 60);
        add_cookie(&mut response, cookie);
    }
    Ok(response)
}

fn code_page(
    access: &Access,
    lang: Lang,
    state: &str,
    started: &Started,
    person: &Person,
    error: Option<CodeError>,
) -> Response {
    let label = started.target.starts_with(STEP_UP_PREFIX).then(|| {
        let label = started
            .target
            .split_once('?')
            .and_then(|(_, q)| web::param(q, "action"));
        label
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect::<String>()
    });
    let other = format!(
        "{CHOOSE}?{}",
        query(&[("redirect_url", &started.target), ("lang", lang.tag())])
    );
    let own = query(&[("state", state)]);
    let frame = Frame {
        lang,
        base: BASE,
        query: error.is_none().then_some(own.as_str()),
    };
    let form = CodeForm {
        action: CODE,
        state,
        person,
        confirms: label.as_deref(),
        error,
        other_identity: started.session.is_none().then_some(other.as_str()),
    };
    let html = pages::code(frame, &form, &access.people.shown(person));
    match error {
        None => page(StatusCode::OK, html, ""),
        Some(CodeError::TooMany { retry_after_s }) => {
            let mut response = page(StatusCode::TOO_MANY_REQUESTS, html, "");
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
            response
        }
        Some(_) => page(StatusCode::UNPROCESSABLE_ENTITY, html, ""),
    }
}

pub(crate) fn add_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn says(lang: Lang, status: StatusCode, title: &str, text: &str, again: bool) -> Response {
    let frame = Frame {
        lang,
        base: BASE,
        query: None,
    };
    let link = again.then_some((CHOOSE, lang.words().again));
    page(status, pages::message(frame, title, text, link), "")
}

fn expired(lang: Lang) -> Response {
    let words = lang.words();
    says(
        lang,
        StatusCode::BAD_REQUEST,
        words.expired,
        words.expired_why,
        true,
    )
}

fn foreign(lang: Lang) -> Response {
    let words = lang.words();
    says(
        lang,
        StatusCode::FORBIDDEN,
        words.foreign,
        words.foreign_why,
        true,
    )
}

/// The identity cannot do what needs a second factor.
pub(crate) fn no_factor(lang: Lang) -> Response {
    let words = lang.words();
    says(
        lang,
        StatusCode::FORBIDDEN,
        words.no_factor,
        words.no_factor_why,
        true,
    )
}

/// Our own failure: the cause goes to the log only.
pub(crate) fn broken(lang: Lang, error: &AccessError) -> Response {
    tracing::error!(%error, "access");
    let words = lang.words();
    says(
        lang,
        StatusCode::INTERNAL_SERVER_ERROR,
        words.broken,
        words.broken_why,
        false,
    )
}

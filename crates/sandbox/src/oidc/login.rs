//! The two pages of a sign-in, as at Access, for one authorization request.

use std::sync::Arc;

use axum::Form;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use url::Url;

use super::Provider;
use super::authorize::{Asked, back, unusable};
use super::token::Grant;
use crate::access::pages::{self, CodeForm, Frame};
use crate::access::random::hex_id;
use crate::access::web::{self, page, query, see_other};
use crate::access::words::Lang;
use crate::access::{AccessError, CodeError, Person};

const BROWSER_COOKIE: &str = "nexus_oidc";

/// A sign-in between the two pages.
#[derive(Clone)]
pub(crate) struct Started {
    asked: Asked,
    request: String,
    email: String,
    browser: String,
}

/// `GET /login?request=…`: who are you?
pub(crate) async fn show_choice(
    State(provider): State<Arc<Provider>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Response {
    let raw = raw.unwrap_or_default();
    let lang = Lang::of(web::param(&raw, "lang").as_deref(), &headers);
    let request = web::param(&raw, "request").unwrap_or_default();
    match provider.asked.look(&request, provider.now_ms()) {
        Some(asked) => choice_page(&provider, lang, &request, &asked, None),
        None => unusable(&provider, lang, lang.words().expired_why),
    }
}

/// Body of the first page's form.
#[derive(Deserialize)]
pub(crate) struct Choice {
    request: String,
    email: String,
    #[serde(default)]
    lang: String,
}

/// `POST /login`: takes the choice.
pub(crate) async fn take_choice(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Response {
    let lang = Lang::of(Some(&choice.lang), &headers);
    if !web::is_own_form(&headers, &provider.origin) {
        return foreign(&provider, lang);
    }
    let Some(asked) = provider.asked.look(&choice.request, provider.now_ms()) else {
        return unusable(&provider, lang, lang.words().expired_why);
    };
    let Some(person) = provider.people.find(&choice.email) else {
        return choice_page(
            &provider,
            lang,
            &choice.request,
            &asked,
            Some(&choice.email),
        );
    };
    let answer = if person.second_factor {
        ask_code(
            &provider,
            &headers,
            lang,
            asked,
            &choice.request,
            person.email,
        )
    } else if provider
        .asked
        .take(&choice.request, provider.now_ms())
        .is_some()
    {
        granted(&provider, asked, person, false)
    } else {
        return unusable(&provider, lang, lang.words().expired_why);
    };
    answer.unwrap_or_else(|error| broken(&provider, lang, &error))
}

fn ask_code(
    provider: &Provider,
    headers: &HeaderMap,
    lang: Lang,
    asked: Asked,
    request: &str,
    email: String,
) -> Result<Response, AccessError> {
    let known = web::cookie(headers, BROWSER_COOKIE)
        .filter(|value| value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit()));
    let browser = known.map_or_else(|| hex_id(16), |known| Ok(known.to_owned()))?;
    let started = Started {
        asked,
        request: request.into(),
        email,
        browser: browser.clone(),
    };
    let state = provider.started.put(started, provider.now_ms())?;
    let own = query(&[("state", &state), ("lang", lang.tag())]);
    let mut response = see_other(&format!("{}/mfa?{own}", provider.base));
    let path = if provider.base.is_empty() {
        "/"
    } else {
        &provider.base
    };
    let secure = provider.origin.starts_with("https:");
    if let Some(cookie) = web::set_cookie(BROWSER_COOKIE, &browser, path, "Lax", 3600, secure) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /mfa?state=…`: the page for the code.
pub(crate) async fn show_code(
    State(provider): State<Arc<Provider>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Response {
    let raw = raw.unwrap_or_default();
    let lang = Lang::of(web::param(&raw, "lang").as_deref(), &headers);
    let state = web::param(&raw, "state").unwrap_or_default();
    match begun(&provider, &headers, &state) {
        Some((started, person)) => code_page(&provider, lang, &state, &started, &person, None),
        None => unusable(&provider, lang, lang.words().expired_why),
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

/// `POST /mfa`: checks the code and sends the browser back to the client.
pub(crate) async fn take_code(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(form): Form<Code>,
) -> Response {
    let lang = Lang::of(Some(&form.lang), &headers);
    if !web::is_own_form(&headers, &provider.origin) {
        return foreign(&provider, lang);
    }
    let Some((started, person)) = begun(&provider, &headers, &form.state) else {
        return unusable(&provider, lang, lang.words().expired_why);
    };
    match provider.people.check(&person, &form.code) {
        Ok(Ok(())) => {}
        Ok(Err(wrong)) => {
            return code_page(&provider, lang, &form.state, &started, &person, Some(wrong));
        }
        Err(error) => return broken(&provider, lang, &error),
    }
    let now_ms = provider.now_ms();
    let first = provider.started.take(&form.state, now_ms).is_some()
        && provider.asked.take(&started.request, now_ms).is_some();
    if !first {
        return unusable(&provider, lang, lang.words().expired_why);
    }
    granted(&provider, started.asked, person, true)
        .unwrap_or_else(|error| broken(&provider, lang, &error))
}

fn begun(provider: &Provider, headers: &HeaderMap, state: &str) -> Option<(Started, Person)> {
    let started = provider.started.look(state, provider.now_ms())?;
    let same = web::cookie(headers, BROWSER_COOKIE) == Some(started.browser.as_str());
    let person = provider.people.find(&started.email)?;
    same.then_some((started, person))
}

fn granted(
    provider: &Provider,
    asked: Asked,
    person: Person,
    second_factor: bool,
) -> Result<Response, AccessError> {
    let now_ms = provider.now_ms();
    let (uri, state) = (asked.redirect_uri.clone(), asked.state.clone());
    let auth_time_s = now_ms.div_euclid(1000);
    let grant = Grant {
        asked,
        person,
        second_factor,
        auth_time_s,
    };
    let code = provider.codes.put(grant, now_ms)?;
    let pairs = [("code", code.as_str()), ("iss", &provider.config.issuer)];
    Ok(back(&uri, &pairs, state.as_deref()))
}

fn choice_page(
    provider: &Provider,
    lang: Lang,
    request: &str,
    asked: &Asked,
    refused: Option<&str>,
) -> Response {
    let own = query(&[("request", request)]);
    let query = refused.is_none().then_some(own.as_str());
    let frame = Frame {
        lang,
        base: &provider.base,
        query,
    };
    let action = format!("{}/login", provider.base);
    let hidden = [("request", request)];
    let html = pages::choose(frame, &action, &hidden, &provider.people, refused);
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page(status, html, &form_target(asked))
}

fn code_page(
    provider: &Provider,
    lang: Lang,
    state: &str,
    started: &Started,
    person: &Person,
    error: Option<CodeError>,
) -> Response {
    let own = query(&[("state", state)]);
    let query_back = query(&[("request", &started.request), ("lang", lang.tag())]);
    let other = format!("{}/login?{query_back}", provider.base);
    let own = error.is_none().then_some(own.as_str());
    let frame = Frame {
        lang,
        base: &provider.base,
        query: own,
    };
    let form = CodeForm {
        action: &format!("{}/mfa", provider.base),
        state,
        person,
        confirms: None,
        error,
        other_identity: Some(&other),
    };
    let html = pages::code(frame, &form, &provider.people.shown(person));
    let status = match error {
        None => StatusCode::OK,
        Some(CodeError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut response = page(status, html, &form_target(&started.asked));
    if let Some(CodeError::TooMany { retry_after_s }) = error {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
    }
    response
}

/// The forms end in a redirect to the client, and browsers hold `form-action` against it.
fn form_target(asked: &Asked) -> String {
    Url::parse(&asked.redirect_uri)
        .map_or_else(|_| String::new(), |uri| uri.origin().ascii_serialization())
}

fn foreign(provider: &Provider, lang: Lang) -> Response {
    let frame = Frame {
        lang,
        base: &provider.base,
        query: None,
    };
    let words = lang.words();
    let html = pages::message(frame, words.foreign, words.foreign_why, None);
    page(StatusCode::FORBIDDEN, html, "")
}

fn broken(provider: &Provider, lang: Lang, error: &AccessError) -> Response {
    tracing::error!(%error, "oidc");
    let frame = Frame {
        lang,
        base: &provider.base,
        query: None,
    };
    let words = lang.words();
    let html = pages::message(frame, words.broken, words.broken_why, None);
    page(StatusCode::INTERNAL_SERVER_ERROR, html, "")
}

//! Headers and answers between the runtime and the `http` crate.
//!
//! The Fetch standard gives header values as byte strings: one character per byte.

use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Headers, Response, ResponseInit};
use worker::Result;

/// Meant for one connection only (RFC 9110 §7.6.1).
const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Copies the runtime's headers; what is no header to the `http` crate is left out.
pub(crate) fn read(from: &Headers, to: &mut HeaderMap) {
    for entry in from.entries() {
        let Some(pair) = entry
            .ok()
            .and_then(|entry| entry.dyn_into::<js_sys::Array>().ok())
        else {
            continue;
        };
        let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) else {
            continue;
        };
        if let (Ok(name), Some(value)) = (name.parse::<HeaderName>(), value_of(&value)) {
            to.append(name, value);
        }
    }
}

fn value_of(text: &str) -> Option<HeaderValue> {
    if let Ok(value) = HeaderValue::from_str(text) {
        return Some(value);
    }
    let bytes: Vec<u8> = text
        .chars()
        .map(u8::try_from)
        .collect::<std::result::Result<_, _>>()
        .ok()?;
    HeaderValue::from_bytes(&bytes).ok()
}

/// The text of a value, one character per byte.
fn text_of(value: &HeaderValue) -> String {
    match value.to_str() {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

/// Headers for a request to an origin.
pub(crate) fn write(from: &HeaderMap) -> std::result::Result<Headers, JsValue> {
    let to = Headers::new()?;
    append_all(from, &to)?;
    Ok(to)
}

fn append_all(from: &HeaderMap, to: &Headers) -> std::result::Result<(), JsValue> {
    for (name, value) in from {
        to.append(name.as_str(), &text_of(value))?;
    }
    Ok(())
}

/// An answer of the gateway itself.
pub(crate) fn own(parts: &Parts, body: &[u8]) -> Result<Response> {
    let init = ResponseInit::new();
    init.set_status(parts.status.as_u16());
    init.set_headers(write(&parts.headers)?.as_ref());
    let body = (!body.is_empty()).then(|| js_sys::Uint8Array::from(body));
    Ok(Response::new_with_opt_js_u8_array_and_init(
        body.as_ref(),
        &init,
    )?)
}

/// What can't be understood at all.
pub(crate) fn bad_request() -> Result<Response> {
    let init = ResponseInit::new();
    init.set_status(400);
    Ok(Response::new_with_opt_str_and_init(None, &init)?)
}

/// An origin's answer with the gateway's headers added. The runtime copies the origin's
/// own and pipes the body.
pub(crate) fn passed_on(parts: &Parts, origin: &Response) -> Result<Response> {
    let init: &ResponseInit = origin.unchecked_ref();
    let response = Response::new_with_opt_readable_stream_and_init(origin.body().as_ref(), init)?;
    let headers = response.headers();
    if let Some(listed) = headers.get("connection")? {
        for name in listed.split(',') {
            // A name that is no name is none of the headers either.
            let _ = headers.delete(name.trim());
        }
    }
    for name in HOP_BY_HOP {
        headers.delete(name)?;
    }
    for (name, value) in &parts.headers {
        let text = text_of(value);
        if name == http::header::SET_COOKIE {
            headers.append(name.as_str(), &text)?;
        } else {
            headers.set(name.as_str(), &text)?;
        }
    }
    Ok(response)
}

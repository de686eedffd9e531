//! `POST /preferences`: language, theme, density and time zone, as cookies.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, header};

use super::App;
use super::form::Form;
use super::respond::see_other;
use crate::cx::{Density, Theme};
use crate::lang::Lang;
use crate::zone::Zone;

const YEAR_S: u32 = 31_536_000;

/// Needs no sign-in: the sign-in pages offer it as well. What is not among the
/// known values is ignored.
pub(super) async fn save(State(app): State<App>, body: String) -> Response {
    let form = Form::parse(&body);
    let secure = app.console.settings().public_url.starts_with("https:");
    let mut response = see_other(&return_path(form.get("back")));
    for (name, value) in chosen(&form) {
        let secure = if secure { "; Secure" } else { "" };
        let cookie =
            format!("{name}={value}; Path=/; Max-Age={YEAR_S}; SameSite=Lax; HttpOnly{secure}");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

fn chosen(form: &Form) -> Vec<(&'static str, &'static str)> {
    let mut chosen = Vec::new();
    if let Some(lang) = Lang::parse(form.get("lang")) {
        chosen.push(("lang", lang.tag()));
    }
    if let Some(theme) = Theme::parse(form.get("theme")) {
        chosen.push(("theme", theme.as_str()));
    }
    if let Some(density) = Density::parse(form.get("density")) {
        chosen.push(("density", density.as_str()));
    }
    if let Some(zone) = Zone::parse(form.get("tz")) {
        chosen.push(("tz", zone.name()));
    }
    chosen
}

/// A path of this console without `lang` (which would beat the new cookie) and
/// `done`; anything else leads home. `//host` and `/\host` would leave us.
fn return_path(back: &str) -> String {
    let ours = back.starts_with('/')
        && !back.starts_with("//")
        && !back.contains(|c: char| c == '\\' || c.is_control());
    let (path, query) = match back.split_once('?') {
        _ if !ours => return "/".to_owned(),
        Some((path, query)) => (path, query),
        None => (back, ""),
    };
    let kept: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key != "lang" && key != "done")
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect();
    if kept.is_empty() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    format!("{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_returned_to() {
        for (back, expected) in [
            ("/experiments?q=a&lang=ja&page=2", "/experiments?q=a&page=2"),
            ("/audit?lang=en", "/audit"),
            ("/x?done=saved", "/x"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/a\r\nset-cookie: x=1", "/"),
        ] {
            assert_eq!(return_path(back), expected, "{back:?}");
        }
    }

    #[test]
    fn unknown_values_are_ignored() {
        let form = Form::from([
            ("lang", "fr"),
            ("theme", "dark"),
            ("tz", "Mars/X"),
            ("density", "huge"),
        ]);
        assert_eq!(chosen(&form), [("theme", "dark")]);
    }
}

//! The pages a person sees. maud escapes every value; there is no script and no style in them.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use maud::{DOCTYPE, Markup, html};
use qrcode::{Color, EcLevel, QrCode};

use super::people::{CodeError, People, Person, Shown};
use super::words::Lang;

/// Where the pages of one service live, and in which language to speak.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) lang: Lang,
    /// Path the style sheet and the icon are under, without a slash at the end.
    pub(crate) base: &'a str,
    /// Query of this page without `lang`, for the link to the other language; `None` for
    /// answers to a form, which cannot be asked for again.
    pub(crate) query: Option<&'a str>,
}

/// The style sheet: the file, and the running-out bar for each number of seconds left.
static STYLE: LazyLock<String> = LazyLock::new(|| {
    let mut css = String::from(include_str!("login.css"));
    for left in 1..=super::totp::STEP_S {
        let hundredths = left * 100 / super::totp::STEP_S;
        let _ = writeln!(
            css,
            ".left-{left}{{--from:{hundredths}%;animation-duration:{left}s}}"
        );
    }
    css
});

/// Serves the style sheet.
pub(crate) async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, STYLE.as_str())
}

/// Serves the icon.
pub(crate) async fn icon() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, include_str!("icon.svg"))
}

/// First page: who are you? `hidden` are the form's other fields.
pub(crate) fn choose(
    frame: Frame<'_>,
    action: &str,
    hidden: &[(&str, &str)],
    people: &People,
    refused: Option<&str>,
) -> Markup {
    let words = frame.lang.words();
    let fields = html! {
        @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
        input type="hidden" name="lang" value=(frame.lang.tag());
    };
    layout(
        frame,
        words.sign_in,
        html! {
            h1 { (words.sign_in) }
            p.quiet { (words.choose) }
            form method="post" action=(action) {
                (fields)
                ul {
                    @for person in people.listed() {
                        li {
                            button.person name="email" value=(person.email) {
                                b { (person.name) }
                                span { (person.email) }
                                span { (words.part(person.part)) }
                            }
                        }
                    }
                }
            }
            form method="post" action=(action) {
                (fields)
                label for="typed" { (words.or_type) }
                @if refused.is_some() { p.problem #problem role="alert" { (words.bad_address) } }
                div.row {
                    input #typed type="email" name="email" required autocomplete="email"
                        aria-describedby=[refused.map(|_| "problem")]
                        aria-invalid=[refused.map(|_| "true")]
                        value=(refused.unwrap_or_default()) placeholder="you@example.org"
                        title=(words.address);
                    button.primary { (words.go_on) }
                }
            }
        },
    )
}

/// What the second page asks a code for.
pub(crate) struct CodeForm<'a> {
    pub(crate) action: &'a str,
    pub(crate) state: &'a str,
    pub(crate) person: &'a Person,
    /// Set for step-up: what the person is about to do (may be empty).
    pub(crate) confirms: Option<&'a str>,
    pub(crate) error: Option<CodeError>,
    /// Where another identity can be chosen.
    pub(crate) other_identity: Option<&'a str>,
}

/// Second page: the code.
pub(crate) fn code(frame: Frame<'_>, form: &CodeForm<'_>, shown: &Shown) -> Markup {
    let words = frame.lang.words();
    let title = if form.confirms.is_some() {
        words.confirm
    } else {
        words.second_factor
    };
    let problem = form.error.map(|error| match error {
        CodeError::Wrong => words.wrong_code.to_owned(),
        CodeError::Used => words.used_code.to_owned(),
        CodeError::TooMany { retry_after_s } => (words.too_many)(retry_after_s),
    });
    layout(
        frame,
        title,
        html! {
            h1 { (title) }
            @if let Some(label) = form.confirms {
                p.quiet { (words.confirm_why) }
                @if !label.is_empty() { p.doing { (words.action) b { (label) } } }
            }
            p.who {
                span.quiet { (words.signing_in_as) }
                b { (form.person.email) }
                @if let Some(other) = form.other_identity { a href=(other) { (words.other_identity) } }
            }
            form method="post" action=(form.action) {
                input type="hidden" name="state" value=(form.state);
                input type="hidden" name="lang" value=(frame.lang.tag());
                label for="code" { (words.code) }
                @if let Some(problem) = &problem { p.problem #problem role="alert" { (problem) } }
                div.row {
                    input #code name="code" inputmode="numeric" autocomplete="one-time-code" required
                        pattern="[0-9 ]{6,8}" maxlength="8" autofocus
                        aria-invalid=[problem.as_ref().map(|_| "true")]
                        aria-describedby=(if problem.is_some() { "problem hint" } else { "hint" });
                    button.primary { (words.verify) }
                }
                p.hint #hint { (words.code_hint) }
            }
            (sandbox_help(frame, form.state, shown))
        },
    )
}

fn sandbox_help(frame: Frame<'_>, state: &str, shown: &Shown) -> Markup {
    let words = frame.lang.words();
    let newest = super::web::query(&[("state", state), ("lang", frame.lang.tag())]);
    html! {
        section.sandbox aria-labelledby="only-here" {
            h2 #only-here { (words.only_here) }
            p { (words.only_here_why) }
            @if let Some(code) = &shown.code {
                p { (words.current_code) }
                p.now { output #current-code { (code) } }
                div class=(format!("bar left-{}", shown.left_s)) {}
                p { ((words.seconds_left)(shown.left_s)) }
            } @else {
                p { ((words.next_code_in)(shown.left_s)) }
            }
            p { a href=(format!("{}/mfa?{newest}", frame.base)) { (words.show_new) } }
            details {
                summary { (words.own_app) }
                (qr(&shown.uri, words.qr))
                dl {
                    dt { (words.secret) } dd { code #totp-secret { (shown.secret) } }
                    dt { (words.uri) } dd { code { (shown.uri) } }
                }
            }
        }
    }
}

/// A page that only says something, with one link onward.
pub(crate) fn message(
    frame: Frame<'_>,
    title: &str,
    text: &str,
    link: Option<(&str, &str)>,
) -> Markup {
    layout(
        frame,
        title,
        html! {
            h1 { (title) }
            p { (text) }
            @if let Some((to, name)) = link { p { a href=(to) { (name) } } }
        },
    )
}

fn layout(frame: Frame<'_>, title: &str, content: Markup) -> Markup {
    let words = frame.lang.words();
    let other = if frame.lang == Lang::En {
        Lang::Ja
    } else {
        Lang::En
    };
    html! {
        (DOCTYPE)
        html lang=(frame.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (words.sandbox) }
                link rel="stylesheet" href=(format!("{}/style.css", frame.base));
                link rel="icon" type="image/svg+xml" href=(format!("{}/icon.svg", frame.base));
            }
            body {
                header {
                    img src=(format!("{}/icon.svg", frame.base)) alt="" width="32" height="32";
                    div { strong { (words.sandbox) } small { (words.sandbox_note) } }
                    @if let Some(query) = frame.query {
                        @let and = if query.is_empty() { "" } else { "&" };
                        a href=(format!("?{query}{and}lang={}", other.tag()))
                            lang=(other.tag()) hreflang=(other.tag()) { (words.other_language) }
                    }
                }
                main { (content) }
            }
        }
    }
}

/// A QR code as one path of unit squares, with the quiet zone of four modules.
fn qr(text: &str, name: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return html! {};
    };
    let width = code.width();
    let mut path = String::new();
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let _ = write!(path, "M{} {}h1v1h-1z", index % width + 4, index / width + 4);
        }
    }
    html! {
        svg.qr role="img" aria-label=(name) viewBox=(format!("0 0 {0} {0}", width + 8)) {
            path d=(path) fill="#000" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::people::demo_people;
    use super::*;
    use crate::ManualClock;
    use std::sync::Arc;

    fn frame(lang: Lang) -> Frame<'static> {
        Frame {
            lang,
            base: "/cdn-cgi/access",
            query: Some("redirect_url=%2F"),
        }
    }

    #[test]
    fn everything_hostile_is_escaped() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(0));
        let mut listed = demo_people();
        listed[0].name = "<script>alert(1)</script>".into();
        let people = People::open(folder.path(), listed, "JP", clock).unwrap();
        let hostile = "\"><img src=x onerror=alert(1)>";
        let first = choose(
            frame(Lang::En),
            "/x",
            &[("r", hostile)],
            &people,
            Some(hostile),
        );
        let owner = people.find("owner@demo.nexus").unwrap();
        let form = CodeForm {
            action: "/x",
            state: hostile,
            person: &owner,
            confirms: Some(hostile),
            error: Some(CodeError::Wrong),
            other_identity: Some(hostile),
        };
        let second = code(frame(Lang::Ja), &form, &people.shown(&owner));
        for page in [first.into_string(), second.into_string()] {
            assert!(
                !page.contains("<script") && !page.contains("<img src=x"),
                "{page}"
            );
            assert!(
                !page.contains("style=") && !page.contains("onclick"),
                "the policy forbids"
            );
        }
    }

    #[test]
    fn the_qr_code_has_a_quiet_zone_and_a_name() {
        let svg = qr("otpauth://totp/x", "A <name>").into_string();
        assert!(svg.contains("aria-label=\"A &lt;name&gt;\""));
        assert!(svg.contains("d=\"M4 4h1v1h-1z"), "{svg}");
    }

    #[test]
    fn each_second_has_its_bar() {
        assert!(STYLE.contains(".left-30{--from:100%") && STYLE.contains(".left-1{--from:3%"));
    }
}

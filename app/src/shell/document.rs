//! The HTML document.

use leptos::prelude::*;

use super::palette::palette;
use super::sidebar::{sidebar, tabbar};
use super::topbar::topbar;
use super::{PRODUCT, Page, logo};
use crate::cx::Cx;
use crate::escape::escape;
use crate::format::count;
use crate::text::shell::Shell;
use crate::text::states::DoneWord;
use crate::ui::{Icon, icon};

/// Pages that are likely next are fetched while the pointer rests on their
/// links. Never those that hand out a file or end the session.
const SPECULATION: &str = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"href_matches":"/cdn-cgi/*"}},{"not":{"href_matches":"/audit/export*"}},{"not":{"href_matches":"/step-up/*"}},{"not":{"selector_matches":"[data-no-prefetch]"}}]},"eagerness":"moderate"}]}"#;

/// The page within its frame, without the doctype.
#[must_use]
pub fn document(cx: &Cx, page: Page) -> AnyView {
    let title = format!("{} · {PRODUCT}", page.title);
    let place = page.place;
    let top = topbar(cx, &page);
    let body = view! {
        <a class="skip" href="#main">
            {cx.t(Shell::Skip)}
        </a>
        <div class="shell">
            {sidebar(cx, place)} <div class="frame">
                {top}
                <main id="main" class="main" tabindex="-1" aria-label=cx.t(Shell::Main)>
                    {toast(cx)}
                    {page.body}
                </main>
            </div>
            {tabbar(cx, place)}
        </div>
        {palette(cx)}
    };
    html(cx, title, true, body.into_any())
}

/// A page without navigation: for those who are not signed in.
#[must_use]
pub fn bare(cx: &Cx, title: &str, body: AnyView) -> AnyView {
    let inner = view! {
        <main id="main" class="bare" tabindex="-1">
            <div class="bare-card">
                <p class="bare-brand">{logo(cx)} {PRODUCT}</p>
                {body}
            </div>
            <div class="bare-foot">{super::menus::preferences(cx)}</div>
        </main>
    };
    html(cx, format!("{title} · {PRODUCT}"), false, inner.into_any())
}

fn html(cx: &Cx, title: String, islands: bool, body: AnyView) -> AnyView {
    let asset = |name: &str| cx.assets.url(name);
    let wasm = asset("client.wasm");
    let script = asset("client.js");
    let scripts = islands.then(|| {
        view! {
            <link rel="modulepreload" href=script.clone() />
            <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="" />
            <script src=asset("boot.js") defer=true data-client=script></script>
            <script type="speculationrules" nonce=cx.nonce.clone() inner_html=SPECULATION></script>
        }
    });
    let unknown_zone = (!cx.zone_is_known).then_some("unknown");
    view! {
        <html
            lang=cx.lang.tag()
            data-theme=cx.theme.as_str()
            data-density=cx.density.as_str()
            data-zone=unknown_zone
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=color_scheme(cx) />
                // As a child its text would be followed by a marker, which a title shows.
                <title inner_html=escape(&title)></title>
                <link rel="icon" href=asset("favicon.svg") r#type="image/svg+xml" />
                <link rel="stylesheet" href=asset("main.css") />
                {scripts}
            </head>
            <body>{body}</body>
        </html>
    }
    .into_any()
}

const fn color_scheme(cx: &Cx) -> &'static str {
    match cx.theme {
        crate::cx::Theme::System => "light dark",
        crate::cx::Theme::Light => "light",
        crate::cx::Theme::Dark => "dark",
    }
}

/// As `imported.2.4`: what was done, and how many it is about.
fn done_text(cx: &Cx, told: &str) -> Option<String> {
    let mut parts = told.split('.');
    let done = DoneWord::parse(parts.next()?)?;
    let numbers = parts.filter_map(|number| number.parse().ok()).map(count);
    let numbers: Vec<String> = numbers.collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let done = match (done, numbers.len()) {
        (DoneWord::FlagsImported, 1) => DoneWord::FlagsImportedAll,
        (DoneWord::FlagsImported, 2) => DoneWord::FlagsImportedSome,
        (done, _) => done,
    };
    Some(cx.f(done, &numbers))
}

/// What has just been done, told by `?done=` after the redirect.
fn toast(cx: &Cx) -> AnyView {
    let done = url::form_urlencoded::parse(cx.query.as_bytes())
        .find(|(key, _)| key == "done")
        .and_then(|(_, value)| done_text(cx, &value));
    let Some(done) = done else {
        return ().into_any();
    };
    view! {
        <div class="toast" role="status">
            {icon(Icon::Check)} <span>{done}</span>
            <a class="toast-close" href=cx.path.clone() aria-label=cx.t(Shell::Dismiss)>
                {icon(Icon::Close)}
            </a>
        </div>
    }
    .into_any()
}

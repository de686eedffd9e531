//! The two menus of the top bar. `<details>`, so they open without a script;
//! what they do are plain links and POST forms.

use leptos::prelude::*;
use nexus_domain::actor::SignIn;

use crate::cx::{Cx, Theme};
use crate::lang::Lang;
use crate::text::shell::Shell;
use crate::ui::{Icon, actor_mark, icon};

/// Where signing in begins when nothing in front of the console does it.
pub const SIGN_IN: &str = "/auth/login";
/// Where Cloudflare Access signs people out.
pub const SIGN_OUT: &str = "/cdn-cgi/access/logout";

#[must_use]
pub(super) const fn theme_name(theme: Theme) -> Shell {
    match theme {
        Theme::System => Shell::ThemeSystem,
        Theme::Light => Shell::ThemeLight,
        Theme::Dark => Shell::ThemeDark,
    }
}

/// Language and theme.
#[must_use]
pub(super) fn preferences(cx: &Cx) -> AnyView {
    let choice = |name: &'static str,
                  value: &'static str,
                  label: &'static str,
                  lang: Option<&'static str>,
                  on: bool| {
        view! {
            <button
                type="submit"
                class="menu-item"
                name=name
                value=value
                lang=lang
                aria-pressed=if on { "true" } else { "false" }
            >
                <span class="menu-check">{on.then(|| icon(Icon::Check))}</span>
                {label}
            </button>
        }
    };
    let languages = Lang::ALL
        .into_iter()
        .map(|l| choice("lang", l.tag(), l.name(), Some(l.tag()), l == cx.lang))
        .collect_view();
    let themes = Theme::ALL
        .into_iter()
        .map(|t| {
            choice(
                "theme",
                t.as_str(),
                cx.t(theme_name(t)),
                None,
                t == cx.theme,
            )
        })
        .collect_view();
    view! {
        <details class="menu" name="menu">
            <summary class="bar-button" aria-label=cx.t(Shell::Preferences)>
                {icon(Icon::Globe)}
            </summary>
            <form class="menu-sheet" method="post" action="/preferences">
                <input type="hidden" name="back" value=cx.here() />
                <p class="menu-heading">{cx.t(Shell::Language)}</p>
                {languages}
                <p class="menu-heading">{cx.t(Shell::Theme)}</p>
                {themes}
            </form>
        </details>
    }
    .into_any()
}

/// Who is signed in, and the way out.
#[must_use]
pub(super) fn account(cx: &Cx) -> AnyView {
    let Some(actor) = cx.actor.as_deref() else {
        return ().into_any();
    };
    let who = cx.who().to_owned();
    view! {
        <details class="menu" name="menu">
            <summary class="bar-button account" aria-label=format!("{}: {who}", cx.t(Shell::Account))>
                {actor_mark(actor.principal.kind(), &who)}
            </summary>
            <div class="menu-sheet">
                <p class="menu-heading">{cx.t(Shell::SignedInAs)}</p>
                <p class="menu-who">{who.clone()}</p>
                <a class="menu-item" href="/settings/appearance">
                    {icon(Icon::Sliders)}
                    {cx.t(Shell::Appearance)}
                </a>
                {sign_out(cx, actor.sign_in)}
            </div>
        </details>
    }
    .into_any()
}

/// Cloudflare Access ends its own session by a link; ours end by a POST.
fn sign_out(cx: &Cx, sign_in: SignIn) -> AnyView {
    if sign_in == SignIn::OidcMfa {
        return view! {
            <form method="post">
                {post_item("/auth/logout", Icon::SignOut, cx.t(Shell::SignOut))}
                {post_item("/auth/logout-everywhere", Icon::Shield, cx.t(Shell::SignOutEverywhere))}
            </form>
        }
        .into_any();
    }
    view! {
        <a class="menu-item" href=SIGN_OUT data-no-prefetch="">
            {icon(Icon::SignOut)}
            {cx.t(Shell::SignOut)}
        </a>
    }
    .into_any()
}

fn post_item(action: &'static str, mark: Icon, label: &'static str) -> impl IntoView {
    view! {
        <button type="submit" class="menu-item" formaction=action>
            {icon(mark)}
            {label}
        </button>
    }
}

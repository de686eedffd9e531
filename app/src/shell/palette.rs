//! What the command palette offers before anything is searched.

use leptos::prelude::*;
use nexus_domain::access::Action;

use super::menus::theme_name;
use super::nav::Group;
use crate::cx::{Cx, Theme};
use crate::islands::{CommandPalette, Entry, PaletteWords};
use crate::lang::{Lang, Words};
use crate::text::flags::FlagListWord;
use crate::text::holdouts::HoldoutWord;
use crate::text::layers::LayerWord;
use crate::text::saved_groups::SavedGroupWord;
use crate::text::sdk_keys::SdkKeyWord;
use crate::text::settings::{MemberWord, TokenWord};
use crate::text::shell::Shell;
use crate::text::templates::TemplateWord;

#[must_use]
pub(super) fn palette(cx: &Cx) -> AnyView {
    let words = PaletteWords {
        title: cx.t(Shell::PaletteTitle).to_owned(),
        placeholder: cx.t(Shell::Palette).to_owned(),
        nothing: cx.t(Shell::PaletteNothing).to_owned(),
        found: cx.t(Shell::PaletteFound).to_owned(),
        keys: cx.t(Shell::PaletteKeys).to_owned(),
    };
    let entries = entries(cx);
    view! { <CommandPalette words=words entries=entries /> }.into_any()
}

fn entries(cx: &Cx) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Group::ALL
        .into_iter()
        .flat_map(|group| group.places(cx))
        .map(|place| entry(cx, Shell::PalettePages, place.name, place.path))
        .collect();
    entries.extend([
        page(cx, TemplateWord::Title, "/templates"),
        page(cx, LayerWord::Title, "/layers"),
        page(cx, Shell::StaleFlags, "/flags?stale=yes"),
        page(cx, Shell::ApiDocs, "/api/docs"),
    ]);
    if cx.may(Action::CreateExperiment, Some(cx.environment)) {
        entries.push(action(cx, Shell::NewExperiment, "/experiments/new"));
    }
    if cx.may(Action::CreateFlag, Some(cx.environment)) {
        entries.push(action(cx, FlagListWord::New, "/flags/new"));
    }
    if cx.may(Action::ManageSavedGroups, Some(cx.environment)) {
        entries.push(action(cx, SavedGroupWord::New, "/saved-groups/new"));
    }
    if cx.may(Action::ManageHoldouts, Some(cx.environment)) {
        entries.push(action(cx, HoldoutWord::New, "/holdouts/new"));
    }
    if cx.may(Action::ManageMembers, None) {
        entries.push(action(cx, MemberWord::Add, "/settings/members/new"));
    }
    if cx.may(Action::ManageSdkKeys, Some(cx.environment)) {
        entries.push(action(cx, SdkKeyWord::New, "/settings/sdk-keys/new"));
    }
    if cx.may(Action::CreateToken, None) {
        entries.push(action(cx, TokenWord::New, "/settings/tokens/new"));
    }
    let themes = Theme::ALL
        .into_iter()
        .filter(|t| *t != cx.theme)
        .map(|theme| {
            let title = cx.f(Shell::ThemeTo, &[cx.t(theme_name(theme))]);
            preference(cx, title, "theme", theme.as_str())
        });
    let languages = Lang::ALL.into_iter().filter(|l| *l != cx.lang).map(|lang| {
        let title = cx.f(Shell::LanguageTo, &[lang.name()]);
        preference(cx, title, "lang", lang.tag())
    });
    entries.extend(themes.chain(languages));
    entries
}

/// A page that has no entry in the navigation.
fn page(cx: &Cx, name: impl Words, href: &str) -> Entry {
    entry(cx, Shell::PalettePages, name, href)
}

fn action(cx: &Cx, name: impl Words, href: &str) -> Entry {
    entry(cx, Shell::PaletteActions, name, href)
}

/// An entry is found by its name in every language.
fn entry(cx: &Cx, group: Shell, name: impl Words, href: &str) -> Entry {
    Entry {
        title: cx.t(name).to_owned(),
        detail: String::new(),
        group: cx.t(group).to_owned(),
        href: href.to_owned(),
        also: Lang::ALL.map(|lang| name.text(lang)).join(" "),
        post: None,
    }
}

fn preference(cx: &Cx, title: String, name: &str, value: &str) -> Entry {
    Entry {
        title,
        detail: String::new(),
        group: cx.t(Shell::PaletteActions).to_owned(),
        href: "/preferences".to_owned(),
        also: format!("{name} {value}"),
        post: Some(vec![
            (name.to_owned(), value.to_owned()),
            ("back".to_owned(), cx.here()),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_beside_the_navigation_are_found_by_their_names_in_both_languages() {
        let entries = entries(&Cx::outside_pages());
        for (name, href) in [
            ("Templates", "/templates"),
            ("テンプレート", "/templates"),
            ("Layers", "/layers"),
            ("レイヤー", "/layers"),
            ("Stale flags", "/flags?stale=yes"),
            ("整理候補", "/flags?stale=yes"),
            ("API docs", "/api/docs"),
            ("APIドキュメント", "/api/docs"),
        ] {
            let found = entries.iter().find(|entry| entry.also.contains(name));
            assert_eq!(found.map(|entry| &*entry.href), Some(href), "{name}");
        }
    }
}

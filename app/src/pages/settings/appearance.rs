//! `/settings/appearance`: kept in cookies, so it needs no permission.

use leptos::prelude::*;

use crate::cx::{Cx, Density, Theme};
use crate::host::{Answer, Visit};
use crate::lang::Lang;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::settings::AppearanceWord as W;
use crate::text::shell::Shell;
use crate::ui::{Field, Input, check_row, input, page_head, zone_list};

pub async fn show(visit: Visit) -> Answer {
    Ok(visit.page(view_appearance))
}

pub fn view_appearance(cx: &Cx) -> Page {
    let themes = Theme::ALL.map(|theme| {
        let name = match theme {
            Theme::System => Shell::ThemeSystem,
            Theme::Light => Shell::ThemeLight,
            Theme::Dark => Shell::ThemeDark,
        };
        radio("theme", theme.as_str(), cx.t(name), theme == cx.theme)
    });
    let densities = Density::ALL.map(|density| {
        let name = match density {
            Density::Regular => W::Regular,
            Density::Compact => W::Compact,
        };
        radio(
            "density",
            density.as_str(),
            cx.t(name),
            density == cx.density,
        )
    });
    let languages = Lang::ALL.map(|lang| radio("lang", lang.tag(), lang.name(), lang == cx.lang));
    let now = cx.zone.minute(cx.now_ms, cx.lang);
    let zone = Field::new("tz", cx.t(W::Zone)).help(cx.f(W::ZoneHelp, &[&now]));
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(cx.t(W::Title).to_owned(), lead, ().into_any())}
            <form method="post" action="/preferences" class="form">
                <input type="hidden" name="back" value="/settings/appearance" />
                {choice(cx.t(W::Theme), Some(cx.t(W::ThemeHelp)), themes.into())}
                {choice(cx.t(W::Density), Some(cx.t(W::DensityHelp)), densities.into())}
                {choice(cx.t(W::Language), None, languages.into())}
                {input(Input { list: Some("zones"), ..Input::text(zone, "tz", cx.zone.name()) })}
                {zone_list()}
                <div class="form-foot">
                    <button type="submit" class="button primary">
                        {cx.t(Common::Save)}
                    </button>
                </div>
            </form>
        </div>
    };
    Page::new(cx.t(W::Title), Place::APPEARANCE, body.into_any())
}

fn radio(name: &'static str, value: &str, label: &str, checked: bool) -> AnyView {
    check_row(
        "radio",
        name,
        value.to_owned(),
        checked,
        label.to_owned(),
        None,
    )
}

fn choice(title: &'static str, help: Option<&'static str>, options: Vec<AnyView>) -> AnyView {
    view! {
        <fieldset class="field">
            <legend class="field-label">{title}</legend>
            <div class="cards">{options}</div>
            {help.map(|help| view! { <p class="field-help">{help}</p> })}
        </fieldset>
    }
    .into_any()
}

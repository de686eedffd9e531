//! Feature flags: list, form, page of one, its history, and the commands.

mod code;
pub mod command;
pub mod comment;
pub mod copy;
pub mod detail;
pub mod edit;
pub mod form;
pub mod history;
pub mod import;
pub mod list;
mod needs;
pub mod new;
mod said;
pub mod tried;
mod usage;

pub(crate) use said::short_value;

use axum::response::Response;
use nexus_control::Error;
use nexus_domain::Environment;
use nexus_domain::flag::{Flag, FlagStatus};

use crate::cx::Cx;
use crate::host::Visit;
use crate::text::flags::FlagStatusWord;
use crate::ui::{Tone, chip};
use leptos::prelude::AnyView;

/// The page of a flag.
#[must_use]
pub fn url_of(environment: Environment, key: &str) -> String {
    format!("/flags/{environment}/{key}")
}

fn home(flag: &Flag) -> String {
    url_of(flag.environment, flag.key.as_str())
}

fn no_such_page(visit: &Visit) -> Response {
    visit.fail(&Error::NotFound {
        kind: "page",
        id: visit.cx.path.clone(),
    })
}

fn flag_badge(cx: &Cx, status: FlagStatus) -> AnyView {
    let tone = match status {
        FlagStatus::On => Tone::Good,
        FlagStatus::Off | FlagStatus::Archived => Tone::Neutral,
    };
    chip(tone, cx.t(FlagStatusWord::of(status)))
}

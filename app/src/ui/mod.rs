//! The parts pages are made of: server-only functions from data to markup.

mod badge;
mod button;
mod data;
mod empty;
mod field;
mod icon;
mod pager;
mod panel;
mod when;

pub use crate::textarea::text_area;
pub use badge::{
    Tone, actor_mark, chip, environment_chip, status_badge, verdict_badge, verdict_words,
};
pub use button::{Allowed, act_link, submit};
pub use data::data_table;
pub use empty::{Empty, empty};
pub use field::{
    Field, Input, check_row, environment_options, error_summary, field_error, input, listed,
    select, zone_list,
};
pub use icon::{Icon, icon};
pub use pager::{list_address, pager};
pub use panel::{
    Callout, FormSection, callout, form_section, indexed, linked_panel, page_head, panel,
};
pub use when::{ago, copy, relative_words, when, when_exactly, when_in_words};

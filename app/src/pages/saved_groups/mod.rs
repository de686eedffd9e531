//! Saved groups: list, form, page of one, its history.

pub mod archive;
mod changes;
pub mod detail;
pub mod edit;
pub mod form;
pub mod history;
pub mod list;
pub mod new;

use axum::response::Response;
use nexus_control::Error;
use nexus_control::views::{Use, UseKind};
use nexus_domain::Environment;
use nexus_domain::saved_group::SavedGroup;

use crate::host::Visit;

const LIST: &str = "/saved-groups";

/// The page of a group.
#[must_use]
pub fn url_of(environment: Environment, id: &str) -> String {
    format!("{LIST}/{environment}/{id}")
}

fn home(group: &SavedGroup) -> String {
    url_of(group.environment, group.id.as_str())
}

/// The page of what uses something.
#[must_use]
pub fn url_of_use(environment: Environment, used: &Use) -> String {
    match used.kind {
        UseKind::Flag => format!("/flags/{environment}/{}", used.id),
        UseKind::Experiment => format!("/experiments/{}", used.id),
        UseKind::SavedGroup => url_of(environment, &used.id),
    }
}

fn no_such_page(visit: &Visit) -> Response {
    visit.fail(&Error::NotFound {
        kind: "page",
        id: visit.cx.path.clone(),
    })
}

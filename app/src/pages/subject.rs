//! The experiment or flag that a page below its own is about.

use axum::response::Response;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_domain::Environment;

use crate::cx::Cx;
use crate::host::Visit;
use crate::shell::{Page, Place};
use crate::text::experiments::ListWord;
use crate::text::flags::FlagListWord;

/// Where its page is and what it is called.
pub struct Subject {
    pub home: String,
    pub name: String,
    pub place: Place,
}

/// The experiment, and its environment.
pub(super) async fn subject_of_experiment(
    visit: &Visit,
    id: &str,
) -> Result<(Subject, Environment), Response> {
    let detail = visit.console.experiment(&visit.actor, id).await;
    let experiment = detail.map_err(|e| visit.fail(&e))?.experiment;
    let subject = Subject {
        home: format!("/experiments/{id}"),
        name: experiment.name,
        place: Place::EXPERIMENTS,
    };
    Ok((subject, experiment.environment))
}

/// The flag, and its environment.
pub(super) async fn subject_of_flag(
    visit: &Visit,
    environment: &str,
    key: &str,
) -> Result<(Subject, Environment), Response> {
    let environment = Environment::parse(environment).ok_or_else(|| nowhere(visit, environment))?;
    let detail = visit.console.flag(&visit.actor, environment, key).await;
    let flag = detail.map_err(|e| visit.fail(&e))?.flag;
    let subject = Subject {
        home: format!("/flags/{environment}/{key}"),
        name: flag.name,
        place: Place::FLAGS,
    };
    Ok((subject, environment))
}

/// No such environment.
pub(super) fn nowhere(visit: &Visit, environment: &str) -> Response {
    let (kind, id) = ("environment", environment.chars().take(40).collect());
    visit.fail(&Error::NotFound { kind, id })
}

impl Subject {
    /// A page below it.
    pub(super) fn page_below(&self, cx: &Cx, title: impl Into<String>, body: AnyView) -> Page {
        let of_list = match self.place {
            Place::FLAGS => cx.t(FlagListWord::Title),
            _ => cx.t(ListWord::Title),
        };
        Page::new(title, self.place, body)
            .below(self.place.path, of_list)
            .below(self.home.clone(), self.name.clone())
    }
}

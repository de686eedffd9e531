//! What others did to an experiment while a page of it was open: the page comes back with what
//! was typed, and says it.

use axum::response::Response;
use leptos::prelude::*;
use nexus_control::views::{ExperimentRevisions, Revision};
use nexus_domain::experiment::Status;

use crate::cx::Cx;
use crate::host::Visit;
use crate::pages::audit::row::{actor, did};
use crate::text::domain::StatusWord;
use crate::text::life::LifeWord as W;
use crate::text::revisions::RevisionsWord;
use crate::ui::{Callout, Tone, callout, when};

/// The newer revisions, the oldest first, and the status before them.
pub struct Meanwhile {
    before: Option<Status>,
    since: Vec<Revision>,
}

impl Meanwhile {
    /// Whatever came after the version that the page was made from.
    #[must_use]
    pub fn of(all: ExperimentRevisions, version: u64) -> Self {
        let all = all.revisions.into_iter().rev();
        let (old, since): (Vec<_>, Vec<_>) = all.partition(|r| r.experiment.version <= version);
        Self {
            before: old.last().map(|revision| revision.experiment.status),
            since,
        }
    }

    pub(super) async fn since(visit: &Visit, id: &str, version: u64) -> Result<Self, Response> {
        let all = visit.console.experiment_revisions(&visit.actor, id).await;
        let all = all.map_err(|e| visit.fail(&e))?;
        Ok(Self::of(all, version))
    }
}

#[must_use]
pub(super) fn view_meanwhile(cx: &Cx, meanwhile: &Meanwhile) -> AnyView {
    let mut status = meanwhile.before;
    let changes = meanwhile
        .since
        .iter()
        .map(|revision| {
            let experiment = &revision.experiment;
            let what = match &revision.change {
                Some(change) => {
                    format!("{} · {}", actor(cx, &change.entry), did(cx, &change.entry))
                }
                None => cx.f(RevisionsWord::Number, &[&experiment.version.to_string()]),
            };
            let from = status.replace(experiment.status);
            let moved = from.filter(|from| *from != experiment.status).map(|from| {
                let word = |status| cx.t(StatusWord::of(status));
                let two = [word(from), word(experiment.status)];
                cx.f(RevisionsWord::StateChanged, &two)
            });
            view! { <li>{what} " · " {when(cx, experiment.updated_ms)} " " {moved}</li> }
        })
        .collect_view();
    let body = view! {
        <p>{cx.t(W::MeanwhileText)}</p>
        <ul class="rules">{changes}</ul>
    };
    let shown = callout(Callout {
        tone: Tone::Warn,
        title: cx.t(W::MeanwhileTitle).to_owned(),
        body: body.into_any(),
    });
    view! {
        <div id="meanwhile" role="alert" tabindex="-1" autofocus=true>
            {shown}
        </div>
    }
    .into_any()
}

//! What follows from a saved group as it is saved, and from a holdout once it is made.

use leptos::prelude::*;
use nexus_control::views::{HoldoutEstimate, WhatIf};
use nexus_domain::holdout::HoldoutDraft;
use nexus_domain::{Field as At, FieldProblem};

use super::what_if::{OfWhat, changes};
use super::{Estimated, Manner, certainty, region};
use crate::cx::Cx;
use crate::format::percent;
use crate::host::Visit;
use crate::pages::saved_groups::form::GroupForm;
use crate::text::estimate::{EstimateWord as W, WhatIfWord};

/// A longer form is sent only when somebody asks for it.
const LIVE_BYTES: usize = 64 * 1024;

/// Asks what saving the group as it was typed would change.
pub async fn of_group(visit: &Visit, state: &GroupForm) -> Estimated<WhatIf> {
    match state.draft() {
        Ok(draft) => {
            let console = &visit.console;
            Estimated::of(console.what_if_saved_group(&visit.actor, draft).await)
        }
        Err(problems) => {
            let is_word = |at: At| matches!(at, At::Id | At::Name | At::Description);
            Estimated::Wrong(without(problems, is_word))
        }
    }
}

/// Asks whom the holdout would leave out, as far as its share is typed.
pub async fn of_holdout(
    visit: &Visit,
    draft: Result<HoldoutDraft, Vec<FieldProblem>>,
) -> Estimated<HoldoutEstimate> {
    match draft {
        Ok(draft) => {
            let console = &visit.console;
            Estimated::of(console.estimate_holdout(&visit.actor, &draft).await)
        }
        Err(problems) => {
            let matters = |at: At| matches!(at, At::Environment | At::HoldoutShare);
            Estimated::Wrong(without(problems, |at| !matters(at)))
        }
    }
}

/// What keeps nobody from being asked about is said when it is saved.
fn without(mut problems: Vec<FieldProblem>, aside: impl Fn(At) -> bool) -> Vec<FieldProblem> {
    problems.retain(|problem| !aside(problem.field));
    problems
}

/// Of a saved group's form, whose list may be long.
#[must_use]
pub fn view_group(cx: &Cx, estimated: &Estimated<WhatIf>, list: &str) -> AnyView {
    let manner = Manner {
        note: Some(cx.t(W::GroupText).to_owned()),
        live: list.len() <= LIVE_BYTES,
    };
    let view = |cx: &Cx, found: &WhatIf| {
        view! {
            <h3>{cx.t(WhatIfWord::WhenSaved)}</h3>
            {changes(cx, found, &OfWhat::FlagInForm)}
        }
        .into_any()
    };
    region(cx, estimated, |found| &found.window, view, manner)
}

/// Of a holdout's form.
#[must_use]
pub fn view_holdout(cx: &Cx, estimated: &Estimated<HoldoutEstimate>) -> AnyView {
    let manner = Manner {
        note: Some(cx.t(W::HeldOutRuns).to_owned()),
        live: true,
    };
    region(cx, estimated, |found| &found.window, held_out, manner)
}

fn held_out(cx: &Cx, found: &HoldoutEstimate) -> AnyView {
    let items = found.waiting.iter().map(|one| {
        let href = format!("/experiments/{}", one.id);
        view! {
            <li>
                <a href=href>{one.name.clone()}</a>
            </li>
        }
    });
    let waiting = (!found.waiting.is_empty()).then(|| {
        view! {
            <p>{cx.t(W::Waiting)}</p>
            <ul class="rules">{items.collect_view()}</ul>
        }
    });
    view! {
        <p class="estimate-value">{cx.f(W::HeldOut, &[&percent(found.held_out.share)])}</p>
        {certainty(cx, &found.window, found.held_out)}
        {waiting}
    }
    .into_any()
}

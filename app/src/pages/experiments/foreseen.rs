//! What a command would come to: in words, and for the visitors of the last hours.

use std::collections::BTreeMap;

use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, WhatIf};
use nexus_domain::experiment::{Draft, Experiment};

use super::command::{Asked, Typed};
use super::life::ramp_text;
use super::parts::{name_of, safeguards_text};
use crate::cx::Cx;
use crate::format::{bp, count};
use crate::host::Visit;
use crate::pages::estimate::{OfWhat, view_what_if};
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::text::estimate::WhatIfWord;
use crate::text::experiments::CommandWord as W;
use crate::text::life::LifeWord as L;
use crate::text::review::ReviewWord as R;
use crate::ui::panel;

/// With what it would come to, also where what was typed is refused.
pub(super) async fn foreseen(
    visit: &Visit,
    asked: Asked,
    detail: &ExperimentDetail,
    typed: Typed,
) -> Typed {
    let environment = detail.experiment.environment;
    let joins = asked == Asked::Start && !detail.would_join.is_empty();
    let holdouts = match joins {
        true => visit.console.holdout_names(&visit.actor, environment).await,
        false => Ok(BTreeMap::new()),
    };
    Typed {
        what_if: what_if(visit, asked, &detail.experiment).await,
        holdouts: holdouts.unwrap_or_default(),
        ..typed
    }
}

/// What a command that users notice would change, or the start that it leads to.
async fn what_if(visit: &Visit, asked: Asked, experiment: &Experiment) -> Option<WhatIf> {
    let (console, actor) = (&visit.console, &visit.actor);
    match asked {
        Asked::AskReview | Asked::Approve => {
            let draft = Draft::of(experiment);
            console.what_if_experiment(actor, draft).await.ok()
        }
        Asked::Start | Asked::Pause | Asked::Resume | Asked::Stop => {
            let command = asked.command(String::new());
            let what_if = console.what_if_command(actor, experiment.id.as_str(), command);
            what_if.await.ok()
        }
        _ => None,
    }
}

#[must_use]
pub(super) fn view_change(
    cx: &Cx,
    asked: Asked,
    experiment: &Experiment,
    what_if: &WhatIf,
) -> AnyView {
    let title = match asked {
        Asked::AskReview | Asked::Approve => WhatIfWord::WhenStarted,
        _ => WhatIfWord::WhenDone,
    };
    let page = format!("/experiments/{}/why", experiment.id);
    let of = OfWhat::experiment(page, experiment);
    let body = view_what_if(cx, what_if, &of);
    panel("what-if", cx.t(title), ().into_any(), body)
}

/// Line by line.
#[must_use]
pub(super) fn what(cx: &Cx, asked: Asked, detail: &ExperimentDetail, typed: &Typed) -> Vec<String> {
    let experiment = &detail.experiment;
    let control = experiment.control().map_or("", |v| v.key.as_str());
    let control = name_of(experiment, control);
    match asked {
        Asked::Start => {
            let split: Vec<String> = experiment
                .variants
                .iter()
                .map(|v| format!("{} {}%", name_of(experiment, &v.key), bp(v.weight_bp)))
                .collect();
            let environment = cx.t(EnvironmentWord::of(experiment.environment));
            let first = experiment.ramp.first();
            let coverage_bp = first.map_or(experiment.coverage_bp, |step| step.coverage_bp);
            let planned_ms = experiment.schedule.start_ms.filter(|ms| *ms > cx.now_ms);
            let mut said = vec![cx.f(W::StartA, &[&bp(coverage_bp), environment])];
            said.extend(
                experiment
                    .layer
                    .as_ref()
                    .map(|layer| cx.f(W::StartLayer, &[&layer.layer, &bp(layer.share_bp)])),
            );
            said.extend(detail.would_join.iter().map(|held| {
                let id = held.holdout.as_str();
                let name = typed.holdouts.get(id).map_or(id, String::as_str);
                cx.f(W::StartHoldout, &[name, &bp(held.share_bp)])
            }));
            said.extend(planned_ms.map(|_| cx.t(L::StartNow).to_owned()));
            said.extend(ramp_text(cx, experiment).map(|ramp| cx.f(L::StartRamp, &[&ramp])));
            said.push(cx.f(W::StartB, &[&split.join(cx.t(Common::Comma))]));
            let off = &detail.flags_off;
            said.extend(
                (!off.is_empty()).then(|| cx.f(W::StartE, &[&off.join(cx.t(Common::Comma))])),
            );
            said.push(cx.f(W::StartD, &[&safeguards_text(cx, &experiment.guardrail)]));
            said.push(cx.t(W::StartC).to_owned());
            said
        }
        Asked::AskReview => vec![cx.t(R::AskA).to_owned(), cx.t(R::AskB).to_owned()],
        Asked::Approve => vec![cx.t(R::ApproveA).to_owned(), cx.t(R::ApproveB).to_owned()],
        Asked::SendBack => vec![cx.t(R::SendBackA).to_owned()],
        Asked::WithdrawReview => vec![cx.t(R::WithdrawA).to_owned()],
        Asked::Pause => vec![
            cx.f(W::PauseA, &[&control]),
            cx.t(W::PauseB).to_owned(),
            cx.t(W::PauseC).to_owned(),
        ],
        Asked::Resume => vec![cx.t(W::ResumeA).to_owned(), cx.t(W::ResumeB).to_owned()],
        Asked::Archive => vec![cx.t(W::ArchiveA).to_owned(), cx.t(W::ArchiveB).to_owned()],
        Asked::Unarchive => vec![cx.t(W::UnarchiveA).to_owned()],
        Asked::Unschedule => vec![cx.t(L::UnscheduleA).to_owned()],
        Asked::HoldRamp => vec![
            cx.f(L::HoldRampA, &[&bp(experiment.coverage_now_bp())]),
            cx.t(L::HoldRampB).to_owned(),
        ],
        Asked::ContinueRamp => vec![
            cx.t(L::ContinueRampA).to_owned(),
            cx.t(L::ContinueRampB).to_owned(),
        ],
        Asked::Stop => {
            let exposed: u64 = detail.results.variants.iter().map(|v| v.exposures).sum();
            vec![
                cx.f(W::StopA, &[&control]),
                cx.t(W::StopB).to_owned(),
                cx.f(W::StopC, &[&count(exposed)]),
            ]
        }
    }
}

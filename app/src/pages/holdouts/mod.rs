//! Holdouts: list, form, page of one, its end; and the choice in an experiment's form.

pub mod detail;
pub mod list;
pub mod new;
pub mod stop;

use axum::response::Response;
use nexus_domain::Environment;
use nexus_domain::holdout::Holdout;

use crate::cx::Cx;
use crate::host::Visit;
use crate::text::holdouts::HoldoutWord as W;
use crate::ui::{Tone, chip};
use leptos::prelude::AnyView;

/// Which experiments join it.
fn reach(cx: &Cx, holdout: &Holdout) -> String {
    match (&holdout.team, holdout.global) {
        (Some(team), _) => cx.f(W::TeamIs, &[team]),
        (None, true) => cx.t(W::Global).to_owned(),
        (None, false) => cx.t(W::Named).to_owned(),
    }
}

const LIST: &str = "/holdouts";

fn home(holdout: &Holdout) -> String {
    format!("{LIST}/{}", holdout.id)
}

fn state(cx: &Cx, holdout: &Holdout) -> AnyView {
    match holdout.stopped_ms {
        None => chip(Tone::Good, cx.t(W::InForce)),
        Some(_) => chip(Tone::Neutral, cx.t(W::Stopped)),
    }
}

/// Teams that an experiment can be of; none for an environment there is not.
pub(crate) async fn teams(visit: &Visit, environment: &str) -> Result<Vec<String>, Response> {
    let Some(environment) = Environment::parse(environment) else {
        return Ok(Vec::new());
    };
    let teams = visit.console.teams(&visit.actor, environment).await;
    teams.map_err(|e| visit.fail(&e))
}

/// Id and name of those that an experiment can choose; none for an environment there is not.
pub(crate) async fn choices(
    visit: &Visit,
    environment: &str,
) -> Result<Vec<(String, String)>, Response> {
    let all = in_force(visit, environment).await?.into_iter();
    let named = all.filter(|holdout| !holdout.global);
    Ok(named.map(|h| (h.id.to_string(), h.name)).collect())
}

/// A holdout that a flag's rule can be bound by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldoutChoice {
    pub id: String,
    pub name: String,
    /// It binds new rules by itself.
    pub binds: bool,
}

/// Those that a flag's rule can be bound by: all in force.
pub(crate) async fn choices_of_rules(
    visit: &Visit,
    environment: &str,
) -> Result<Vec<HoldoutChoice>, Response> {
    let all = in_force(visit, environment).await?.into_iter();
    Ok(all
        .map(|h| HoldoutChoice {
            id: h.id.to_string(),
            binds: h.binds_flags_now(),
            name: h.name,
        })
        .collect())
}

async fn in_force(visit: &Visit, environment: &str) -> Result<Vec<Holdout>, Response> {
    let Some(environment) = Environment::parse(environment) else {
        return Ok(Vec::new());
    };
    let all = visit
        .console
        .holdouts(&visit.actor, Some(environment))
        .await;
    let all = all.map_err(|e| visit.fail(&e))?.into_iter();
    Ok(all
        .map(|row| row.holdout)
        .filter(|h| h.stopped_ms.is_none())
        .collect())
}

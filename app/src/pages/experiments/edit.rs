//! `/experiments/{id}/edit`: guarded by the version the form was opened at.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use nexus_control::Error;
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::experiment::{Draft, Experiment};

use super::form::{Conflict, FormState, FormView, view_form};
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::condition::group_choices;
use crate::pages::estimate;
use crate::pages::holdouts;
use crate::pages::layers;
use crate::pages::prerequisites::choices;

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let current = load(&visit, &id).await?;
    if !visit
        .cx
        .may(Action::EditExperiment, Some(current.environment))
    {
        return Err(visit.fail(&Error::Forbidden {
            action: Action::EditExperiment,
        }));
    }
    let mut state = FormState::of_draft(&Draft::of(&current));
    state.flags = choices(&visit, &state.environment).await?;
    state.groups = group_choices(&visit, &state.environment).await?;
    state.holdouts = holdouts::choices(&visit, &state.environment).await?;
    state.layers = layers::names(&visit, &state.environment, &state.id).await?;
    let shown = Shown {
        status: StatusCode::OK,
        version: current.version,
        conflict: None,
    };
    Ok(page(&visit, shown, &current, &state, &[]).await)
}

pub async fn save(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let form = Form::parse(&body);
    let current = load(&visit, &id).await?;
    let mut state = typed(&form, &current);
    state.flags = choices(&visit, &state.environment).await?;
    state.groups = group_choices(&visit, &state.environment).await?;
    state.holdouts = holdouts::choices(&visit, &state.environment).await?;
    state.layers = layers::names(&visit, &state.environment, &state.id).await?;
    // The version the form was opened at stays with it until it is saved, or a
    // conflict has been shown.
    let version = form.get("version").parse().unwrap_or(0);
    let shown = |status| Shown {
        status,
        version,
        conflict: None,
    };
    if state.rearrange(form.get("do")) {
        return Ok(page(&visit, shown(StatusCode::OK), &current, &state, &[]).await);
    }
    let refused = shown(StatusCode::UNPROCESSABLE_ENTITY);
    let draft = match state.draft() {
        Ok(draft) => draft,
        Err(problems) => return Ok(page(&visit, refused, &current, &state, &problems).await),
    };
    match visit
        .console
        .edit_experiment(&visit.actor, &id, version, draft)
        .await
    {
        Ok(_) => Ok(see_other(&format!("/experiments/{id}?done=saved"))),
        Err(Error::Invalid(problems)) => {
            Ok(page(&visit, refused, &current, &state, &problems).await)
        }
        Err(Error::Conflict { .. }) => {
            // What is there now, which may be newer than what was read above.
            let now = load(&visit, &id).await?;
            let conflict = Conflict {
                name: now.name.clone(),
                current: FormState::of_draft(&Draft::of(&now)),
                href: format!("/experiments/{id}/edit"),
            };
            let shown = Shown {
                status: StatusCode::CONFLICT,
                version: now.version,
                conflict: Some(conflict),
            };
            Ok(page(&visit, shown, &now, &state, &[]).await)
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// Once started the form has only the words; the rest is as it is.
fn typed(form: &Form, current: &Experiment) -> FormState {
    if current.status.is_before_start() {
        return FormState {
            id: current.id.to_string(),
            ..FormState::of_form(form)
        };
    }
    FormState {
        name: form.trimmed("name"),
        hypothesis: form.get("hypothesis").to_owned(),
        ..FormState::of_draft(&Draft::of(current))
    }
}

async fn load(visit: &Visit, id: &str) -> Result<Experiment, Response> {
    let detail = visit.console.experiment(&visit.actor, id).await;
    detail.map(|d| d.experiment).map_err(|e| visit.fail(&e))
}

/// What the page is answered with besides the form.
struct Shown {
    status: StatusCode,
    /// Which the form, when sent, is based on.
    version: u64,
    conflict: Option<Conflict>,
}

async fn page(
    visit: &Visit,
    shown: Shown,
    current: &Experiment,
    state: &FormState,
    problems: &[FieldProblem],
) -> Response {
    let locked = !current.status.is_before_start();
    let estimate = match locked {
        true => None,
        false => Some(estimate::of_experiment(visit, state).await),
    };
    let form = FormView {
        state,
        problems,
        editing: Some((current.name.clone(), shown.version)),
        locked,
        conflict: shown.conflict,
        estimate,
    };
    visit.page_with(shown.status, |cx| view_form(cx, &form))
}

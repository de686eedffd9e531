//! `/experiments/new`.

use http::StatusCode;
use nexus_control::Error;
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;

use super::form::{FormState, FormView, view_form};
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::condition::group_choices;
use crate::pages::estimate;
use crate::pages::holdouts;
use crate::pages::layers;
use crate::pages::prerequisites::choices;
use crate::pages::templates::new_experiment;

pub async fn show(visit: Visit) -> Answer {
    let environment = visit.cx.environment;
    if !visit.cx.may(Action::CreateExperiment, Some(environment)) {
        return Err(visit.fail(&Error::Forbidden {
            action: Action::CreateExperiment,
        }));
    }
    let mut draft = new_experiment(&visit).await?;
    visit
        .cx
        .zone
        .name()
        .clone_into(&mut draft.schedule.timezone);
    let mut state = FormState::of_draft(&draft, visit.cx.lang);
    state.flags = choices(&visit, &state.environment).await?;
    state.groups = group_choices(&visit, &state.environment).await?;
    state.holdouts = holdouts::choices(&visit, &state.environment).await?;
    state.layers = layers::names(&visit, &state.environment, "").await?;
    state.teams = holdouts::teams(&visit, &state.environment).await?;
    Ok(page(&visit, StatusCode::OK, &state, &[]).await)
}

pub async fn create(visit: Visit, body: String) -> Answer {
    let form = Form::parse(&body);
    let mut state = FormState::of_form(&form);
    state.flags = choices(&visit, &state.environment).await?;
    state.groups = group_choices(&visit, &state.environment).await?;
    state.holdouts = holdouts::choices(&visit, &state.environment).await?;
    state.layers = layers::names(&visit, &state.environment, "").await?;
    state.teams = holdouts::teams(&visit, &state.environment).await?;
    if state.rearrange(form.get("do")) {
        return Ok(page(&visit, StatusCode::OK, &state, &[]).await);
    }
    let draft = match state.draft() {
        Ok(draft) => draft,
        Err(problems) => return Ok(refused(&visit, &state, &problems).await),
    };
    match visit.console.create_experiment(&visit.actor, draft).await {
        Ok(made) => Ok(see_other(&format!("/experiments/{}?done=created", made.id))),
        Err(Error::Invalid(problems)) => Ok(refused(&visit, &state, &problems).await),
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn refused(
    visit: &Visit,
    state: &FormState,
    problems: &[FieldProblem],
) -> axum::response::Response {
    page(visit, StatusCode::UNPROCESSABLE_ENTITY, state, problems).await
}

async fn page(
    visit: &Visit,
    status: StatusCode,
    state: &FormState,
    problems: &[FieldProblem],
) -> axum::response::Response {
    let form = FormView {
        state,
        problems,
        editing: None,
        locked: false,
        takes_back: false,
        conflict: None,
        estimate: Some(estimate::of_experiment(visit, state).await),
    };
    visit.page_with(status, |cx| view_form(cx, &form))
}

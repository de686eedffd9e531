//! `/saved-groups/new`.

use axum::response::Response;
use http::StatusCode;
use nexus_control::Error;
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::saved_group::SavedGroupDraft;

use super::form::{GroupForm, GroupFormView, view_form};
use super::home;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::condition::group_choices;

pub async fn show(visit: Visit) -> Answer {
    let (environment, action) = (visit.cx.environment, Action::ManageSavedGroups);
    if !visit.cx.may(action, Some(environment)) {
        return Err(visit.fail(&Error::Forbidden { action }));
    }
    let mut state = GroupForm::of_draft(&SavedGroupDraft::starter(environment));
    state.groups = group_choices(&visit, &state.environment).await?;
    Ok(page(&visit, StatusCode::OK, &state, &[]))
}

pub async fn create(visit: Visit, body: String) -> Answer {
    let form = Form::parse(&body);
    let mut state = GroupForm::of_form(&form);
    state.groups = group_choices(&visit, &state.environment).await?;
    if GroupForm::is_rearranged(&form) {
        return Ok(page(&visit, StatusCode::OK, &state, &[]));
    }
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let draft = match state.draft() {
        Ok(draft) => draft,
        Err(problems) => return Ok(page(&visit, refused, &state, &problems)),
    };
    match visit.console.create_saved_group(&visit.actor, draft).await {
        Ok(made) => Ok(see_other(&format!("{}?done=group-created", home(&made)))),
        Err(Error::Invalid(problems)) => Ok(page(&visit, refused, &state, &problems)),
        Err(error) => Err(visit.fail(&error)),
    }
}

fn page(
    visit: &Visit,
    status: StatusCode,
    state: &GroupForm,
    problems: &[FieldProblem],
) -> Response {
    let form = GroupFormView {
        state,
        problems,
        editing: None,
        conflict: None,
        estimate: None,
    };
    visit.page_with(status, |cx| view_form(cx, &form))
}

//! `/saved-groups/{environment}/{id}/edit`: guarded by the version the form was opened at.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use nexus_control::Error;
use nexus_control::views::GroupChoice;
use nexus_domain::access::Action;
use nexus_domain::saved_group::{SavedGroup, SavedGroupChanges, SavedGroupDraft};
use nexus_domain::{Environment, FieldProblem};

use super::form::{GroupForm, GroupFormView, view_form};
use super::{home, no_such_page};
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::condition::group_choices;
use crate::pages::estimate;

pub async fn show(visit: Visit, Path((environment, id)): Path<(String, String)>) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let current = load(&visit, environment, &id).await?;
    let action = Action::ManageSavedGroups;
    if !visit.cx.may(action, Some(environment)) {
        return Err(visit.fail(&Error::Forbidden { action }));
    }
    if current.archived {
        return Err(visit.fail(&Error::Archived));
    }
    let mut state = GroupForm::of_draft(&SavedGroupDraft::of(&current));
    state.groups = others(&visit, &current).await?;
    let shown = Shown::of(StatusCode::OK, &current);
    Ok(page(&visit, shown, &state, &[]).await)
}

pub async fn save(
    visit: Visit,
    Path((environment, id)): Path<(String, String)>,
    body: String,
) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let form = Form::parse(&body);
    let current = load(&visit, environment, &id).await?;
    let state = GroupForm {
        id: id.clone(),
        environment: environment.as_str().to_owned(),
        kind: current.content.kind(),
        groups: others(&visit, &current).await?,
        ..GroupForm::of_form(&form)
    };
    let version = form.get("version").parse().unwrap_or(0);
    let refused = Shown {
        version,
        ..Shown::of(StatusCode::UNPROCESSABLE_ENTITY, &current)
    };
    if GroupForm::is_rearranged(&form) {
        let status = StatusCode::OK;
        return Ok(page(&visit, Shown { status, ..refused }, &state, &[]).await);
    }
    let draft = match state.draft() {
        Ok(draft) => draft,
        Err(problems) => return Ok(page(&visit, refused, &state, &problems).await),
    };
    let (console, actor) = (&visit.console, &visit.actor);
    let saved = console.edit_saved_group(actor, environment, &id, version, draft);
    match saved.await {
        Ok(group) => Ok(see_other(&format!("{}?done=group-saved", home(&group)))),
        Err(Error::Invalid(problems)) => Ok(page(&visit, refused, &state, &problems).await),
        Err(Error::Conflict { .. }) => {
            let now = load(&visit, environment, &id).await?;
            let to = now.version;
            let found = console.saved_group_changes(actor, environment, &id, version, to);
            let shown = Shown {
                conflict: Some(found.await.unwrap_or_default()),
                ..Shown::of(StatusCode::CONFLICT, &now)
            };
            Ok(page(&visit, shown, &state, &[]).await)
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// The groups that it may name.
async fn others(visit: &Visit, group: &SavedGroup) -> Result<Vec<GroupChoice>, Response> {
    let mut groups = group_choices(visit, group.environment.as_str()).await?;
    groups.retain(|other| other.id != group.id.as_str());
    Ok(groups)
}

async fn load(visit: &Visit, environment: Environment, id: &str) -> Result<SavedGroup, Response> {
    let detail = visit
        .console
        .saved_group(&visit.actor, environment, id)
        .await;
    detail.map(|d| d.group).map_err(|e| visit.fail(&e))
}

/// What the page is answered with besides the form.
struct Shown {
    status: StatusCode,
    name: String,
    /// Which the form, when sent, is based on.
    version: u64,
    conflict: Option<SavedGroupChanges>,
}

impl Shown {
    fn of(status: StatusCode, group: &SavedGroup) -> Self {
        Self {
            status,
            name: group.name.clone(),
            version: group.version,
            conflict: None,
        }
    }
}

async fn page(
    visit: &Visit,
    shown: Shown,
    state: &GroupForm,
    problems: &[FieldProblem],
) -> Response {
    let form = GroupFormView {
        state,
        problems,
        editing: Some((shown.name, shown.version)),
        conflict: shown.conflict,
        estimate: Some(estimate::of_group(visit, state).await),
    };
    visit.page_with(shown.status, |cx| view_form(cx, &form))
}

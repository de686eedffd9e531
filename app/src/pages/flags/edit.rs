//! `/flags/{environment}/{key}/edit`: guarded by the version the form was opened at.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use nexus_control::Error;
use nexus_domain::access::Action;
use nexus_domain::flag::{Flag, FlagDraft};
use nexus_domain::{Environment, FieldProblem};

use super::form::{FlagConflict, FlagForm, FlagFormView, view_form};
use super::{home, no_such_page};
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::condition::group_choices;
use crate::pages::estimate;
use crate::pages::holdouts::choices_of_rules;
use crate::pages::prerequisites::choices;

pub async fn show(visit: Visit, Path((environment, key)): Path<(String, String)>) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let current = load(&visit, environment, &key).await?;
    if !visit.cx.may(Action::EditFlag, Some(environment)) {
        return Err(visit.fail(&Error::Forbidden {
            action: Action::EditFlag,
        }));
    }
    if current.archived {
        return Err(visit.fail(&Error::Archived));
    }
    let mut state = FlagForm::of_draft(&FlagDraft::of(&current), visit.cx.lang);
    state.flags = choices(&visit, environment.as_str()).await?;
    state.groups = group_choices(&visit, environment.as_str()).await?;
    state.holdouts = choices_of_rules(&visit, environment.as_str()).await?;
    let shown = Shown {
        status: StatusCode::OK,
        version: current.version,
        conflict: None,
    };
    Ok(page(&visit, shown, &current, &state, &[]).await)
}

pub async fn save(
    visit: Visit,
    Path((environment, key)): Path<(String, String)>,
    body: String,
) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let form = Form::parse(&body);
    let current = load(&visit, environment, &key).await?;
    let mut state = FlagForm {
        key: key.clone(),
        environment: environment.as_str().to_owned(),
        kind: current.kind,
        flags: choices(&visit, environment.as_str()).await?,
        groups: group_choices(&visit, environment.as_str()).await?,
        holdouts: choices_of_rules(&visit, environment.as_str()).await?,
        ..FlagForm::of_form(&form)
    };
    // The version the form was opened at stays with it until it is saved, or a
    // conflict has been shown.
    let version = form.get("version").parse().unwrap_or(0);
    let shown = |status| Shown {
        status,
        version,
        conflict: None,
    };
    if state.rearrange(form.get("do"), visit.cx.zone) {
        return Ok(page(&visit, shown(StatusCode::OK), &current, &state, &[]).await);
    }
    let refused = shown(StatusCode::UNPROCESSABLE_ENTITY);
    let draft = match state.draft() {
        Ok(draft) => draft,
        Err(problems) => return Ok(page(&visit, refused, &current, &state, &problems).await),
    };
    let console = &visit.console;
    let saved = console.edit_flag(&visit.actor, environment, &key, version, draft.clone());
    match saved.await {
        Ok(_) => Ok(see_other(&format!("{}?done=saved", home(&current)))),
        Err(Error::Invalid(problems)) => {
            Ok(page(&visit, refused, &current, &state, &problems).await)
        }
        Err(Error::Conflict { .. }) => {
            // What is there now, which may be newer than what was read above; and what was
            // there when the form was opened.
            let now = load(&visit, environment, &key).await?;
            let base = console.flag_revision(&visit.actor, environment, &key, version);
            let conflict = FlagConflict::new(base.await.ok().as_ref(), &now, &draft);
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

async fn load(visit: &Visit, environment: Environment, key: &str) -> Result<Flag, Response> {
    let detail = visit.console.flag(&visit.actor, environment, key).await;
    detail.map(|d| d.flag).map_err(|e| visit.fail(&e))
}

/// What the page is answered with besides the form.
struct Shown {
    status: StatusCode,
    /// Which the form, when sent, is based on.
    version: u64,
    conflict: Option<FlagConflict>,
}

async fn page(
    visit: &Visit,
    shown: Shown,
    current: &Flag,
    state: &FlagForm,
    problems: &[FieldProblem],
) -> Response {
    let form = FlagFormView {
        state,
        problems,
        editing: Some((current.name.clone(), shown.version)),
        conflict: shown.conflict,
        estimate: Some(estimate::of_flag(visit, state, Some(current)).await),
    };
    visit.page_with(shown.status, |cx| view_form(cx, &form))
}

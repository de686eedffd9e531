//! `/flags/new`.

use axum::response::Response;
use http::StatusCode;
use nexus_control::Error;
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;

use super::form::{FlagForm, FlagFormView, view_form};
use super::url_of;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::condition::group_choices;
use crate::pages::estimate;
use crate::pages::holdouts::choices_of_rules;
use crate::pages::prerequisites::choices;
use crate::pages::templates::new_flag;

pub async fn show(visit: Visit) -> Answer {
    let environment = visit.cx.environment;
    if !visit.cx.may(Action::CreateFlag, Some(environment)) {
        return Err(visit.fail(&Error::Forbidden {
            action: Action::CreateFlag,
        }));
    }
    let mut draft = new_flag(&visit).await?;
    for rule in &mut draft.rules {
        let zone = visit.cx.zone.name();
        zone.clone_into(&mut rule.schedule.timezone);
    }
    let mut state = FlagForm::of_draft(&draft, visit.cx.lang);
    state.flags = choices(&visit, &state.environment).await?;
    state.groups = group_choices(&visit, &state.environment).await?;
    state.holdouts = choices_of_rules(&visit, &state.environment).await?;
    Ok(page(&visit, StatusCode::OK, &state, &[]).await)
}

pub async fn create(visit: Visit, body: String) -> Answer {
    let form = Form::parse(&body);
    let mut state = FlagForm::of_form(&form);
    state.flags = choices(&visit, &state.environment).await?;
    state.groups = group_choices(&visit, &state.environment).await?;
    state.holdouts = choices_of_rules(&visit, &state.environment).await?;
    if state.rearrange(form.get("do"), visit.cx.zone) {
        return Ok(page(&visit, StatusCode::OK, &state, &[]).await);
    }
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let draft = match state.draft() {
        Ok(draft) => draft,
        Err(problems) => return Ok(page(&visit, refused, &state, &problems).await),
    };
    match visit.console.create_flag(&visit.actor, draft).await {
        Ok(made) => {
            let home = url_of(made.environment, made.key.as_str());
            Ok(see_other(&format!("{home}?done=flag-created")))
        }
        Err(Error::Invalid(problems)) => Ok(page(&visit, refused, &state, &problems).await),
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn page(
    visit: &Visit,
    status: StatusCode,
    state: &FlagForm,
    problems: &[FieldProblem],
) -> Response {
    let form = FlagFormView {
        state,
        problems,
        editing: None,
        conflict: None,
        estimate: Some(estimate::of_flag(visit, state, None).await),
    };
    visit.page_with(status, |cx| view_form(cx, &form))
}

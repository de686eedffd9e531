//! `/experiments/{id}/comment`.

use axum::extract::Path;
use http::StatusCode;
use nexus_control::Error;

use super::detail::{Commenting, view_commented};
use crate::host::{Answer, Form, Visit, see_other};

pub async fn say(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let typed = Form::parse(&body).get("comment").to_owned();
    let console = &visit.console;
    match console
        .comment_on_experiment(&visit.actor, &id, &typed)
        .await
    {
        Ok(_) => Ok(see_other(&format!("/experiments/{id}#comments"))),
        Err(Error::Invalid(problems)) => {
            let detail = console.experiment(&visit.actor, &id).await;
            let detail = detail.map_err(|e| visit.fail(&e))?;
            let commenting = Commenting { typed, problems };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.page_with(status, |cx| view_commented(cx, &detail, &commenting)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

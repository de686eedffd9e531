//! `/flags/{environment}/{key}/comment`.

use axum::extract::Path;
use http::StatusCode;
use nexus_control::Error;
use nexus_domain::Environment;

use super::detail::{Switching, answer_with};
use super::{no_such_page, url_of};
use crate::host::{Answer, Form, Visit, see_other};

pub async fn say(
    visit: Visit,
    Path((environment, key)): Path<(String, String)>,
    body: String,
) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let text = Form::parse(&body).get("comment").to_owned();
    let console = &visit.console;
    let said = console.comment_on_flag(&visit.actor, environment, &key, &text);
    match said.await {
        Ok(_) => Ok(see_other(&format!(
            "{}#comments",
            url_of(environment, &key)
        ))),
        Err(Error::Invalid(problems)) => {
            let switching = Switching {
                comment: text,
                problems,
                ..Switching::default()
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            answer_with(&visit, status, environment, &key, &switching).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

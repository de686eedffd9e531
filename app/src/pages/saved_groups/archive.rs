//! `/saved-groups/{environment}/{id}/{command}`: archive and unarchive. One press, because
//! nothing uses a group that can be archived.

use axum::extract::Path;
use http::StatusCode;
use nexus_control::Error;
use nexus_domain::Environment;

use super::detail::view_group;
use super::{no_such_page, url_of};
use crate::host::{Answer, Visit, see_other};

pub async fn act(
    visit: Visit,
    Path((environment, id, command)): Path<(String, String, String)>,
) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let (archived, done) = match command.as_str() {
        "archive" => (true, "group-archived"),
        "unarchive" => (false, "group-unarchived"),
        _ => return Err(no_such_page(&visit)),
    };
    let console = &visit.console;
    let changed = console.archive_saved_group(&visit.actor, environment, &id, None, archived);
    match changed.await {
        Ok(_) => Ok(see_other(&format!(
            "{}?done={done}",
            url_of(environment, &id)
        ))),
        Err(Error::Invalid(problems)) => {
            let detail = console.saved_group(&visit.actor, environment, &id).await;
            let detail = detail.map_err(|e| visit.fail(&e))?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.page_with(status, |cx| view_group(cx, &detail, "", &problems)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

//! `/saved-groups/{environment}/{id}/{command}`: archive, after asking for the id, and
//! unarchive by one press.

use axum::extract::Path;
use http::StatusCode;
use nexus_control::Error;
use nexus_control::views::SavedGroupDetail;
use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::saved_group::SavedGroup;

use super::detail::view_group;
use super::{LIST, home, no_such_page, url_of};
use crate::cx::Cx;
use crate::host::{Answer, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::pages::sure::{NameForm, Sure, again, view_sure, wrong_name};
use crate::shell::{Page, Place};
use crate::text::domain::EnvironmentWord;
use crate::text::saved_groups::SavedGroupWord as W;

/// Only archiving asks first.
pub async fn ask(
    visit: Visit,
    Path((environment, id, command)): Path<(String, String, String)>,
) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    if command != "archive" {
        return Err(no_such_page(&visit));
    }
    let detail = visit.console.saved_group(&visit.actor, environment, &id);
    let group = detail.await.map_err(|e| visit.fail(&e))?.group;
    Ok(visit.page(|cx| view_archive(cx, &group, None)))
}

pub async fn act(
    visit: Visit,
    Path((environment, id, command)): Path<(String, String, String)>,
    body: String,
) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let (archived, done) = match command.as_str() {
        "archive" => (true, "group-archived"),
        "unarchive" => (false, "group-unarchived"),
        _ => return Err(no_such_page(&visit)),
    };
    let console = &visit.console;
    let group = async || {
        let detail = console.saved_group(&visit.actor, environment, &id).await;
        detail.map_err(|e| visit.fail(&e))
    };
    if archived && let Some(wrong) = wrong_name(&body, &id) {
        let SavedGroupDetail { group, .. } = group().await?;
        return Ok(again(&visit, |cx| view_archive(cx, &group, Some(wrong))));
    }
    let changed = console.archive_saved_group(&visit.actor, environment, &id, None, archived);
    match changed.await {
        Ok(_) => Ok(see_other(&format!(
            "{}?done={done}",
            url_of(environment, &id)
        ))),
        Err(Error::Invalid(problems)) => {
            let detail = group().await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.page_with(status, |cx| view_group(cx, &detail, "", &problems)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// `wrong` is what was typed instead of the id.
pub fn view_archive(cx: &Cx, group: &SavedGroup, wrong: Option<String>) -> Page {
    let title = cx.f(W::ArchiveTitle, &[&group.name]);
    let environment = cx.t(EnvironmentWord::of(group.environment));
    let sure = Sure {
        title: title.clone(),
        id: group.id.to_string(),
        what: vec![
            cx.f(W::ArchiveA, &[environment]),
            cx.t(W::ArchiveB).to_owned(),
            cx.t(W::ArchiveC).to_owned(),
        ],
        may: allowed(cx, Action::ManageSavedGroups, Some(group.environment)),
        form: NameForm {
            name: group.id.to_string(),
            typed: wrong,
            action: cx.t(W::Archive),
            back: home(group),
        },
    };
    Page::new(title, Place::SAVED_GROUPS, view_sure(cx, sure))
        .below(LIST, cx.t(W::Title))
        .below(home(group), group.name.clone())
}

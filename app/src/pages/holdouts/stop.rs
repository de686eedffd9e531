//! `/holdouts/{id}/stop`: says what will happen, and asks for the id.

use axum::extract::Path;
use nexus_domain::access::Action;
use nexus_domain::holdout::Holdout;

use super::{LIST, home};
use crate::cx::Cx;
use crate::host::{Answer, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::pages::sure::{NameForm, Sure, again, view_sure, wrong_name};
use crate::shell::{Page, Place};
use crate::text::holdouts::HoldoutWord as W;

pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = visit.console.holdout(&visit.actor, &id).await;
    let holdout = detail.map_err(|e| visit.fail(&e))?.holdout;
    if holdout.stopped_ms.is_some() {
        return Ok(see_other(&home(&holdout)));
    }
    Ok(visit.page(|cx| view_stop(cx, &holdout, None)))
}

pub async fn act(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    if let Some(wrong) = wrong_name(&body, &id) {
        let detail = visit.console.holdout(&visit.actor, &id).await;
        let holdout = detail.map_err(|e| visit.fail(&e))?.holdout;
        return Ok(again(&visit, |cx| view_stop(cx, &holdout, Some(wrong))));
    }
    let stopped = visit.console.stop_holdout(&visit.actor, &id).await;
    let stopped = stopped.map_err(|e| visit.fail(&e))?;
    Ok(see_other(&format!(
        "{}?done=holdout-stopped",
        home(&stopped)
    )))
}

/// `wrong` is what was typed instead of the id.
pub fn view_stop(cx: &Cx, holdout: &Holdout, wrong: Option<String>) -> Page {
    let title = cx.f(W::StopTitle, &[&holdout.name]);
    let environment = Some(holdout.environment);
    let sure = Sure {
        title: title.clone(),
        id: holdout.id.to_string(),
        what: [W::StopA, W::StopB, W::StopC]
            .map(|word| cx.t(word).to_owned())
            .into(),
        may: allowed(cx, Action::ManageHoldouts, environment),
        form: NameForm {
            name: holdout.id.to_string(),
            typed: wrong,
            action: cx.t(W::Stop),
            back: home(holdout),
        },
    };
    Page::new(title, Place::HOLDOUTS, view_sure(cx, sure))
        .below(LIST, cx.t(W::Title))
        .below(home(holdout), holdout.name.clone())
}

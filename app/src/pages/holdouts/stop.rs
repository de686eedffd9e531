//! `/holdouts/{id}/stop`: says what will happen, and asks for the id.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_domain::access::Action;
use nexus_domain::holdout::Holdout;

use super::{LIST, home};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::islands::TypedName;
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::experiments::CommandWord;
use crate::text::holdouts::HoldoutWord as W;
use crate::ui::{Callout, Icon, Tone, callout, icon, page_head};

pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = visit.console.holdout(&visit.actor, &id).await;
    let holdout = detail.map_err(|e| visit.fail(&e))?.holdout;
    if holdout.stopped_ms.is_some() {
        return Ok(see_other(&home(&holdout)));
    }
    Ok(visit.page(|cx| view_stop(cx, &holdout, None)))
}

pub async fn act(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let typed = Form::parse(&body).trimmed("typed");
    if typed != id {
        let detail = visit.console.holdout(&visit.actor, &id).await;
        let holdout = detail.map_err(|e| visit.fail(&e))?.holdout;
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(visit.page_with(status, |cx| view_stop(cx, &holdout, Some(typed))));
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
    let what = [W::StopA, W::StopB, W::StopC]
        .map(|word| view! { <li>{icon(Icon::ArrowRight)} <span>{cx.t(word)}</span></li> })
        .collect_view();
    let environment = Some(holdout.environment);
    let act = match allowed(cx, Action::ManageHoldouts, environment) {
        Err(title) => callout(Callout {
            tone: Tone::Warn,
            title,
            body: ().into_any(),
        }),
        Ok(()) => {
            let expected = holdout.id.to_string();
            let label = cx.f(CommandWord::TypeName, &[&expected]);
            let error = wrong.is_some().then(|| cx.t(W::WrongName).to_owned());
            let value = wrong.unwrap_or_default();
            let action = cx.t(W::Stop).to_owned();
            view! {
                <form method="post" class="act-form">
                    <TypedName
                        expected=expected
                        label=label
                        action=action
                        value=value
                        error=error
                    />
                    <a class="button quiet-button" href=home(holdout)>
                        {cx.t(Common::Cancel)}
                    </a>
                </form>
            }
            .into_any()
        }
    };
    let lead = view! { <p class="row-id">{holdout.id.to_string()}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())}
            <section class="panel" aria-labelledby="what">
                <h2 id="what">{cx.t(CommandWord::What)}</h2>
                <ul class="consequences">{what}</ul>
            </section>
            {act}
        </div>
    };
    Page::new(title, Place::HOLDOUTS, body.into_any())
        .below(LIST, cx.t(W::Title))
        .below(home(holdout), holdout.name.clone())
}

//! On, off, out of use and back. Switching is one press on the flag's page; archiving has a
//! page that says what will happen.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_domain::Environment;
use nexus_domain::flag::{Flag, FlagCommand};

use super::detail::{Switching, answer_with};
use super::said::short_value;
use super::{home, no_such_page, url_of};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::islands::TypedName;
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::text::experiments::CommandWord;
use crate::text::flags::{FlagListWord, FlagWord as W};
use crate::ui::{Callout, Icon, Tone, callout, icon, page_head};

/// Word of the toast afterwards.
const fn done(command: FlagCommand) -> &'static str {
    match command {
        FlagCommand::Enable => "flag-on",
        FlagCommand::Disable => "flag-off",
        FlagCommand::Archive => "flag-archived",
        FlagCommand::Unarchive => "flag-unarchived",
    }
}

/// Only archiving asks first.
pub async fn ask(
    visit: Visit,
    Path((environment, key, command)): Path<(String, String, String)>,
) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    if FlagCommand::parse(&command) != Some(FlagCommand::Archive) {
        return Err(no_such_page(&visit));
    }
    let detail = visit.console.flag(&visit.actor, environment, &key).await;
    let detail = detail.map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_archive(cx, &detail.flag, None)))
}

pub async fn act(
    visit: Visit,
    Path((environment, key, command)): Path<(String, String, String)>,
    body: String,
) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let command = FlagCommand::parse(&command).ok_or_else(|| no_such_page(&visit))?;
    let form = Form::parse(&body);
    let typed = form.trimmed("typed");
    if command == FlagCommand::Archive && typed != key {
        let detail = visit.console.flag(&visit.actor, environment, &key).await;
        let flag = detail.map_err(|e| visit.fail(&e))?.flag;
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(visit.page_with(status, |cx| view_archive(cx, &flag, Some(typed))));
    }
    let reason = form.get("reason");
    let switched = visit
        .console
        .command_flag(&visit.actor, environment, &key, None, command, reason)
        .await;
    match switched {
        Ok(_) => {
            let home = url_of(environment, &key);
            Ok(see_other(&format!("{home}?done={}", done(command))))
        }
        Err(Error::Invalid(problems)) => {
            let switching = Switching {
                reason: reason.to_owned(),
                problems,
                ..Switching::default()
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            answer_with(&visit, status, environment, &key, &switching).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// `wrong` is what was typed instead of the key.
pub fn view_archive(cx: &Cx, flag: &Flag, wrong: Option<String>) -> Page {
    let home = home(flag);
    let key = flag.key.to_string();
    let title = cx.f(W::ArchiveTitle, &[&flag.name]);
    let environment = cx.t(EnvironmentWord::of(flag.environment));
    let what = [
        cx.f(W::ArchiveA, &[environment]),
        cx.f(W::ArchiveB, &[&short_value(&flag.value)]),
        cx.t(W::ArchiveC).to_owned(),
    ]
    .map(|text| view! { <li>{icon(Icon::ArrowRight)} <span>{text}</span></li> })
    .collect_view();
    let act = match allowed(cx, FlagCommand::Archive.action(), Some(flag.environment)) {
        Err(title) => callout(Callout {
            tone: Tone::Warn,
            title,
            body: ().into_any(),
        }),
        Ok(()) => {
            let label = cx.f(CommandWord::TypeName, &[&key]);
            let error = wrong.is_some().then(|| cx.t(W::WrongKey).to_owned());
            let value = wrong.unwrap_or_default();
            let action = cx.t(W::Archive).to_owned();
            view! {
                <form method="post" class="act-form">
                    <TypedName expected=key label=label action=action value=value error=error />
                    <a class="button quiet-button" href=home.clone()>
                        {cx.t(Common::Cancel)}
                    </a>
                </form>
            }
            .into_any()
        }
    };
    let lead = view! { <p class="row-id">{flag.key.to_string()}</p> }.into_any();
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
    Page::new(title, Place::FLAGS, body.into_any())
        .below("/flags", cx.t(FlagListWord::Title))
        .below(home, flag.name.clone())
}

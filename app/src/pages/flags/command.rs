//! On, off, out of use and back. Switching is one press on the flag's page; archiving has a
//! page that says what will happen.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::FlagDetail;
use nexus_domain::Environment;
use nexus_domain::flag::FlagCommand;

use super::detail::{Switching, answer_with};
use super::needs::view_needed;
use super::said::short_value;
use super::{home, no_such_page, url_of};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::pages::sure::{NameForm, Sure, again, view_sure, wrong_name};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::text::flags::{FlagListWord, FlagWord as W};
use crate::ui::page_head;

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
    Ok(visit.page(|cx| view_archive(cx, &detail, None)))
}

pub async fn act(
    visit: Visit,
    Path((environment, key, command)): Path<(String, String, String)>,
    body: String,
) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let command = FlagCommand::parse(&command).ok_or_else(|| no_such_page(&visit))?;
    if command == FlagCommand::Archive
        && let Some(wrong) = wrong_name(&body, &key)
    {
        let detail = visit.console.flag(&visit.actor, environment, &key).await;
        let detail = detail.map_err(|e| visit.fail(&e))?;
        return Ok(again(&visit, |cx| view_archive(cx, &detail, Some(wrong))));
    }
    let form = Form::parse(&body);
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
            if command == FlagCommand::Archive {
                let detail = visit.console.flag(&visit.actor, environment, &key).await;
                let detail = detail.map_err(|e| visit.fail(&e))?;
                if !detail.needed_by.is_empty() {
                    return Ok(again(&visit, |cx| view_archive(cx, &detail, None)));
                }
            }
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
pub fn view_archive(cx: &Cx, detail: &FlagDetail, wrong: Option<String>) -> Page {
    let flag = &detail.flag;
    let title = cx.f(W::ArchiveTitle, &[&flag.name]);
    let page = |body: AnyView| {
        Page::new(title.clone(), Place::FLAGS, body)
            .below("/flags", cx.t(FlagListWord::Title))
            .below(home(flag), flag.name.clone())
    };
    if let Some(needed) = view_needed(cx, detail) {
        let lead = view! { <p class="row-id">{flag.key.to_string()}</p> }.into_any();
        let body = view! {
            <div class="narrow">
                {page_head(title.clone(), lead, ().into_any())}
                <div id="blocked">{needed}</div>
                <p>
                    <a class="button" href=home(flag)>
                        {cx.t(Common::Back)}
                    </a>
                </p>
            </div>
        };
        return page(body.into_any());
    }
    let environment = cx.t(EnvironmentWord::of(flag.environment));
    let set_by: Vec<&str> = detail.set_by.iter().map(|used| used.id.as_str()).collect();
    let mut what = vec![
        cx.f(W::ArchiveA, &[environment]),
        cx.f(W::ArchiveB, &[&short_value(&flag.value)]),
    ];
    what.extend(
        (!set_by.is_empty()).then(|| cx.f(W::ArchiveSet, &[&set_by.join(cx.t(Common::Comma))])),
    );
    what.push(cx.t(W::ArchiveC).to_owned());
    let sure = Sure {
        title: title.clone(),
        id: flag.key.to_string(),
        what,
        may: allowed(cx, FlagCommand::Archive.action(), Some(flag.environment)),
        form: NameForm {
            name: flag.key.to_string(),
            typed: wrong,
            action: cx.t(W::Archive),
            back: home(flag),
        },
    };
    page(view_sure(cx, sure))
}

//! `/flags/{environment}/{key}/copy?to=`: what will change there, then the press.

use std::collections::BTreeSet;

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::{Error, FlagCopy};
use nexus_domain::access::Action;
use nexus_domain::flag::{Flag, FlagDraft, changes};
use nexus_domain::{Environment, FieldProblem, Problem};

use super::history::view_changes;
use super::{home, no_such_page, url_of};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::text::flags::{FlagListWord, FlagWord as W};
use crate::text::problem::placed_problem;
use crate::ui::{Callout, Tone, callout, listed, page_head, panel};

pub async fn ask(visit: Visit, Path((environment, key)): Path<(String, String)>) -> Answer {
    let from = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let asked = Form::parse(&visit.cx.query);
    let to = Environment::parse(asked.get("to")).filter(|to| *to != from);
    let to = to.ok_or_else(|| no_such_page(&visit))?;
    page(&visit, StatusCode::OK, &key, [from, to], &[]).await
}

async fn page(
    visit: &Visit,
    status: StatusCode,
    key: &str,
    [from, to]: [Environment; 2],
    problems: &[FieldProblem],
) -> Answer {
    let console = &visit.console;
    let actor = &visit.actor;
    let here = console.flag(actor, from, key).await;
    let here = here.map_err(|e| visit.fail(&e))?.flag;
    let there = match console.flag(actor, to, key).await {
        Ok(detail) => Some(detail.flag),
        Err(Error::NotFound { .. }) => None,
        Err(error) => return Err(visit.fail(&error)),
    };
    // What would refuse it is said before anybody presses.
    let is_archived = there.as_ref().is_some_and(|there| there.archived);
    let found = match problems.is_empty() && !is_archived {
        true => {
            let version = there.as_ref().map(|there| there.version);
            let copy = FlagCopy {
                key,
                from,
                to,
                version,
            };
            let found = console.problems_of_copy(actor, copy).await;
            found.map_err(|e| visit.fail(&e))?
        }
        false => problems.to_vec(),
    };
    Ok(visit.page_with(status, |cx| {
        view_copy(cx, &here, to, there.as_ref(), &found)
    }))
}

pub async fn act(
    visit: Visit,
    Path((environment, key)): Path<(String, String)>,
    body: String,
) -> Answer {
    let from = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let form = Form::parse(&body);
    let to = Environment::parse(form.get("to")).ok_or_else(|| no_such_page(&visit))?;
    let copy = FlagCopy {
        key: &key,
        from,
        to,
        version: form.get("version").parse().ok(),
    };
    match visit.console.copy_flag(&visit.actor, copy).await {
        Ok(_) => Ok(see_other(&format!("{}?done=flag-copied", url_of(to, &key)))),
        Err(Error::Invalid(problems)) => {
            let refused = StatusCode::UNPROCESSABLE_ENTITY;
            page(&visit, refused, &key, [from, to], &problems).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// `problems` are what would refuse it, or what did.
pub fn view_copy(
    cx: &Cx,
    here: &Flag,
    to: Environment,
    there: Option<&Flag>,
    problems: &[FieldProblem],
) -> Page {
    let name = cx.t(EnvironmentWord::of(to));
    let title = cx.f(W::CopyTitle, &[&here.name, name]);
    let what = || match there {
        None => view! { <p class="panel-line">{cx.f(W::CopyNew, &[name])}</p> }.into_any(),
        Some(there) => {
            let (before, after) = (FlagDraft::of(there), FlagDraft::of(here));
            view! {
                <p class="panel-line">{cx.f(W::CopyChanges, &[name])}</p>
                {view_changes(cx, &changes(&before, &after), (&there.rules, &here.rules))}
            }
            .into_any()
        }
    };
    let (action, label) = match there {
        None => (Action::CreateFlag, cx.f(W::CopyTo, &[name])),
        Some(_) => (Action::EditFlag, cx.t(W::CopyOver).to_owned()),
    };
    let blocked = view_blocked(cx, here, to, there, problems);
    let act = match (allowed(cx, action, Some(to)), blocked) {
        (Err(title), _) => callout(Callout {
            tone: Tone::Warn,
            title,
            body: ().into_any(),
        }),
        (Ok(()), Some(blocked)) => view! {
            <div id="blocked">{blocked}</div>
            <p>
                <a class="button" href=home(here)>
                    {cx.t(Common::Back)}
                </a>
            </p>
        }
        .into_any(),
        (Ok(()), None) => {
            let version = there.map(|there| {
                view! { <input type="hidden" name="version" value=there.version.to_string() /> }
            });
            view! {
                {panel("what", cx.t(W::CopyWhat), ().into_any(), what())}
                <form method="post" action=cx.here() class="act-form">
                    <input type="hidden" name="to" value=to.as_str() />
                    {version}
                    <button type="submit" class="button primary">
                        {label}
                    </button>
                    <a class="button quiet-button" href=home(here)>
                        {cx.t(Common::Cancel)}
                    </a>
                </form>
            }
            .into_any()
        }
    };
    let lead = view! { <p class="row-id">{here.key.to_string()}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())}
            {act}
        </div>
    };
    Page::new(title, Place::FLAGS, body.into_any())
        .below("/flags", cx.t(FlagListWord::Title))
        .below(home(here), here.name.clone())
}

/// Why it can't be copied, with the way to what must come first; nothing where it can.
fn view_blocked(
    cx: &Cx,
    here: &Flag,
    to: Environment,
    there: Option<&Flag>,
    problems: &[FieldProblem],
) -> Option<AnyView> {
    let name = cx.t(EnvironmentWord::of(to));
    let archived = there.filter(|there| there.archived).map(|there| {
        let see = cx.f(W::CopySee, &[name]);
        view! {
            <li>
                {cx.t(W::CopyArchived)} " " <a href=home(there)>{see}</a>
            </li>
        }
        .into_any()
    });
    // The same flag may be needed by several rules.
    let mut needed = BTreeSet::new();
    let found = problems.iter().filter_map(|found| match &found.problem {
        Problem::NoSuchFlag { flag } => needed.insert(flag).then(|| {
            let href = format!("{}/copy?to={to}", url_of(here.environment, flag));
            view! {
                <li>
                    {cx.f(W::CopyNeeds, &[flag, name])} " "
                    <a href=href>{cx.f(W::CopyFirst, &[flag])}</a>
                </li>
            }
            .into_any()
        }),
        _ => {
            let text = placed_problem(cx, found);
            Some(view! { <li>{listed(&text)}</li> }.into_any())
        }
    });
    let items: Vec<AnyView> = archived.into_iter().chain(found).collect();
    (!items.is_empty()).then(|| {
        callout(Callout {
            tone: Tone::Warn,
            title: cx.f(W::CopyBlocked, &[name]),
            body: view! { <ul class="use-list">{items}</ul> }.into_any(),
        })
    })
}

//! `/flags/{environment}/{key}`: the switch, the rules, and a place to try them.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::views::{FlagDetail, FlagElsewhere};
use nexus_domain::access::Action;
use nexus_domain::flag::{Flag, FlagCommand, FlagStatus};
use nexus_domain::template::TemplateKind;
use nexus_domain::{Environment, FieldProblem};

use super::code::{view_code, view_places};
use super::form::day;
use super::needs::{needed_by, set_by, view_needs};
use super::said::{short_value, view_rules};
pub use super::tried::Tried;
use super::tried::view_try;
use super::usage::{view_stale, view_usage};
use super::{flag_badge, home, no_such_page};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit};
use crate::pages::audit::row::compact;
use crate::pages::experiments::parts::{allowed, gateways_panel};
use crate::pages::notes::{Comments, view_comments};
use crate::pages::problems::{error_of, summary};
use crate::pages::qa::qa_link;
use crate::pages::question::Question;
use crate::pages::templates::save_link;
use crate::shell::{Page, Place};
use crate::text::domain::EnvironmentWord;
use crate::text::flags::{
    FlagHistoryWord, FlagKindWord, FlagListWord, FlagStatusWord, FlagWord as W,
};
use crate::text::revisions::RevisionsWord;
use crate::ui::{
    Field, Icon, act_link, copy, environment_chip, icon, page_head, panel, text_area, when,
};

/// What was typed at the switch, when it is refused.
#[derive(Clone, Debug, Default)]
pub struct Switching {
    pub reason: String,
    /// Or in a comment.
    pub comment: String,
    pub problems: Vec<FieldProblem>,
}

pub async fn show(visit: Visit, Path((environment, key)): Path<(String, String)>) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let form = Form::parse(&visit.cx.query);
    let question = Question::of_form(&form);
    let status = match question.is_good() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    answer_with(&visit, status, environment, &key, &Switching::default()).await
}

pub(super) async fn answer_with(
    visit: &Visit,
    status: StatusCode,
    environment: Environment,
    key: &str,
    switching: &Switching,
) -> Result<Response, Response> {
    let console = &visit.console;
    let detail = console.flag(&visit.actor, environment, key).await;
    let detail = detail.map_err(|e| visit.fail(&e))?;
    let form = Form::parse(&visit.cx.query);
    let question = Question::of_form(&form);
    let tried = Tried::of(visit, &form, question, &detail.flag).await?;
    Ok(visit.page_with(status, |cx| view_flag(cx, &detail, &tried, switching)))
}

pub fn view_flag(cx: &Cx, detail: &FlagDetail, tried: &Tried, switching: &Switching) -> Page {
    let flag = &detail.flag;
    let lead = view! {
        <div class="lead-line" id="live-status" data-live="">
            {flag_badge(cx, flag.status())} {environment_chip(cx, flag.environment)}
            <code class="row-id">{flag.key.to_string()}</code> {copy(cx, flag.key.to_string())}
        </div>
    };
    let body = view! {
        {page_head(flag.name.clone(), lead.into_any(), actions(cx, detail))}
        {summary(cx, &switching.problems)}
        <div class="columns">
            <div class="column-main">
                {view_stale(cx, detail)}
                {view_switch(cx, flag, switching)}
                <div id="live-set-by" data-live="">
                    {set_by(cx, detail)}
                </div>
                <div id="live-rules" data-live="">
                    {rules(cx, flag)}
                </div>
                {view_try(cx, flag, tried)}
                {view_usage(cx, detail)}
                {view_places(cx, &detail.code)}
                {comments(cx, detail, switching)}
            </div>
            <div class="column-side">
                {facts(cx, flag)}
                {view_code(cx, flag)}
                {needed_by(cx, detail)}
                {elsewhere(cx, detail)}
                <div id="live-gateways" data-live="">
                    {gateways_panel(cx, &detail.propagation)}
                </div>
                <div id="live-history" data-live="">
                    {history(cx, detail)}
                </div>
            </div>
        </div>
    };
    Page::new(flag.name.clone(), Place::FLAGS, body.into_any())
        .below("/flags", cx.t(FlagListWord::Title))
        .live()
}

fn actions(cx: &Cx, detail: &FlagDetail) -> AnyView {
    let flag = &detail.flag;
    let environment = Some(flag.environment);
    let edit = (!flag.archived).then(|| {
        act_link(
            "",
            Some(Icon::Pencil),
            cx.t(W::Edit),
            format!("{}/edit", home(flag)),
            allowed(cx, Action::EditFlag, environment),
        )
    });
    let needed = detail.needed_by.len();
    let may = allowed(cx, Action::ArchiveFlag, environment).and(match needed {
        0 => Ok(()),
        _ => Err(cx.f(W::NeededBlocks, &[&needed.to_string()])),
    });
    let archive = (!flag.archived).then(|| {
        act_link(
            "danger-quiet",
            Some(Icon::Archive),
            cx.t(W::Archive),
            format!("{}/archive", home(flag)),
            may,
        )
    });
    let qa = (!flag.archived).then(|| qa_link(cx, &home(flag), flag.environment));
    view! { <div class="actions">{edit} {qa} {save_link(cx, TemplateKind::Flag, &home(flag), flag.environment)} {archive}</div> }.into_any()
}

/// What it does now, and the one press that changes it.
fn view_switch(cx: &Cx, flag: &Flag, switching: &Switching) -> AnyView {
    let value = short_value(&flag.value);
    let (tone, title, text, command, label, class) = match flag.status() {
        FlagStatus::On if flag.rules.is_empty() => (
            "on",
            cx.t(W::OnTitle).to_owned(),
            cx.f(W::OnNoRules, &[&value]),
            FlagCommand::Disable,
            cx.t(FlagListWord::TurnOff),
            "danger",
        ),
        FlagStatus::On => (
            "on",
            cx.t(W::OnTitle).to_owned(),
            cx.f(W::OnText, &[&value]),
            FlagCommand::Disable,
            cx.t(FlagListWord::TurnOff),
            "danger",
        ),
        FlagStatus::Off => (
            "off",
            cx.f(W::OffTitle, &[&value]),
            cx.t(W::OffText).to_owned(),
            FlagCommand::Enable,
            cx.t(FlagListWord::TurnOn),
            "primary",
        ),
        FlagStatus::Archived => (
            "archived",
            cx.t(W::ArchivedTitle).to_owned(),
            cx.t(W::ArchivedText).to_owned(),
            FlagCommand::Unarchive,
            cx.t(W::Unarchive),
            "",
        ),
    };
    let act = match allowed(cx, command.action(), Some(flag.environment)) {
        Err(reason) => view! { <p class="quiet">{reason}</p> }.into_any(),
        Ok(()) => switch_form(cx, flag, switching, command, label, class),
    };
    view! {
        <section class=format!("panel switch {tone}") aria-labelledby="switch-title" id="switch">
            <div class="switch-said">
                <h2 id="switch-title">{title}</h2>
                <p class="quiet">{text}</p>
            </div>
            {act}
        </section>
    }
    .into_any()
}

fn switch_form(
    cx: &Cx,
    flag: &Flag,
    switching: &Switching,
    command: FlagCommand,
    label: &'static str,
    class: &'static str,
) -> AnyView {
    let field = Field::new("reason", cx.t(W::Reason))
        .help(cx.t(W::ReasonHelp))
        .error(error_of(
            cx,
            &switching.problems,
            nexus_domain::Field::Reason,
        ));
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let id = field.id.clone();
    let text = text_area(id, "reason", 2, &switching.reason, "", described, invalid);
    let help = (command == FlagCommand::Disable)
        .then(|| view! { <p class="field-help">{cx.t(W::KillHelp)}</p> });
    let open = invalid;
    view! {
        <form class="switch-form" method="post" action=format!("{}/{}", home(flag), command.as_str())>
            <button type="submit" class=format!("button {class}")>
                {icon(Icon::Power)}
                <span>{label}</span>
            </button>
            {help}
            <details class="disclosure" open=open>
                <summary>{cx.t(W::AddReason)}</summary>
                {field.wrap(text)}
            </details>
        </form>
    }
    .into_any()
}

fn rules(cx: &Cx, flag: &Flag) -> AnyView {
    let body = if flag.rules.is_empty() {
        view! {
            {view_needs(cx, &flag.prerequisites)}
            <p class="panel-quiet">{cx.t(W::NoRules)}</p>
        }
        .into_any()
    } else {
        view! {
            <p class="panel-line">{cx.t(W::RulesHelp)}</p>
            {view_needs(cx, &flag.prerequisites)}
            {view_rules(cx, &flag.rules, &flag.value)}
        }
        .into_any()
    };
    panel("rules", cx.t(W::Rules), ().into_any(), body)
}

fn facts(cx: &Cx, flag: &Flag) -> AnyView {
    let fact = |word: W, value: AnyView| {
        view! {
            <div class="fact">
                <dt>{cx.t(word)}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let description = (!flag.description.is_empty()).then(|| {
        let text = view! { <span class="prose">{flag.description.clone()}</span> };
        fact(W::Description, text.into_any())
    });
    let value = view! { <pre class="value">{flag.value.to_string()}</pre> };
    let schema = flag.schema.as_ref().map(|schema| {
        let text = serde_json::to_string_pretty(schema).unwrap_or_default();
        let shown = view! { <pre class="value">{text}</pre> };
        fact(W::Schema, shown.into_any())
    });
    let by = |ms: i64, word: W, who: &str| {
        view! {
            {when(cx, ms)}
            " "
            <span class="quiet">{cx.f(word, &[cx.named(who)])}</span>
        }
        .into_any()
    };
    let body = view! {
        <dl class="facts">
            {description}
            {fact(W::Kind, cx.t(FlagKindWord::of(flag.kind)).into_any())}
            {fact(W::OffValue, value.into_any())}
            {schema}
            {fact(W::Lifetime, lifetime(cx, flag))}
            {fact(W::Created, by(flag.created_ms, W::By, &flag.created_by))}
            {fact(W::Changed, by(flag.updated_ms, W::ChangedBy, &flag.updated_by))}
        </dl>
    };
    panel("facts", cx.t(W::Facts), ().into_any(), body.into_any())
}

fn comments(cx: &Cx, detail: &FlagDetail, switching: &Switching) -> AnyView {
    let flag = &detail.flag;
    view_comments(
        cx,
        &Comments {
            all: &detail.comments,
            action: format!("{}/comment", home(flag)),
            asks: (Action::CommentFlag, flag.environment),
            typed: &switching.comment,
            problems: &switching.problems,
        },
    )
}

fn lifetime(cx: &Cx, flag: &Flag) -> AnyView {
    match (flag.permanent, flag.due_ms) {
        (true, _) => cx.t(W::Permanent).into_any(),
        (false, Some(due_ms)) => cx.f(W::TemporaryUntil, &[&day(due_ms)]).into_any(),
        (false, None) => cx.t(W::Temporary).into_any(),
    }
}

/// The same key in the other environments, with the way there.
fn elsewhere(cx: &Cx, detail: &FlagDetail) -> AnyView {
    let flag = &detail.flag;
    let rows = Environment::ALL
        .into_iter()
        .filter(|environment| *environment != flag.environment)
        .map(|environment| {
            let there = detail.elsewhere.iter();
            let there = there.into_iter().find(|e| e.environment == environment);
            elsewhere_row(cx, flag, environment, there)
        })
        .collect_view();
    let body = view! {
        <p class="panel-line">{cx.t(W::ElsewhereHelp)}</p>
        <ul class="elsewhere">{rows}</ul>
    };
    panel(
        "elsewhere",
        cx.t(W::Elsewhere),
        ().into_any(),
        body.into_any(),
    )
}

fn elsewhere_row(
    cx: &Cx,
    flag: &Flag,
    environment: Environment,
    there: Option<&FlagElsewhere>,
) -> AnyView {
    let said = match there {
        None => view! { <span class="quiet">{cx.t(W::NotThere)}</span> }.into_any(),
        Some(there) => {
            let same = if there.same { W::Same } else { W::Differs };
            let status = cx.t(FlagStatusWord::of(there.status));
            view! {
                <a href=super::url_of(environment, flag.key.as_str())>{status}</a>
                <span class="quiet">{cx.t(same)}</span>
            }
            .into_any()
        }
    };
    let action = match there {
        None => Action::CreateFlag,
        Some(_) => Action::EditFlag,
    };
    let worth = there.is_none_or(|t| !t.same && t.status != FlagStatus::Archived);
    let copy = (worth && cx.may(action, Some(environment))).then(|| {
        let name = cx.t(EnvironmentWord::of(environment));
        view! {
            <a class="button small" href=format!("{}/copy?to={environment}", home(flag))>
                {cx.f(W::CopyTo, &[name])}
            </a>
        }
    });
    view! {
        <li>
            {environment_chip(cx, environment)} <span class="elsewhere-said">{said}</span> {copy}
        </li>
    }
    .into_any()
}

fn history(cx: &Cx, detail: &FlagDetail) -> AnyView {
    let more = |label: &'static str| {
        view! {
            <a class="more" href=format!("{}/history", home(&detail.flag))>
                {label}
                {icon(Icon::ArrowRight)}
            </a>
        }
        .into_any()
    };
    // Not everybody may read the log; all may compare revisions.
    let (more, body) = match detail.history.is_empty() {
        true => {
            let link = more(cx.t(RevisionsWord::Short));
            let link = view! { <p class="panel-line">{link}</p> };
            (().into_any(), link.into_any())
        }
        false => (
            more(cx.t(FlagHistoryWord::Short)),
            compact(cx, &detail.history),
        ),
    };
    panel("history", cx.t(W::History), more, body)
}

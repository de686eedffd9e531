//! Templates: `/templates`, saving one from an experiment or a flag, and what new forms begin
//! with.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_domain::experiment::Draft;
use nexus_domain::flag::FlagDraft;
use nexus_domain::template::{Builtin, Template, TemplateContent, TemplateDraft, TemplateKind};
use nexus_domain::{Environment, Field as At, FieldProblem};

use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::pages::problems::{error_of, summary};
use crate::pages::subject::{Subject, subject_of_experiment, subject_of_flag};
use crate::pages::sure::{NameForm, Sure, again, view_sure, wrong_name};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::templates::{BuiltinHypothesis, BuiltinName, BuiltinText, TemplateWord as W};
use crate::ui::{
    Field, Icon, Input, act_link, icon, input, page_head, panel, submit, text_area, when,
};

const LIST: &str = "/templates";

/// What a new experiment begins with: the template that the address asks for, or the usual.
pub(crate) async fn new_experiment(visit: &Visit) -> Result<Draft, Response> {
    let environment = visit.cx.environment;
    match asked(visit).await? {
        Some(TemplateContent::Experiment(draft)) => Ok(Draft {
            environment,
            ..*draft
        }),
        _ => Ok(Draft::starter(environment)),
    }
}

/// The same for a flag.
pub(crate) async fn new_flag(visit: &Visit) -> Result<FlagDraft, Response> {
    let environment = visit.cx.environment;
    match asked(visit).await? {
        Some(TemplateContent::Flag(draft)) => Ok(FlagDraft {
            environment,
            ..*draft
        }),
        _ => Ok(FlagDraft::starter(environment)),
    }
}

async fn asked(visit: &Visit) -> Result<Option<TemplateContent>, Response> {
    let asked = Form::parse(&visit.cx.query).trimmed("template");
    if asked.is_empty() {
        return Ok(None);
    }
    if let Some(builtin) = Builtin::parse(&asked) {
        return Ok(Some(worded(&visit.cx, builtin)));
    }
    let found = visit.console.template(&visit.actor, &asked).await;
    Ok(Some(found.map_err(|e| visit.fail(&e))?.content))
}

/// One that teaches, with its words in the reader's language.
fn worded(cx: &Cx, builtin: Builtin) -> TemplateContent {
    let name = cx.t(BuiltinName::of(builtin)).to_owned();
    let words = cx.t(BuiltinHypothesis::of(builtin)).to_owned();
    match builtin.content(cx.environment) {
        TemplateContent::Experiment(mut draft) => {
            (draft.name, draft.hypothesis) = (name, words);
            cx.zone.name().clone_into(&mut draft.schedule.timezone);
            TemplateContent::Experiment(draft)
        }
        TemplateContent::Flag(mut draft) => {
            (draft.name, draft.description) = (name, words);
            TemplateContent::Flag(draft)
        }
    }
}

fn href(kind: TemplateKind, template: &str) -> String {
    match kind {
        TemplateKind::Experiment => format!("/experiments/new?template={template}"),
        TemplateKind::Flag => format!("/flags/new?template={template}"),
    }
}

/// Those that teach, as cards that lead to the form.
#[must_use]
pub(crate) fn cards(cx: &Cx, kind: TemplateKind) -> AnyView {
    let fitting = Builtin::ALL.into_iter().filter(|one| one.kind() == kind);
    let cards = fitting.map(|builtin| {
        view! {
            <li class="template-card">
                <a href=href(kind, builtin.as_str())>{cx.t(BuiltinName::of(builtin))}</a>
                <p class="quiet">{cx.t(BuiltinText::of(builtin))}</p>
            </li>
        }
    });
    view! { <ul class="template-cards">{cards.collect_view()}</ul> }.into_any()
}

/// Under an empty list: the cards, for those who may begin.
#[must_use]
pub(crate) fn cards_of_empty_list(cx: &Cx, kind: TemplateKind) -> Option<AnyView> {
    cx.may(kind.action(), Some(cx.environment)).then(|| {
        view! {
            <section class="empty-templates" aria-labelledby="templates-title">
                <h2 id="templates-title">{cx.t(W::Begin)}</h2>
                {cards(cx, kind)}
            </section>
        }
        .into_any()
    })
}

/// In the head of a new form.
#[must_use]
pub(crate) fn all_link(cx: &Cx) -> AnyView {
    let link = act_link(
        "",
        Some(Icon::Book),
        cx.t(W::Begin),
        LIST.to_owned(),
        Ok(()),
    );
    view! { <div class="actions">{link}</div> }.into_any()
}

/// On the page of what can become one.
#[must_use]
pub(crate) fn save_link(
    cx: &Cx,
    kind: TemplateKind,
    home: &str,
    environment: Environment,
) -> AnyView {
    act_link(
        "",
        Some(Icon::Book),
        cx.t(W::Save),
        format!("{home}/template"),
        allowed(cx, kind.action(), Some(environment)),
    )
}

pub async fn list(visit: Visit) -> Answer {
    let mut own = Vec::new();
    for kind in [TemplateKind::Experiment, TemplateKind::Flag] {
        let some = visit.console.templates(&visit.actor, kind).await;
        own.extend(some.map_err(|e| visit.fail(&e))?);
    }
    Ok(visit.page(|cx| view_list(cx, &own)))
}

pub async fn ask_delete(visit: Visit, Path(id): Path<String>) -> Answer {
    let template = visit.console.template(&visit.actor, &id).await;
    let template = template.map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_delete(cx, &template, None)))
}

pub async fn delete(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let template = visit.console.template(&visit.actor, &id).await;
    let template = template.map_err(|e| visit.fail(&e))?;
    if let Some(wrong) = wrong_name(&body, &template.name) {
        return Ok(again(&visit, |cx| view_delete(cx, &template, Some(wrong))));
    }
    let deleted = visit.console.delete_template(&visit.actor, &id).await;
    deleted.map_err(|e| visit.fail(&e))?;
    Ok(see_other("/templates?done=template-deleted"))
}

/// `wrong` is what was typed instead of the name.
pub fn view_delete(cx: &Cx, template: &Template, wrong: Option<String>) -> Page {
    let kind = template.content.kind();
    let title = cx.f(W::DeleteTitle, &[&template.name]);
    let (none, stay) = match kind {
        TemplateKind::Experiment => (W::DeleteExperimentA, W::DeleteExperimentB),
        TemplateKind::Flag => (W::DeleteFlagA, W::DeleteFlagB),
    };
    let sure = Sure {
        title: title.clone(),
        id: cx.f(W::By, &[cx.named(&template.created_by)]),
        what: [none, stay, W::DeleteC]
            .map(|word| cx.t(word).to_owned())
            .into(),
        may: allowed(cx, kind.action(), Some(template.environment)),
        form: NameForm {
            name: template.name.clone(),
            typed: wrong,
            action: cx.t(W::Delete),
            back: LIST.to_owned(),
        },
    };
    Page::new(title, Place::EXPERIMENTS, view_sure(cx, sure)).below(LIST, cx.t(W::Title))
}

pub fn view_list(cx: &Cx, own: &[Template]) -> Page {
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let title = cx.t(W::Title);
    let of = |id: &'static str, word: W, kind: TemplateKind| {
        let own = own.iter().filter(|one| one.content.kind() == kind);
        let rows: Vec<AnyView> = own.map(|one| view_own(cx, one)).collect();
        let mine = match rows.is_empty() {
            true => view! { <p class="panel-line">{cx.t(W::NoneYet)}</p> }.into_any(),
            false => view! { <ul class="template-cards">{rows}</ul> }.into_any(),
        };
        let body = view! {
            <h3 class="panel-line">{cx.t(W::Usual)}</h3>
            {cards(cx, kind)}
            <h3 class="panel-line">{cx.t(W::Own)}</h3>
            {mine}
        };
        panel(id, cx.t(word), ().into_any(), body.into_any())
    };
    let body = view! {
        {page_head(title.to_owned(), lead, ().into_any())}
        {of("experiments", W::Experiments, TemplateKind::Experiment)}
        {of("flags", W::Flags, TemplateKind::Flag)}
    };
    Page::new(title, Place::EXPERIMENTS, body.into_any())
}

fn view_own(cx: &Cx, template: &Template) -> AnyView {
    let kind = template.content.kind();
    let may = allowed(cx, kind.action(), Some(template.environment));
    let delete = may.is_ok().then(|| {
        view! {
            <a class="button small danger-quiet" href=format!("{LIST}/{}/delete", template.id)>
                {cx.t(W::Delete)}
                <span class="sr">{format!(" ({})", template.name)}</span>
            </a>
        }
    });
    view! {
        <li class="template-card">
            <a href=href(kind, template.id.as_str())>{template.name.clone()}</a>
            <p class="quiet prose">{template.description.clone()}</p>
            <p class="quiet">
                {cx.f(W::By, &[cx.named(&template.created_by)])} " · " {when(cx, template.created_ms)}
            </p>
            {delete}
        </li>
    }
    .into_any()
}

pub async fn ask_experiment(visit: Visit, Path(id): Path<String>) -> Answer {
    let (subject, environment) = subject_of_experiment(&visit, &id).await?;
    if let Some(refused) = refusal(&visit, TemplateKind::Experiment, environment) {
        return Err(refused);
    }
    let typed = TemplateDraft {
        name: subject.name.clone(),
        ..TemplateDraft::default()
    };
    Ok(visit.page(|cx| view_save(cx, &subject, &typed, &[])))
}

pub async fn save_experiment(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let typed = typed(&body);
    let console = &visit.console;
    let saved = console.save_experiment_as_template(&visit.actor, &id, typed.clone());
    match saved.await {
        Ok(_) => Ok(see_other("/templates?done=template-saved")),
        Err(Error::Invalid(problems)) => {
            let (subject, _) = subject_of_experiment(&visit, &id).await?;
            Ok(refused(&visit, &subject, &typed, &problems))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

pub async fn ask_flag(visit: Visit, Path((environment, key)): Path<(String, String)>) -> Answer {
    let (subject, environment) = subject_of_flag(&visit, &environment, &key).await?;
    if let Some(refused) = refusal(&visit, TemplateKind::Flag, environment) {
        return Err(refused);
    }
    let typed = TemplateDraft {
        name: subject.name.clone(),
        ..TemplateDraft::default()
    };
    Ok(visit.page(|cx| view_save(cx, &subject, &typed, &[])))
}

pub async fn save_flag(
    visit: Visit,
    Path((environment, key)): Path<(String, String)>,
    body: String,
) -> Answer {
    let typed = typed(&body);
    let (subject, at) = subject_of_flag(&visit, &environment, &key).await?;
    let console = &visit.console;
    let saved = console.save_flag_as_template(&visit.actor, at, &key, typed.clone());
    match saved.await {
        Ok(_) => Ok(see_other("/templates?done=template-saved")),
        Err(Error::Invalid(problems)) => Ok(refused(&visit, &subject, &typed, &problems)),
        Err(error) => Err(visit.fail(&error)),
    }
}

/// For who may save none there.
fn refusal(visit: &Visit, kind: TemplateKind, environment: Environment) -> Option<Response> {
    let action = kind.action();
    let may = visit.cx.may(action, Some(environment));
    (!may).then(|| visit.fail(&Error::Forbidden { action }))
}

fn typed(body: &str) -> TemplateDraft {
    let form = Form::parse(body);
    TemplateDraft {
        name: form.trimmed("name"),
        description: form.get("description").to_owned(),
    }
}

fn refused(
    visit: &Visit,
    subject: &Subject,
    typed: &TemplateDraft,
    problems: &[FieldProblem],
) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    visit.page_with(status, |cx| view_save(cx, subject, typed, problems))
}

pub fn view_save(
    cx: &Cx,
    subject: &Subject,
    typed: &TemplateDraft,
    problems: &[FieldProblem],
) -> Page {
    let title = cx.f(W::SaveTitle, &[&subject.name]);
    let name = input(Input {
        maxlength: Some(120),
        ..Input::text(
            Field::new("name", cx.t(W::Name))
                .help(cx.t(W::NameHelp))
                .error(error_of(cx, problems, At::Name))
                .required(),
            "name",
            typed.name.clone(),
        )
    });
    let field =
        Field::new("description", cx.t(W::When)).error(error_of(cx, problems, At::Description));
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let id = field.id.clone();
    let text = text_area(
        id,
        "description",
        3,
        &typed.description,
        "",
        described,
        invalid,
    );
    let lead = view! { <p>{cx.t(W::SaveLead)}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())} {summary(cx, problems)}
            <form method="post" action=cx.here() class="form" novalidate=true>
                <div class="form-fields">{name} {field.wrap(text)}</div>
                <div class="form-foot">
                    {submit("primary", cx.t(Common::Save))}
                    <a class="button quiet-button" href=subject.home.clone()>
                        {cx.t(Common::Cancel)}
                    </a>
                    <a class="more" href=LIST>
                        {cx.t(W::All)}
                        {icon(Icon::ArrowRight)}
                    </a>
                </div>
            </form>
        </div>
    };
    subject.page_below(cx, title, body.into_any())
}

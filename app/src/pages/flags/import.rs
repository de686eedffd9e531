//! `/flags/import`: an export file, what would become of it, then the press; a large file
//! takes several.

use std::collections::BTreeSet;

use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::views::{ImportPreview, ImportResult, ImportRow, ImportState};
use nexus_control::{Error, Take};
use nexus_domain::access::Action;
use nexus_domain::import::{ImportTo, MAX_IMPORTED};
use nexus_domain::{Environment, Field as At, FieldProblem};

use crate::cx::Cx;
use crate::format::count;
use crate::host::{Answer, Form, Visit, see_other};
use crate::islands::FileIntoText;
use crate::pages::problems::{error_of, summary};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::flag_import::{FormatWord, ImportWord as W, note_text};
use crate::text::flags::{FlagKindWord, FlagListWord};
use crate::text::form::FormWord;
use crate::text::problem::ProblemWord;
use crate::ui::{
    Callout, Field, FormSection, Input, Tone, callout, check_row, environment_options,
    error_summary, field_error, form_section, input, listed, page_head, panel, select, text_area,
};

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportForm {
    pub file: String,
    pub environment: String,
    pub from: String,
    pub keep_state: bool,
    /// `key` or `key:version` of the ticked flags; none before the preview.
    pub take: Option<Vec<String>>,
    /// How many flags of a large file have just been taken, and how many are left.
    pub done: Option<[usize; 2]>,
    /// Why nothing could be done with what was sent.
    pub fault: Option<W>,
}

impl ImportForm {
    fn of_form(form: &Form) -> Self {
        let ticked = || form.all("take").into_iter().map(str::to_owned).collect();
        Self {
            file: form.get("file").to_owned(),
            environment: form.trimmed("environment"),
            from: form.trimmed("from"),
            keep_state: form.has("keep_state"),
            take: (form.get("do") == "import").then(ticked),
            done: None,
            fault: None,
        }
    }

    fn takes(&self) -> Vec<Take> {
        let ticked = self.take.iter().flatten();
        let take = |text: &String| {
            let (key, version) = match text.split_once(':') {
                Some((key, version)) => (key, version.parse().ok()),
                None => (text.as_str(), None),
            };
            let key = key.to_owned();
            Take { key, version }
        };
        ticked.map(take).collect()
    }
}

pub async fn show(visit: Visit) -> Answer {
    let environment = visit.cx.environment;
    if !visit.cx.may(Action::CreateFlag, Some(environment)) {
        let action = Action::CreateFlag;
        return Err(visit.fail(&Error::Forbidden { action }));
    }
    let form = ImportForm {
        environment: environment.as_str().to_owned(),
        ..ImportForm::default()
    };
    Ok(visit.page(|cx| view_import(cx, &form, None, &[])))
}

pub async fn act(visit: Visit, body: String) -> Answer {
    let mut form = ImportForm::of_form(&Form::parse(&body));
    form.fault = if form.file.trim().is_empty() {
        Some(W::NoFile)
    } else {
        form.take
            .as_ref()
            .and_then(|take| take.is_empty().then_some(W::NoneTicked))
    };
    let environment = Environment::parse(&form.environment);
    let to = ImportTo {
        environment: environment.unwrap_or(visit.cx.environment),
        from: &form.from,
    };
    let console = &visit.console;
    if form.take.is_some() && form.fault.is_none() {
        let take = form.takes();
        let (actor, file) = (&visit.actor, &form.file);
        let done = console.import_flags(actor, file, to, Some(&take), form.keep_state);
        match done.await {
            // The page with what is left, so that the next hundred is one press away.
            Ok(done) if form.takes().len() == MAX_IMPORTED && !done.remaining.is_empty() => {
                return next(&visit, &form, to, &done).await;
            }
            Ok(done) => {
                let taken = done.created.len() + done.changed.len();
                let told = match left_out(&visit, &form, to, &done).await {
                    0 => format!("imported.{taken}"),
                    left => format!("imported.{taken}.{left}"),
                };
                let list = format!("/flags?environment={}&done={told}", to.environment);
                return Ok(see_other(&list));
            }
            // The preview below says how it is by now.
            Err(Error::Conflict { .. }) => {}
            Err(Error::Invalid(problems)) => return answer(&visit, &form, to, &problems).await,
            Err(error) => return Err(visit.fail(&error)),
        }
    }
    answer(&visit, &form, to, &[]).await
}

/// How many flags of the file are neither taken nor there already as they are.
async fn left_out(
    visit: &Visit,
    form: &ImportForm,
    to: ImportTo<'_>,
    done: &ImportResult,
) -> usize {
    let (console, actor) = (&visit.console, &visit.actor);
    let preview = console.preview_import(actor, &form.file, to).await;
    let rows = preview.map(|preview| preview.rows).unwrap_or_default();
    let is_taken = |key: &String| done.created.contains(key) || done.changed.contains(key);
    let left = rows.iter().filter(|row| row.state != ImportState::Same);
    left.filter(|row| !is_taken(&row.key)).count()
}

/// The form with the preview of what is left of the file.
async fn next(
    visit: &Visit,
    form: &ImportForm,
    to: ImportTo<'_>,
    done: &ImportResult,
) -> Result<Response, Response> {
    let (console, actor) = (&visit.console, &visit.actor);
    let preview = console.preview_import(actor, &form.file, to).await;
    let preview = preview.map_err(|error| visit.fail(&error))?;
    let form = ImportForm {
        take: None,
        done: Some([
            done.created.len() + done.changed.len(),
            done.remaining.len(),
        ]),
        ..form.clone()
    };
    Ok(visit.page(|cx| view_import(cx, &form, Some(&preview), &[])))
}

/// The form with the preview of what stands in it.
async fn answer(
    visit: &Visit,
    form: &ImportForm,
    to: ImportTo<'_>,
    problems: &[FieldProblem],
) -> Result<Response, Response> {
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    if form.fault == Some(W::NoFile) {
        return Ok(visit.page_with(refused, |cx| view_import(cx, form, None, problems)));
    }
    let console = &visit.console;
    let preview = console.preview_import(&visit.actor, &form.file, to).await;
    match preview {
        Ok(preview) => {
            let is_good = problems.is_empty() && form.fault.is_none();
            let status = match (is_good, form.take.is_some()) {
                (false, _) => refused,
                (true, true) => StatusCode::CONFLICT,
                (true, false) => StatusCode::OK,
            };
            Ok(visit.page_with(status, |cx| view_import(cx, form, Some(&preview), problems)))
        }
        Err(Error::Invalid(problems)) => {
            Ok(visit.page_with(refused, |cx| view_import(cx, form, None, &problems)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

pub fn view_import(
    cx: &Cx,
    form: &ImportForm,
    preview: Option<&ImportPreview>,
    problems: &[FieldProblem],
) -> Page {
    let title = cx.t(W::Title).to_owned();
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let found = preview.map(|preview| view_preview(cx, form, preview));
    let done = form.done.map(|counts| {
        let [taken, left] = counts.map(|number| count(number as u64));
        callout(Callout {
            tone: Tone::Good,
            title: cx.f(W::PartDone, &[&taken]),
            body: cx.f(W::PartLeft, &[&left]).into_any(),
        })
    });
    let look = match preview {
        None => "button primary",
        Some(_) => "button",
    };
    let body = view! {
        {page_head(title.clone(), lead, ().into_any())}
        {summary(cx, problems)}
        {form.fault.map(|fault| view_fault(cx, fault))}
        {done.map(|done| view! { <div role="status">{done}</div> })}
        <form method="post" action=cx.here() class="form" novalidate=true>
            {form_section(FormSection {
                id: "source",
                title: cx.t(W::Source),
                help: cx.t(W::SourceHelp),
                fields: source(cx, form, problems),
            })}
            <div class="form-act">
                <button type="submit" name="do" value="preview" class=look>
                    {cx.t(W::Preview)}
                </button>
                <a class="button quiet-button" href="/flags">
                    {cx.t(Common::Cancel)}
                </a>
            </div>
            {found}
        </form>
    };
    Page::new(title, Place::FLAGS, body.into_any()).below("/flags", cx.t(FlagListWord::Title))
}

fn view_fault(cx: &Cx, fault: W) -> AnyView {
    let id = match fault {
        W::NoFile => "file",
        _ => "found",
    };
    let title = cx.f(ProblemWord::Summary, &["1"]);
    error_summary(title, vec![(id.to_owned(), cx.t(fault).to_owned())])
}

fn source(cx: &Cx, form: &ImportForm, problems: &[FieldProblem]) -> AnyView {
    let field = Field::new("file", cx.t(FormWord::File))
        .help(cx.t(W::FileHelp))
        .error(match form.fault {
            Some(W::NoFile) => Some(cx.t(W::NoFile).to_owned()),
            _ => error_of(cx, problems, At::File),
        });
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let text = text_area(
        "file".to_owned(),
        "file",
        10,
        &form.file,
        "mono",
        described,
        invalid,
    );
    let to = select(
        Field::new("environment", cx.t(W::To)),
        "environment",
        &form.environment,
        environment_options(cx),
    );
    let from = input(Input::text(
        Field::new("from", cx.t(W::From)).help(cx.t(W::FromHelp)),
        "from",
        form.from.clone(),
    ));
    view! {
        <FileIntoText area="file".to_owned() label=cx.t(W::Choose).to_owned() />
        {field.wrap(text)}
        <div class="trio">{to} {from}</div>
    }
    .into_any()
}

fn view_preview(cx: &Cx, form: &ImportForm, preview: &ImportPreview) -> AnyView {
    let number = count(preview.rows.len() as u64);
    let format = cx.t(FormatWord::of(preview.format));
    let environments = (!preview.environments.is_empty()).then(|| {
        let names = preview.environments.join(cx.t(Common::Comma));
        view! { <p class="quiet">{cx.f(W::Environments, &[&names])}</p> }
    });
    // Whoever writes over something, or loses something, says so.
    let plain = preview.plain();
    let many = (plain.len() > MAX_IMPORTED).then(|| {
        let max = count(MAX_IMPORTED as u64);
        cx.f(W::Many, &[&max])
    });
    let ticked: BTreeSet<String> = match &form.take {
        Some(ticked) => ticked.iter().cloned().collect(),
        None => {
            let first = plain.into_iter().take(MAX_IMPORTED);
            first.filter_map(tick_of).collect()
        }
    };
    let rows = preview.rows.iter().map(|row| view_row(cx, &ticked, row));
    let any = preview.rows.iter().any(|row| tick_of(row).is_some());
    let act = match any {
        false => view! { <p class="panel-quiet">{cx.t(W::Nothing)}</p> }.into_any(),
        true => {
            let help = cx.t(W::KeepStateHelp).to_owned();
            let label = cx.t(W::KeepState).to_owned();
            let none_ticked = form.fault.filter(|fault| *fault == W::NoneTicked);
            let none_ticked = none_ticked.map(|fault| cx.t(fault).to_owned());
            let keep = check_row(
                "checkbox",
                "keep_state".to_owned(),
                "yes".to_owned(),
                form.keep_state,
                label,
                Some(help),
            );
            view! {
                <div class="import-act">
                    {keep}
                    {field_error("take", none_ticked)}
                    <button type="submit" name="do" value="import" class="button primary">
                        {cx.t(W::Do)}
                    </button>
                </div>
            }
            .into_any()
        }
    };
    let body = view! {
        <p class="panel-line">{cx.f(W::Format, &[format, &number])}</p>
        {environments}
        {many.map(|text| view! { <p class="quiet">{text}</p> })}
        <table class="table stack">
            <caption class="sr">{cx.t(W::Found)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Take)}</th>
                    <th scope="col">{cx.t(W::Flag)}</th>
                    <th scope="col">{cx.t(W::Becomes)}</th>
                    <th scope="col">{cx.t(W::Lost)}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        {act}
    };
    panel("found", cx.t(W::Found), ().into_any(), body.into_any())
}

/// What a tick sends; none where there is nothing to ask.
fn tick_of(row: &ImportRow) -> Option<String> {
    match row.state {
        ImportState::New => Some(row.key.clone()),
        ImportState::Differs { version } => Some(format!("{}:{version}", row.key)),
        ImportState::Same | ImportState::Archived | ImportState::Impossible => None,
    }
}

fn view_row(cx: &Cx, ticked: &BTreeSet<String>, row: &ImportRow) -> AnyView {
    let tick = tick_of(row).map(|tick| {
        let checked = ticked.contains(&tick);
        let label = format!("{}: {}", cx.t(W::Take), row.key);
        view! { <input type="checkbox" name="take" value=tick checked=checked aria-label=label /> }
    });
    let (class, word) = match row.state {
        ImportState::New => ("chip good", W::New),
        ImportState::Same => ("chip neutral", W::Same),
        ImportState::Differs { .. } => ("chip warn", W::Differs),
        ImportState::Archived => ("chip neutral", W::Archived),
        ImportState::Impossible => ("chip bad", W::Impossible),
    };
    let partial = (row.partial && row.draft.is_some())
        .then(|| view! { <span class="chip warn">{cx.t(W::Partial)}</span> });
    let becomes = row.draft.as_ref().map(|draft| {
        let kind = cx.t(FlagKindWord::of(draft.kind));
        let rules = draft.rules.len().to_string();
        view! { <p class="quiet">{cx.f(W::Summary, &[kind, &rules])}</p> }
    });
    let needs = (!row.needs.is_empty()).then(|| {
        let needs = row.needs.join(cx.t(Common::Comma));
        view! { <p class="quiet">{cx.f(W::Needs, &[&needs])}</p> }
    });
    let notes = row.notes.iter().map(|note| {
        let text = note_text(cx, &note.note);
        let text = match &note.rule {
            Some(rule) => cx.f(W::OfRule, &[rule, &text]),
            None => text,
        };
        view! { <li>{listed(&text)}</li> }
    });
    let lost = match row.notes.is_empty() {
        true => view! { <span class="quiet">{cx.t(W::Whole)}</span> }.into_any(),
        false => view! { <ul class="rules">{notes.collect_view()}</ul> }.into_any(),
    };
    view! {
        <tr>
            <td data-label=cx.t(W::Take)>{tick}</td>
            <th scope="row"><code>{row.key.clone()}</code></th>
            <td data-label=cx.t(W::Becomes)>
                <span class=class>{cx.t(word)}</span> " " {partial} {becomes} {needs}
            </td>
            <td data-label=cx.t(W::Lost)>{lost}</td>
        </tr>
    }
    .into_any()
}

//! `/experiments/{id}/edit`: guarded by the version the form was opened at.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use nexus_control::Error;
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::experiment::{Draft, Experiment, Status};

use super::form::{Choices, Conflict, FormState, FormView, Merge, view_form};
use crate::host::{Answer, Form, Visit, see_other};
use crate::lang::Lang;
use crate::pages::condition::group_choices;
use crate::pages::estimate;
use crate::pages::holdouts;
use crate::pages::layers;
use crate::pages::prerequisites::choices;

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let current = load(&visit, &id).await?;
    if !visit
        .cx
        .may(Action::EditExperiment, Some(current.environment))
    {
        return Err(visit.fail(&Error::Forbidden {
            action: Action::EditExperiment,
        }));
    }
    let mut state = FormState::of_draft(&Draft::of(&current), visit.cx.lang);
    equip(&visit, &mut state).await?;
    let shown = Shown {
        status: StatusCode::OK,
        version: current.version,
        conflict: None,
    };
    Ok(page(&visit, shown, &current, &state, &[]).await)
}

pub async fn save(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let form = Form::parse(&body);
    let current = load(&visit, &id).await?;
    let lang = visit.cx.lang;
    let mut state = typed(&form, &current, lang);
    // The version the form was opened at stays with it until it is saved, or a
    // conflict has been shown.
    let version = form.get("version").parse().unwrap_or(0);
    let choices = Choices::of_form(&form);
    let merge = merge_before(&visit, &current, &form, version).await;
    if let Some(merge) = &merge {
        choices.settle(&mut state, &merge.theirs);
    }
    equip(&visit, &mut state).await?;
    let is_rearranged = state.rearrange(form.get("do"));
    let unsettled = choices.are_missing() && !is_rearranged;
    let conflict = merge.as_ref().map(|merge| {
        let mine = written(&state, lang);
        let conflict = Conflict::new(named(&current), merge, &mine, &choices);
        conflict.unsettled(unsettled)
    });
    let shown = |status| Shown {
        status,
        version,
        conflict,
    };
    if is_rearranged {
        return Ok(page(&visit, shown(StatusCode::OK), &current, &state, &[]).await);
    }
    let refused = shown(StatusCode::UNPROCESSABLE_ENTITY);
    let draft = match state.draft() {
        Ok(draft) => draft,
        Err(problems) => return Ok(page(&visit, refused, &current, &state, &problems).await),
    };
    if merge.is_some() && unsettled {
        return Ok(page(&visit, refused, &current, &state, &[]).await);
    }
    let save = |version| {
        let draft = draft.clone();
        visit
            .console
            .edit_experiment(&visit.actor, &id, version, draft)
    };
    match save(version).await {
        Ok(_) => Ok(saved(&id)),
        Err(Error::Invalid(problems)) => {
            Ok(page(&visit, refused, &current, &state, &problems).await)
        }
        Err(Error::Conflict { .. }) => {
            // What is there now, which may be newer than what was read above.
            let now = load(&visit, &id).await?;
            let merge = merge_of(&visit, &now, version).await;
            let mine = meant(&form, &state, lang);
            let conflict = Conflict::new(named(&now), &merge, &mine, &Choices::default());
            // A step of its ramp is no reason to ask about the words of a running experiment.
            let untouched = !form.has("coverage") && conflict.is_mine_alone();
            if merge.started && untouched && save(now.version).await.is_ok() {
                return Ok(saved(&id));
            }
            conflict.merge(&mut state, &merge.theirs);
            equip(&visit, &mut state).await?;
            let shown = Shown {
                status: StatusCode::CONFLICT,
                version: now.version,
                conflict: Some(conflict),
            };
            Ok(page(&visit, shown, &now, &state, &[]).await)
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// Once started the form has only the words; the rest is as it is.
fn typed(form: &Form, current: &Experiment, lang: Lang) -> FormState {
    if current.status.is_before_start() {
        return FormState {
            id: current.id.to_string(),
            ..FormState::of_form(form)
        };
    }
    FormState {
        name: form.trimmed("name"),
        hypothesis: form.get("hypothesis").to_owned(),
        ..FormState::of_draft(&Draft::of(current), lang)
    }
}

fn saved(id: &str) -> Response {
    see_other(&format!("/experiments/{id}?done=saved"))
}

/// Name, and where the page can be loaded afresh.
fn named(experiment: &Experiment) -> (String, String) {
    let href = format!("/experiments/{}/edit", experiment.id);
    (experiment.name.clone(), href)
}

/// As the console would write it, where it can be read: `20.0` is no other share than `20`.
fn written(state: &FormState, lang: Lang) -> FormState {
    match state.draft() {
        Ok(draft) => FormState::of_draft(&draft, lang),
        Err(_) => state.clone(),
    }
}

/// All that was typed, also where only words count any more.
fn meant(form: &Form, state: &FormState, lang: Lang) -> FormState {
    if !form.has("coverage") {
        return written(state, lang);
    }
    let all = FormState {
        id: state.id.clone(),
        flags: state.flags.clone(),
        ..FormState::of_form(form)
    };
    written(&all, lang)
}

/// What the form is merged with, when it was opened at that version.
async fn merge_of(visit: &Visit, now: &Experiment, version: u64) -> Merge {
    let (console, actor) = (&visit.console, &visit.actor);
    let base = console.experiment_revision(actor, now.id.as_str(), version);
    let base = base.await.ok();
    let shown = |e: &Experiment| FormState::of_draft(&Draft::of(e), visit.cx.lang);
    Merge {
        from: version,
        base: base.as_ref().map(shown),
        theirs: shown(now),
        started: !now.status.is_before_start(),
    }
}

/// The merge that the form's page has shown already.
async fn merge_before(
    visit: &Visit,
    current: &Experiment,
    form: &Form,
    version: u64,
) -> Option<Merge> {
    let from = form.get("merged_from").parse().ok()?;
    let (console, actor) = (&visit.console, &visit.actor);
    let theirs = console.experiment_revision(actor, current.id.as_str(), version);
    let theirs = theirs.await.ok()?;
    Some(merge_of(visit, &theirs, from).await)
}

/// What the form's fields offer to choose from.
async fn equip(visit: &Visit, state: &mut FormState) -> Result<(), Response> {
    state.flags = choices(visit, &state.environment).await?;
    state.groups = group_choices(visit, &state.environment).await?;
    state.holdouts = holdouts::choices(visit, &state.environment).await?;
    state.layers = layers::names(visit, &state.environment, &state.id).await?;
    state.teams = holdouts::teams(visit, &state.environment).await?;
    Ok(())
}

async fn load(visit: &Visit, id: &str) -> Result<Experiment, Response> {
    let detail = visit.console.experiment(&visit.actor, id).await;
    detail.map(|d| d.experiment).map_err(|e| visit.fail(&e))
}

/// What the page is answered with besides the form.
struct Shown {
    status: StatusCode,
    /// Which the form, when sent, is based on.
    version: u64,
    conflict: Option<Conflict>,
}

async fn page(
    visit: &Visit,
    shown: Shown,
    current: &Experiment,
    state: &FormState,
    problems: &[FieldProblem],
) -> Response {
    let locked = !current.status.is_before_start();
    let planned = [Status::InReview, Status::Approved, Status::Scheduled];
    let estimate = match locked {
        true => None,
        false => Some(estimate::of_experiment(visit, state).await),
    };
    let form = FormView {
        state,
        problems,
        editing: Some((current.name.clone(), shown.version)),
        locked,
        takes_back: planned.contains(&current.status),
        conflict: shown.conflict,
        estimate,
    };
    visit.page_with(shown.status, |cx| view_form(cx, &form))
}

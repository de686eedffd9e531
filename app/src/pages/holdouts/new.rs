//! `/holdouts/new`.

use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::HoldoutEstimate;
use nexus_domain::access::Action;
use nexus_domain::holdout::HoldoutDraft;
use nexus_domain::{Environment, Field as At, FieldProblem, Problem};

use super::{LIST, home, teams};
use crate::cx::Cx;
use crate::format::bp;
use crate::host::{Answer, Form, Visit, see_other};
use crate::islands::{SlugFromName, slugify};
use crate::pages::estimate::{self, Estimated, view_holdout};
use crate::pages::problems::{error_of, summary};
use crate::pages::typed::Reader;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::holdouts::HoldoutWord as W;
use crate::ui::{
    Field, Input, check_row, environment_options, field_error, input, page_head, select, submit,
    text_area,
};

/// The form exactly as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldoutForm {
    pub id: String,
    pub environment: String,
    pub name: String,
    pub description: String,
    pub reach: Reach,
    pub team: String,
    /// Those to choose from.
    pub teams: Vec<String>,
    pub binds_flags: bool,
    pub share: String,
    pub metric: String,
}

/// Which experiments join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Global,
    Team,
    Named,
}

impl Reach {
    const fn of(draft: &HoldoutDraft) -> Self {
        match (draft.global, &draft.team) {
            (true, _) => Self::Global,
            (false, Some(_)) => Self::Team,
            (false, None) => Self::Named,
        }
    }

    fn parse(typed: &str) -> Self {
        match typed {
            "global" => Self::Global,
            "team" => Self::Team,
            _ => Self::Named,
        }
    }
}

impl HoldoutForm {
    #[must_use]
    pub fn of_draft(draft: &HoldoutDraft) -> Self {
        Self {
            id: draft.id.clone(),
            environment: draft.environment.as_str().to_owned(),
            name: draft.name.clone(),
            description: draft.description.clone(),
            reach: Reach::of(draft),
            team: draft.team.clone().unwrap_or_default(),
            teams: Vec::new(),
            binds_flags: draft.binds_flags,
            share: bp(draft.share_bp),
            metric: draft.goal.clone(),
        }
    }

    fn of_form(form: &Form) -> Self {
        let (name, id) = (form.trimmed("name"), form.trimmed("id"));
        Self {
            id: match id.is_empty() {
                true => slugify(&name),
                false => id,
            },
            environment: form.trimmed("environment"),
            name,
            description: form.get("description").to_owned(),
            reach: Reach::parse(form.get("reach")),
            team: form.trimmed("team"),
            teams: Vec::new(),
            binds_flags: form.has("binds_flags"),
            share: form.trimmed("share"),
            metric: form.trimmed("goal"),
        }
    }

    fn draft(&self) -> Result<HoldoutDraft, Vec<FieldProblem>> {
        let mut read = Reader::default();
        let environment = Environment::parse(&self.environment).unwrap_or_else(|| {
            let value = self.environment.chars().take(40).collect();
            read.note(At::Environment, Problem::Unknown { value });
            Environment::Development
        });
        if self.reach != Reach::Team && !self.team.is_empty() {
            read.note(At::Team, Problem::OfNoTeam);
        }
        let draft = HoldoutDraft {
            id: self.id.clone(),
            environment,
            name: self.name.clone(),
            description: self.description.clone(),
            global: self.reach == Reach::Global,
            team: (self.reach == Reach::Team).then(|| self.team.clone()),
            binds_flags: self.binds_flags,
            share_bp: read.percent(At::HoldoutShare, &self.share, 500),
            goal: self.metric.clone(),
        };
        if read.problems.is_empty() {
            return Ok(draft);
        }
        let mut problems = read.problems;
        problems.extend(draft.problems());
        Err(problems)
    }
}

pub async fn form(visit: Visit) -> Answer {
    let (environment, action) = (visit.cx.environment, Action::ManageHoldouts);
    if !visit.cx.may(action, Some(environment)) {
        return Err(visit.fail(&Error::Forbidden { action }));
    }
    let state = HoldoutForm::of_draft(&HoldoutDraft::starter(environment));
    page(&visit, StatusCode::OK, state, &[]).await
}

pub async fn create(visit: Visit, body: String) -> Answer {
    let form = Form::parse(&body);
    let state = HoldoutForm::of_form(&form);
    if form.get("do") == "estimate" {
        return page(&visit, StatusCode::OK, state, &[]).await;
    }
    let draft = match state.draft() {
        Ok(draft) => draft,
        Err(problems) => return refused(&visit, state, &problems).await,
    };
    match visit.console.create_holdout(&visit.actor, draft).await {
        Ok(made) => Ok(see_other(&format!("{}?done=holdout-created", home(&made)))),
        Err(Error::Invalid(problems)) => refused(&visit, state, &problems).await,
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn refused(visit: &Visit, state: HoldoutForm, problems: &[FieldProblem]) -> Answer {
    page(visit, StatusCode::UNPROCESSABLE_ENTITY, state, problems).await
}

async fn page(
    visit: &Visit,
    status: StatusCode,
    mut state: HoldoutForm,
    problems: &[FieldProblem],
) -> Answer {
    state.teams = teams(visit, &state.environment).await?;
    let estimate = estimate::of_holdout(visit, state.draft()).await;
    Ok(visit.page_with(status, |cx| {
        view_form(cx, &state, problems, Some(&estimate))
    }))
}

pub fn view_form(
    cx: &Cx,
    state: &HoldoutForm,
    problems: &[FieldProblem],
    estimate: Option<&Estimated<HoldoutEstimate>>,
) -> Page {
    let error = |at: At| error_of(cx, problems, at);
    let text = |id: &'static str, label: W, help: W, at: At, typed: &str| {
        let field = Field::new(id, cx.t(label))
            .help(cx.t(help))
            .error(error(at));
        Input::text(field, id, typed)
    };
    let needed = |id: &'static str, label: W, help: W, at: At, typed: &str| {
        let input = text(id, label, help, at, typed);
        Input {
            field: input.field.required(),
            ..input
        }
    };
    let name = input(Input {
        maxlength: Some(120),
        ..needed("name", W::Name, W::NameHelp, At::Name, &state.name)
    });
    let id = input(Input {
        class: "mono",
        ..text("id", W::Id, W::IdHelp, At::Id, &state.id)
    });
    let environment = Field::new("environment", cx.t(W::Environment)).error(error(At::Environment));
    let reach = |value: &str, label: W, help: W, reach: Reach| {
        let chosen = state.reach == reach;
        let (label, help) = (cx.t(label).to_owned(), Some(cx.t(help).to_owned()));
        check_row("radio", "reach", value.to_owned(), chosen, label, help)
    };
    let team = input(Input {
        class: "mono",
        list: Some("teams"),
        ..text("team", W::Team, W::TeamHelp, At::Team, &state.team)
    });
    let teams = state.teams.iter().cloned();
    let teams = teams.map(|name| view! { <option value=name></option> });
    let flags = check_row(
        "checkbox",
        "binds_flags",
        "on".to_owned(),
        state.binds_flags,
        cx.t(W::BindsFlags).to_owned(),
        Some(cx.t(W::BindsFlagsHelp).to_owned()),
    );
    let share = Field::new("share", cx.t(W::Share))
        .help(cx.t(W::ShareHelp))
        .error(error(At::HoldoutShare))
        .required();
    let share = input(Input::percent(share, "share", state.share.clone()));
    let metric = input(Input {
        class: "mono",
        ..text("goal", W::Metric, W::MetricHelp, At::Goal, &state.metric)
    });
    let field = Field::new("description", cx.t(W::Description)).error(error(At::Description));
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let note = text_area(
        field.id.clone(),
        "description",
        2,
        &state.description,
        "",
        described,
        invalid,
    );
    let lead = view! { <p>{cx.t(W::NewLead)}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(cx.t(W::New).to_owned(), lead, ().into_any())} {summary(cx, problems)}
            <form method="post" action=cx.here() class="form" novalidate=true>
                {name} {id} <SlugFromName name="name".to_owned() slug="id".to_owned() />
                {select(environment, "environment", &state.environment, environment_options(cx))}
                <fieldset class="field" id="holdout">
                    <legend class="field-label">{cx.t(W::Reach)}</legend>
                    <div class="cards">
                        {reach("global", W::Global, W::GlobalHelp, Reach::Global)}
                        {reach("team", W::OfTeam, W::OfTeamHelp, Reach::Team)}
                        {reach("named", W::Named, W::NamedHelp, Reach::Named)}
                    </div>
                    {field_error("holdout", error(At::Holdout))}
                </fieldset>
                {team} <datalist id="teams">{teams.collect_view()}</datalist> {flags}
                <div class="trio">{share} {metric}</div> {field.wrap(note)}
                {estimate.map(|estimate| view_holdout(cx, estimate))}
                <div class="form-foot">
                    {submit("primary", cx.t(W::Create))}
                    <a class="button quiet-button" href=LIST>
                        {cx.t(Common::Cancel)}
                    </a>
                </div>
            </form>
        </div>
    };
    Page::new(cx.t(W::New), Place::HOLDOUTS, body.into_any()).below(LIST, cx.t(W::Title))
}

//! The form as a page.

use leptos::prelude::*;
use nexus_control::views::AudienceEstimate;
use nexus_domain::{Field as At, FieldProblem};

use super::conflict::{Conflict, view_conflict};
use super::{FormState, audience, goal, method, metrics, safeguards, variants};
use crate::cx::Cx;
use crate::islands::SlugFromName;
use crate::pages::estimate::{Estimated, view_experiment};
use crate::pages::problems::{error_of, summary};
use crate::pages::templates::all_link;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::experiments::ListWord;
use crate::text::form::FormWord as W;
use crate::text::safeguards::SafeguardWord;
use crate::ui::{
    Callout, Field, FormSection, Input, Tone, callout, environment_options, form_section, indexed,
    input, page_head, select, text_area,
};

pub struct FormView<'a> {
    pub state: &'a FormState,
    pub problems: &'a [FieldProblem],
    /// Name and version of what is edited; none for a new one.
    pub editing: Option<(String, u64)>,
    /// Started already: only the words can change.
    pub locked: bool,
    /// An edit takes back what was planned or approved.
    pub takes_back: bool,
    pub conflict: Option<Conflict>,
    /// None where nothing of the audience can change.
    pub estimate: Option<Estimated<AudienceEstimate>>,
}

pub fn view_form(cx: &Cx, form: &FormView<'_>) -> Page {
    let (title, save, back) = match &form.editing {
        None => (
            cx.t(W::NewTitle).to_owned(),
            cx.t(W::Create),
            "/experiments".to_owned(),
        ),
        Some((name, _)) => (
            cx.f(W::EditTitle, &[name]),
            cx.t(Common::Save),
            format!("/experiments/{}", form.state.id),
        ),
    };
    let templates = match form.editing {
        None => all_link(cx),
        Some(_) => ().into_any(),
    };
    let lead = if form.editing.is_none() {
        view! { <p>{cx.t(W::NewLead)}</p> }.into_any()
    } else {
        view! { <p class="row-id">{form.state.id.clone()}</p> }.into_any()
    };
    let version = form.editing.as_ref().map(|(_, version)| {
        view! { <input type="hidden" name="version" value=version.to_string() /> }
    });
    let body = view! {
        {page_head(title.clone(), lead, templates)}
        {summary(cx, form.problems)}
        <form method="post" action=cx.here() class="form" novalidate=true>
            // Enter in a field presses the first button: make that one save.
            <button type="submit" class="sr" tabindex="-1" aria-hidden="true">
                {save}
            </button>
            {version}
            {form.conflict.as_ref().map(|conflict| view_conflict(cx, conflict))}
            {sections(cx, form)}
            <div class="form-foot">
                <button type="submit" class="button primary">
                    {save}
                </button>
                <a class="button quiet-button" href=back.clone()>
                    {cx.t(Common::Cancel)}
                </a>
            </div>
        </form>
    };
    let page = Page::new(title, Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title));
    match &form.editing {
        Some((name, _)) => page.below(back, name.clone()),
        None => page,
    }
}

fn sections(cx: &Cx, form: &FormView<'_>) -> AnyView {
    if form.locked {
        let note = callout(Callout {
            tone: Tone::Accent,
            title: cx.t(W::Locked).to_owned(),
            body: view! { <p>{cx.t(W::LockedText)}</p> }.into_any(),
        });
        return view! {
            {note}
            {form_section(section(cx, "basics", W::Basics, W::BasicsHelp, words(cx, form)))}
        }
        .into_any();
    }
    let FormView {
        state, problems, ..
    } = *form;
    let basics = view! {
        {words(cx, form)}
        {team(cx, form)}
        {environment(cx, form)}
    };
    let goal = view! {
        {goal::view_goal(cx, state, problems)}
        {method::view_method(cx, state, problems)}
        {metrics::view_metrics(cx, state, problems)}
    };
    let note = form.takes_back.then(|| {
        callout(Callout {
            tone: Tone::Warn,
            title: cx.t(W::TakesBack).to_owned(),
            body: view! { <p>{cx.t(W::TakesBackText)}</p> }.into_any(),
        })
    });
    let audience = view! {
        {audience::view_audience(cx, state, problems)}
        {form
            .estimate
            .as_ref()
            .map(|estimate| view_experiment(cx, estimate, state.new_layer()))}
    };
    let all = vec![
        section(cx, "basics", W::Basics, W::BasicsHelp, basics.into_any()),
        section(
            cx,
            "variant-section",
            W::Variants,
            W::VariantsHelp,
            variants::view_variants(cx, state, problems),
        ),
        section(
            cx,
            "audience",
            W::Audience,
            W::AudienceHelp,
            audience.into_any(),
        ),
        section(
            cx,
            "goal-section",
            W::GoalSection,
            W::GoalSectionHelp,
            goal.into_any(),
        ),
        FormSection {
            id: "safeguards",
            title: cx.t(SafeguardWord::Section),
            help: cx.t(SafeguardWord::SectionHelp),
            fields: safeguards::view_safeguards(cx, state, problems),
        },
        section(
            cx,
            "schedule",
            W::Schedule,
            W::ScheduleHelp,
            goal::view_schedule(cx, state, problems),
        ),
    ];
    view! {
        {note}
        {indexed(cx.t(W::Index), all)}
    }
    .into_any()
}

fn section(cx: &Cx, id: &'static str, title: W, help: W, fields: AnyView) -> FormSection {
    FormSection {
        id,
        title: cx.t(title),
        help: cx.t(help),
        fields,
    }
}

/// Name, id and hypothesis.
fn words(cx: &Cx, form: &FormView<'_>) -> AnyView {
    let error = |at: At| error_of(cx, form.problems, at);
    let state = form.state;
    let name = input(Input {
        maxlength: Some(120),
        ..Input::text(
            Field::new("name", cx.t(W::Name))
                .help(cx.t(W::NameHelp))
                .error(error(At::Name))
                .required(),
            "name",
            state.name.clone(),
        )
    });
    let is_new = form.editing.is_none();
    let id = is_new.then(|| {
        let field = Field::new("id", cx.t(W::Id))
            .help(cx.t(W::IdHelp))
            .error(error(At::Id))
            .required();
        view! {
            {input(Input { class: "mono", ..Input::text(field, "id", state.id.clone()) })}
            <SlugFromName name="name".to_owned() slug="id".to_owned() />
        }
    });
    let field = Field::new("hypothesis", cx.t(W::Hypothesis))
        .help(cx.t(W::HypothesisHelp))
        .error(error(At::Hypothesis));
    let described = field.described_by();
    let invalid = field.error.is_some();
    let text = text_area(
        "hypothesis".to_owned(),
        "hypothesis",
        3,
        &state.hypothesis,
        "",
        described,
        invalid,
    );
    view! {
        {name}
        {id}
        {field.wrap(text)}
    }
    .into_any()
}

/// Whose it is; the start fixes it.
fn team(cx: &Cx, form: &FormView<'_>) -> AnyView {
    let state = form.state;
    let name = input(Input {
        class: "mono",
        list: Some("teams"),
        ..Input::text(
            Field::new("team", cx.t(W::Team))
                .help(cx.t(W::TeamHelp))
                .error(error_of(cx, form.problems, At::Team)),
            "team",
            state.team.clone(),
        )
    });
    let known = state.teams.iter().cloned();
    let known = known.map(|name| view! { <option value=name></option> });
    view! {
        {name}
        <datalist id="teams">{known.collect_view()}</datalist>
    }
    .into_any()
}

fn environment(cx: &Cx, form: &FormView<'_>) -> AnyView {
    let field = Field::new("environment", cx.t(W::Environment)).error(error_of(
        cx,
        form.problems,
        At::Environment,
    ));
    let options = environment_options(cx);
    select(field, "environment", &form.state.environment, options)
}

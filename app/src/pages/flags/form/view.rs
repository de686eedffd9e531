//! The form as a page.

use leptos::prelude::*;
use nexus_domain::flag::{FlagKind, MAX_RULES};
use nexus_domain::{Field as At, FieldProblem};

use super::conflict::{FlagConflict, view_conflict};
use super::rule::{RulePlace, value_control, view_rule};
use super::state::FlagForm;
use crate::cx::Cx;
use crate::islands::{PressOnChange, RuleOrder, RuleOrderWords, SlugFromName, SwapOnPress};
use crate::pages::condition::view_lists;
use crate::pages::estimate::{Estimated, FlagEstimate, view_flag};
use crate::pages::prerequisites::{PrerequisitesView, flag_lists};
use crate::pages::problems::{error_of, summary};
use crate::pages::templates::all_link;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::flags::{FlagFormWord as W, FlagKindWord, FlagListWord};
use crate::text::form::{FormWord, PrerequisiteWord};
use crate::ui::{
    Field, FormSection, Icon, Input, environment_options, field_error, icon, indexed, input,
    page_head, select, text_area, zone_list,
};

pub struct FlagFormView<'a> {
    pub state: &'a FlagForm,
    pub problems: &'a [FieldProblem],
    /// Name and version of what is edited; none for a new one.
    pub editing: Option<(String, u64)>,
    pub conflict: Option<FlagConflict>,
    pub estimate: Option<Estimated<FlagEstimate>>,
}

pub fn view_form(cx: &Cx, form: &FlagFormView<'_>) -> Page {
    let state = form.state;
    let (title, save, back) = match &form.editing {
        None => (
            cx.t(W::NewTitle).to_owned(),
            cx.t(W::Create),
            "/flags".to_owned(),
        ),
        Some((name, _)) => {
            let save = match form.conflict {
                Some(_) => cx.t(FormWord::SaveOver),
                None => cx.t(Common::Save),
            };
            let back = format!("/flags/{}/{}", state.environment, state.key);
            (cx.f(W::EditTitle, &[name]), save, back)
        }
    };
    let templates = match form.editing {
        None => all_link(cx),
        Some(_) => ().into_any(),
    };
    let lead = match form.editing {
        None => view! { <p>{cx.t(W::NewLead)}</p> }.into_any(),
        Some(_) => view! { <p class="row-id">{state.key.clone()}</p> }.into_any(),
    };
    let version = form.editing.as_ref().map(|(_, version)| {
        view! { <input type="hidden" name="version" value=version.to_string() /> }
    });
    let sections = vec![
        section(cx, "basics", W::Basics, W::BasicsHelp, basics(cx, form)),
        section(cx, "needs", W::Needs, W::NeedsHelp, needs(cx, form)),
        section(
            cx,
            "rule-section",
            W::RulesTitle,
            W::RulesHelp,
            rules(cx, form),
        ),
    ];
    let body = view! {
        {page_head(title.clone(), lead, templates)}
        {summary(cx, form.problems)}
        {form.conflict.as_ref().map(|c| view_conflict(cx, c, &back))}
        <form method="post" action=cx.here() class="form" novalidate=true>
            // Enter in a field presses the first button: make that one save.
            <button type="submit" class="sr" tabindex="-1" aria-hidden="true">
                {save}
            </button>
            {version}
            {indexed(cx.t(FormWord::Index), sections)}
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
    let page =
        Page::new(title, Place::FLAGS, body.into_any()).below("/flags", cx.t(FlagListWord::Title));
    match &form.editing {
        Some((name, _)) => page.below(back, name.clone()),
        None => page,
    }
}

fn section(cx: &Cx, id: &'static str, title: W, help: W, fields: AnyView) -> FormSection {
    FormSection {
        id,
        title: cx.t(title),
        help: cx.t(help),
        fields,
    }
}

fn basics(cx: &Cx, form: &FlagFormView<'_>) -> AnyView {
    let state = form.state;
    let error = |at: At| error_of(cx, form.problems, at);
    let name = input(Input {
        maxlength: Some(120),
        ..Input::text(
            Field::new("name", cx.t(FormWord::Name))
                .help(cx.t(W::NameHelp))
                .error(error(At::Name))
                .required(),
            "name",
            state.name.clone(),
        )
    });
    let fixed = form.editing.is_none().then(|| fixed(cx, form));
    let field = Field::new("description", cx.t(FormWord::Description))
        .help(cx.t(W::DescriptionHelp))
        .error(error(At::Description));
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let id = field.id.clone();
    let text = text_area(
        id,
        "description",
        2,
        &state.description,
        "",
        described,
        invalid,
    );
    let value = Field::new("value", cx.t(FormWord::OffValue))
        .help(cx.t(W::ValueHelp))
        .error(error(At::Value));
    view! {
        {name}
        {fixed}
        {value_control(cx, state.kind, value, "value", &state.value, state.has_schema())}
        {field.wrap(text)}
        {schema_and_lifetime(cx, form)}
    }
    .into_any()
}

fn schema_and_lifetime(cx: &Cx, form: &FlagFormView<'_>) -> AnyView {
    let state = form.state;
    let error = |at: At| error_of(cx, form.problems, at);
    let field = Field::new("schema", cx.t(FormWord::Schema))
        .help(cx.t(W::SchemaHelp))
        .error(error(At::Schema));
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let id = field.id.clone();
    let schema = text_area(id, "schema", 6, &state.schema, "mono", described, invalid);
    let lifetime = select(
        Field::new("lifetime", cx.t(W::Lifetime)),
        "lifetime",
        if state.permanent {
            "permanent"
        } else {
            "temporary"
        },
        vec![
            ("temporary".to_owned(), cx.t(W::Temporary).to_owned()),
            ("permanent".to_owned(), cx.t(W::Permanent).to_owned()),
        ],
    );
    let due = input(Input {
        kind: "date",
        class: "short",
        ..Input::text(
            Field::new("due", cx.t(FormWord::DueAt))
                .help(cx.t(W::DueHelp))
                .error(error(At::DueAt)),
            "due",
            state.due.clone(),
        )
    });
    let open = !state.schema.is_empty()
        || state.permanent
        || !state.due.is_empty()
        || [At::Schema, At::DueAt]
            .into_iter()
            .any(|at| error(at).is_some());
    view! {
        <details class="disclosure" open=open>
            <summary>{cx.t(W::SchemaMore)}</summary>
            <div class="form-fields">{field.wrap(schema)} <div class="trio">{lifetime} {due}</div></div>
        </details>
    }
    .into_any()
}

/// What is chosen at creation and never again.
fn fixed(cx: &Cx, form: &FlagFormView<'_>) -> AnyView {
    let state = form.state;
    let error = |at: At| error_of(cx, form.problems, at);
    let key = input(Input {
        class: "mono",
        ..Input::text(
            Field::new("key", cx.t(FormWord::Key))
                .help(cx.t(W::KeyHelp))
                .error(error(At::Key))
                .required(),
            "key",
            state.key.clone(),
        )
    });
    let environments = environment_options(cx);
    let environment = select(
        Field::new("environment", cx.t(FormWord::Environment))
            .help(cx.t(W::EnvironmentHelp))
            .error(error(At::Environment)),
        "environment",
        &state.environment,
        environments,
    );
    let kinds = FlagKind::ALL
        .map(|k| (k.as_str().to_owned(), cx.t(FlagKindWord::of(k)).to_owned()))
        .into();
    let kind = select(
        Field::new("kind", cx.t(FormWord::Kind))
            .help(cx.t(W::KindHelp))
            .error(error(At::Kind)),
        "kind",
        state.kind.as_str(),
        kinds,
    );
    view! {
        {key}
        <SlugFromName name="name".to_owned() slug="key".to_owned() />
        <div class="trio">
            {environment}
            <div class="kind-choice">
                {kind}
                <button class="button small" id="kind-apply" type="submit" name="do" value="kind" formnovalidate=true>
                    {cx.t(W::KindApply)}
                </button>
                <PressOnChange watch="kind".to_owned() button="kind-apply".to_owned() />
            </div>
        </div>
    }
    .into_any()
}

fn needs(cx: &Cx, form: &FlagFormView<'_>) -> AnyView {
    let fields = PrerequisitesView {
        typed: &form.state.prerequisites,
        problems: form.problems,
        prefix: "",
        at: At::Prerequisites,
        help: PrerequisiteWord::OfFlag,
    };
    view! {
        {fields.view(cx)}
        {flag_lists(&form.state.flags)}
    }
    .into_any()
}

fn rules(cx: &Cx, form: &FlagFormView<'_>) -> AnyView {
    let state = form.state;
    let rules = (0u16..)
        .zip(&state.rules)
        .map(|(index, rule)| {
            let place = RulePlace {
                index,
                kind: state.kind,
                has_schema: state.has_schema(),
                problems: form.problems,
                groups: &state.groups,
                holdouts: &state.holdouts,
                permanent: state.permanent,
                focused: state.focused == Some(usize::from(index)),
            };
            view_rule(cx, rule, &place)
        })
        .collect_view();
    let none = state.rules.is_empty().then(|| {
        view! { <p class="panel-quiet">{cx.t(W::NoRulesYet)}</p> }
    });
    let more = (state.rules.len() < MAX_RULES).then(|| {
        view! {
            <button class="button" type="submit" name="do" value="add-rule" formnovalidate=true>
                {icon(Icon::Plus)}
                <span>{cx.t(W::AddRule)}</span>
            </button>
        }
    });
    let words = RuleOrderWords {
        title: cx.t(W::RuleTitle).to_owned(),
        up: cx.t(W::Up).to_owned(),
        down: cx.t(W::Down).to_owned(),
        remove: cx.t(W::Remove).to_owned(),
        moved: cx.t(W::Moved).to_owned(),
    };
    view! {
        <div id="rules" class="flag-rule-list" tabindex="-1">
            {field_error("rules", error_of(cx, form.problems, At::Rules))}
            {none}
            {rules}
        </div>
        <SwapOnPress region="rules".to_owned() />
        {view_lists(cx, &state.groups)}
        <RuleOrder list="rules".to_owned() words=words />
        <div class="form-act">{more}</div>
        {form.estimate.as_ref().map(|estimate| view_flag(cx, estimate))}
        {zone_list()}
    }
    .into_any()
}

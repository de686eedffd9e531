//! The form: exactly as typed, so that a refused submit loses nothing.

use leptos::prelude::*;
use nexus_control::views::{GroupChoice, WhatIf};
use nexus_domain::saved_group::{GroupContent, GroupKind, SavedGroupChanges, SavedGroupDraft};
use nexus_domain::{Environment, Field as At, FieldProblem, Problem};
use serde_json::Value;

use super::LIST;
use super::changes::view_changes;
use crate::cx::Cx;
use crate::host::Form;
use crate::islands::{SlugFromName, SwapOnPress, slugify};
use crate::pages::condition::{BuilderView, ConditionTyped, view_builder, view_lists};
use crate::pages::estimate::{Estimated, view_group};
use crate::pages::problems::{error_of, summary};
use crate::pages::typed::Reader;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::form::FormWord;
use crate::text::saved_groups::SavedGroupWord as W;
use crate::ui::{
    Callout, Field, Input, Tone, callout, check_row, environment_options, input, page_head, select,
    submit, text_area,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupForm {
    pub id: String,
    pub environment: String,
    pub name: String,
    pub description: String,
    pub kind: GroupKind,
    pub attribute: String,
    /// One a line.
    pub values: String,
    pub condition: ConditionTyped,
    /// The saved groups of the environment, which a condition may name.
    pub groups: Vec<GroupChoice>,
}

impl GroupForm {
    #[must_use]
    pub fn of_draft(draft: &SavedGroupDraft) -> Self {
        let (attribute, values, condition) = match &draft.content {
            GroupContent::List { attribute, values } => {
                let none = ConditionTyped::default();
                (attribute.clone(), values.join("\n"), none)
            }
            GroupContent::Condition { condition } => {
                let condition = ConditionTyped::of(Some(condition));
                ("id".to_owned(), String::new(), condition)
            }
        };
        Self {
            id: draft.id.clone(),
            environment: draft.environment.as_str().to_owned(),
            name: draft.name.clone(),
            description: draft.description.clone(),
            kind: draft.content.kind(),
            attribute,
            values,
            condition,
            groups: Vec::new(),
        }
    }

    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        let (name, id) = (form.trimmed("name"), form.trimmed("id"));
        Self {
            id: match id.is_empty() {
                true => slugify(&name),
                false => id,
            },
            environment: form.trimmed("environment"),
            name,
            description: form.get("description").to_owned(),
            kind: GroupKind::parse(form.get("kind")).unwrap_or(GroupKind::List),
            attribute: form.trimmed("attribute"),
            values: form.get("values").to_owned(),
            condition: ConditionTyped::of_form(form, ""),
            groups: Vec::new(),
        }
    }

    /// Whether a button of the condition was pressed: the form is shown again, nothing is
    /// saved.
    pub(super) fn is_rearranged(form: &Form) -> bool {
        let asked = form.get("do");
        asked.starts_with("condition:") || asked == "estimate"
    }

    /// The draft, or everything that is wrong with what was typed and what it makes.
    ///
    /// # Errors
    /// Every problem with its field.
    pub fn draft(&self) -> Result<SavedGroupDraft, Vec<FieldProblem>> {
        let mut read = Reader::default();
        let environment = Environment::parse(&self.environment).unwrap_or_else(|| {
            let value = self.environment.chars().take(40).collect();
            read.note(At::Environment, Problem::Unknown { value });
            Environment::Development
        });
        let content = match self.kind {
            GroupKind::List => GroupContent::List {
                attribute: self.attribute.clone(),
                values: self.values.lines().map(str::to_owned).collect(),
            },
            GroupKind::Condition => GroupContent::Condition {
                condition: self.condition(&mut read),
            },
        };
        let draft = SavedGroupDraft {
            id: self.id.clone(),
            environment,
            name: self.name.clone(),
            description: self.description.clone(),
            content,
        };
        if read.problems.is_empty() {
            return Ok(draft);
        }
        let mut problems = read.problems;
        for problem in draft.problems() {
            if problems.iter().all(|known| known.field != problem.field) {
                problems.push(problem);
            }
        }
        Err(problems)
    }
}

impl GroupForm {
    /// Everybody is no group.
    fn condition(&self, read: &mut Reader) -> Value {
        let before = read.problems.len();
        let condition = self.condition.condition(read, At::Condition);
        if condition.is_none() && read.problems.len() == before {
            read.note(At::Condition, Problem::Required);
        }
        condition.unwrap_or_else(|| Value::Object(serde_json::Map::new()))
    }
}

pub struct GroupFormView<'a> {
    pub state: &'a GroupForm,
    pub problems: &'a [FieldProblem],
    /// Name and version of what is edited; none for a new one.
    pub editing: Option<(String, u64)>,
    /// What somebody else changed since the form was opened.
    pub conflict: Option<SavedGroupChanges>,
    /// What saving it would change; none for a new one, which nothing names.
    pub estimate: Option<Estimated<WhatIf>>,
}

pub fn view_form(cx: &Cx, form: &GroupFormView<'_>) -> Page {
    let state = form.state;
    let (title, save, back) = match &form.editing {
        None => (cx.t(W::New).to_owned(), cx.t(W::Create), LIST.to_owned()),
        Some((name, _)) => {
            let save = match form.conflict {
                Some(_) => cx.t(FormWord::SaveOver),
                None => cx.t(Common::Save),
            };
            let back = format!("{LIST}/{}/{}", state.environment, state.id);
            (cx.f(W::EditTitle, &[name]), save, back)
        }
    };
    let lead = match form.editing {
        None => view! { <p>{cx.t(W::NewLead)}</p> }.into_any(),
        Some(_) => view! { <p class="row-id">{state.id.clone()}</p> }.into_any(),
    };
    let version = form.editing.as_ref().map(|(_, version)| {
        view! { <input type="hidden" name="version" value=version.to_string() /> }
    });
    let content = match &form.editing {
        None => view! {
            {fixed(cx, form)}
            {kinds(cx, state.kind)}
            <div class="of-list form-fields">{list_fields(cx, form)}</div>
            <div class="of-condition form-fields">{condition_field(cx, form)}</div>
        }
        .into_any(),
        Some(_) => match state.kind {
            GroupKind::List => list_fields(cx, form),
            GroupKind::Condition => condition_field(cx, form),
        },
    };
    let name = input(Input {
        maxlength: Some(120),
        ..Input::text(
            Field::new("name", cx.t(W::Name))
                .help(cx.t(W::NameHelp))
                .error(error_of(cx, form.problems, At::Name))
                .required(),
            "name",
            state.name.clone(),
        )
    });
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())} {summary(cx, form.problems)}
            {form.conflict.as_ref().map(|found| view_conflict(cx, form, found))}
            <form method="post" action=cx.here() class="form group-form" novalidate=true>
                // Enter in a field presses the first button: make that one save.
                <button type="submit" class="sr" tabindex="-1" aria-hidden="true">
                    {save}
                </button>
                {version} {name} {content} {description(cx, form)}
                {form.estimate.as_ref().map(|estimate| view_group(cx, estimate, &state.values))}
                <div class="form-foot">
                    {submit("primary", save)}
                    <a class="button quiet-button" href=back.clone()>
                        {cx.t(Common::Cancel)}
                    </a>
                </div>
            </form>
        </div>
    };
    let page = Page::new(title, Place::SAVED_GROUPS, body.into_any()).below(LIST, cx.t(W::Title));
    match &form.editing {
        Some((name, _)) => page.below(back, name.clone()),
        None => page,
    }
}

fn view_conflict(cx: &Cx, form: &GroupFormView<'_>, found: &SavedGroupChanges) -> AnyView {
    let name = form.editing.as_ref().map_or("", |(name, _)| name.as_str());
    let body = view! {
        <p>{cx.t(W::ConflictText)}</p>
        {view_changes(cx, found)}
    };
    let shown = callout(Callout {
        tone: Tone::Warn,
        title: cx.f(W::ConflictTitle, &[name]),
        body: body.into_any(),
    });
    view! {
        <div id="conflict" role="alert" tabindex="-1" autofocus=true>
            {shown}
        </div>
    }
    .into_any()
}

/// What is chosen at creation and never again.
fn fixed(cx: &Cx, form: &GroupFormView<'_>) -> AnyView {
    let id = input(Input {
        class: "mono",
        ..Input::text(
            Field::new("id", cx.t(W::Id))
                .help(cx.t(W::IdHelp))
                .error(error_of(cx, form.problems, At::Id)),
            "id",
            form.state.id.clone(),
        )
    });
    let environment = Field::new("environment", cx.t(W::Environment)).error(error_of(
        cx,
        form.problems,
        At::Environment,
    ));
    view! {
        {id}
        <SlugFromName name="name".to_owned() slug="id".to_owned() />
        {select(environment, "environment", &form.state.environment, environment_options(cx))}
    }
    .into_any()
}

fn kinds(cx: &Cx, chosen: GroupKind) -> AnyView {
    let kind = |kind: GroupKind, help: W| {
        let (value, label) = (kind.as_str().to_owned(), cx.t(W::of(kind)).to_owned());
        let help = Some(cx.t(help).to_owned());
        check_row("radio", "kind", value, chosen == kind, label, help)
    };
    view! {
        <fieldset class="field" id="kind">
            <legend class="field-label">{cx.t(W::Kind)}</legend>
            <div class="cards">
                {kind(GroupKind::List, W::ListHelp)}
                {kind(GroupKind::Condition, W::ConditionHelp)}
            </div>
        </fieldset>
    }
    .into_any()
}

fn list_fields(cx: &Cx, form: &GroupFormView<'_>) -> AnyView {
    let state = form.state;
    let attribute = input(Input {
        class: "mono",
        ..Input::text(
            Field::new("attribute", cx.t(W::Attribute))
                .help(cx.t(W::AttributeHelp))
                .error(error_of(cx, form.problems, At::GroupAttribute)),
            "attribute",
            state.attribute.clone(),
        )
    });
    let error = error_of(cx, form.problems, At::GroupValues)
        .or_else(|| error_of(cx, form.problems, At::SavedGroups));
    let field = Field::new("values", cx.t(W::Values))
        .help(cx.t(W::ValuesHelp))
        .error(error);
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let text = text_area(
        field.id.clone(),
        "values",
        12,
        &state.values,
        "mono",
        described,
        invalid,
    );
    view! {
        {attribute}
        <div id="saved-groups" tabindex="-1">
            {field.wrap(text)}
        </div>
    }
    .into_any()
}

fn condition_field(cx: &Cx, form: &GroupFormView<'_>) -> AnyView {
    let state = form.state;
    let builder = BuilderView {
        typed: &state.condition,
        prefix: "",
        error: error_of(cx, form.problems, At::Condition),
        groups: &state.groups,
    };
    view! {
        <div id="group-condition">{view_builder(cx, &builder)}</div>
        <SwapOnPress region="group-condition".to_owned() />
        {view_lists(cx, &state.groups)}
    }
    .into_any()
}

fn description(cx: &Cx, form: &GroupFormView<'_>) -> AnyView {
    let field = Field::new("description", cx.t(W::Description))
        .help(cx.t(W::DescriptionHelp))
        .error(error_of(cx, form.problems, At::Description));
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let text = text_area(
        field.id.clone(),
        "description",
        2,
        &form.state.description,
        "",
        described,
        invalid,
    );
    field.wrap(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_saved() {
        let form = Form::from([
            ("name", "Beta testers"),
            ("id", ""),
            ("environment", "production"),
            ("kind", "list"),
            ("attribute", "company"),
            ("values", "acme\n\n initech \n"),
        ]);
        let draft = GroupForm::of_form(&form).draft().unwrap();
        assert_eq!(draft.id, "beta-testers");
        let made = draft.create("a@b.c", 1).unwrap();
        let again = GroupForm::of_draft(&SavedGroupDraft::of(&made));
        assert_eq!(again.values, "acme\ninitech");
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let form = Form::from([("kind", "condition"), ("condition", "[1]")]);
        let problems = GroupForm::of_form(&form).draft().unwrap_err();
        let fields: Vec<At> = problems.iter().map(|p| p.field).collect();
        assert_eq!(fields, [At::Environment, At::Condition, At::Id, At::Name]);
    }
}

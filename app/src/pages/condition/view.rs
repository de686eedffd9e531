//! The builder: rows of attribute, comparison and value, in groups. Its buttons submit the
//! form, so that it works without a script.

use leptos::prelude::*;
use nexus_control::views::GroupChoice;
use nexus_domain::condition::{
    ConditionGroup, ConditionRow, Join, MAX_GROUPS, MAX_ROWS, RowOperator, RowProblem,
};

use super::ConditionTyped;
use super::groups::{GROUPS, OPERATORS, choice, said_of};
use super::lists::{ATTRIBUTES, VALUES_OF, list_of, places_of};
use super::state::ConditionNote;
use crate::cx::Cx;
use crate::text::condition::{
    ConditionWord as W, GroupNameWord, JoinWord, RowOperatorWord, RowProblemWord,
};
use crate::text::form::FormWord;
use crate::ui::{Field, Icon, field_error, icon, text_area};

pub(crate) struct BuilderView<'a> {
    pub(crate) typed: &'a ConditionTyped,
    /// What names and ids begin with.
    pub(crate) prefix: &'a str,
    pub(crate) error: Option<String>,
    /// Of the environment.
    pub(crate) groups: &'a [GroupChoice],
}

impl BuilderView<'_> {
    fn name(&self, part: &str) -> String {
        format!("{}condition{part}", self.prefix)
    }

    /// A button that changes the builder.
    fn act(&self, act: &str, class: &'static str, label: String, face: AnyView) -> AnyView {
        let named = (class.contains("icon-only")).then_some(label.clone());
        view! {
            <button
                class=class
                type="submit"
                name="do"
                value=self.name(&format!(":{act}"))
                formnovalidate=true
                data-swap=""
                aria-label=named
            >
                {face}
            </button>
        }
        .into_any()
    }

    fn plain(&self, cx: &Cx, act: &str, word: W) -> AnyView {
        let label = cx.t(word).to_owned();
        let face = label.clone().into_any();
        self.act(act, "button small", label, face)
    }
}

pub(crate) fn view_builder(cx: &Cx, of: &BuilderView<'_>) -> AnyView {
    match &of.typed.json {
        Some(json) => as_json(cx, of, json),
        None => as_rows(cx, of),
    }
}

fn as_json(cx: &Cx, of: &BuilderView<'_>, json: &str) -> AnyView {
    let note = of
        .typed
        .note
        .is_some()
        .then(|| cx.t(W::CannotShow).to_owned());
    let field = Field::new(of.name(""), cx.t(FormWord::Condition))
        .help(cx.t(FormWord::ConditionHelp))
        .error(of.error.clone().or(note));
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let text = text_area(
        of.name(""),
        of.name(""),
        6,
        json,
        "mono",
        described,
        invalid,
    );
    view! {
        <div class="condition">
            <input type="hidden" name=of.name("_as") value="json" />
            {field.wrap(text)}
            <div class="condition-acts">{of.plain(cx, "rows", W::ToRows)}</div>
        </div>
    }
    .into_any()
}

fn as_rows(cx: &Cx, of: &BuilderView<'_>) -> AnyView {
    let form = &of.typed.rows;
    let rows: usize = form.groups.iter().map(|group| group.rows.len()).sum();
    let several = form.groups.len() > 1;
    let join = match several {
        true => view! {
            <p class="condition-join">
                <label for=of.name("_join")>{cx.t(W::GroupsHold)}</label>
                {join_select(cx, Some(of.name("_join")), of.name("_join"), form.join, None)}
            </p>
        }
        .into_any(),
        // What was chosen when there were several comes back with them.
        false => view! {
            <input type="hidden" name=of.name("_join") value=join_name(form.join) />
        }
        .into_any(),
    };
    let groups = form
        .groups
        .iter()
        .enumerate()
        .map(|(g, group)| view_group(cx, of, g, group, rows < MAX_ROWS))
        .collect_view();
    let none = form.groups.is_empty().then(|| {
        view! { <p class="field-help">{cx.t(W::Nobody)}</p> }
    });
    let help = (!form.groups.is_empty()).then(|| {
        view! { <p class="field-help">{cx.t(W::Help)}</p> }
    });
    let more = (form.groups.len() < MAX_GROUPS && rows < MAX_ROWS).then(|| {
        let saved = form.groups.is_empty() && !of.groups.is_empty();
        let word = match form.groups.is_empty() {
            true => W::Add,
            false => W::AddGroup,
        };
        view! {
            {of.plain(cx, "add-group", word)}
            {saved.then(|| of.plain(cx, "add-group-saved", W::AddSaved))}
        }
    });
    let note = (of.typed.note == Some(ConditionNote::NotYet)).then(|| cx.t(W::NotYet).to_owned());
    let error = of.error.clone().or(note);
    let class = match error.is_some() {
        true => "field condition invalid",
        false => "field condition",
    };
    view! {
        <fieldset class=class id=of.name("") tabindex="-1">
            <legend class="field-label">{cx.t(W::Title)}</legend>
            <input type="hidden" name=of.name("_as") value="rows" />
            {field_error(&of.name(""), error)}
            {none}
            {join}
            {groups}
            {help}
            <div class="condition-acts">{more} {of.plain(cx, "json", W::ToJson)}</div>
        </fieldset>
    }
    .into_any()
}

fn join_name(join: Join) -> &'static str {
    let mut all = Join::ALL.into_iter();
    all.find(|(known, _)| *known == join)
        .map_or("all", |(_, name)| name)
}

fn join_select(
    cx: &Cx,
    id: Option<String>,
    name: String,
    chosen: Join,
    label: Option<&'static str>,
) -> AnyView {
    let options = Join::ALL.map(|(join, name)| {
        view! {
            <option value=name selected=join == chosen>
                {cx.t(JoinWord::of(join))}
            </option>
        }
    });
    view! {
        <span class="select">
            <select id=id name=name aria-label=label>
                {options.collect_view()}
            </select>
            {icon(Icon::ChevronDown)}
        </span>
    }
    .into_any()
}

fn view_group(
    cx: &Cx,
    of: &BuilderView<'_>,
    g: usize,
    group: &ConditionGroup,
    room: bool,
) -> AnyView {
    let number = (g + 1).to_string();
    let rows = group
        .rows
        .iter()
        .enumerate()
        .map(|(r, row)| view_row(cx, of, (g, r), row))
        .collect_view();
    let more = room.then(|| {
        let saved = !of.groups.is_empty();
        view! {
            {of.plain(cx, &format!("add:{g}"), W::Add)}
            {saved.then(|| of.plain(cx, &format!("add-saved:{g}"), W::AddSaved))}
        }
    });
    let join_id = of.name(&format!("-{g}-join"));
    let remove = (of.typed.rows.groups.len() > 1).then(|| {
        of.act(
            &format!("remove-group:{g}"),
            "button quiet-button icon-only",
            cx.f(W::RemoveGroup, &[&number]),
            icon(Icon::Close),
        )
    });
    view! {
        <fieldset class="condition-group">
            <legend class="sr">{cx.f(W::Group, &[&number])}</legend>
            <input type="hidden" name=of.name("_group") value=g.to_string() />
            <div class="condition-join">
                <label for=join_id.clone()>{cx.t(W::Holds)}</label>
                {join_select(cx, Some(join_id), of.name("_group_join"), group.join, None)}
                {remove}
            </div>
            {rows}
            <div class="condition-acts">{more}</div>
        </fieldset>
    }
    .into_any()
}

fn view_row(cx: &Cx, of: &BuilderView<'_>, (g, r): (usize, usize), row: &ConditionRow) -> AnyView {
    let id = of.name(&format!("-{g}-{r}"));
    let told = of.error.is_some() || of.typed.note.is_some();
    let problem = row.problem().filter(|_| told);
    let group = said_of(cx, of.groups, row);
    let (group, wrong) = match group {
        Some(Ok(name)) => (Some(name), None),
        Some(Err(wrong)) => (None, Some(wrong)),
        None => (None, None),
    };
    let error = problem.map(|problem| cx.t(RowProblemWord::of(problem)).to_owned());
    let error = error.or(wrong);
    // The choice of a group says its name itself.
    let group = group.filter(|_| row.operator.has_attribute());
    let group = group.map(|name| {
        view! { <p class="condition-group-name">{cx.t(GroupNameWord::Is)} " " <strong>{name}</strong></p> }
    });
    let places = places_of(cx, row);
    let places = places.map(|names| view! { <p class="condition-group-name">{names}</p> });
    let of_name = matches!(
        problem,
        Some(RowProblem::NoAttribute | RowProblem::AttributeName)
    );
    let invalid = |this: bool| (error.is_some() && this).then_some("true");
    let (bad_name, bad_value) = (invalid(of_name), invalid(!of_name));
    let described = error.is_some().then(|| format!("{id}-error"));
    let focused = of.typed.focused == Some((g, r));
    let is_whole = !row.operator.has_attribute();
    let operators = RowOperator::ALL
        .into_iter()
        .filter(|(operator, _)| operator.has_attribute() != is_whole);
    let operators = operators.map(|(operator, name)| {
        view! {
            <option value=name selected=row.operator == operator>
                {cx.t(RowOperatorWord::of(operator))}
            </option>
        }
    });
    let operators = operators.collect_view();
    let number = (r + 1).to_string();
    let remove = of.act(
        &format!("remove:{g}:{r}"),
        "button quiet-button icon-only",
        cx.f(W::Remove, &[&number]),
        icon(Icon::Close),
    );
    if is_whole {
        return view! {
            <div class="condition-row" id=id.clone() tabindex="-1" autofocus=focused>
                <input type="hidden" name=of.name("_row") value=g.to_string() />
                <input type="hidden" name=of.name("_attribute") value="" />
                <span class="condition-who">{cx.t(W::TheUser)}</span>
                <span class="select">
                    <select name=of.name("_operator") aria-label=cx.t(W::Comparison)>
                        {operators}
                    </select>
                    {icon(Icon::ChevronDown)}
                </span>
                {choice(cx, of.groups, row, of.name("_value"))}
                {remove}
            </div>
            {field_error(&id, error)}
        }
        .into_any();
    }
    view! {
        <div class="condition-row" data-row="">
            <input type="hidden" name=of.name("_row") value=g.to_string() />
            <input
                id=id.clone()
                data-attribute=VALUES_OF
                class="mono"
                name=of.name("_attribute")
                value=row.attribute.clone()
                list=ATTRIBUTES
                aria-label=cx.t(W::Attribute)
                placeholder=cx.t(W::Attribute)
                aria-invalid=bad_name
                aria-describedby=described.clone()
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                autofocus=focused
            />
            <span class="select">
                <select
                    name=of.name("_operator")
                    aria-label=cx.t(W::Comparison)
                    data-lists=OPERATORS
                    data-list=GROUPS
                >
                    {operators}
                </select>
                {icon(Icon::ChevronDown)}
            </span>
            <input
                class="mono condition-value"
                name=of.name("_value")
                value=row.value.clone()
                list=list_of(row)
                data-value=""
                aria-label=cx.t(W::Value)
                placeholder=cx.t(W::Value)
                aria-invalid=bad_value
                aria-describedby=described
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
            />
            {remove}
        </div>
        {group}
        {places}
        {field_error(&id, error)}
    }
    .into_any()
}

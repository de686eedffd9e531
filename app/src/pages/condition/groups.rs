//! Saved groups in conditions: proposed while an id is typed, and named beside it.

use axum::response::Response;
use leptos::prelude::*;
use nexus_control::views::GroupChoice;
use nexus_domain::Environment;
use nexus_domain::condition::ConditionRow;
use nexus_domain::saved_group::GroupKind;

use crate::cx::Cx;
use crate::host::Visit;
use crate::text::condition::GroupNameWord as W;
use crate::ui::{Icon, icon};

/// The id of the list that proposes groups.
pub(super) const GROUPS: &str = "condition-groups";
/// Operators whose value is the id of a group, as a form sends them.
pub(super) const OPERATORS: &str = "in_group not_in_group";

/// The groups that a form proposes; none for an environment there is not.
pub(crate) async fn group_choices(
    visit: &Visit,
    environment: &str,
) -> Result<Vec<GroupChoice>, Response> {
    let Some(environment) = Environment::parse(environment) else {
        return Ok(Vec::new());
    };
    let choices = visit.console.group_choices(&visit.actor, environment).await;
    choices.map_err(|e| visit.fail(&e))
}

/// The name of the group in a row, or what is wrong with it; nothing for other rows.
pub(super) fn said_of(
    cx: &Cx,
    groups: &[GroupChoice],
    row: &ConditionRow,
) -> Option<Result<String, String>> {
    let id = row.value.trim().trim_matches('"');
    if !row.operator.names_group() || id.is_empty() {
        return None;
    }
    // A list is asked about an attribute, and any group about the user.
    let fits = |group: &GroupChoice| !row.operator.has_attribute() || group.kind == GroupKind::List;
    let found = groups.iter().find(|group| group.id == id);
    Some(match found {
        None => Err(cx.f(W::Unknown, &[id])),
        Some(group) if group.archived => Err(cx.f(W::Archived, &[&group.name])),
        Some(group) if !fits(group) => Err(cx.f(W::NotAList, &[&group.name])),
        Some(group) => Ok(group.name.clone()),
    })
}

/// The groups that a row can name, by name; the one that it names too, whatever it is.
pub(super) fn choice(cx: &Cx, groups: &[GroupChoice], row: &ConditionRow, name: String) -> AnyView {
    let named = row.value.trim().trim_matches('"').to_owned();
    let usable = groups.iter().filter(|group| !group.archived);
    let usable = usable.map(|group| (group.id.clone(), group.name.clone()));
    let mut options: Vec<(String, String)> = usable.collect();
    if !named.is_empty() && options.iter().all(|(id, _)| *id != named) {
        options.push((named.clone(), named.clone()));
    }
    let options = options.into_iter().map(|(id, name)| {
        let chosen = id == named;
        view! {
            <option value=id selected=chosen>
                {name}
            </option>
        }
    });
    view! {
        <span class="select condition-value">
            <select name=name aria-label=cx.t(W::Group)>
                <option value="">{cx.t(W::Choose)}</option>
                {options.collect_view()}
            </select>
            {icon(Icon::ChevronDown)}
        </span>
    }
    .into_any()
}

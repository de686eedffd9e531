//! Saved groups in conditions: proposed while an id is typed, and named beside it.

use axum::response::Response;
use leptos::prelude::*;
use nexus_control::views::GroupChoice;
use nexus_domain::Environment;
use nexus_domain::condition::{ConditionRow, RowOperator};
use nexus_domain::saved_group::GroupKind;

use crate::cx::Cx;
use crate::host::Visit;
use crate::text::condition::GroupNameWord as W;

/// The id of [`group_list`].
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

/// Lists with their names; a form with conditions has it once.
pub(crate) fn group_list(groups: &[GroupChoice]) -> AnyView {
    let lists = groups
        .iter()
        .filter(|group| group.kind == GroupKind::List && !group.archived);
    let options = lists
        .map(|group| view! { <option value=group.id.clone()>{group.name.clone()}</option> })
        .collect_view();
    view! { <datalist id=GROUPS>{options}</datalist> }.into_any()
}

pub(super) const fn names_group(row: &ConditionRow) -> bool {
    matches!(row.operator, RowOperator::InGroup | RowOperator::NotInGroup)
}

/// The name of the group in a row, or what is wrong with it; nothing for other rows.
pub(super) fn said_of(
    cx: &Cx,
    groups: &[GroupChoice],
    row: &ConditionRow,
) -> Option<Result<String, String>> {
    let id = row.value.trim().trim_matches('"');
    if !names_group(row) || id.is_empty() {
        return None;
    }
    let found = groups.iter().find(|group| group.id == id);
    Some(match found {
        None => Err(cx.f(W::Unknown, &[id])),
        Some(group) if group.archived => Err(cx.f(W::Archived, &[&group.name])),
        Some(group) if group.kind == GroupKind::Condition => Err(cx.f(W::NotAList, &[&group.name])),
        Some(group) => Ok(group.name.clone()),
    })
}

//! Roles per environment: in words, as form, and read back.

use leptos::prelude::*;
use nexus_domain::Environment;
use nexus_domain::access::{Grant, Role};

use crate::cx::Cx;
use crate::host::Form;
use crate::text::domain::{EnvironmentWord, RoleWord};
use crate::text::settings::MemberWord as W;
use crate::ui::{Icon, field_error, icon};

/// Grants as small marks: `Operator · Production`.
#[must_use]
pub fn chips(cx: &Cx, grants: &[Grant]) -> AnyView {
    if grants.is_empty() {
        return view! { <span class="quiet">{cx.t(W::NoRoles)}</span> }.into_any();
    }
    let items = grants
        .iter()
        .map(|grant| {
            let environment = match grant.environment {
                Some(environment) => cx.t(EnvironmentWord::of(environment)),
                None => cx.t(W::AllShort),
            };
            view! {
                <li class="chip neutral">
                    {cx.t(RoleWord::of(grant.role))} <span class="chip-more">{environment}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="chips">{items}</ul> }.into_any()
}

/// Value of a role's select: nothing, everywhere, or one environment.
fn value_of(grants: &[Grant], role: Role) -> Vec<String> {
    grants
        .iter()
        .filter(|grant| grant.role == role)
        .map(|grant| {
            grant
                .environment
                .map_or("all", Environment::as_str)
                .to_owned()
        })
        .collect()
}

/// One row of boxes per role: everywhere, or each environment.
#[must_use]
pub fn grant_fields(cx: &Cx, grants: &[Grant], error: Option<String>) -> AnyView {
    let rows = Role::ALL
        .into_iter()
        .map(|role| role_row(cx, grants, role))
        .collect_view();
    let heads = Environment::ALL
        .into_iter()
        .map(|e| view! { <th scope="col">{cx.t(EnvironmentWord::of(e))}</th> })
        .collect_view();
    let class = if error.is_some() {
        "field invalid"
    } else {
        "field"
    };
    view! {
        <fieldset class=class id="roles" tabindex="-1">
            <legend class="field-label">{cx.t(W::Roles)}</legend>
            {field_error("roles", error)}
            <table class="table grants">
                <thead>
                    <tr>
                        <th scope="col">
                            <span class="sr">{cx.t(W::Roles)}</span>
                        </th>
                        <th scope="col">{cx.t(W::Everywhere)}</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="field-help">{cx.t(W::RolesHelp)}</p>
        </fieldset>
    }
    .into_any()
}

fn role_row(cx: &Cx, grants: &[Grant], role: Role) -> AnyView {
    let given = value_of(grants, role);
    let name = cx.t(RoleWord::of(role));
    let cell = |environment: Option<Environment>| {
        let value = environment.map_or("all", Environment::as_str);
        let where_to = match environment {
            Some(environment) => cx.t(EnvironmentWord::of(environment)),
            None => cx.t(W::Everywhere),
        };
        let checked = given.iter().any(|g| g == value);
        view! {
            <td data-label=where_to>
                <label class="cell-check">
                    <input
                        type="checkbox"
                        name="grant"
                        value=format!("{}:{value}", role.as_str())
                        checked=checked
                    />
                    <span class="sr">{format!("{name}: {where_to}")}</span>
                </label>
            </td>
        }
    };
    let cells = Environment::ALL
        .into_iter()
        .map(|e| cell(Some(e)))
        .collect_view();
    view! {
        <tr>
            <th scope="row">
                {name} <span class="check-help">{cx.t(RoleWord::help(role))}</span>
            </th>
            {cell(None)}
            {cells}
        </tr>
    }
    .into_any()
}

/// The boxes ticked; a role given everywhere is not listed per environment too.
#[must_use]
pub fn grants_of(form: &Form) -> Vec<Grant> {
    let mut grants: Vec<Grant> = form
        .all("grant")
        .into_iter()
        .filter_map(|value| {
            let (role, environment) = value.split_once(':')?;
            let role = Role::parse(role)?;
            let environment = match environment {
                "all" => None,
                name => Some(Environment::parse(name)?),
            };
            Some(Grant { role, environment })
        })
        .collect();
    let everywhere: Vec<Role> = grants
        .iter()
        .filter(|g| g.environment.is_none())
        .map(|g| g.role)
        .collect();
    grants.retain(|g| g.environment.is_none() || !everywhere.contains(&g.role));
    grants.sort_unstable();
    grants.dedup();
    grants
}

/// What changes, for the confirmation page.
#[must_use]
pub fn grant_list(cx: &Cx, grants: &[Grant]) -> AnyView {
    let items = grants
        .iter()
        .map(|grant| {
            let environment = match grant.environment {
                Some(environment) => cx.t(EnvironmentWord::of(environment)),
                None => cx.t(W::Everywhere),
            };
            let text = format!("{} — {environment}", cx.t(RoleWord::of(grant.role)));
            view! {
                <li>
                    {icon(Icon::Check)}
                    <span>
                        {text} <span class="check-help">{cx.t(RoleWord::help(grant.role))}</span>
                    </span>
                </li>
            }
        })
        .collect_view();
    if grants.is_empty() {
        return view! { <p class="quiet">{cx.t(W::NoRoles)}</p> }.into_any();
    }
    view! { <ul class="consequences">{items}</ul> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everywhere_covers_each_and_nonsense_is_left_out() {
        let form = Form::parse(
            "grant=owner:all&grant=owner:staging&grant=viewer:preview&grant=king:all&grant=viewer:moon",
        );
        let expected = [
            Grant {
                role: Role::Viewer,
                environment: Some(Environment::Preview),
            },
            Grant {
                role: Role::Owner,
                environment: None,
            },
        ];
        assert_eq!(grants_of(&form), expected);
    }
}

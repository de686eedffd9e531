//! A condition in words.

use leptos::prelude::*;
use nexus_domain::condition::{ConditionForm, ConditionGroup, ConditionRow, Join};
use serde_json::Value;

use crate::cx::Cx;
use crate::lang::Lang;
use crate::text::condition::{ConditionWord, JoinWord, RowOperatorWord};

/// As a list; as JSON when there are no words for it.
pub(crate) fn view_condition(cx: &Cx, condition: &Value) -> AnyView {
    let Some(form) = ConditionForm::of_json(condition) else {
        return view! { <pre class="value">{condition.to_string()}</pre> }.into_any();
    };
    let groups = form.groups.iter().map(|group| view_group(cx, group));
    match (&form.groups[..], form.join) {
        ([only], Join::All) => view_group(cx, only),
        (_, join) => view! {
            <div class="condition-said">
                <p class="quiet">{cx.t(JoinWord::of(join))}</p>
                {groups.collect_view()}
            </div>
        }
        .into_any(),
    }
}

fn view_group(cx: &Cx, group: &ConditionGroup) -> AnyView {
    let rows = group.rows.iter();
    let rows = rows.map(|row| view! { <li><code>{row_text(cx, row)}</code></li> });
    let join = (group.rows.len() > 1 || group.join == Join::None)
        .then(|| view! { <p class="quiet">{cx.t(JoinWord::of(group.join))}</p> });
    view! {
        <div class="condition-said">{join} <ul class="rules">{rows.collect_view()}</ul></div>
    }
    .into_any()
}

/// One test in words.
pub(crate) fn row_text(cx: &Cx, row: &ConditionRow) -> String {
    let operator = cx.t(RowOperatorWord::of(row.operator));
    let value = match row.operator.has_value() {
        true => row.value.as_str(),
        false => "",
    };
    let about = match row.operator.has_attribute() {
        true => row.attribute.as_str(),
        false => cx.t(ConditionWord::TheUser),
    };
    match cx.lang {
        Lang::Ja if !value.is_empty() => format!("{about}{operator}: {value}"),
        Lang::Ja => format!("{about}{operator}"),
        Lang::En => format!("{about} {operator} {value}").trim_end().to_owned(),
    }
}

/// On one line.
pub(crate) fn condition_text(cx: &Cx, condition: &Value) -> String {
    let Some(form) = ConditionForm::of_json(condition) else {
        return condition.to_string();
    };
    let group = |group: &ConditionGroup| {
        let rows = group.rows.iter().map(|row| row_text(cx, row));
        let rows: Vec<String> = rows.collect();
        match (&rows[..], group.join) {
            ([only], Join::All) => only.clone(),
            (rows, join) => joined(cx, join, rows),
        }
    };
    let groups: Vec<String> = form.groups.iter().map(group).collect();
    match (&groups[..], form.join) {
        ([only], Join::All) => only.clone(),
        (groups, join) => joined(cx, join, groups),
    }
}

fn joined(cx: &Cx, join: Join, parts: &[String]) -> String {
    let (between, open) = match cx.lang {
        Lang::En => ("; ", ": "),
        Lang::Ja => ("、", ": "),
    };
    format!(
        "({}{open}{})",
        cx.t(JoinWord::of(join)),
        parts.join(between)
    )
}

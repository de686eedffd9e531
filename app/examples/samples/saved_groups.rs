//! Samples of saved groups: their pages in every state.

use nexus_app::Cx;
use nexus_app::pages::estimate::Estimated;
use nexus_app::pages::revisions::Compared;
use nexus_app::pages::saved_groups::form::{GroupForm, GroupFormView, view_form};
use nexus_app::pages::saved_groups::{archive, detail, history, list};
use nexus_app::shell::Page;
use nexus_control::views::{
    GroupChoice, SavedGroupDetail, SavedGroupRevision, SavedGroupRevisions, SavedGroupRow, Use,
    UseKind, WhatIf,
};
use nexus_domain::saved_group::{
    GroupContent, GroupKind, SavedGroup, SavedGroupChanges, SavedGroupDraft, changes,
};
use nexus_domain::{Environment, Field, FieldProblem, Problem};
use serde_json::json;

use super::{DAY, HOUR, NOW_MS};

type Build = fn(&Cx) -> Page;

pub(crate) const GROUP_PAGES: &[(&str, &str, Build)] = &[
    ("groups", "/saved-groups", |cx| {
        list::view_list(cx, &list::query_of(""), &super::page(rows(), 20, 3))
    }),
    ("groups-empty", "/saved-groups", |cx| {
        let nothing = super::page(Vec::new(), 20, 0);
        list::view_list(cx, &list::query_of(""), &nothing)
    }),
    ("groups-none-fit", "/saved-groups", |cx| {
        let nothing = super::page(Vec::new(), 20, 0);
        list::view_list(cx, &list::query_of("q=zzz"), &nothing)
    }),
    (
        "group-list",
        "/saved-groups/production/beta-testers",
        |cx| detail::view_group(cx, &sample(testers(), true), "user-000042", &[]),
    ),
    ("group-condition", "/saved-groups/production/japan", |cx| {
        detail::view_group(cx, &sample(japan(), false), "", &[])
    }),
    (
        "group-in-use",
        "/saved-groups/production/beta-testers",
        |cx| {
            let by = "flag new-checkout, saved group japan".to_owned();
            let problems = [FieldProblem::new(Field::Id, Problem::InUse { by })];
            detail::view_group(cx, &sample(testers(), true), "", &problems)
        },
    ),
    ("group-archived", "/saved-groups/production/japan", |cx| {
        let gone = japan().archived(true, "ren@autoforge.example", NOW_MS - HOUR);
        let gone = gone.unwrap_or_else(japan);
        detail::view_group(cx, &sample(gone, false), "", &[])
    }),
    (
        "group-archive",
        "/saved-groups/production/japan/archive",
        |cx| archive::view_archive(cx, &japan(), Some("Japan".to_owned())),
    ),
    ("group-new", "/saved-groups/new", |cx| {
        let draft = SavedGroupDraft::starter(Environment::Production);
        form(cx, &GroupForm::of_draft(&draft), &[], None)
    }),
    ("group-new-errors", "/saved-groups/new", |cx| {
        let draft = SavedGroupDraft::starter(Environment::Production);
        let too_large = Problem::TooLarge {
            bytes: 1_290_000,
            max: 1_000_000,
        };
        let problems = [
            FieldProblem::new(Field::Name, Problem::Required),
            FieldProblem::new(Field::GroupValues, too_large),
        ];
        form(cx, &GroupForm::of_draft(&draft), &problems, None)
    }),
    (
        "group-conflict",
        "/saved-groups/production/beta-testers/edit",
        |cx| {
            let state = GroupForm::of_draft(&SavedGroupDraft::of(&testers()));
            form(cx, &state, &[], Some(found()))
        },
    ),
    ("group-edit", "/saved-groups/production/japan/edit", |cx| {
        let segment = json!({ "$or": [
            { "$savedGroups": ["beta-testers"] },
            { "subdivision": { "$in": ["JP-13", "JP-27"] } },
            { "country": { "$in": ["DE", "FR"] } },
            { "browser": "safari" },
        ] });
        let content = GroupContent::Condition { condition: segment };
        let draft = SavedGroupDraft::of(&made("japan", "Testers in Japan", content));
        let mut state = GroupForm::of_draft(&draft);
        state.groups = group_choices();
        form(cx, &state, &[], Some(SavedGroupChanges::default()))
    }),
    (
        "group-history",
        "/saved-groups/production/beta-testers/history",
        |cx| {
            let compared = Compared { from: 2, to: 3 };
            history::view_history(cx, &revisions(), compared, Some(&found()), &[])
        },
    ),
];

fn form(
    cx: &Cx,
    state: &GroupForm,
    problems: &[FieldProblem],
    conflict: Option<SavedGroupChanges>,
) -> Page {
    let editing = conflict.is_some().then(|| ("Beta testers".to_owned(), 3));
    let form = GroupFormView {
        state,
        problems,
        estimate: editing.is_some().then(|| Estimated::Ready(followed())),
        editing,
        conflict,
    };
    view_form(cx, &form)
}

/// What follows from the group as it is typed.
fn followed() -> WhatIf {
    WhatIf {
        moves: Vec::new(),
        ..super::flag_what_if()
    }
}

fn made(id: &str, name: &str, content: GroupContent) -> SavedGroup {
    let draft = SavedGroupDraft {
        id: id.to_owned(),
        name: name.to_owned(),
        description: "Kept by the support team; refreshed every Monday.".to_owned(),
        content,
        ..SavedGroupDraft::starter(Environment::Production)
    };
    let made = draft.create("mika@autoforge.example", NOW_MS - 9 * DAY);
    let mut made = made.unwrap_or_else(|p| unreachable!("the sample is valid: {p:?}"));
    made.version = 3;
    made
}

fn testers() -> SavedGroup {
    let values = (0..240).map(|n| format!("user-{:06}", n * 7));
    let content = GroupContent::List {
        attribute: "id".to_owned(),
        values: values.collect(),
    };
    made("beta-testers", "Beta testers", content)
}

fn japan() -> SavedGroup {
    let condition = json!({ "country": "JP", "$savedGroups": ["beta-testers"] });
    made(
        "japan",
        "Testers in Japan",
        GroupContent::Condition { condition },
    )
}

fn sample(group: SavedGroup, used: bool) -> SavedGroupDetail {
    let used_by = [
        (UseKind::Flag, "new-checkout", "New checkout"),
        (UseKind::Experiment, "checkout-short", "Shorter checkout"),
        (UseKind::SavedGroup, "japan", "Testers in Japan"),
    ];
    let used_by = used_by.map(|(kind, id, name)| Use {
        kind,
        id: id.to_owned(),
        name: name.to_owned(),
    });
    SavedGroupDetail {
        group,
        used_by: match used {
            true => used_by.into(),
            false => Vec::new(),
        },
        propagation: super::propagation(),
        history: super::audit_rows(),
    }
}

fn rows() -> Vec<SavedGroupRow> {
    let row = |id: &str, name: &str, environment, of: Option<(&str, u64)>| SavedGroupRow {
        environment,
        id: id.to_owned(),
        name: name.to_owned(),
        kind: match of {
            Some(_) => GroupKind::List,
            None => GroupKind::Condition,
        },
        attribute: of.map(|(attribute, _)| attribute.to_owned()),
        size: of.map(|(_, size)| size),
        archived: false,
        version: 3,
        updated_ms: NOW_MS - 26 * HOUR,
        updated_by: "mika@autoforge.example".to_owned(),
    };
    use Environment::{Production, Staging};
    vec![
        row(
            "beta-testers",
            "Beta testers",
            Production,
            Some(("id", 240)),
        ),
        row("japan", "Testers in Japan", Production, None),
        row(
            "key-accounts",
            "Key accounts",
            Staging,
            Some(("company", 18_204)),
        ),
    ]
}

fn found() -> SavedGroupChanges {
    let (after, mut before) = (
        SavedGroupDraft::of(&testers()),
        SavedGroupDraft::of(&testers()),
    );
    before.name = "Testers".to_owned();
    if let GroupContent::List { values, .. } = &mut before.content {
        values.truncate(110);
        values.push("user-999999".to_owned());
    }
    changes(&before, &after)
}

fn revisions() -> SavedGroupRevisions {
    let rows = super::audit_rows()
        .into_iter()
        .map(Some)
        .chain([None, None, None]);
    let revisions = (1..=3)
        .rev()
        .zip(rows)
        .map(|(version, change)| SavedGroupRevision {
            version,
            at_ms: NOW_MS - (4 - version as i64) * HOUR,
            change,
        });
    SavedGroupRevisions {
        current: testers(),
        revisions: revisions.collect(),
    }
}

/// Those that a form offers.
pub(crate) fn group_choices() -> Vec<GroupChoice> {
    let groups = [testers(), japan()].map(|group| GroupChoice {
        id: group.id.to_string(),
        kind: group.content.kind(),
        archived: group.archived,
        name: group.name,
    });
    groups.into()
}

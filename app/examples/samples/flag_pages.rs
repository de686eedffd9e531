//! The pages of feature flags in their states.

use nexus_app::Cx;
use nexus_app::pages::flags::form::{FlagConflict, FlagForm, FlagFormView};
use nexus_app::pages::flags::{
    command as flag_command, copy, detail as flag_detail, history, import, list as flag_list,
};
use nexus_app::pages::revisions::Compared;
use nexus_app::shell::Page;
use nexus_app::zone::Zone;
use nexus_domain::flag::{FlagDraft, FlagKind, FlagStatus};
use nexus_domain::{Environment, FieldProblem};

use super::sample_pages::Build;
use super::samples as s;

pub(crate) const PAGES: &[(&str, &str, Build)] = &[
    ("flags", "/flags", |cx| {
        flag_list::view_list(
            cx,
            &flag_list::query_of(""),
            &s::page(s::flag_rows(), 20, 5),
        )
    }),
    ("flags-empty", "/flags", |cx| {
        flag_list::view_list(cx, &flag_list::query_of(""), &s::page(Vec::new(), 20, 0))
    }),
    ("flags-none-fit", "/flags", |cx| {
        let query = flag_list::query_of("q=zzz");
        flag_list::view_list(cx, &query, &s::page(Vec::new(), 20, 0))
    }),
    ("flag-on", "/flags/production/new-checkout", |cx| {
        flag_page(cx, FlagStatus::On, "")
    }),
    ("flag-tried", "/flags/production/new-checkout", |cx| {
        flag_page(cx, FlagStatus::Off, "ada")
    }),
    ("flag-set", "/flags/production/new-checkout", |cx| {
        let detail = s::flag_detail(FlagStatus::On);
        let tried = s::tried_while_set(FlagStatus::On, "ada");
        flag_detail::view_flag(cx, &detail, &tried, &flag_detail::Switching::default())
    }),
    ("flag-stale", "/flags/production/new-checkout", |cx| {
        flag_page(cx, FlagStatus::Off, "")
    }),
    ("flag-archived", "/flags/production/new-checkout", |cx| {
        flag_page(cx, FlagStatus::Archived, "")
    }),
    (
        "flag-archive",
        "/flags/production/new-checkout/archive",
        |cx| {
            flag_command::view_archive(cx, &s::flag_detail(FlagStatus::On), Some("new".to_owned()))
        },
    ),
    ("flag-copy", "/flags/production/new-checkout/copy", |cx| {
        let here = s::flag(FlagStatus::On);
        let mut there = s::flag_revisions().revisions.remove(2).flag;
        there.environment = Environment::Staging;
        copy::view_copy(cx, &here, Environment::Staging, Some(&there), &[])
    }),
    (
        "flag-copy-new",
        "/flags/production/new-checkout/copy",
        |cx| {
            copy::view_copy(
                cx,
                &s::flag(FlagStatus::On),
                Environment::Preview,
                None,
                &[],
            )
        },
    ),
    (
        "flag-history",
        "/flags/production/new-checkout/history",
        |cx| {
            let compared = Compared { from: 4, to: 6 };
            history::view_history(cx, &s::flag_revisions(), compared, &[])
        },
    ),
    ("flag-import", "/flags/import", |cx| {
        let form = import::ImportForm {
            environment: "production".to_owned(),
            ..import::ImportForm::default()
        };
        import::view_import(cx, &form, None, &[])
    }),
    ("flag-import-found", "/flags/import", |cx| {
        let form = import::ImportForm {
            file: s::IMPORTED.to_owned(),
            environment: "production".to_owned(),
            ..import::ImportForm::default()
        };
        import::view_import(cx, &form, Some(&s::import_preview()), &[])
    }),
    ("flag-import-part", "/flags/import", |cx| {
        let form = import::ImportForm {
            file: s::IMPORTED.to_owned(),
            environment: "production".to_owned(),
            done: Some([100, 150]),
            ..import::ImportForm::default()
        };
        import::view_import(cx, &form, Some(&s::import_preview()), &[])
    }),
    ("flag-new", "/flags/new", |cx| {
        let state = FlagForm::of_draft(&FlagDraft::starter(Environment::Production), cx.lang);
        flag_form(cx, &state, &[], None)
    }),
    ("flag-edit", "/flags/production/new-checkout/edit", |cx| {
        let mut state = FlagForm::of_draft(&s::flag_draft(), cx.lang);
        state.holdouts = s::holdout_choices();
        state.groups = s::group_choices();
        state.rearrange("add-rule", Zone::UTC);
        state.focused = None;
        flag_form(cx, &state, &[], Some(None))
    }),
    ("flag-errors", "/flags/production/new-checkout/edit", |cx| {
        let mut state = FlagForm::of_draft(&s::flag_draft(), cx.lang);
        state.kind = FlagKind::Json;
        state.value = "{".to_owned();
        state.schema = r#"{ "type": "text" }"#.to_owned();
        state.rules[0].coverage = "all".to_owned();
        state.rules[1].audience.countries = "Atlantis".to_owned();
        state.rules[1].audience.condition.rows.groups[0].rows[0]
            .value
            .clear();
        let problems = state.draft().err().unwrap_or_default();
        flag_form(cx, &state, &problems, Some(None))
    }),
    (
        "flag-conflict",
        "/flags/production/new-checkout/edit",
        |cx| {
            let mut mine = s::flag_draft();
            mine.rules[1].coverage_bp = 5_000;
            mine.rules[1].id = "r2".to_owned();
            mine.rules[0].id = "r1".to_owned();
            let base = s::flag_revisions().revisions.remove(2).flag;
            let conflict = FlagConflict::new(Some(&base), &s::flag(FlagStatus::On), &mine);
            flag_form(
                cx,
                &FlagForm::of_draft(&mine, cx.lang),
                &[],
                Some(Some(conflict)),
            )
        },
    ),
];

fn flag_page(cx: &Cx, status: FlagStatus, user: &str) -> Page {
    let detail = s::flag_detail(status);
    let switching = flag_detail::Switching::default();
    flag_detail::view_flag(cx, &detail, &s::tried(status, user), &switching)
}

/// None: a new flag. Some: an existing one, perhaps with a conflict.
fn flag_form(
    cx: &Cx,
    state: &FlagForm,
    problems: &[FieldProblem],
    editing: Option<Option<FlagConflict>>,
) -> Page {
    let form = FlagFormView {
        state,
        problems,
        editing: editing.is_some().then(|| ("New checkout".to_owned(), 6)),
        conflict: editing.flatten(),
        estimate: None,
    };
    nexus_app::pages::flags::form::view_form(cx, &form)
}

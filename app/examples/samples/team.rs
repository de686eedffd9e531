//! Links for testers and templates.

use nexus_app::Cx;
use nexus_app::pages::qa::{Typed, view_links, view_revoke};
use nexus_app::pages::subject::Subject;
use nexus_app::pages::templates::{view_delete, view_list, view_save};
use nexus_app::shell::{Page, Place};
use nexus_control::views::{QaLinkRow, QaLinks};
use nexus_domain::experiment::{Draft, Status};
use nexus_domain::flag::FlagStatus;
use nexus_domain::ids::{QaLinkId, TemplateId};
use nexus_domain::qa::{QaDraft, QaTarget};
use nexus_domain::template::{Template, TemplateContent, TemplateDraft};
use nexus_domain::{Environment, Field, FieldProblem, Problem};

use super::{HOUR, NOW_MS, experiment, flag, propagation};

type Build = fn(&Cx) -> Page;

pub(crate) const TEAM_PAGES: &[(&str, &str, Build)] = &[
    ("qa-links", "/experiments/checkout-short/qa", |cx| {
        let links = links(true, QaTarget::of_experiment(&experiment(Status::Running)));
        view_links(cx, &of_experiment(), &links, &typed(), &[])
    }),
    ("qa-links-none", "/flags/production/new-checkout/qa", |cx| {
        let mut links = links(true, QaTarget::of_flag(&flag(FlagStatus::Off)));
        links.links.clear();
        let problems = [
            FieldProblem::new(Field::QaPage, Problem::NotALink),
            FieldProblem::new(
                Field::QaHours,
                Problem::OutOfRange {
                    min: "1".to_owned(),
                    max: "720".to_owned(),
                },
            ),
        ];
        view_links(cx, &of_flag(), &links, &typed(), &problems)
    }),
    ("qa-links-over", "/experiments/checkout-short/qa", |cx| {
        let mut links = links(false, QaTarget::of_experiment(&experiment(Status::Running)));
        links.links.clear();
        view_links(cx, &of_experiment(), &links, &typed(), &[])
    }),
    ("qa-revoke", "/qa-links/x/revoke", |cx| {
        let links = links(true, QaTarget::of_experiment(&experiment(Status::Running)));
        view_revoke(cx, &links.links[0].link, None)
    }),
    ("template-delete", "/templates/x/delete", |cx| {
        view_delete(cx, &templates()[0], Some("Price test".to_owned()))
    }),
    ("templates", "/templates", |cx| view_list(cx, &templates())),
    ("templates-none", "/templates", |cx| view_list(cx, &[])),
    (
        "template-save",
        "/experiments/checkout-short/template",
        |cx| {
            let typed = TemplateDraft::default();
            let problems = [FieldProblem::new(Field::Name, Problem::Taken)];
            view_save(cx, &of_experiment(), &typed, &problems)
        },
    ),
    (
        "template-save-flag",
        "/flags/production/new-checkout/template",
        |cx| {
            let typed = TemplateDraft {
                name: "Regional".to_owned(),
                ..TemplateDraft::default()
            };
            view_save(cx, &of_flag(), &typed, &[])
        },
    ),
];

fn of_experiment() -> Subject {
    Subject {
        home: "/experiments/checkout-short".to_owned(),
        name: "Shorter checkout".to_owned(),
        place: Place::EXPERIMENTS,
    }
}

fn of_flag() -> Subject {
    Subject {
        home: "/flags/production/new-checkout".to_owned(),
        name: "New checkout".to_owned(),
        place: Place::FLAGS,
    }
}

fn typed() -> Typed {
    Typed {
        page: "https://shop.example/cart".to_owned(),
        hours: "24".to_owned(),
        only: Vec::new(),
    }
}

fn links(open: bool, targets: Vec<QaTarget>) -> QaLinks {
    let draft = QaDraft {
        page: "https://shop.example/cart".to_owned(),
        hours: 24,
        only: Vec::new(),
    };
    let row = |(n, target): (u128, &QaTarget)| {
        let id = QaLinkId::from_u128(0x019a_c000 + n);
        let link = draft.link(
            id,
            Environment::Production,
            target.clone(),
            "mika@autoforge.example",
            NOW_MS - 2 * HOUR,
        );
        let text = "eyJlIjoicHJvZHVjdGlvbiIsImwiOiJxYV8wMTlhYyIsImYiOiJleHBlcmltZW50OmNoZWNrb3V0LXNob3J0In0";
        QaLinkRow {
            url: link.url(&format!("{text}.{n}Zt0uQdK3vH1m")),
            link,
        }
    };
    QaLinks {
        environment: Environment::Production,
        links: (1..).zip(&targets).map(row).collect(),
        targets,
        page: draft.page.clone(),
        open,
        propagation: propagation(),
    }
}

fn templates() -> Vec<Template> {
    let named = |name: &str, description: &str, n: u128, content: TemplateContent| {
        let draft = TemplateDraft {
            name: name.to_owned(),
            description: description.to_owned(),
        };
        let made = draft.create(
            TemplateId::from_u128(n),
            Environment::Production,
            content,
            "mika@autoforge.example",
            NOW_MS - 30 * HOUR,
        );
        made.unwrap_or_else(|problems| unreachable!("the sample is valid: {problems:?}"))
    };
    vec![
        named(
            "Price test, Japan",
            "With our refund guardrail and the holdout of 2027 left to you.",
            1,
            TemplateContent::of_experiment(Draft::of(&experiment(Status::Running))),
        ),
        named(
            "Regional",
            "",
            2,
            TemplateContent::of_flag(super::flag_draft()),
        ),
    ]
}

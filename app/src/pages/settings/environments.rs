//! `/settings/environments`: what each environment asks of its experiments.

use leptos::prelude::*;
use nexus_control::Error;
use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::environment::EnvironmentRules;

use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::review::ReviewWord as W;
use crate::ui::{check_row, environment_chip, page_head};

pub async fn show(visit: Visit) -> Answer {
    let rules = visit.console.environment_rules(&visit.actor).await;
    let rules = rules.map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_environments(cx, &rules)))
}

pub async fn change(visit: Visit, body: String) -> Answer {
    let form = Form::parse(&body);
    let typed = form.trimmed("environment");
    let Some(environment) = Environment::parse(&typed) else {
        let (kind, id) = ("environment", typed.chars().take(40).collect());
        return Err(visit.fail(&Error::NotFound { kind, id }));
    };
    let rules = EnvironmentRules {
        environment,
        review: form.has("review"),
    };
    let done = visit.console.set_environment_rules(&visit.actor, rules);
    match done.await {
        Ok(_) => Ok(see_other("/settings/environments?done=saved")),
        Err(error) => Err(visit.fail(&error)),
    }
}

pub fn view_environments(cx: &Cx, rules: &[EnvironmentRules]) -> Page {
    let forms = rules.iter().map(|rules| form(cx, *rules)).collect_view();
    let lead = view! { <p>{cx.t(W::EnvironmentsLead)}</p> }.into_any();
    let title = cx.t(W::EnvironmentsTitle);
    let body = view! {
        <div class="narrow">
            {page_head(title.to_owned(), lead, ().into_any())} {forms}
        </div>
    };
    Page::new(title, Place::ENVIRONMENTS, body.into_any())
}

fn form(cx: &Cx, rules: EnvironmentRules) -> AnyView {
    let name = rules.environment.as_str();
    let id = format!("environment-{name}");
    let may = allowed(cx, Action::ManageEnvironments, Some(rules.environment));
    let act = match may {
        Err(reason) => {
            let word = if rules.review {
                W::ReviewOn
            } else {
                W::ReviewOff
            };
            view! { <p>{cx.t(word)}</p> <p class="panel-quiet">{reason}</p> }.into_any()
        }
        Ok(()) => {
            let (label, help) = (
                cx.t(W::Required).to_owned(),
                cx.t(W::RequiredHelp).to_owned(),
            );
            let tick = check_row(
                "checkbox",
                "review",
                "on".to_owned(),
                rules.review,
                label,
                Some(help),
            );
            view! {
                <form method="post" class="form-fields">
                    <input type="hidden" name="environment" value=name />
                    {tick}
                    <div class="act-form">
                        <button type="submit" class="button">
                            {cx.t(Common::Save)}
                        </button>
                    </div>
                </form>
            }
            .into_any()
        }
    };
    view! {
        <section class="panel" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{environment_chip(cx, rules.environment)}</h2>
            {act}
        </section>
    }
    .into_any()
}

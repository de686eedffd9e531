//! Templates of a team: saved, listed, taken from nobody who may not, deleted.

mod common;

use common::{run, world};
use nexus_control::Error;
use nexus_control::testing::{draft, flag_draft};
use nexus_domain::access::Role;
use nexus_domain::template::{TemplateContent, TemplateDraft, TemplateKind};
use nexus_domain::{Environment, Field, Problem};

fn named(name: &str) -> TemplateDraft {
    TemplateDraft {
        name: name.to_owned(),
        description: "For carts.".to_owned(),
    }
}

#[test]
fn a_template_is_saved_begun_from_and_deleted() {
    run(async {
        let w = world(1).await;
        let console = &w.t.console;
        console
            .create_experiment(&w.owner, draft("cta"))
            .await
            .unwrap();
        console
            .create_flag(&w.owner, flag_draft("cta"))
            .await
            .unwrap();
        let saved = console.save_experiment_as_template(&w.owner, "cta", named("Carts"));
        let saved = saved.await.unwrap();
        let flag =
            console.save_flag_as_template(&w.owner, Environment::Production, "cta", named("Carts"));
        flag.await.unwrap();
        let listed = console.templates(&w.owner, TemplateKind::Experiment).await;
        assert_eq!(listed.unwrap(), std::slice::from_ref(&saved));
        let TemplateContent::Experiment(begun) = saved.content.clone() else {
            panic!("an experiment");
        };
        let mut begun = *begun;
        begun.id = "another".to_owned();
        console.create_experiment(&w.owner, begun).await.unwrap();

        let again = console
            .save_experiment_as_template(&w.owner, "cta", named("Carts"))
            .await;
        assert!(
            matches!(again, Err(Error::Invalid(found)) if (found[0].field, &found[0].problem) == (Field::Name, &Problem::Taken))
        );
        let viewer = w.t.person(Role::Viewer);
        let refused = console
            .save_experiment_as_template(&viewer, "cta", named("x"))
            .await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        let id = saved.id.as_str();
        let refused = console.delete_template(&viewer, id).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        console.delete_template(&w.owner, id).await.unwrap();
        let gone = console.delete_template(&w.owner, id).await;
        assert!(matches!(gone, Err(Error::NotFound { .. })));
        let flags = console
            .templates(&viewer, TemplateKind::Flag)
            .await
            .unwrap();
        assert_eq!(flags.len(), 1);
        let log = console.audit(&w.owner, &Default::default()).await.unwrap();
        let actions: Vec<&str> = log.items.iter().map(|r| r.entry.action.as_str()).collect();
        for action in ["template.create", "template.delete"] {
            assert!(actions.contains(&action), "{action}");
        }
        assert!(w.verifies().await);
    });
}

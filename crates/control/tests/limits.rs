//! What one environment can hold.

mod common;

use common::{run, world};
use nexus_control::Error;
use nexus_control::testing::draft;
use nexus_domain::experiment::Command;
use nexus_domain::{Field, FieldProblem, Problem};
use nexus_flags::{AttributeRule, Operator};

#[test]
fn what_is_too_much_for_an_environment_together_is_named() {
    run(async {
        let w = world(6).await;
        let many = |id: &str| {
            let mut draft = draft(id);
            draft.targeting.attributes = (0..20)
                .map(|n| AttributeRule {
                    name: format!("{id}-{n}"),
                    operator: Operator::Is,
                    values: vec!["x".to_owned()],
                })
                .collect();
            draft
        };
        for n in 0..12 {
            w.started(many(&format!("e{n}"))).await;
        }
        let c = &w.t.console;
        c.create_experiment(&w.owner, many("one-more"))
            .await
            .unwrap();
        let refused = c
            .command_experiment(&w.owner, "one-more", None, Command::Start)
            .await;
        let Err(Error::Invalid(problems)) = refused else {
            panic!("{refused:?}")
        };
        let too_many = FieldProblem::new(Field::Attributes, Problem::TooMany { max: 255 });
        assert_eq!(problems, [too_many]);
    });
}

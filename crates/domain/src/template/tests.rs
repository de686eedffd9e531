use super::*;
use crate::flag::Rule;

#[test]
fn every_template_that_teaches_makes_something_valid() {
    for builtin in Builtin::ALL {
        assert_eq!(Builtin::parse(builtin.as_str()), Some(builtin));
        let content = builtin.content(Environment::Staging);
        assert_eq!(content.kind(), builtin.kind());
        let problems = match content {
            TemplateContent::Experiment(draft) => Draft {
                id: "one".to_owned(),
                name: "One".to_owned(),
                ..*draft
            }
            .problems(),
            TemplateContent::Flag(draft) => FlagDraft {
                key: "one".to_owned(),
                name: "One".to_owned(),
                ..*draft
            }
            .problems(),
        };
        assert_eq!(problems, [], "{builtin:?}");
    }
}

#[test]
fn what_belongs_to_one_thing_or_place_stays_behind() {
    let draft = Draft {
        id: "cta".to_owned(),
        name: "CTA".to_owned(),
        holdout: Some("year".to_owned()),
        team: Some("growth".to_owned()),
        schedule: Schedule {
            start_ms: Some(1),
            end_ms: Some(2),
            timezone: "Asia/Tokyo".to_owned(),
        },
        ..Draft::starter(Environment::Staging)
    };
    let TemplateContent::Experiment(kept) = TemplateContent::of_experiment(draft) else {
        panic!("an experiment");
    };
    assert_eq!((kept.id.as_str(), kept.name.as_str()), ("", "CTA"));
    assert_eq!((kept.holdout, kept.schedule.start_ms), (None, None));
    assert_eq!(kept.team, None);
    assert_eq!(kept.schedule.timezone, "Asia/Tokyo");

    let rule = Rule {
        id: "r1".to_owned(),
        holdouts: vec!["year".to_owned()],
        ..Rule::for_everybody(true.into())
    };
    let draft = FlagDraft {
        key: "cta".to_owned(),
        rules: vec![rule],
        ..FlagDraft::starter(Environment::Staging)
    };
    let TemplateContent::Flag(kept) = TemplateContent::of_flag(draft) else {
        panic!("a flag");
    };
    assert_eq!(kept.rules, [Rule::for_everybody(true.into())]);
}

#[test]
fn it_needs_a_name() {
    let content = Builtin::Price.content(Environment::Staging);
    let id = TemplateId::from_u128(1);
    let made = TemplateDraft::default().create(id, Environment::Staging, content, "a@b.c", 1);
    assert_eq!(made.unwrap_err()[0].field, Field::Name);
}

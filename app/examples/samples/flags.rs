//! Samples of feature flags.

use nexus_app::pages::flags::detail::Tried;
use nexus_app::pages::question::{Chosen, Comparing, Outcome, Question};
use nexus_control::views::*;
use nexus_domain::Environment;
use nexus_domain::experiment::Schedule;
use nexus_domain::flag::{
    Flag, FlagDraft, FlagKind, FlagStatus, Rule, Stale, ValueSeen, flag_rule_as_planned,
};
use nexus_flags::{
    AttributeRule, Context, CountryCode, Device, FlagExplanation, FlagRule, Operator, Prerequisite,
    RampStep, ValueOperator,
};
use serde_json::{Value, json};

use super::{DAY, HOUR, NOW_MS, audit_rows, code_uses, comments, propagation};

fn rule(name: &str, coverage_bp: u16, value: Value) -> Rule {
    Rule {
        name: name.to_owned(),
        coverage_bp,
        ..Rule::for_everybody(value)
    }
}

fn needs(flag: &str, value: Value) -> Prerequisite {
    Prerequisite {
        flag: flag.to_owned(),
        operator: ValueOperator::Is,
        value,
    }
}

/// A draft with every part of a rule in use.
pub(crate) fn flag_draft() -> FlagDraft {
    let mut staff = rule("Staff first", 10_000, true.into());
    staff.targeting.attributes.push(AttributeRule {
        name: "email".to_owned(),
        operator: Operator::EndsWith,
        values: vec!["@autoforge.example".to_owned()],
    });
    let mut japan = rule("Phones in Japan", 2_500, true.into());
    japan.targeting.countries = CountryCode::new("JP").into_iter().collect();
    japan.targeting.devices = vec![Device::Mobile, Device::Tablet];
    japan.targeting.condition = Some(json!({
        "app": { "$vgte": "2.0.0" },
        "path": { "$regex": "^/cart" },
        "$or": [{ "plan": { "$in": ["pro", "team"] } }, { "staff": { "$exists": true } }],
    }));
    japan.prerequisites = vec![Prerequisite {
        operator: ValueOperator::IsNot,
        ..needs("theme", "classic".into())
    }];
    japan.description = "A quarter until the support team has read the new texts.".to_owned();
    japan.holdouts = vec!["year-2027".to_owned()];
    japan.ramp = vec![RampStep {
        from_ms: NOW_MS + 3 * DAY,
        coverage_bp: 5_000,
    }];
    let mut launch = rule("Launch", 10_000, true.into());
    launch.enabled = false;
    launch.schedule = Schedule {
        start_ms: Some(NOW_MS + 10 * DAY),
        end_ms: None,
        timezone: "Asia/Tokyo".to_owned(),
    };
    FlagDraft {
        key: "new-checkout".to_owned(),
        name: "New checkout".to_owned(),
        description: "Two steps instead of four. Can go when everybody has it.".to_owned(),
        kind: FlagKind::Boolean,
        value: false.into(),
        due_ms: Some(NOW_MS + 40 * DAY),
        rules: vec![staff, japan, launch],
        prerequisites: vec![needs("payments-v2", true.into())],
        ..FlagDraft::starter(Environment::Production)
    }
}

pub(crate) fn flag(status: FlagStatus) -> Flag {
    let made = flag_draft().create("mika@autoforge.example", NOW_MS - 9 * DAY);
    let mut flag = made.unwrap_or_else(|p| unreachable!("the sample is valid: {p:?}"));
    flag.enabled = status == FlagStatus::On;
    flag.archived = status == FlagStatus::Archived;
    flag.version = 6;
    flag.updated_ms = NOW_MS - 3 * HOUR;
    flag.updated_by = "ren@autoforge.example".to_owned();
    flag
}

pub(crate) fn flag_rows() -> Vec<FlagRow> {
    let row =
        |key: &str, name: &str, environment, kind, status, value: Value, given: Vec<Value>| {
            FlagRow {
                key: key.to_owned(),
                environment,
                name: name.to_owned(),
                kind,
                status,
                value,
                rules: given.len() as u32,
                evaluated_ms: (status == FlagStatus::On).then_some(NOW_MS - HOUR),
                given,
                version: 3,
                updated_ms: NOW_MS - 26 * HOUR,
                updated_by: "mika@autoforge.example".to_owned(),
            }
        };
    use Environment::{Production, Staging};
    use FlagKind::{Boolean, Json, Number, String};
    use FlagStatus::{Off, On};
    vec![
        row(
            "new-checkout",
            "New checkout",
            Production,
            Boolean,
            On,
            false.into(),
            vec![true.into()],
        ),
        row(
            "new-checkout",
            "New checkout",
            Staging,
            Boolean,
            On,
            false.into(),
            vec![true.into()],
        ),
        row(
            "prompt-model",
            "Model of the optimiser",
            Production,
            String,
            On,
            "haiku".into(),
            vec!["sonnet".into(), "opus".into()],
        ),
        row(
            "search-limit",
            "Results per page",
            Production,
            Number,
            Off,
            20.into(),
            vec![50.into()],
        ),
        row(
            "banner",
            "Announcement",
            Staging,
            Json,
            Off,
            Value::Null,
            vec![json!({ "text": "Maintenance on Sunday", "level": "info", "dismissible": true })],
        ),
    ]
}

pub(crate) fn flag_detail(status: FlagStatus) -> FlagDetail {
    FlagDetail {
        flag: flag(status),
        propagation: propagation(),
        history: audit_rows(),
        needed_by: vec![
            Use {
                kind: UseKind::Flag,
                id: "express-pay".to_owned(),
                name: "Express payment".to_owned(),
            },
            Use {
                kind: UseKind::Experiment,
                id: "checkout-short".to_owned(),
                name: "Shorter checkout".to_owned(),
            },
        ],
        set_by: vec![Use {
            kind: UseKind::Experiment,
            id: "banner-words".to_owned(),
            name: "Words of the banner".to_owned(),
        }],
        usage: flag_usage(status),
        code: code_uses(),
        comments: comments(),
        elsewhere: vec![
            FlagElsewhere {
                environment: Environment::Staging,
                status: FlagStatus::On,
                version: 4,
                same: true,
                evaluated_ms: Some(NOW_MS - 2 * HOUR),
            },
            FlagElsewhere {
                environment: Environment::Development,
                status: FlagStatus::Off,
                version: 2,
                same: false,
                evaluated_ms: None,
            },
        ],
    }
}

/// A user on a phone in Japan, with the answer about them when somebody asked.
pub(crate) fn tried(status: FlagStatus, user: &str) -> Tried {
    let question = Question {
        user: user.to_owned(),
        country: "JP".to_owned(),
        device: "mobile".to_owned(),
        attributes: "app=2.1.0".to_owned(),
    };
    let tried = Tried {
        question: Question::default(),
        why: None,
        comparing: None,
        visitors: None,
        what_if: None,
    };
    if user.is_empty() {
        return tried;
    }
    let flag = flag(status);
    let (rule, explanation) = explained(&flag, user);
    Tried {
        question,
        why: Some(FlagWhy {
            set_by: None,
            slices: rule.rules.iter().map(|step| step.slices.clone()).collect(),
            flag,
            explanation,
        }),
        visitors: Some(super::why::visitors()),
        ..tried
    }
}

/// The same while an experiment sets the flag for them.
pub(crate) fn tried_while_set(status: FlagStatus, user: &str) -> Tried {
    let tried = tried(status, user);
    let set = SetBy {
        experiment: "checkout-short".to_owned(),
        variant: "treatment".to_owned(),
        value: true.into(),
    };
    Tried {
        why: tried.why.map(|why| FlagWhy {
            set_by: Some(set),
            ..why
        }),
        ..tried
    }
}

fn explained(flag: &Flag, user: &str) -> (FlagRule, FlagExplanation) {
    let context = Context {
        unit: user,
        country: CountryCode::new("JP").ok(),
        device: Device::Mobile,
        attributes: &[("app", "2.1.0")],
        now_ms: NOW_MS,
    };
    let rule = flag_rule_as_planned(flag, &[super::holdouts::made("year-2027", "2027", true)]);
    let other = |key: &str, value: Value| FlagRule {
        is_off: false,
        key: key.to_owned(),
        value,
        rules: Vec::new(),
        prerequisites: Vec::new(),
    };
    let others = [
        other("payments-v2", true.into()),
        other("theme", "classic".into()),
    ];
    let flags = others.into_iter().chain([rule.clone()]).collect();
    let explanation =
        super::why::engine(Vec::new(), flags).and_then(|engine| rule.explain(&context, &engine));
    let explanation = explanation.unwrap_or_else(|error| unreachable!("it is valid: {error}"));
    (rule, explanation)
}

/// The last rule is new, and the first has another value.
pub(crate) fn tried_comparing() -> Tried {
    let new = flag(FlagStatus::On);
    let mut old = new.clone();
    old.rules.pop();
    if let Some(first) = old.rules.first_mut() {
        first.coverage_bp = 1_000;
    }
    let then = |flag: &Flag, position: usize| {
        let (rule, explanation) = explained(flag, "user-42");
        FlagWhyThen {
            set_by: None,
            snapshot: super::why::snapshots().into_iter().nth(position),
            rule: Some(rule),
            explanation: Some(explanation),
            problem: None,
        }
    };
    let compared = FlagWhyCompared {
        from: then(&old, 2),
        to: then(&new, 0),
        flag: new,
    };
    let chosen = Chosen {
        from: "40".to_owned(),
        to: "42".to_owned(),
    };
    Tried {
        comparing: Some(Comparing {
            snapshots: super::why::snapshots(),
            chosen,
            outcome: Outcome::Answer(Box::new(compared)),
        }),
        ..tried(FlagStatus::On, "user-42")
    }
}

/// Three states: more coverage, another value, one rule more.
pub(crate) fn flag_revisions() -> FlagRevisions {
    let current = flag(FlagStatus::On);
    let mut revisions = Vec::new();
    for (version, change) in (4..=6).rev().zip(audit_rows()) {
        let mut flag = current.clone();
        flag.version = version;
        flag.updated_ms = NOW_MS - (7 - version as i64) * HOUR;
        if version < 6 {
            flag.enabled = false;
            flag.rules.truncate(2);
            if let Some(rule) = flag.rules.last_mut() {
                rule.coverage_bp = 1_000;
                rule.targeting.devices.clear();
            }
        }
        let change = (version != 5).then_some(change);
        revisions.push(FlagRevision { flag, change });
    }
    FlagRevisions { current, revisions }
}

/// A week of counts; of a flag that is off, that it can go.
fn flag_usage(status: FlagStatus) -> FlagUsage {
    let seen = |value: &str, first_ms: i64| ValueSeen {
        value: value.to_owned(),
        first_ms,
        last_ms: NOW_MS - HOUR / 2,
    };
    if status == FlagStatus::Archived {
        return FlagUsage::default();
    }
    let hours = (0..7 * 24).flat_map(|ago: i64| {
        let busy = 900 + 700 * ((ago % 24) - 12).unsigned_abs();
        [("false", busy), ("true", busy / 3)].map(|(value, count)| FlagHour {
            from_ms: (NOW_MS / HOUR - ago) * HOUR,
            value: value.to_owned(),
            count,
        })
    });
    FlagUsage {
        values: vec![
            seen("false", NOW_MS - 9 * DAY),
            seen("true", NOW_MS - 8 * DAY),
        ],
        hours: hours.collect(),
        stale: (status == FlagStatus::Off).then(|| Stale::OneValue {
            value: "false".to_owned(),
        }),
    }
}

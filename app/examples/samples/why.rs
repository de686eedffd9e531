//! Samples of an assignment that is explained, of an experiment's revisions and its end.

use nexus_app::pages::experiments::why::Asking;
use nexus_app::pages::question::{Chosen, Comparing, Outcome as Compared, Question};
use nexus_control::views::{
    Example, ExperimentDetail, ExperimentRevisions, Revision, ShipFlag, ShipPlan, SnapshotRow,
    Verdict, VisitorRow, Why, WhyCompared, WhyThen,
};
use nexus_domain::experiment::{Conclusion, Outcome, Status, Stop, rule_as_planned};
use nexus_flags::{
    CompileError, Context, CountryCode, Device, Engine, ExperimentRule, FlagRule, Snapshot,
};
use serde_json::json;

use super::{HOUR, NOW_MS, audit_rows, detail, experiment};

/// An environment with these and nothing else.
pub(super) fn engine(
    experiments: Vec<ExperimentRule>,
    flags: Vec<FlagRule>,
) -> Result<Engine, CompileError> {
    Engine::compile(&Snapshot {
        version: 1,
        environment: "production".to_owned(),
        created_ms: NOW_MS,
        experiments,
        flags,
        sdk_keys: Vec::new(),
        qa_links: Vec::new(),
        saved_groups: std::collections::BTreeMap::new(),
        sampling_seed: None,
    })
}

/// The answer about a user on a phone in Japan, or with an empty name about nobody in
/// particular.
pub(crate) fn why(status: Status, user: &str) -> Why {
    let experiment = experiment(status);
    let mut rule = rule_as_planned(&experiment);
    rule.paused = false;
    let context = Context {
        unit: user,
        country: CountryCode::new("JP").ok().filter(|_| !user.is_empty()),
        device: Device::Mobile,
        attributes: &[("plan", "pro"), ("app", "2.1.0")],
        now_ms: NOW_MS,
    };
    let explanation = engine(vec![rule.clone()], Vec::new())
        .and_then(|engine| rule.explain(&context, &engine))
        .unwrap_or_else(|error| unreachable!("the sample is valid: {error}"));
    Why {
        slices: rule.slices.clone(),
        experiment,
        explanation,
        flags_off: Vec::new(),
    }
}

/// The page about a user on a phone in Japan; with an empty name about nobody in particular.
pub(crate) fn asking(status: Status, question: Question, user: &str) -> Asking {
    Asking {
        question,
        why: why(status, user),
        comparing: None,
        visitors: Some(visitors()),
        what_if: None,
    }
}

pub(crate) fn asked_about_user() -> Question {
    Question {
        user: "user-42".to_owned(),
        country: "JP".to_owned(),
        device: "mobile".to_owned(),
        attributes: "plan=pro, app=2.1.0".to_owned(),
    }
}

/// Somebody who has come lately, in every state.
pub(crate) fn visitors() -> Vec<VisitorRow> {
    let row = |unit: &str, ago_ms: i64, country: &str, device, attributes: &[(&str, &str)]| {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        VisitorRow {
            seen_ms: NOW_MS - ago_ms,
            who: Example {
                unit: unit.to_owned(),
                country: CountryCode::new(country).ok(),
                device,
                attributes: attributes.iter().map(own).collect(),
            },
        }
    };
    vec![
        row(
            "user-42",
            HOUR / 20,
            "JP",
            Device::Mobile,
            &[("plan", "pro"), ("path", "/cart")],
        ),
        row(
            "0190f5c2a7e37c31",
            HOUR / 4,
            "DE",
            Device::Desktop,
            &[("plan", "free, trial")],
        ),
        row("user-7", 3 * HOUR, "", Device::Tablet, &[]),
    ]
}

fn snapshot(version: u64) -> SnapshotRow {
    let rows = audit_rows();
    let change = rows.into_iter().nth(usize::from(version.is_multiple_of(2)));
    SnapshotRow {
        version,
        created_ms: NOW_MS - (50 - version as i64) * HOUR,
        published_ms: (version != 41).then(|| NOW_MS - (50 - version as i64) * HOUR),
        change: change.filter(|_| version > 40),
    }
}

pub(crate) fn snapshots() -> Vec<SnapshotRow> {
    (38..=42).rev().map(snapshot).collect()
}

/// A snapshot's answer after a change of the rule.
fn then(version: u64, change: impl FnOnce(&mut ExperimentRule)) -> WhyThen {
    let mut rule = rule_as_planned(&experiment(Status::Running));
    change(&mut rule);
    let context = Context {
        unit: "user-42",
        country: CountryCode::new("JP").ok(),
        device: Device::Mobile,
        attributes: &[("plan", "pro"), ("app", "2.1.0")],
        now_ms: NOW_MS,
    };
    let explanation = engine(vec![rule.clone()], Vec::new())
        .and_then(|engine| rule.explain(&context, &engine))
        .unwrap_or_else(|error| unreachable!("the sample is valid: {error}"));
    WhyThen {
        snapshot: Some(snapshot(version)),
        rule: Some(rule),
        explanation: Some(explanation),
        problem: None,
    }
}

/// Two snapshots between which everything changed that can.
pub(crate) fn compared() -> WhyCompared {
    WhyCompared {
        experiment: experiment(Status::Running),
        from: then(41, |rule| {
            rule.coverage_bp = 1_000;
            rule.targeting.devices = vec![Device::Desktop];
            rule.targeting.condition = Some(json!({ "app": { "$vgte": "3.0.0" } }));
        }),
        to: then(42, |_| {}),
    }
}

/// One that can't be asked, and one that the experiment is not in.
pub(crate) fn compared_without_answers() -> WhyCompared {
    let nothing = |version| WhyThen {
        snapshot: Some(snapshot(version)),
        rule: None,
        explanation: None,
        problem: None,
    };
    WhyCompared {
        experiment: experiment(Status::Running),
        from: WhyThen {
            problem: Some("the signature does not hold".to_owned()),
            ..nothing(38)
        },
        to: nothing(39),
    }
}

pub(crate) fn comparing(
    from: &str,
    to: &str,
    outcome: Compared<WhyCompared>,
) -> Comparing<WhyCompared> {
    let (from, to) = (from.to_owned(), to.to_owned());
    Comparing {
        snapshots: snapshots(),
        chosen: Chosen { from, to },
        outcome,
    }
}

/// Three states, the first two with different settings; the newest has this status.
pub(crate) fn revisions(status: Status) -> ExperimentRevisions {
    let current = experiment(status);
    let mut revisions = Vec::new();
    for (version, change) in (1..=3).rev().zip(audit_rows()) {
        let mut experiment = current.clone();
        experiment.version = version;
        experiment.updated_ms = NOW_MS - (4 - version as i64) * HOUR;
        if version < 3 {
            experiment.status = Status::Draft;
        }
        if version == 1 {
            experiment.name = "Shorter form".to_owned();
            experiment.coverage_bp = 10_000;
        }
        let change = (version != 2).then_some(change);
        revisions.push(Revision { experiment, change });
    }
    let mut current = current;
    current.version = 3;
    ExperimentRevisions { current, revisions }
}

/// The question is answered.
pub(crate) fn decided() -> ExperimentDetail {
    let mut detail = detail(Status::Stopped, Verdict::Better);
    let experiment = &mut detail.experiment;
    experiment.status = Status::Decided;
    experiment.stop = Some(Stop::Command {
        by: "mika@autoforge.example".to_owned(),
        reason: String::new(),
    });
    experiment.conclusion = Some(Conclusion {
        outcome: Outcome::Ship {
            variant: "two-steps".to_owned(),
        },
        learned: "Fewer steps win on phones above all.".to_owned(),
        by: "mika@autoforge.example".to_owned(),
        at_ms: NOW_MS - HOUR,
        flags: vec!["checkout-steps".to_owned()],
    });
    detail
}

pub(crate) fn shipping() -> Vec<ShipPlan> {
    let flag = |key: &str, exists, enabled, value: serde_json::Value| ShipFlag {
        key: key.to_owned(),
        exists,
        enabled,
        value: Some(value),
        off_value: Some(serde_json::Value::Null),
    };
    vec![
        ShipPlan {
            variant: "two-steps".to_owned(),
            flags: vec![
                flag("steps", false, true, 2.into()),
                flag("cta", true, false, "Buy".into()),
            ],
            problems: Vec::new(),
        },
        ShipPlan {
            variant: "one-page".to_owned(),
            flags: Vec::new(),
            problems: Vec::new(),
        },
    ]
}

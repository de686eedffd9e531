//! Samples of an assignment that is explained, of an experiment's revisions and its end.

use nexus_control::views::{
    ExperimentDetail, ExperimentRevisions, Revision, ShipFlag, ShipPlan, Verdict, Why,
};
use nexus_domain::experiment::{Conclusion, Outcome, Status, Stop, rule_as_planned};
use nexus_flags::{
    CompileError, Context, CountryCode, Device, Engine, ExperimentRule, FlagRule, Snapshot,
};

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
    });
    detail
}

pub(crate) fn shipping() -> Vec<ShipPlan> {
    let flag = |key: &str, exists, enabled, value: serde_json::Value| ShipFlag {
        key: key.to_owned(),
        exists,
        enabled,
        value: Some(value),
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

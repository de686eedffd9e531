//! Recent visitors, and what drafts would do with them.

use nexus_app::pages::estimate::{Estimated, FlagEstimate};

use super::*;

/// A part of a sample of 2,140 of some 36,400 visitors.
fn share(sampled: u32) -> AudienceShare {
    share_of(sampled, 2_140.0, 17.0)
}

/// Each of the sample stands for so many.
fn share_of(sampled: u32, all: f64, each: f64) -> AudienceShare {
    let part = f64::from(sampled) / all;
    let half = 1.96 * (part * (1.0 - part) / all).sqrt();
    let visitors = f64::from(sampled) * each;
    let spread = 1.96 * (f64::from(sampled) * each * (each - 1.0)).sqrt();
    AudienceShare {
        sampled,
        share: part,
        low: (part - half).max(0.0),
        high: (part + half).min(1.0),
        visitors: visitors as u64,
        fewest: (visitors - spread).max(0.0) as u64,
        most: (visitors + spread) as u64,
    }
}

fn window(sampled: u32, hours: i64) -> TrafficWindow {
    TrafficWindow {
        environment: Environment::Production,
        from_ms: NOW_MS - hours * HOUR,
        until_ms: NOW_MS,
        all: share(sampled),
    }
}

fn steps(of: &[(AudienceStage, u32)]) -> Vec<AudienceStep> {
    let step = |(stage, sampled): &(AudienceStage, u32)| AudienceStep {
        stage: *stage,
        left: share(*sampled),
    };
    of.iter().map(step).collect()
}

/// Who takes part in the draft: about a third.
pub(crate) fn audience() -> Estimated<AudienceEstimate> {
    Estimated::Ready(AudienceEstimate {
        window: window(2_140, 24),
        steps: steps(&[
            (AudienceStage::Targeting, 1_262),
            (AudienceStage::Layer, 946),
            (AudienceStage::Holdout, 899),
            (AudienceStage::Prerequisites, 812),
            (AudienceStage::Coverage, 731),
        ]),
        per_day: Some(12_427),
        planned_users: Some(57_762),
        days: Some(5),
        unseen_attributes: Vec::new(),
    })
}

/// The first half hour of a new gateway.
pub(crate) fn small_audience() -> Estimated<AudienceEstimate> {
    let left = share_of(12, 38.0, 1.0);
    let step = |stage| AudienceStep { stage, left };
    Estimated::Ready(AudienceEstimate {
        window: TrafficWindow {
            from_ms: NOW_MS - 31 * MINUTE,
            all: share_of(38, 38.0, 1.0),
            ..window(38, 1)
        },
        steps: [AudienceStage::Targeting, AudienceStage::Coverage]
            .map(step)
            .into(),
        per_day: None,
        planned_users: Some(57_762),
        days: None,
        unseen_attributes: vec!["loyalty".to_owned()],
    })
}

/// Nobody has come by yet.
pub(crate) fn no_audience() -> Estimated<AudienceEstimate> {
    Estimated::Ready(AudienceEstimate {
        window: window(0, 24),
        steps: steps(&[(AudienceStage::Targeting, 0), (AudienceStage::Coverage, 0)]),
        per_day: None,
        planned_users: None,
        days: None,
        unseen_attributes: Vec::new(),
    })
}

/// The first rule takes in some, the second half of the rest.
pub(crate) fn flag_estimate(enabled: bool) -> Estimated<FlagEstimate> {
    let rules = [
        steps(&[
            (AudienceStage::Targeting, 322),
            (AudienceStage::Coverage, 322),
        ]),
        steps(&[
            (AudienceStage::Targeting, 2_140),
            (AudienceStage::Above, 1_818),
            (AudienceStage::Prerequisites, 1_790),
            (AudienceStage::Coverage, 899),
        ]),
    ];
    Estimated::Ready(FlagEstimate {
        rules: FlagAudience {
            window: window(2_140, 24),
            rules: rules.map(|steps| RuleAudience { steps }).into(),
            unseen_attributes: Vec::new(),
        },
        what_if: Some(flag_what_if()),
        enabled,
    })
}

fn example(unit: &str) -> Example {
    Example {
        unit: unit.to_owned(),
        country: CountryCode::new("JP").ok(),
        device: Device::Mobile,
        attributes: vec![("plan".to_owned(), "pro".to_owned())],
    }
}

fn one(from: Option<&str>, to: Option<&str>, sampled: u32, examples: &[&str]) -> Move {
    Move {
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
        users: share(sampled),
        examples: examples.iter().map(|unit| example(unit)).collect(),
    }
}

/// A start: nobody takes part, and a third would.
pub(crate) fn what_if() -> WhatIf {
    let (control, treatment) = (Some("control"), Some("treatment"));
    WhatIf {
        window: window(2_140, 1),
        changed: share(731),
        moves: vec![
            one(
                None,
                treatment,
                367,
                &["user-42", "user-1207", "aG9sYQ2x3mPq"],
            ),
            one(None, control, 364, &["user-77"]),
            one(None, None, 1_409, &[]),
        ],
        others: vec![OtherChange {
            id: "new-header".to_owned(),
            is_flag: true,
            users: share(118),
        }],
    }
}

/// Nobody has come by yet.
pub(crate) fn no_what_if() -> WhatIf {
    WhatIf {
        window: window(0, 24),
        changed: share(0),
        moves: Vec::new(),
        others: Vec::new(),
    }
}

/// The switch of a flag.
pub(crate) fn flag_what_if() -> WhatIf {
    let (on, off) = (Some("true"), Some("false"));
    WhatIf {
        window: window(2_140, 1),
        changed: share(899),
        moves: vec![
            one(off, on, 899, &["user-42", "user-9"]),
            one(off, off, 919, &[]),
            one(on, on, 322, &[]),
        ],
        others: Vec::new(),
    }
}

//! Experiments by each method, and the calculator's answers.

use nexus_app::pages::calculator::CalculatorState;
use nexus_control::planning;
use nexus_control::views::{
    ExperimentDetail, HorizonProgress, Lift, LookResult, SizePlan, Verdict,
};
use nexus_domain::experiment::{Method, Status};

use super::{DAY, NOW_MS, detail};

/// Users in all of the samples' results.
const USERS: u64 = 54_171;

/// After so many of five looks; the second decides.
pub(crate) fn grouped(looks: u16, status: Status) -> ExperimentDetail {
    let method = Method::GroupSequential {
        looks: 5,
        planned_users: 100_000,
    };
    let lift = |relative: f64, width: f64, verdict| {
        Some(Lift {
            relative,
            low: relative - width,
            high: relative + width,
            p_value: None,
            chance_to_win: None,
            verdict,
        })
    };
    let taken: Vec<LookResult> = (1..=looks)
        .map(|look| LookResult {
            look,
            at_ms: NOW_MS - i64::from(3 - look) * DAY / 2,
            users: u64::from(look) * 20_000 + 37,
            lifts: match look {
                1 => vec![
                    lift(0.08, 0.19, Verdict::Unclear),
                    lift(-0.03, 0.19, Verdict::Unclear),
                ],
                _ => vec![
                    lift(0.127, 0.086, Verdict::Better),
                    lift(-0.023, 0.085, Verdict::Unclear),
                ],
            },
        })
        .collect();
    let verdict = match looks {
        0 => Verdict::NotEnoughData,
        1 => Verdict::Unclear,
        _ => Verdict::Better,
    };
    let mut detail = detail(status, verdict);
    detail.experiment.method = method;
    if status == Status::Stopped {
        detail.experiment.stop = Some(nexus_domain::experiment::Stop::Schedule);
    }
    let last = taken.last().map(|l| l.lifts.clone()).unwrap_or_default();
    for (i, variant) in detail.results.variants.iter_mut().enumerate() {
        variant.lift = i
            .checked_sub(1)
            .and_then(|i| last.get(i).copied().flatten());
    }
    for point in &mut detail.results.series {
        point.lifts = vec![None, None];
    }
    detail.results.horizon = Some(HorizonProgress {
        planned_users: 100_000,
        users: USERS,
        planned_looks: 5,
        next_look_users: (looks < 5).then(|| u64::from(looks + 1) * 20_000),
        looks: taken,
    });
    detail
}

pub(crate) fn bayesian() -> ExperimentDetail {
    let mut detail = detail(Status::Running, Verdict::Better);
    detail.experiment.method = Method::Bayesian { prior_sd_bp: 3_000 };
    let chances = [0.0, 0.993, 0.31];
    for (variant, chance) in detail.results.variants.iter_mut().zip(chances) {
        if let Some(lift) = &mut variant.lift {
            lift.p_value = None;
            lift.chance_to_win = Some(chance);
        }
    }
    detail
}

pub(crate) fn calculated(state: &CalculatorState) -> SizePlan {
    let query = state.query();
    let plan = query.and_then(|query| planning::size(&query));
    plan.unwrap_or_else(|p| unreachable!("the sample is valid: {p:?}"))
}

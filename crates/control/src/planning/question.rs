//! What an experiment's plan asks.

use nexus_domain::experiment::{Better, Metric, MetricRole, Plan, primary};

use crate::views::{Direction, Expected, PlanQuery};

/// Of the metric that decides where there is one, else of the conversion goal.
#[must_use]
pub(crate) fn question(plan: &Plan, metrics: &[Metric]) -> PlanQuery {
    let metric = primary(metrics);
    let expected = match metric.map(|metric| (metric.kind.is_share(), metric.role)) {
        Some((false, MetricRole::Primary { spread_bp })) => Expected::Mean {
            mean: 1.0,
            standard_deviation: f64::from(spread_bp) / 10_000.0,
        },
        _ => Expected::Proportion {
            baseline_bp: plan.baseline_bp,
        },
    };
    PlanQuery {
        expected,
        minimum_effect_bp: plan.minimum_effect_bp,
        direction: match metric.map(|metric| metric.better) {
            Some(Better::Lower) => Direction::Decrease,
            _ => Direction::Increase,
        },
        ..PlanQuery::default()
    }
}

#[cfg(test)]
mod tests {
    use nexus_domain::experiment::MetricKind;

    use super::*;
    use crate::planning::size;

    #[test]
    fn the_plan_asks_about_what_decides() {
        let metric = |kind, better, role| Metric {
            key: "m".to_owned(),
            kind,
            better,
            role,
            ..Metric::default()
        };
        let plan = Plan {
            baseline_bp: 800,
            minimum_effect_bp: 500,
        };
        let goal = question(&plan, &[]);
        assert_eq!(goal.expected, Expected::Proportion { baseline_bp: 800 });
        let decides = MetricRole::Primary { spread_bp: 30_000 };
        let kinds = [MetricKind::Count, MetricKind::Mean { cap: None }];
        for kind in kinds {
            let asked = question(&plan, &[metric(kind, Better::Lower, decides)]);
            assert_eq!(asked.direction, Direction::Decrease);
            // Three deviations of one mean: n = 2 (z 3 / 0.05)².
            let z = 1.959_963_985 + 0.841_621_234;
            let by_hand = 2.0 * (z * 3.0 / 0.05) * (z * 3.0 / 0.05);
            let users = size(&asked).unwrap().fixed.per_variant as f64;
            assert!((users - by_hand).abs() <= 1.0, "{users} {by_hand}");
        }
        let share = metric(MetricKind::Proportion, Better::Higher, decides);
        assert_eq!(question(&plan, &[share]), goal);
        let other = metric(MetricKind::Count, Better::Lower, MetricRole::Secondary);
        assert_eq!(question(&plan, &[other]), goal);
    }
}

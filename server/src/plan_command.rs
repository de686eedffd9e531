//! `nexus-admin plan`: how many users a comparison takes. Asks no database.

use nexus_control::Error;
use nexus_control::planning::{parse_weights, size};
use nexus_control::views::{Direction, Expected, PlanQuery, PlannedSize, SizePlan};

use crate::commands::{described, row, say};

#[derive(clap::Args)]
pub(crate) struct Plan {
    /// Expected conversion rate of the control, in percent.
    #[arg(long, default_value_t = 10.0, conflicts_with = "mean")]
    baseline: f64,
    /// Expected mean of the control instead of a conversion rate.
    #[arg(long, requires = "standard_deviation")]
    mean: Option<f64>,
    /// How much users differ; of a mean.
    #[arg(long, requires = "mean")]
    standard_deviation: Option<f64>,
    /// Smallest relative change worth finding, in percent, without its sign.
    #[arg(long, default_value_t = 10.0)]
    minimum_effect: f64,
    /// The change goes down, as of a metric of which less is better.
    #[arg(long)]
    decrease: bool,
    /// Two-sided significance level of the whole experiment.
    #[arg(long, default_value_t = 0.05)]
    significance: f64,
    /// Probability of finding the change if it is there, in percent.
    #[arg(long, default_value_t = 80.0)]
    power: f64,
    /// The control among them; as many as there are weights, or two.
    #[arg(long)]
    variants: Option<u32>,
    /// By which they share the users, the control first, as 90,10; equal without.
    #[arg(long, default_value = "")]
    weights: String,
    /// Looks of the group-sequential plan, 2 to 20.
    #[arg(long, default_value_t = PlanQuery::default().looks)]
    looks: u16,
    /// Users who would take part in a day, all variants together.
    #[arg(long)]
    users_per_day: Option<u64>,
    /// Share of the variance that the time before the exposure takes away (CUPED), in percent.
    #[arg(long, default_value_t = 0.0)]
    variance_reduction: f64,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn plan(plan: &Plan) -> anyhow::Result<()> {
    let invalid = |problems| described(Error::Invalid(problems));
    let weights = parse_weights(&plan.weights).map_err(|problem| invalid(vec![problem]))?;
    let expected = match (plan.mean, plan.standard_deviation) {
        (Some(mean), Some(standard_deviation)) => Expected::Mean {
            mean,
            standard_deviation,
        },
        _ => Expected::Proportion {
            baseline_bp: basis_points(plan.baseline),
        },
    };
    let query = PlanQuery {
        expected,
        minimum_effect_bp: basis_points(plan.minimum_effect),
        direction: match plan.decrease {
            true => Direction::Decrease,
            false => Direction::Increase,
        },
        significance: plan.significance,
        power: plan.power / 100.0,
        variants: plan.variants.unwrap_or(weights.len().max(2) as u32),
        weights,
        looks: plan.looks,
        users_per_day: plan.users_per_day,
        variance_reduction_bp: basis_points(plan.variance_reduction),
    };
    let found = size(&query).map_err(invalid)?;
    match plan.json {
        true => say(format_args!("{}", serde_json::to_string_pretty(&found)?)),
        false => table(&found),
    }
    Ok(())
}

/// Out of what fits it saturates, and the check of the plan names the limits.
fn basis_points(percent: f64) -> u16 {
    (percent * 100.0).round().clamp(0.0, f64::from(u16::MAX)) as u16
}

fn table(found: &SizePlan) {
    row(&["METHOD", "USERS", "DAYS", "OF EACH VARIANT"]);
    let line = |name: &str, size: &PlannedSize| {
        let days = size.days.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let each: Vec<String> = size.by_variant.iter().map(u64::to_string).collect();
        row(&[name, &size.total.to_string(), &days, &each.join(" ")]);
    };
    line("fixed_horizon", &found.fixed);
    line("group_sequential, at most", &found.group_sequential.maximum);
    line(
        "group_sequential, on average",
        &found.group_sequential.expected,
    );
    line("always_valid", &found.always_valid);
}

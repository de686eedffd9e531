//! Samples of an assignment that is explained.

use nexus_control::views::Why;
use nexus_domain::experiment::{Status, rule_as_planned};
use nexus_flags::{Context, CountryCode, Device};

use super::{NOW_MS, experiment};

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
    let explanation = rule
        .explain(&context)
        .unwrap_or_else(|error| unreachable!("the sample is valid: {error}"));
    Why {
        experiment,
        explanation,
    }
}

//! An engine that answers wrongly is not worth timing.

use crate::{Evaluator, key, payload_json, unit};
use anyhow::{Result, ensure};

const UNITS: usize = 10_000;
/// Half and half of 10,000 differs from 5,000 by more than this once in a thousand times.
const BOUND: usize = 165;

/// The answers of one evaluator for flag 0, by unit.
///
/// # Errors
/// When anybody outside the three countries takes part, anybody inside does not, or the two
/// variants are not dealt half and half.
pub fn answers<E: Evaluator>() -> Result<Vec<usize>> {
    // Among several flags, so that the right one is found.
    let evaluator = E::load(&payload_json::<E>(3)?)?;
    let ask = |index: usize, country: &str| -> Result<Option<usize>> {
        let asker = E::asker(&unit(index), country)?;
        Ok(E::variant(&evaluator.ask(&key(0), &asker)))
    };
    let mut answers = Vec::with_capacity(UNITS);
    for index in 0..UNITS {
        let inside = ask(index, crate::COUNTRIES[index % crate::COUNTRIES.len()])?;
        ensure!(
            ask(index, "JP")?.is_none(),
            "{}: somebody from elsewhere takes part",
            E::NAME
        );
        ensure!(inside.is_some(), "{}: somebody is left out", E::NAME);
        answers.extend(inside);
    }
    let second: usize = answers.iter().sum();
    ensure!(
        second.abs_diff(UNITS / 2) <= BOUND,
        "{}: {second} of {UNITS} got the second variant",
        E::NAME
    );
    Ok(answers)
}

/// Checks every evaluator; those that hash as GrowthBook does must agree on every unit.
///
/// # Errors
/// As [`answers`], and when two of them disagree.
pub fn all() -> Result<()> {
    use crate::{ours, peers};
    let growthbook = answers::<peers::growthbook::Core>()?;
    let same = [
        (ours::Flags::NAME, answers::<ours::Flags>()?),
        (ours::Experiment::NAME, answers::<ours::Experiment>()?),
        (ours::GrowthBook::NAME, answers::<ours::GrowthBook>()?),
        (
            peers::growthbook::Client::NAME,
            answers::<peers::growthbook::Client>()?,
        ),
    ];
    for (name, answers) in same {
        ensure!(
            answers == growthbook,
            "{name} disagrees with growthbook-rust"
        );
    }
    answers::<peers::unleash::Unleash>()?;
    answers::<peers::eppo::Eppo>()?;
    answers::<peers::launchdarkly::LaunchDarkly>()?;
    answers::<peers::flagsmith::Flagsmith>()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_evaluator_answers_rightly() {
        super::all().unwrap();
    }
}

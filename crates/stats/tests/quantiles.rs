//! Whether the interval of a quantile's lift covers the truth, where events of one user are
//! alike. Seeded, with bounds that chance passes less than once in a million.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::Random;
use nexus_stats::{Alpha, Difference, Distribution, Effect, Fixed, Metric, Values};

const USERS: u64 = 400;
const RUNS: u64 = 400;
const LIFT: f64 = 0.1;

/// Values in thousandths: users differ, and so do the events of each. The lift scales all,
/// hence every quantile.
fn user(random: &mut Random, lift: f64) -> Vec<i64> {
    let own = 0.5 * random.normal();
    let events = random.whole(1, 9);
    let value = |random: &mut Random| {
        let spread = 5.0 + own + 0.4 * random.normal();
        (spread.exp() * (1.0 + lift) * 1_000.0) as i64
    };
    (0..events).map(|_| value(random)).collect()
}

/// With the units as they are, and with each event for a unit of its own.
fn arm(random: &mut Random, lift: f64) -> [Distribution; 2] {
    let [mut by_user, mut by_event] = [Distribution::default(), Distribution::default()];
    for _ in 0..USERS {
        let values = user(random, lift);
        by_user.exchange(&Values::default(), &values.iter().copied().collect());
        for value in values {
            by_event.exchange(&Values::default(), &Values::from_iter([value]));
        }
    }
    [by_user, by_event]
}

fn covers(control: &Distribution, variant: &Distribution, level: f64) -> bool {
    let [control, variant] = [control, variant].map(|d| Metric::Binned(d.quantile(level, 1e-3)));
    let effect = Effect::between(&control, &variant, Difference::Relative).unwrap();
    !Fixed::new(Alpha::FIVE_PERCENT)
        .infer(&effect, 0.0)
        .excludes(LIFT)
}

#[test]
fn the_interval_covers_the_true_lift_as_often_as_it_says() {
    for (level, seed) in [(0.5, 1), (0.9, 2), (0.95, 3)] {
        let mut random = Random::new(seed);
        let mut covered = [0_u64; 2];
        for _ in 0..RUNS {
            let (control, variant) = (arm(&mut random, 0.0), arm(&mut random, LIFT));
            for (covered, i) in covered.iter_mut().zip(0..) {
                *covered += u64::from(covers(&control[i], &variant[i], level));
            }
        }
        let [by_user, by_event] = covered.map(|n| n as f64 / RUNS as f64);
        println!("level {level}: {by_user} by user, {by_event} by event");
        let deviation = (0.95 * 0.05 / RUNS as f64).sqrt();
        assert!(
            (by_user - 0.95).abs() < 5.0 * deviation,
            "{level}: {by_user}"
        );
        assert!(by_event < 0.95 - 5.0 * deviation, "{level}: {by_event}");
    }
}

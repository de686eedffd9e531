//! `ssrm-test`, `spotify-confidence` and, through it, `statsmodels`.

use nexus_stats::{
    Alpha, Better, Correction, Design, Difference, Effect, Grouped, Mean, Metric, NonInferiority,
    Outcome, Proportion, Reference, Spending, SrmState, Tail,
};
use serde_json::{Value, json};

use crate::Case;
use crate::common::Random;
use crate::tally::{Tally, number, numbers};

pub(crate) fn cases() -> Vec<Case> {
    let mut random = Random::new(20_260_102);
    let mut cases = Vec::new();
    cases.extend((0..300).map(|_| srm(&mut random)));
    cases.extend((0..300).map(|index| adjust(&mut random, index)));
    cases.extend((0..40).map(|index| bounds(&mut random, index)));
    cases.extend((0..40).map(|index| second_bound(&mut random, index)));
    cases.extend((0..150).map(|index| sample_size(&mut random, index)));
    cases.extend((0..150).map(|_| treatment_size(&mut random)));
    cases.extend((0..150).map(|_| power(&mut random)));
    cases.extend((0..200).map(|index| margin(&mut random, index)));
    cases
}

fn alpha(value: f64) -> Alpha {
    Alpha::new(value).expect("in range")
}

fn srm(random: &mut Random) -> Case {
    let arms = random.whole(2, 6) as usize;
    let weights: Vec<f64> = (0..arms).map(|_| random.between(0.2, 2.0)).collect();
    let total: f64 = weights.iter().sum();
    let shares: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
    let mut state = SrmState::new(&shares).expect("in range");
    let (mut sums, mut counts) = (vec![0; arms], Vec::new());
    let mut verdict = state.observe(&sums);
    for _ in 0..random.whole(1, 20) {
        let units = random.magnitude(1.0, 3e4);
        let day: Vec<u64> = shares
            .iter()
            .map(|share| (units * share * random.between(0.8, 1.2)) as u64)
            .collect();
        for (sum, more) in sums.iter_mut().zip(&day) {
            *sum += more;
        }
        verdict = state.observe(&sums);
        counts.push(day);
    }
    let question = json!({"ask": "srm_sequential", "counts": counts, "shares": shares});
    let check = move |answer: &Value, tally: &mut Tally| {
        tally.count("ssrm-test");
        tally.near("ssrm-test", verdict.p_value, number(answer, "p_value"), 1.0);
        // Each side adds log-gammas of up to a million: absolute, as of a logarithm.
        tally.near(
            "ssrm-test",
            verdict.ln_e_value,
            number(answer, "ln_e_value"),
            1.0,
        );
    };
    (question, Box::new(check))
}

fn adjust(random: &mut Random, index: usize) -> Case {
    let (method, correction) = [
        ("holm", Correction::Holm),
        ("fdr_bh", Correction::BenjaminiHochberg),
    ][index % 2];
    let count = random.whole(1, 40);
    let p_values: Vec<f64> = (0..count)
        .map(|_| {
            let p = random.share();
            random.pick(&[p, p.powi(4), 0.05, 0.0, 1.0])
        })
        .collect();
    let found = correction.adjust(&p_values);
    let question = json!({"ask": "adjust", "method": method, "p_values": p_values});
    let check = move |answer: &Value, tally: &mut Tally| {
        tally.count(method);
        for (found, expected) in found.iter().zip(numbers(answer, "p_values")) {
            tally.near(method, *found, expected, 1.0);
        }
    };
    (question, Box::new(check))
}

fn bounds(random: &mut Random, index: usize) -> Case {
    let looks = random.whole(1, 15) as usize;
    let mut fractions: Vec<f64> = (1..=looks).map(|look| look as f64 / looks as f64).collect();
    if let Some(last) = fractions.last_mut() {
        *last = random.between(0.96, 1.0);
    }
    let (tail, sides) = [(Tail::Both, 2), (Tail::Greater, 1)][index % 2];
    let level = random.between(0.01, 0.1);
    let plan = Grouped {
        alpha: alpha(level),
        tail,
        spending: Spending::Power(2.0),
        horizon_units: 1,
    };
    let found = plan.boundaries(&fractions).expect("in range");
    let question = json!({
        "ask": "group_bounds", "fractions": fractions, "alpha": level, "power": 2.0,
        "sides": sides,
    });
    let check = move |answer: &Value, tally: &mut Tally| {
        let class = "spotify group-sequential bounds";
        tally.count(class);
        for (found, expected) in found.iter().zip(numbers(answer, "bounds")) {
            // The reference stops its search when the probability is within 1e-7 of the
            // budget, a thousandth of the smallest budgets here, and integrates by the
            // trapezoidal rule. `second_bound` holds the same function to 1e-9.
            tally.within(class, found.unwrap_or(f64::NAN), expected, 1.0, 2e-4);
        }
    };
    (question, Box::new(check))
}

fn second_bound(random: &mut Random, index: usize) -> Case {
    let spending = [
        Spending::OBrienFleming,
        Spending::Pocock,
        Spending::Power(1.5),
    ][index % 3];
    let fractions = [random.between(0.2, 0.9), 1.0];
    let level = random.between(0.005, 0.1);
    let spent = fractions.map(|fraction| spending.spent(level, fraction));
    let plan = Grouped {
        alpha: alpha(level),
        tail: Tail::Greater,
        spending,
        horizon_units: 1,
    };
    let found = plan.boundaries(&fractions).expect("in range");
    let question = json!({"ask": "second_bound", "fractions": fractions, "spent": spent});
    let check = move |answer: &Value, tally: &mut Tally| {
        let class = "scipy quadrature of second bounds";
        tally.count(class);
        for (found, expected) in found.iter().zip(numbers(answer, "bounds")) {
            tally.near(class, found.unwrap_or(f64::NAN), expected, 1.0);
        }
    };
    (question, Box::new(check))
}

/// spotify-confidence plans with control's variance in both arms: a mean of ours.
fn sample_size(random: &mut Random, index: usize) -> Case {
    let variants = random.whole(1, 6) as u32;
    let ratio = random.pick(&[0.5, 1.0, 2.0]);
    let (level, power) = (random.between(0.001, 0.2), random.between(0.5, 0.99));
    let binary = index.is_multiple_of(2);
    let rate = random.between(0.02, 0.6);
    let effect = random.magnitude(0.002, 0.2);
    let baseline = if binary {
        rate
    } else {
        random.magnitude(0.01, 100.0)
    };
    let variance = if binary {
        rate * (1.0 - rate)
    } else {
        baseline
    };
    let outcome = Outcome::Mean {
        mean: 1.0,
        standard_deviation: variance.sqrt(),
    };
    let planned = Design::new(outcome, alpha(level))
        .and_then(|design| design.among(variants).with_control_ratio(ratio))
        .and_then(|design| design.units(effect, power))
        .expect("in range");
    let parts = ratio + f64::from(variants);
    let mut allocations = vec![1.0 / parts; variants as usize + 1];
    allocations[0] = ratio / parts;
    let question = json!({
        "ask": "sample_size", "binary": binary, "effect": effect, "baseline": baseline,
        "alpha": level, "power": power, "variants": variants, "allocations": allocations,
    });
    let check = move |answer: &Value, tally: &mut Tally| {
        let class = "spotify sample size";
        tally.count(class);
        // Both round up, one of them the arms and one of them the total first.
        let whole = 1.0 + f64::from(variants);
        let off = (planned.total as f64 - number(answer, "total")).abs();
        if off.is_nan() || off > whole + 1e-9 * planned.total as f64 {
            tally.fail(format!("{class}: {planned:?} for {answer}"));
        }
    };
    (question, Box::new(check))
}

fn treatment_size(random: &mut Random) -> Case {
    let rate = random.between(0.02, 0.6);
    let lift = random.between(0.01, 0.5);
    let ratio = random.between(0.3, 3.0);
    let (level, power) = (random.between(0.001, 0.2), random.between(0.5, 0.99));
    let planned = Design::new(Outcome::Proportion { rate }, alpha(level))
        .and_then(|design| design.with_control_ratio(ratio))
        .and_then(|design| design.units(lift, power))
        .expect("in range");
    let question = json!({
        "ask": "treatment_size", "effect": rate * lift, "rate": rate, "alpha": level,
        "power": power, "ratio": ratio,
    });
    let check = move |answer: &Value, tally: &mut Tally| {
        let class = "spotify units of the treatment";
        tally.count(class);
        tally.near(class, planned.variant as f64, number(answer, "units"), 0.0);
    };
    (question, Box::new(check))
}

/// Theirs counts the discoveries in the wrong direction; ours does not.
fn power(random: &mut Random) -> Case {
    let deviation = random.magnitude(0.1, 10.0);
    let (level, ratio) = (
        random.between(0.001, 0.2),
        random.pick(&[0.5, 1.0, 2.0, 3.0]),
    );
    let units = 2 * random.magnitude(10.0, 1e5) as u64;
    let effect = random.between(0.0, 5.0) * deviation / (units as f64).sqrt() + 1e-9;
    let outcome = Outcome::Mean {
        mean: 1.0,
        standard_deviation: deviation,
    };
    let design = Design::new(outcome, alpha(level))
        .and_then(|design| design.with_control_ratio(ratio))
        .expect("in range");
    let found = design.power(effect, units).expect("in range");
    let z = effect / (deviation * ((1.0 + 1.0 / ratio) / units as f64).sqrt());
    let critical = -nexus_stats::special::normal_quantile(0.5 * level);
    let wrong = nexus_stats::special::normal_cdf(-z - critical);
    let question = json!({
        "ask": "power", "effect": effect, "variance": deviation * deviation, "alpha": level,
        "control": ratio * units as f64, "variant": units,
    });
    let check = move |answer: &Value, tally: &mut Tally| {
        tally.count("spotify power");
        tally.near("spotify power", found + wrong, number(answer, "power"), 1.0);
    };
    (question, Box::new(check))
}

/// A margin at a fixed horizon; theirs is an absolute one. The variance of a proportion is
/// the same in both.
fn margin(random: &mut Random, index: usize) -> Case {
    let arm = |random: &mut Random, rate: f64| {
        let units = random.magnitude(50.0, 1e6) as u64;
        if index.is_multiple_of(2) {
            let conversions = ((rate * units as f64) as u64).clamp(1, units - 1);
            let sum = conversions as f64;
            return (
                Metric::from(Proportion::new(conversions, units)),
                units,
                sum,
                sum,
            );
        }
        let sum = rate * units as f64;
        let sum_squares = 2.5 * rate * sum;
        let mean = Mean {
            units,
            sum,
            sum_squares,
            winsorised_at: None,
        };
        (Metric::from(mean), units, sum, sum_squares)
    };
    let rate = random.between(0.05, 0.9);
    let (control, variant) = (arm(random, rate), arm(random, rate));
    let margin = random.between(0.0, 0.1) * rate;
    let (better, bound, tail) = [
        (Better::Higher, -margin, "larger"),
        (Better::Lower, margin, "smaller"),
    ][random.whole(0, 2) as usize];
    let level = random.between(0.001, 0.2);
    let effect = Effect::between(&control.0, &variant.0, Difference::Absolute).expect("data");
    let found = NonInferiority::new(margin, better, alpha(level))
        .expect("in range")
        .once(Reference::Normal)
        .judge(&effect)
        .safety;
    let plain =
        |arm: &(Metric, u64, f64, f64)| json!({"units": arm.1, "sum": arm.2, "sum_squares": arm.3});
    let question = json!({
        "ask": "z_test", "null": bound, "tail": tail, "alpha": level,
        "control": plain(&control), "variant": plain(&variant),
    });
    let check = move |answer: &Value, tally: &mut Tally| {
        let class = "spotify z-test of a margin";
        tally.count(class);
        let error = number(answer, "standard_error");
        tally.near(class, found.estimate, number(answer, "estimate"), error);
        tally.near(class, found.standard_error, error, 0.0);
        tally.near(class, found.p_value, number(answer, "p_value"), 1.0);
        for (found, end) in [(found.lower, "lower"), (found.upper, "upper")] {
            if let Some(found) = found {
                tally.near(class, found, number(answer, end), error);
            }
        }
    };
    (question, Box::new(check))
}

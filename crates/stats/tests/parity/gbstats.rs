//! `gbstats`: every test class with every statistic and difference.

use nexus_stats::{
    Alpha, Bayes, Better, Difference, Effect, Fixed, Inference, Insufficient, Metric, Posterior,
    Prior, PriorScale, Reference, Sequential, Tail, chi_square_p,
};
use serde_json::{Value, json};

use crate::Case;
use crate::common::Random;
use crate::generate::{KINDS, difference, poor};
use crate::tally::{Tally, number, numbers};

/// Inputs per kind of metric and test, a third of them with each difference.
const EACH: usize = 150;
const TESTS: [&str; 4] = ["two_sided_t", "greater_t", "lesser_t", "sequential"];

pub(crate) fn cases() -> Vec<Case> {
    let mut random = Random::new(20_260_101);
    let mut cases = Vec::new();
    for kind in KINDS {
        for index in 0..EACH {
            for test in TESTS {
                let arms = kind.arms(&mut random);
                let difference = difference(&mut random, index);
                let class = format!("{test} {kind:?}");
                cases.push(frequentist(&mut random, class, test, arms, difference));
            }
            let arms = kind.arms(&mut random);
            let difference = difference(&mut random, index);
            cases.push(bayes(
                &mut random,
                format!("bayes {kind:?}"),
                arms,
                difference,
            ));
        }
    }
    for arms in poor() {
        for which in 0..3 {
            let difference = difference(&mut random, which);
            for test in TESTS {
                let class = format!("{test} of poor data");
                cases.push(frequentist(&mut random, class, test, arms, difference));
            }
            cases.push(bayes(
                &mut random,
                "bayes of poor data".into(),
                arms,
                difference,
            ));
        }
    }
    cases.extend((0..200).map(|_| srm(&mut random)));
    cases
}

fn frequentist(
    random: &mut Random,
    class: String,
    test: &str,
    arms: [Metric; 2],
    difference: Difference,
) -> Case {
    let alpha = random.magnitude(0.001, 0.3);
    let tuning = random.magnitude(50.0, 1e6);
    let effect = Effect::between(&arms[0], &arms[1], difference);
    let factor = effect.map_or(1.0, |effect| effect.factor);
    let error = effect.map_or(1.0, |effect| effect.standard_error / factor);
    // gbstats holds a scaled difference against the null before scaling it. (A variable
    // named null would be JSON's null in the question.)
    let against = if random.coin() {
        0.0
    } else {
        random.normal() * error
    };
    let found = effect.map(|effect| {
        let level = Alpha::new(alpha).expect("in range");
        infer(test, level, tuning, &effect, against * factor)
    });
    let question = json!({
        "ask": "frequentist", "test": test, "alpha": alpha, "null": against, "tuning": tuning,
        "difference": difference, "control": arms[0], "variant": arms[1],
    });
    let check = move |answer: &Value, tally: &mut Tally| {
        let told = |tally: &mut Tally| compare(tally, &class, found.as_ref().ok(), answer);
        match (&found, answer["refused"].as_str()) {
            (Ok(_), None) => told(tally),
            (Err(_), Some(_)) => tally.refuse(&class),
            // gbstats needs a control other than zero even for an absolute difference.
            (Ok(_), Some(reason)) if reason.contains("BASELINE") && is_zero(&arms[0]) => {
                tally.refuse(&class);
            }
            (found, reason) => tally.fail(format!("{class}: {found:?} for {reason:?}")),
        }
    };
    (question, Box::new(check))
}

fn is_zero(control: &Metric) -> bool {
    matches!(control, Metric::Single(sample) if sample.sum() == 0.0)
}

fn infer(test: &str, alpha: Alpha, tuning: f64, effect: &Effect, null: f64) -> Inference {
    let welch = |tail| Fixed {
        alpha,
        tail,
        reference: Reference::Welch,
    };
    match test {
        "two_sided_t" => welch(Tail::Both).infer(effect, null),
        "greater_t" => welch(Tail::Greater).infer(effect, null),
        "lesser_t" => welch(Tail::Lesser).infer(effect, null),
        _ => Sequential::new(alpha, Tail::Both)
            .tuned_for(tuning)
            .expect("in range")
            .infer(effect, null),
    }
}

fn compare(tally: &mut Tally, class: &str, found: Option<&Inference>, answer: &Value) {
    let Some(found) = found else { return };
    tally.count(class);
    let (estimate, error) = (number(answer, "estimate"), number(answer, "standard_error"));
    tally.near(class, found.estimate, estimate, error);
    tally.near(class, found.standard_error, error, 0.0);
    tally.near(class, found.p_value, number(answer, "p_value"), 1.0);
    if let Some(lower) = found.lower {
        tally.near(class, lower, number(answer, "lower"), error);
    }
    if let Some(upper) = found.upper {
        let mut expected = number(answer, "upper");
        if class.starts_with("lesser_t") {
            // gbstats 0.8.0 ends this interval at estimate MINUS the width, so that it can
            // leave out its own estimate. The sum is meant.
            expected = 2.0 * estimate - expected;
        }
        tally.near(class, upper, expected, error);
    }
}

fn bayes(random: &mut Random, class: String, arms: [Metric; 2], difference: Difference) -> Case {
    let alpha = random.magnitude(0.001, 0.3);
    let effect = Effect::between(&arms[0], &arms[1], difference);
    let proper = random.coin();
    let scale = random.pick(&[PriorScale::Relative, PriorScale::Absolute]);
    let level = match (scale, effect) {
        (PriorScale::Absolute, Ok(effect)) => effect.control.abs(),
        _ => 1.0,
    };
    let deviation = level.max(1e-3) * random.magnitude(0.01, 1.0);
    let mean = 0.5 * deviation * random.normal();
    let better = random.pick(&[Better::Higher, Better::Lower]);
    let prior = proper.then(|| Prior::new(mean, deviation, scale).expect("in range"));
    let judge = Bayes {
        alpha: Alpha::new(alpha).expect("in range"),
        prior,
        better,
    };
    let factor = effect.map_or(1.0, |effect| effect.factor);
    let found = effect.and_then(|effect| judge.judge(&effect));
    let question = json!({
        "ask": "bayes", "alpha": alpha, "inverse": better == Better::Lower,
        "prior": {"mean": mean, "deviation": deviation, "proper": proper, "scale": scale},
        "difference": difference, "control": arms[0], "variant": arms[1],
    });
    let check = move |answer: &Value, tally: &mut Tally| {
        judge_bayes(tally, &class, found, factor, answer);
    };
    (question, Box::new(check))
}

fn judge_bayes(
    tally: &mut Tally,
    class: &str,
    found: Result<Posterior, Insufficient>,
    factor: f64,
    answer: &Value,
) {
    let found = match (found, answer["refused"].as_str()) {
        (Ok(found), None) => found,
        (Err(_), Some(_)) => return tally.refuse(class),
        (found, reason) => return tally.fail(format!("{class}: {found:?} for {reason:?}")),
    };
    tally.count(class);
    let error = number(answer, "standard_error");
    tally.near(class, found.mean, number(answer, "estimate"), error);
    tally.near(class, found.standard_deviation, error, 0.0);
    tally.near(class, found.lower, number(answer, "lower"), error);
    tally.near(class, found.upper, number(answer, "upper"), error);
    tally.near(
        class,
        found.chance_to_win,
        number(answer, "chance_to_win"),
        1.0,
    );
    // gbstats leaves the risk of a scaled difference unscaled.
    let risks = [
        found.risk_of_control / factor,
        found.risk_of_variant / factor,
    ];
    for (found, expected) in risks.into_iter().zip(numbers(answer, "risk")) {
        tally.near(class, found, expected, error / factor);
    }
}

fn srm(random: &mut Random) -> Case {
    let arms = random.whole(2, 7) as usize;
    let weights: Vec<f64> = (0..arms).map(|_| random.between(0.1, 3.0)).collect();
    let total: f64 = weights.iter().sum();
    let units = random.magnitude(10.0, 1e7);
    let drift = random.pick(&[0.0, 1.0, 3.0]) / units.sqrt();
    let users: Vec<u64> = weights
        .iter()
        .map(|weight| (units * weight / total * (1.0 + drift * random.normal())).max(0.0) as u64)
        .collect();
    let found = chi_square_p(&users, &weights).expect("in range");
    let question = json!({"ask": "srm_once", "users": users, "weights": weights});
    let check = move |answer: &Value, tally: &mut Tally| {
        tally.count("check_srm");
        tally.near("check_srm", found, number(answer, "p_value"), 1.0);
    };
    (question, Box::new(check))
}

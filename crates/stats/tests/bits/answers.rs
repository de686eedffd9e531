//! What the statistics say about generated inputs. No I/O: it is also compiled into a Worker,
//! `edge/gateway/examples/proofs.rs`.

use nexus_stats::{
    Alpha, Bayes, Better, Correction, Decision, Design, Difference, Direction, Distribution,
    Effect, Fixed, Floor, Grouped, Guardrail, Metric, NonInferiority, Outcome, Prior, PriorScale,
    Proportion, Reference, Sequential, Spending, SrmState, Tail, Values, Watching, adjusted_width,
    chi_square_p, special,
};

use crate::common::Random;
use crate::digest::Digests;
use crate::generate::{KINDS, difference};

/// Comparisons of two arms, over all kinds of metrics and all methods.
const COMPARISONS: usize = 4_500;
/// Inputs of everything else.
const INPUTS: usize = 1_000;

const TAILS: [Tail; 3] = [Tail::Both, Tail::Greater, Tail::Lesser];

pub(crate) fn digests() -> Digests {
    let random = &mut Random::new(20_261_127);
    let mut all = Digests::default();
    for which in 0..COMPARISONS {
        let arms = KINDS[which % KINDS.len()].arms(random);
        let of = difference(random, which / KINDS.len());
        comparison(&mut all, random, &arms, of);
    }
    for _ in 0..INPUTS {
        rates(&mut all, random);
        assignment(&mut all, random);
        planning(&mut all, random);
        quantile(&mut all, random);
        functions(&mut all, random);
    }
    for _ in 0..INPUTS / 10 {
        boundaries(&mut all, random);
    }
    all
}

fn comparison(all: &mut Digests, random: &mut Random, arms: &[Metric; 2], of: Difference) {
    let effect = Effect::between(&arms[0], &arms[1], of);
    all.add("differences", &effect);
    let Ok(effect) = effect else { return };
    let alpha = Alpha::new(random.between(0.001, 0.3)).expect("in range");
    let tail = random.pick(&TAILS);
    let null = effect.standard_error * random.between(-1.0, 1.0);
    let sequential = Sequential::new(alpha, tail).tuned_for(random.magnitude(10.0, 1e6));
    let always = sequential.expect("in range").infer(&effect, null);
    all.add("always-valid", &always);
    let reference = random.pick(&[Reference::Welch, Reference::Normal]);
    let fixed = Fixed {
        alpha,
        tail,
        reference,
    };
    all.add("fixed horizon", &fixed.infer(&effect, null));
    all.add("Bayesian", &bayes(random, alpha).judge(&effect));
    let (better, margin) = (
        better(random),
        effect.standard_error * random.between(0.0, 3.0),
    );
    let margin = NonInferiority::new(margin, better, alpha).expect("in range");
    all.add("guardrails of any metric", &margin.judge(&effect));
    let decision = Decision::new(Sequential::new(alpha, Tail::Both), better);
    all.add("decisions", &decision.judge(&effect));
    let p_values = [always.p_value, random.share(), random.share(), 0.001];
    for correction in [Correction::Holm, Correction::BenjaminiHochberg] {
        let adjusted = correction.adjust(&p_values);
        all.add("several comparisons", &adjusted);
        let width = adjusted_width(effect.z(0.0), fixed.width(&effect), adjusted[0], alpha);
        all.add("several comparisons", &width);
    }
}

fn better(random: &mut Random) -> Better {
    random.pick(&[Better::Higher, Better::Lower])
}

fn bayes(random: &mut Random, alpha: Alpha) -> Bayes {
    let scale = random.pick(&[PriorScale::Relative, PriorScale::Absolute]);
    let (mean, deviation) = (random.normal(), random.magnitude(0.01, 10.0));
    let prior = Prior::new(mean, deviation, scale).expect("in range");
    Bayes {
        alpha,
        prior: random.coin().then_some(prior),
        better: better(random),
    }
}

/// Rates as a controller judges them every second.
fn rates(all: &mut Digests, random: &mut Random) {
    let arms = [0, 1].map(|_| {
        let units = random.whole(0, 20_000);
        Proportion::new(random.whole(0, units + 1), units)
    });
    let alpha = Alpha::new(random.between(0.001, 0.3)).expect("in range");
    let method = Sequential::new(alpha, Tail::Both);
    let rule = Decision::new(method, better(random));
    all.add("rates", &rule.judge_rates(arms[0], arms[1]));
    let [control, variant] = arms.map(Metric::from);
    let lift = Effect::between(&control, &variant, Difference::Relative).map(Effect::lift);
    all.add("lifts", &lift);
    if let Ok(lift) = lift {
        let width = method.width(lift.units);
        all.add("lifts", &lift.within(width));
        all.add("lifts", &method.infer(&lift.readable(width), 0.1));
    }
    let (limit, alpha) = (random.between(0.001, 0.5), random.between(0.001, 0.3));
    let guardrail = Guardrail::new(limit, alpha).expect("in range");
    all.add(
        "error rates",
        &guardrail.judge(arms[0].conversions / 8, arms[0].units),
    );
    let floor = Floor::new(limit, alpha).expect("in range");
    let floor = floor.judge(arms[1].conversions, arms[1].units);
    all.add("floors", &[floor.e_value, floor.threshold]);
}

fn assignment(all: &mut Digests, random: &mut Random) {
    let weights = [0, 1, 2].map(|_| random.between(0.1, 5.0));
    let counts = weights.map(|weight| (weight * random.between(800.0, 1_200.0)) as u64);
    let mut state = SrmState::new(&weights).expect("in range");
    all.add("splits", &state.observe(&counts.map(|count| count / 2)));
    all.add("splits", &state.observe(&counts));
    all.add("splits", &chi_square_p(&counts, &weights).ok());
}

fn planning(all: &mut Digests, random: &mut Random) {
    let outcome = if random.coin() {
        let rate = random.between(0.01, 0.6);
        Outcome::Proportion { rate }
    } else {
        Outcome::Mean {
            mean: random.magnitude(0.1, 1e3),
            standard_deviation: random.magnitude(0.1, 1e3),
        }
    };
    let units = random.magnitude(100.0, 1e6);
    let watching = random.pick(&[
        Watching::Once,
        Watching::Always,
        Watching::AlwaysTuned { units },
    ]);
    let alpha = Alpha::new(random.between(0.001, 0.3)).expect("in range");
    let design = Design::new(outcome, alpha).and_then(|design| {
        let design = design.among(random.whole(1, 5) as u32);
        design.watched(watching)
    });
    let design = design.expect("in range");
    let (lift, power) = (random.between(0.01, 0.5), random.between(0.5, 0.99));
    let units = units as u64;
    all.add("plans", &design.units(lift, power).ok());
    all.add("plans", &design.power(lift, units).ok());
    all.add(
        "plans",
        &design.detectable(Direction::Increase, units, power).ok(),
    );
}

fn quantile(all: &mut Digests, random: &mut Random) {
    let mut distribution = Distribution::default();
    for _ in 0..random.whole(2, 60) {
        let events = random.whole(1, 6);
        let values: Values = (0..events)
            .map(|_| random.magnitude(1.0, 1e6) as i64 - 1_000)
            .collect();
        distribution.exchange(&Values::default(), &values);
    }
    let level = random.between(0.05, 0.99);
    all.add("quantiles", &distribution.quantile(level, 0.01));
}

fn functions(all: &mut Digests, random: &mut Random) {
    let (x, share) = (8.0 * random.normal(), random.between(1e-6, 1.0 - 1e-6));
    let (a, b) = (random.magnitude(0.1, 1e4), random.magnitude(0.1, 1e4));
    let values = [
        special::normal_cdf(x),
        special::normal_density(x),
        special::normal_quantile(share),
        special::ln_beta(a, b),
        special::beta_cdf(a, b, share),
        special::ln_beta_tail(a, b, share),
        special::gamma_tail(a, b),
        special::student_tail(x, a),
        special::student_quantile(share, a),
    ];
    all.add("special functions", &values);
}

fn boundaries(all: &mut Digests, random: &mut Random) {
    let spending = random.pick(&[
        Spending::OBrienFleming,
        Spending::Pocock,
        Spending::Power(2.0),
    ]);
    let plan = Grouped {
        alpha: Alpha::new(random.between(0.001, 0.3)).expect("in range"),
        tail: random.pick(&TAILS),
        spending,
        horizon_units: 10_000,
    };
    let looks = random.whole(1, 8);
    let fractions: Vec<f64> = (1..=looks)
        .map(|look| (look as f64 - random.between(0.0, 0.5)) / looks as f64)
        .collect();
    all.add("group-sequential", &plan.boundaries(&fractions).ok());
}

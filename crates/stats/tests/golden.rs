//! Agreement with other people's implementations: `gbstats` 0.8.0 (GrowthBook) and
//! `ssrm-test` 0.1.5 (Optimizely), run once with these inputs.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use nexus_stats::special::normal_quantile;
use nexus_stats::{
    Alpha, Difference, Effect, Proportion, Sequential, SrmState, Tail, chi_square_p, srm,
};

const TOLERANCE: f64 = 1e-9;

fn assert_near(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < TOLERANCE,
        "{what}: {found} for {expected}"
    );
}

fn always_valid(tuning_units: f64) -> Sequential {
    let method = Sequential::new(Alpha::FIVE_PERCENT, Tail::Both);
    method.tuned_for(tuning_units).expect("in range")
}

struct Case {
    control: (u64, u64),
    variant: (u64, u64),
    tuning_units: f64,
    /// Estimate, standard error, lower, upper, p-value.
    absolute: [f64; 5],
    relative: [f64; 5],
}

/// `SequentialTwoSidedTTest` on `ProportionStatistic`s.
const GBSTATS: [Case; 6] = [
    Case {
        control: (1000, 10000),
        variant: (1090, 10000),
        tuning_units: 5000.0,
        absolute: [
            0.008999999999999994,
            0.004325725372697624,
            -0.00452703699467275,
            0.02252703699467274,
            0.7019245268618604,
        ],
        relative: [
            0.08999999999999994,
            0.04517167253932491,
            -0.051256976091765355,
            0.23125697609176524,
            0.8354018446667318,
        ],
    },
    Case {
        control: (1000, 10000),
        variant: (1090, 10000),
        tuning_units: 20000.0,
        absolute: [
            0.008999999999999994,
            0.004325725372697624,
            -0.0041294805411105015,
            0.02212948054111049,
            0.43729882688417737,
        ],
        relative: [
            0.08999999999999994,
            0.04517167253932491,
            -0.0471054666016911,
            0.22710546660169098,
            0.5129061335001132,
        ],
    },
    Case {
        control: (20, 500),
        variant: (35, 480),
        tuning_units: 5000.0,
        absolute: [
            0.03291666666666667,
            0.014752388675855804,
            -0.016859731541863654,
            0.082693064875197,
            0.3513130314271045,
        ],
        relative: [
            0.8229166666666667,
            0.4975196635415855,
            -0.8557766916198248,
            2.501610024953158,
            0.6952302588204357,
        ],
    },
    Case {
        control: (20, 500),
        variant: (35, 480),
        tuning_units: 20000.0,
        absolute: [
            0.03291666666666667,
            0.014752388675855804,
            -0.037171923396577024,
            0.10300525672991037,
            0.5869970460356692,
        ],
        relative: [
            0.8229166666666667,
            0.4975196635415855,
            -1.540798966954018,
            3.186632300287352,
            0.8035145533410732,
        ],
    },
    Case {
        control: (5000, 100000),
        variant: (5320, 100200),
        tuning_units: 5000.0,
        absolute: [
            0.0030938123752494995,
            0.0009883041558236393,
            -0.00030010384241503955,
            0.006487728592914039,
            0.13503986103480736,
        ],
        relative: [
            0.06187624750498999,
            0.02037003836815762,
            -0.008076107915921435,
            0.13182860292590143,
            0.1796326454506955,
        ],
    },
    Case {
        control: (5000, 100000),
        variant: (5320, 100200),
        tuning_units: 20000.0,
        absolute: [
            0.0030938123752494995,
            0.0009883041558236393,
            -0.00011012852273436331,
            0.006297753273233363,
            0.07099765539969347,
        ],
        relative: [
            0.06187624750498999,
            0.02037003836815762,
            -0.004160507108118147,
            0.12791300211809814,
            0.09419153565865349,
        ],
    },
];

#[test]
fn comparisons_agree_with_gbstats() {
    for case in GBSTATS {
        let control = Proportion::new(case.control.0, case.control.1).into();
        let variant = Proportion::new(case.variant.0, case.variant.1).into();
        for (difference, expected) in [
            (Difference::Absolute, case.absolute),
            (Difference::Relative, case.relative),
        ] {
            let effect = Effect::between(&control, &variant, difference).expect("data");
            let found = always_valid(case.tuning_units).infer(&effect, 0.0);
            let values = [
                found.estimate,
                found.standard_error,
                found.lower.expect("an end"),
                found.upper.expect("an end"),
                found.p_value,
            ];
            for (found, expected) in values.into_iter().zip(expected) {
                assert_near(found, expected, "interval");
            }
        }
    }
}

/// The paper's identities: `r` and the ratio to a fixed-horizon interval.
#[test]
fn widths_agree_with_the_paper() {
    let method = always_valid(5_000.0);
    assert!((method.rho() - 0.039_840_066_77).abs() < 5e-12);
    let fixed = normal_quantile(0.975);
    let ratios = [
        (1_000.0, 1.7163),
        (5_000.0, 1.5486),
        (20_000.0, 1.5955),
        (100_000.0, 1.7025),
    ];
    for (units, expected) in ratios {
        let ratio = method.width(units) / fixed;
        assert!(
            (ratio - expected).abs() < 5e-5,
            "{ratio} for {expected} at {units}"
        );
    }
}

#[test]
fn mismatches_agree_with_ssrm_test() {
    let mut state = SrmState::new(&[0.5, 0.5]).expect("in range");
    assert_near(
        state.observe(&[5_050, 4_950]).ln_e_value,
        0.907_944_025_668_962_f64.ln(),
        "ln E",
    );
    assert_near(state.p_value(), 1.0, "p");
    assert!((state.observe(&[10_200, 9_800]).p_value - 0.120_330_666).abs() < 1e-9);

    // The p-value keeps the strongest evidence: the last look alone has E = 1.435.
    let mut state = SrmState::new(&[4_000.0, 6_000.0]).expect("in range");
    let looks = [
        (
            [10, 30],
            0.994_291_283_342_730_4,
            1.005_741_493_215_224_9_f64,
        ),
        ([210, 530], 0.245_190_542_442_070_7, 4.078_460_735_231_101),
        (
            [1_110, 1_530],
            0.245_190_542_442_070_7,
            1.435_005_307_799_000_8,
        ),
    ];
    for (counts, p_value, e_value) in looks {
        let verdict = state.observe(&counts);
        assert_near(verdict.p_value, p_value, "p");
        assert_near(verdict.ln_e_value, e_value.ln(), "ln E");
    }

    let mut state = SrmState::new(&[0.4, 0.4, 0.2]).expect("in range");
    assert_near(state.observe(&[100, 90, 40]).p_value, 1.0, "p");
    assert_near(
        state.observe(&[1_100, 990, 540]).p_value,
        0.661_516_101_290_554_8,
        "p",
    );
}

#[test]
fn mismatch_state_survives_json() {
    let mut state = SrmState::new(&[1.0, 1.0, 1.0]).expect("in range");
    state.observe(&[500, 400, 450]);
    let text = serde_json::to_string(&state).expect("it serialises");
    let mut read: SrmState = serde_json::from_str(&text).expect("it parses");
    assert_eq!(read, state);
    assert_eq!(
        read.observe(&[900, 900, 900]),
        state.observe(&[900, 900, 900])
    );
}

#[test]
fn chi_square_agrees_with_gbstats() {
    let two = chi_square_p(&[10_200, 9_800], &[0.5, 0.5]).expect("in range");
    assert_near(two, 0.004_677_734_981_047_276, "p");
    let three = chi_square_p(&[5_200, 2_400, 2_400], &[50.0, 25.0, 25.0]).expect("in range");
    assert_near(three, 0.000_335_462_627_902_511_9, "p");
}

#[test]
fn a_variant_without_weight_is_left_out() {
    let with = srm(&[10_200, 7, 9_800], &[1.0, 0.0, 1.0]).expect("in range");
    let without = srm(&[10_200, 9_800], &[1.0, 1.0]).expect("in range");
    assert_eq!(with, without);
    assert!(SrmState::new(&[1.0, 0.0]).is_err());
    assert!(SrmState::new(&[1.0, -1.0, 1.0]).is_err());
    assert!(SrmState::new(&[1.0, f64::NAN]).is_err());
}

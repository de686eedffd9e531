//! Expected values from mpmath 1.3.0 with 40 digits.

use std::f64::consts::LN_2;

use super::*;

/// Largest relative error allowed.
fn assert_close(found: f64, expected: f64, tolerance: f64, case: &str) {
    let error = ((found - expected) / expected).abs();
    assert!(
        found == expected || error < tolerance,
        "{case}: {found} for {expected}, off by {error}"
    );
}

/// For logarithms of probabilities: an error of the logarithm is a relative error of the
/// probability; a logarithm near zero is held to a relative error of its own.
fn assert_ln_close(found: f64, expected: f64, tolerance: f64, case: &str) {
    let error = (found - expected).abs() / expected.abs().min(1.0);
    assert!(
        error < tolerance,
        "{case}: {found} for {expected}, off by {error}"
    );
}

#[test]
fn normal_distribution() {
    let cases = [
        (-37.0, 5.725571222524577e-300),
        (-10.0, 7.619853024160525e-24),
        (-3.5, 0.00023262907903552504),
        (-1.0, 0.15865525393145705),
        (-0.1, 0.460172162722971),
        (0.0, 0.5),
        (0.5, 0.6914624612740131),
        (1.959963984540054, 0.975),
        (5.0, 0.9999997133484281),
        (8.0, 0.9999999999999993),
    ];
    for (x, expected) in cases {
        assert_close(normal_cdf(x), expected, 1e-13, &format!("cdf({x})"));
    }
}

#[test]
fn normal_quantiles() {
    let cases = [
        (1e-300, -37.0470962993612),
        (1e-100, -21.273453560965324),
        (1e-10, -6.361340902404057),
        (0.001, -3.0902323061678135),
        (0.02425, -1.9729610513118848),
        (0.025, -1.9599639845400542),
        (0.1, -1.2815515655446004),
        (0.3, -0.5244005127080408),
        (0.5, 0.0),
        (0.8, 0.8416212335729144),
        (0.975, 1.9599639845400539),
        (0.99995, 3.890591886413121),
    ];
    for (p, expected) in cases {
        assert_close(
            normal_quantile(p),
            expected,
            1e-13,
            &format!("quantile({p})"),
        );
    }
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    assert!(normal_quantile(-0.1).is_nan() && normal_quantile(1.1).is_nan());
    assert!(normal_quantile(f64::NAN).is_nan());
}

#[test]
fn incomplete_beta() {
    // a, b, x, ln I, ln (1 - I)
    let cases = [
        (0.5, 5.0, 0.05, -0.6631830490159991, -0.7240369691883243),
        (0.5, 5.0, 0.01, -1.415344702148187, -0.27818318460372344),
        (2.0, 3.0, 0.5, -0.3746934494414107, -1.1631508098056809),
        (10.0, 10.0, 0.5, -LN_2, -LN_2),
        (0.5, 0.5, 0.9, -0.22920282758111512, -1.5855614147303535),
        (100.5, 905.0, 0.1, -0.6669254920676972, -0.7200750035876534),
        (
            50.5,
            955.0,
            0.01,
            -44.5812908682569,
            -4.3510230076505243e-20,
        ),
        (
            1000.5,
            9005.0,
            0.11,
            -0.0005741556070899929,
            -7.462897169960295,
        ),
        (
            500.0,
            500.0,
            0.4,
            -23.197291456569367,
            -8.424503699291055e-11,
        ),
        (1.0, 1.0, 0.3, -1.203972804325936, -0.35667494393873236),
        (20.5, 5.0, 0.05, -52.24868418919625, -2.0355640392742282e-23),
    ];
    for (a, b, x, ln_cdf, ln_tail) in cases {
        let case = format!("({a}, {b}, {x})");
        assert_ln_close(ln_beta_cdf(a, b, x), ln_cdf, 1e-11, &case);
        assert_ln_close(ln_beta_tail(a, b, x), ln_tail, 1e-11, &case);
    }
    assert_eq!(
        (beta_cdf(2.0, 3.0, 0.0), beta_cdf(2.0, 3.0, 1.0)),
        (0.0, 1.0)
    );
    assert_eq!(ln_beta_tail(2.0, 3.0, 1.0), f64::NEG_INFINITY);
}

/// A million units: the accuracy that the documentation states.
#[test]
fn incomplete_beta_of_a_million() {
    let cases = [
        (
            50000.5,
            950005.0,
            0.05,
            -0.6928726491927365,
            -0.6934217873153227,
        ),
        (
            10000.5,
            990005.0,
            0.0101,
            -0.1725931742456085,
            -1.8418737593728591,
        ),
        (
            51000.5,
            949005.0,
            0.05,
            -12.94124244910368,
            -2.3971230938317916e-06,
        ),
    ];
    for (a, b, x, ln_cdf, ln_tail) in cases {
        let case = format!("({a}, {b}, {x})");
        assert_ln_close(ln_beta_cdf(a, b, x), ln_cdf, 1e-8, &case);
        assert_ln_close(ln_beta_tail(a, b, x), ln_tail, 1e-8, &case);
    }
}

#[test]
fn incomplete_gamma() {
    let cases = [
        (0.5, 4.0, 0.004677734981047266),
        (0.5, 0.1, 0.654720846018577),
        (1.0, 2.0, 0.1353352832366127),
        (1.5, 10.0, 0.00016974243555282643),
        (5.0, 3.0, 0.8152632445237721),
        (50.0, 60.0, 0.08440668109369183),
        (100.0, 80.0, 0.9828916869648668),
        (0.5, 200.0, 5.5072482372124674e-89),
    ];
    for (a, x, expected) in cases {
        assert_close(gamma_tail(a, x), expected, 1e-12, &format!("Q({a}, {x})"));
    }
    assert_eq!(gamma_tail(1.0, 0.0), 1.0);
}

/// Neighbouring formulas meet where they change over.
#[test]
fn the_quantile_inverts_the_distribution() {
    for n in 1..2_000 {
        let p = f64::from(n) / 2_000.0;
        assert_close(normal_cdf(normal_quantile(p)), p, 1e-14, &p.to_string());
    }
}

#[test]
fn student_tails() {
    // t, degrees of freedom, P(T > t)
    let cases = [
        (0.5, 1.0, 0.35241638234956673),
        (12.706204736432095, 1.0, 0.024_999_999_999_495_65),
        (1e6, 1.0, 3.1830988618368457e-7),
        (1e-8, 3.0, 0.499_999_996_324_474),
        (2.5, 2.5, 0.052_284_981_539_077_69),
        (-1.5, 7.25, 0.912_078_641_937_800_1),
        (4.0, 30.0, 0.00019092281804187842),
        (1.96, 100.5, 0.026_382_503_210_354_76),
        (8.0, 300.0, 1.3675076950769211e-14),
        (20.0, 999.0, 2.0836922465214989e-75),
        (1.96, 1001.0, 0.025136453866449253),
        (0.001, 1500.0, 0.49960112427095676),
        (6.0, 10000.0, 1.0208092364613077e-9),
        (30.0, 2000.0, 6.853_865_095_563_055e-164),
        (1.959963984540054, 1e6, 0.02500013864761083),
        (5.0, 1e9, 2.8665162019758142e-7),
        (6.0, 10001.0, 1.0208057642015116e-9),
        (2.0, 39.9, 0.026_169_804_217_047_36),
        (2.0, 40.1, 0.026_152_582_429_217_5),
    ];
    for (t, freedom, expected) in cases {
        let case = format!("P(T > {t}), {freedom}");
        assert_close(student_tail(t, freedom), expected, 1e-12, &case);
    }
    assert!(student_tail(1.0, 0.0).is_nan() && student_tail(f64::NAN, 1.0).is_nan());
}

#[test]
fn student_quantiles() {
    let cases = [
        (0.025, 1.0, 12.706204736174704),
        (1e-10, 1.5, 2_422_663.101_134_394),
        (0.05, 2.0, 2.9199855803537256),
        (0.025, 2.0, 4.302_652_729_749_464),
        (0.3, 3.7, 0.5724353841388498),
        (0.005, 10.0, 3.1692726726169512),
        (1e-12, 30.0, 11.397217523311411),
        (0.025, 500.0, 1.9647198374673678),
        (0.025, 999.5, 1.9623402703838458),
        (0.025, 1000.5, 1.9623378924593485),
        (0.001, 1e5, 3.0903138094272376),
        (0.4999, 50.0, 0.00025191919889948167),
    ];
    for (p, freedom, expected) in cases {
        let case = format!("t({p}), {freedom}");
        assert_close(student_quantile(p, freedom), expected, 1e-11, &case);
        assert_close(student_quantile(1.0 - p, freedom), -expected, 1e-4, &case);
    }
    assert_eq!(student_quantile(0.5, 3.0), 0.0);
    assert_eq!(student_quantile(0.0, 3.0), f64::INFINITY);
    assert!(student_quantile(-0.1, 3.0).is_nan() && student_quantile(0.1, 0.0).is_nan());
}

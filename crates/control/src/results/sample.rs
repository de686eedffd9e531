//! From stored sums to a metric that can be compared.

use nexus_domain::experiment::{self as domain, Counted, MetricKind, Scale as LiftScale};
use nexus_stats::{
    Adjusted, AdjustedRatio, Count, Difference, Effect, Insufficient, Mean, Metric, Products,
    Proportion, Ratio, Sample,
};

use super::Moments;

/// How numbers of one place are kept, and what they are called in.
#[derive(Clone, Copy)]
enum Scale {
    Share,
    Times,
    Values { cap: Option<f64> },
}

impl Scale {
    const fn of(counted: Counted) -> Self {
        match counted {
            Counted::Events => Self::Times,
            Counted::Values => Self::Values { cap: None },
        }
    }

    /// One as stored, in ones.
    const fn unit(self) -> f64 {
        match self {
            Self::Share | Self::Times => 1.0,
            Self::Values { .. } => 1e-3,
        }
    }

    fn sample(self, units: u64, sum: i64, squares: f64) -> Sample {
        let whole = u64::try_from(sum).unwrap_or(0);
        match self {
            Self::Share => Sample::Proportion(Proportion::new(whole, units)),
            Self::Times => Sample::Count(Count {
                units,
                sum: whole,
                sum_squares: squares as u64,
            }),
            Self::Values { cap } => Sample::Mean(Mean {
                units,
                sum: sum as f64 / 1e3,
                sum_squares: squares / 1e6,
                winsorised_at: cap,
            }),
        }
    }
}

/// Units that the metric is of, among those exposed.
pub(super) fn units_of(metric: &domain::Metric, exposed: u64, moments: &Moments) -> u64 {
    if metric.kind.waits() {
        u64::try_from(moments.units).unwrap_or(0)
    } else {
        exposed
    }
}

/// The metric of one arm; adjusted by the time before the exposure where that is asked for.
pub(super) fn sample(metric: &domain::Metric, exposed: u64, moments: &Moments) -> Metric {
    if metric.pre_days == 0 {
        return unadjusted(metric, exposed, moments);
    }
    let units = units_of(metric, exposed, moments);
    let [top, base] = scales(&metric.kind);
    let [y, d, x, z] = samples([top, base, top, base], units, moments);
    let [_, yd, yx, yz, _, dx, dz, _, xz, _] = moments.products;
    let (t, b) = (top.unit(), base.unit());
    match metric.kind {
        MetricKind::Ratio { .. } => Metric::AdjustedRatio(AdjustedRatio {
            numerator: y,
            denominator: d,
            numerator_pre: x,
            denominator_pre: z,
            products: Products {
                numerator_denominator: yd * t * b,
                numerator_pre_denominator_pre: xz * t * b,
                numerator_numerator_pre: yx * t * t,
                numerator_denominator_pre: yz * t * b,
                denominator_numerator_pre: dx * t * b,
                denominator_denominator_pre: dz * b * b,
            },
        }),
        _ => Metric::Adjusted(Adjusted {
            post: y,
            pre: x,
            products: yx * t * t,
        }),
    }
}

/// The same without the time before the exposure.
fn unadjusted(metric: &domain::Metric, exposed: u64, moments: &Moments) -> Metric {
    let units = units_of(metric, exposed, moments);
    let [top, base] = scales(&metric.kind);
    let [numerator, denominator, ..] = samples([top, base, top, base], units, moments);
    match metric.kind {
        MetricKind::Ratio { .. } => Metric::Ratio(Ratio {
            numerator,
            denominator,
            products: moments.products[1] * top.unit() * base.unit(),
        }),
        _ => Metric::Single(numerator),
    }
}

const fn scales(kind: &MetricKind) -> [Scale; 2] {
    match kind {
        MetricKind::Proportion | MetricKind::Retention { .. } => [Scale::Share, Scale::Times],
        MetricKind::Count => [Scale::Times, Scale::Times],
        MetricKind::Mean { cap } => [Scale::Values { cap: *cap }, Scale::Times],
        // Has a distribution instead, see `super::sums`.
        MetricKind::Quantile { .. } => [Scale::Values { cap: None }, Scale::Times],
        MetricKind::Ratio { top, bottom, .. } => [Scale::of(*top), Scale::of(*bottom)],
    }
}

fn samples(scales: [Scale; 4], units: u64, moments: &Moments) -> [Sample; 4] {
    let [a, b, c, d] = scales;
    let [sum_a, sum_b, sum_c, sum_d] = moments.sums;
    let [aa, _, _, _, bb, _, _, cc, _, dd] = moments.products;
    [
        a.sample(units, sum_a, aa),
        b.sample(units, sum_b, bb),
        c.sample(units, sum_c, cc),
        d.sample(units, sum_d, dd),
    ]
}

/// As people see it, unadjusted; none of a ratio to nothing, and without units.
pub(super) fn value(metric: &Metric) -> Option<f64> {
    let ratio = |top: &Sample, bottom: &Sample| {
        let (top, bottom) = (top.sum(), bottom.sum());
        (bottom != 0.0).then(|| top / bottom)
    };
    let mean = |sample: &Sample| (sample.units() > 0).then(|| sample.mean());
    match metric {
        Metric::Single(sample) => mean(sample),
        Metric::Adjusted(adjusted) => mean(&adjusted.post),
        Metric::Ratio(r) => ratio(&r.numerator, &r.denominator),
        Metric::AdjustedRatio(r) => ratio(&r.numerator, &r.denominator),
        Metric::Binned(quantile) => quantile.value,
        Metric::Quantile(_) => None,
    }
}

/// What is above the line, of all units together.
pub(super) fn total(metric: &domain::Metric, moments: &Moments) -> f64 {
    let [top, _] = scales(&metric.kind);
    let [sum, ..] = moments.sums;
    sum as f64 * top.unit()
}

/// The treatment against the control, as every method takes it: as a share of the control's
/// value without its sign, so that up is up of a loss too; where that value is zero, the
/// difference itself. Judged by Fieller's theorem: no lift is what no difference is. An arm that doesn't vary, as when nobody converts any more, has the
/// variance of all units; none while these don't vary either.
pub(super) fn compared(control: &Metric, treatment: &Metric) -> Option<Effect> {
    let difference = match value(control)? {
        0.0 => Difference::Absolute,
        _ => Difference::Relative,
    };
    let effect = match Effect::between(control, treatment, difference) {
        // The error of a quantile is not that of a mean of units.
        Err(Insufficient::Variance) if !matches!(control, Metric::Binned(_)) => {
            Effect::by_all_units(control, treatment, difference).ok()?
        }
        known => known.ok()?,
    };
    Some(effect.lift())
}

/// What the numbers of a comparison are in.
pub(super) fn scale_of(effect: &Effect) -> LiftScale {
    match effect.difference {
        Difference::Relative => LiftScale::Relative,
        _ => LiftScale::Absolute,
    }
}

/// By what share the time before the exposure makes the variance of the lift smaller;
/// none where it is not asked for.
pub(super) fn variance_reduced(
    metric: &domain::Metric,
    [control, treatment]: [(u64, &Moments); 2],
) -> Option<f64> {
    if metric.pre_days == 0 {
        return None;
    }
    let arms = |of: fn(&domain::Metric, u64, &Moments) -> Metric| {
        [control, treatment].map(|(units, moments)| of(metric, units, moments))
    };
    reduced(&arms(sample), &arms(unadjusted))
}

/// By what share the variance of the lift of two arms is smaller than without.
pub(super) fn reduced(with: &[Metric; 2], without: &[Metric; 2]) -> Option<f64> {
    let error = |[control, treatment]: &[Metric; 2]| {
        let effect = Effect::between(control, treatment, Difference::Relative);
        effect.ok().map(|effect| effect.standard_error)
    };
    let (with, without) = (error(with)?, error(without)?);
    Some(1.0 - (with / without) * (with / without))
}

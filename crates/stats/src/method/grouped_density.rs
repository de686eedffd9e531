//! Where the test statistic is, given that it has crossed no boundary so far.
//!
//! Armitage, McPherson and Rowe, "Repeated significance tests on accumulating data" (JRSS A
//! 1969): under the null the score process is a Brownian motion over the information
//! fraction; its density at a look is that at the look before, cut at the boundary, folded
//! with the normal density of the step. The integrals are taken by Gauss and Legendre's
//! rule with eight points on panels no wider than the narrower of the two steps beside
//! them, on which the integrand is so smooth that the error is that of the arithmetic.

use libm::exp;

use crate::special::{normal_cdf, normal_density, normal_quantile};

/// Positive half of the rule on [-1, 1]: abscissas and weights (Abramowitz and Stegun,
/// table 25.4).
const RULE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];
/// Beyond this many standard deviations is no mass that a double would notice.
const EDGE: f64 = 8.5;
/// An increment of this many deviations is as good as impossible.
const REACH: f64 = 9.0;

/// A point of the rule with the mass at it: density times weight.
#[derive(Debug, Clone)]
struct Node {
    at: f64,
    mass: f64,
}

/// The cut density at the last look that had a boundary.
#[derive(Debug, Clone)]
pub(super) struct Density {
    /// Information fraction of that look; 0 before the first.
    fraction: f64,
    /// Deviation of the step towards it.
    step: f64,
    /// Boundary of the score process at it.
    boundary: f64,
    /// Nodes at the look before, from which the density here follows; empty at the first.
    before: Vec<Node>,
}

impl Density {
    pub(super) const fn start() -> Self {
        Self {
            fraction: 0.0,
            step: 0.0,
            boundary: 0.0,
            before: Vec::new(),
        }
    }

    /// The boundary, in standard errors, at `fraction` that `budget` of the mass crosses
    /// there for the first time.
    pub(super) fn advance(&mut self, fraction: f64, budget: f64) -> f64 {
        let step = (fraction - self.fraction).sqrt();
        let deviation = fraction.sqrt();
        let is_first = self.fraction == 0.0;
        let nodes = if is_first {
            Vec::new()
        } else {
            self.nodes(step)
        };
        let boundary = if is_first {
            -normal_quantile(budget) * deviation
        } else {
            solve(&nodes, step, budget, deviation)
        };
        *self = Self {
            fraction,
            step,
            boundary,
            before: nodes,
        };
        boundary / deviation
    }

    /// Of the mass, what crosses here for the first time when the score process drifts by
    /// `drift` over the whole of the information. Girsanov's theorem gives the density of the
    /// paths until the look before: that without drift times `exp(d x - d² t / 2)`, which asks
    /// nothing of the path but where it is.
    pub(super) fn crossed(&self, drift: f64) -> f64 {
        let time = self.step * self.step;
        let beyond = |at: f64| normal_cdf((at + drift * time - self.boundary) / self.step);
        if self.before.is_empty() {
            return beyond(0.0);
        }
        let until = self.fraction - time;
        let nodes = self.before.iter();
        nodes
            .map(|node| {
                let tilted = exp(drift * node.at - 0.5 * drift * drift * until);
                node.mass * tilted * beyond(node.at)
            })
            .sum()
    }

    pub(super) const fn fraction(&self) -> f64 {
        self.fraction
    }

    /// The boundary in standard errors.
    pub(super) fn width(&self) -> f64 {
        self.boundary / self.fraction.sqrt()
    }

    /// The density at this look as nodes fine enough for a further step of deviation `next`.
    fn nodes(&self, next: f64) -> Vec<Node> {
        let deviation = self.fraction.sqrt();
        let (low, high) = (-EDGE * deviation, self.boundary.min(EDGE * deviation));
        let panels = ((high - low) / self.step.min(next)).ceil().max(1.0);
        let half = 0.5 * (high - low) / panels;
        let mut nodes = Vec::new();
        for panel in 0..panels as usize {
            let middle = low + (2.0 * panel as f64 + 1.0) * half;
            for (abscissa, weight) in RULE {
                for at in [middle - abscissa * half, middle + abscissa * half] {
                    let mass = self.density(at) * weight * half;
                    nodes.push(Node { at, mass });
                }
            }
        }
        nodes.sort_by(|a, b| a.at.total_cmp(&b.at));
        nodes
    }

    fn density(&self, at: f64) -> f64 {
        if self.before.is_empty() {
            return normal_density(at / self.step) / self.step;
        }
        let from = self
            .before
            .partition_point(|node| node.at < at - REACH * self.step);
        let to = self
            .before
            .partition_point(|node| node.at <= at + REACH * self.step);
        let near = self.before.get(from..to).unwrap_or_default();
        let sum: f64 = near
            .iter()
            .map(|node| node.mass * normal_density((at - node.at) / self.step))
            .sum();
        sum / self.step
    }
}

/// Mass that a step of deviation `step` carries beyond `boundary`.
fn crossing(nodes: &[Node], step: f64, boundary: f64) -> f64 {
    nodes
        .iter()
        .map(|node| node.mass * normal_cdf((node.at - boundary) / step))
        .sum()
}

/// The boundary that `budget` crosses. The crossing mass falls with it, so bisection finds
/// it; when the budget is more than all there is, the lowest boundary is.
fn solve(nodes: &[Node], step: f64, budget: f64, deviation: f64) -> f64 {
    let (mut low, mut high) = (-EDGE * deviation, 40.0 * deviation);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if crossing(nodes, step, middle) > budget {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

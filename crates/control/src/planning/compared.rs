//! What numbers of users find.

use nexus_stats::{Design, PlannedLooks};

use super::Designs;
use crate::views::{Detectable, Direction, PlanQuery, PowerPoint};

/// The old rule of thumb; the answer says what it is worth.
const RULE_OF_THUMB: u64 = 1_000;
/// Steps of the power curve, to one and a half times the largest size.
const CURVE_POINTS: u64 = 30;

/// The control and the treatment with the smallest share, which needs most users.
pub(super) struct Compared {
    once: Design,
    always: Design,
    looks: PlannedLooks,
    /// Weights of that treatment, of the smallest variant, and of all.
    treatment: u64,
    smallest: u64,
    whole: u64,
}

impl Compared {
    pub(super) fn new(designs: &Designs, looks: PlannedLooks, weights: &[u16]) -> Option<Self> {
        let (control, treatments) = weights.split_first()?;
        let treatment = *treatments.iter().min()?;
        let ratio = f64::from(*control) / f64::from(treatment);
        Some(Self {
            once: designs.once.with_control_ratio(ratio).ok()?,
            always: designs.always.with_control_ratio(ratio).ok()?,
            looks,
            treatment: treatment.into(),
            smallest: treatment.min(*control).into(),
            whole: weights.iter().map(|w| u64::from(*w)).sum(),
        })
    }

    pub(super) fn found(&self, query: &PlanQuery) -> Option<Detectable> {
        let direction = match query.direction {
            Direction::Increase => nexus_stats::Direction::Increase,
            Direction::Decrease => nexus_stats::Direction::Decrease,
        };
        let (users, power) = (RULE_OF_THUMB * self.treatment / self.smallest, query.power);
        let found = |design: &Design| design.detectable(direction, users, power);
        let in_looks = self
            .once
            .detectable_in_looks(direction, users, power, &self.looks);
        Some(Detectable {
            users_per_variant: RULE_OF_THUMB,
            fixed: found(&self.once).ok()?,
            group_sequential: in_looks.ok()?,
            always_valid: found(&self.always).ok()?,
        })
    }

    /// Up to one and a half times `largest` users of all variants together.
    pub(super) fn curve(&self, lift: f64, largest: u64) -> Option<Vec<PowerPoint>> {
        let of = |users: u64, weight: u64| {
            let share = u128::from(users) * u128::from(weight) / u128::from(self.whole);
            u64::try_from(share).unwrap_or(u64::MAX).max(1)
        };
        let step = |i: u64| largest.saturating_mul(3 * i) / (2 * CURVE_POINTS);
        let fewest = self.whole.div_ceil(self.smallest);
        let mut users: Vec<u64> = (1..=CURVE_POINTS).map(|i| step(i).max(fewest)).collect();
        users.dedup();
        let points = users.into_iter().map(|users| {
            let treated = of(users, self.treatment);
            Some(PowerPoint {
                users,
                users_per_variant: of(users, self.smallest),
                fixed: self.once.power(lift, treated).ok()?,
                group_sequential: self.once.power_in_looks(lift, treated, &self.looks).ok()?,
                always_valid: self.always.power(lift, treated).ok()?,
            })
        });
        points.collect()
    }
}

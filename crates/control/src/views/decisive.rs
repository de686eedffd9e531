//! The treatment that results are about.

use super::{Lift, MetricResult, Results, VariantResult, Verdict};

impl Results {
    /// The metric that decides; none: the conversion goal.
    #[must_use]
    pub fn primary(&self) -> Option<&MetricResult> {
        self.metrics.iter().find(|m| m.metric.role.is_primary())
    }

    /// Of what decides, in the order of the variants; none of the control.
    #[must_use]
    pub fn deciding_lifts(&self) -> Vec<Option<Lift>> {
        match self.primary() {
            Some(primary) => primary.variants.iter().map(|v| v.lift).collect(),
            None => self.variants.iter().map(|v| v.lift).collect(),
        }
    }

    /// The treatment that a headline speaks of, with its lift: of those with the verdict, the
    /// one whose lift is farthest from zero by the width of its interval. While nothing is
    /// decided, one that is worse all the same goes before those that are unclear.
    #[must_use]
    pub fn decisive(&self) -> Option<(&VariantResult, Lift)> {
        let distance = |lift: &Lift| lift.relative.abs() / (lift.high - lift.low);
        let lifts = self.deciding_lifts();
        let farthest = |wanted: Option<Verdict>| {
            self.variants
                .iter()
                .zip(&lifts)
                .filter_map(|(v, lift)| Some((v, (*lift)?)))
                .filter(|(_, lift)| wanted.is_none_or(|wanted| lift.verdict == wanted))
                .max_by(|a, b| distance(&a.1).total_cmp(&distance(&b.1)))
        };
        let first = match self.verdict {
            Verdict::Unclear | Verdict::Harmful => Verdict::Worse,
            verdict => verdict,
        };
        farthest(Some(first)).or_else(|| farthest(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::{Quality, Srm};
    use nexus_domain::experiment::Scale;

    /// Lifts of the treatments, with the half width of the interval.
    fn results(verdict: Verdict, lifts: &[(f64, f64, Verdict)]) -> Results {
        let variant = |key: &str, lift| VariantResult {
            key: key.to_owned(),
            name: String::new(),
            exposures: 1_000,
            conversions: 100,
            rate: Some(0.1),
            errored_users: 0,
            error_rate: None,
            lift,
            variance_reduced: None,
            planned_users: 1_000,
            guardrail_e_value: 1.0,
            guardrail_threshold: 20.0,
        };
        let treatments = lifts.iter().zip(["b", "c", "d"]);
        let treatments = treatments.map(|((relative, half, verdict), key)| {
            let lift = Lift {
                relative: *relative,
                low: relative - half,
                high: relative + half,
                p_value: None,
                chance_to_win: None,
                verdict: *verdict,
                scale: Scale::Relative,
            };
            variant(key, Some(lift))
        });
        Results {
            verdict,
            variants: std::iter::once(variant("a", None))
                .chain(treatments)
                .collect(),
            metrics: Vec::new(),
            srm: Srm {
                p_value: 1.0,
                alpha: 0.01,
                broken: false,
            },
            quality: Quality {
                bots: 0,
                duplicates: 0,
                conflicts: 0,
                splits: Vec::new(),
            },
            safeguards: Vec::new(),
            planned_users_per_variant: 1_000,
            days_to_plan: None,
            plan_reached: true,
            horizon: None,
            series: Vec::new(),
            course: Vec::new(),
            updated_ms: 0,
        }
    }

    fn named(verdict: Verdict, lifts: &[(f64, f64, Verdict)]) -> String {
        let results = results(verdict, lifts);
        results.decisive().unwrap().0.key.clone()
    }

    #[test]
    fn of_two_better_ones_the_surer_is_named() {
        let (small, large) = ((0.04, 0.03, Verdict::Better), (0.09, 0.03, Verdict::Better));
        assert_eq!(named(Verdict::Better, &[small, large]), "c");
        assert_eq!(named(Verdict::Better, &[large, small]), "b");
    }

    #[test]
    fn a_worse_one_is_named_while_another_is_unclear() {
        let worse = (-0.05, 0.04, Verdict::Worse);
        let unclear = (0.09, 0.1, Verdict::Unclear);
        assert_eq!(named(Verdict::Unclear, &[unclear, worse]), "c");
        assert_eq!(named(Verdict::Unclear, &[unclear, unclear]), "c");
        // A better one decides, however far another is below.
        let (better, far_worse) = ((0.05, 0.04, Verdict::Better), (-0.5, 0.1, Verdict::Worse));
        assert_eq!(named(Verdict::Better, &[far_worse, better]), "c");
    }
}

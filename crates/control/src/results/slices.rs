//! Results by what the gateway saw of users at their first exposure.
//!
//! Shown are the values with most users, at most ten, and the rest together; sums add, so
//! the rest is exact. The choice looks at the users of all variants together, never at the
//! split or the result. Intervals are always valid, whatever the experiment's method, at
//! equal shares of the level among all comparisons on display (Bonferroni): they hold
//! together. The split is tested in every slice, with the number of slices corrected for.

use std::collections::{BTreeMap, BTreeSet};

use nexus_domain::experiment::{
    self as domain, Dimension, Experiment, MetricKind, rule_as_planned,
};
use nexus_stats::{Alpha, Distribution, SrmSlicesVerdict};

use super::counts::{Bucket, VariantCounts};
use super::measures::always_valid;
use super::moments::select_sums;
use super::sample::{compared, sample, units_of, value};
use super::{Moments, SPLIT_ALPHA, sums};
use crate::sql::sql;
use crate::views::{DimensionSplit, Slice, SliceValue, Slices};
use crate::{Console, Result};

/// Values with a line of their own.
const OWN_LINES: usize = 10;

#[derive(Clone, Debug, Default)]
struct Counted {
    exposures: i64,
    conversions: i64,
    moments: Moments,
    /// Of a quantile.
    distribution: Distribution,
    /// The exposures when a step of the ramp had ended, by its coverage in basis points; 0 are
    /// the steps whose ends nobody noted.
    steps: BTreeMap<u16, i64>,
}

impl Counted {
    fn add(&mut self, other: &Self) {
        self.exposures += other.exposures;
        self.conversions += other.conversions;
        self.moments += &other.moments;
        self.distribution.add(&other.distribution);
        for (coverage_bp, exposures) in &other.steps {
            *self.steps.entry(*coverage_bp).or_default() += exposures;
        }
    }

    /// Users who came between the ends of two steps; all later ones where the second is none.
    fn users_between(&self, before: Option<u16>, end: Option<u16>) -> u64 {
        let at = |coverage_bp| self.steps.get(&coverage_bp).copied().unwrap_or_default();
        let until = end.map_or(self.exposures, at);
        u64::try_from(until - before.map_or(0, at)).unwrap_or(0)
    }

    fn users(&self) -> u64 {
        u64::try_from(self.exposures).unwrap_or(0)
    }

    /// The metric, and the users it is of.
    fn measured(&self, metric: &domain::Metric) -> (nexus_stats::Metric, u64) {
        let exposed = self.users();
        let MetricKind::Quantile { level_bp, among } = metric.kind else {
            let units = units_of(metric, exposed, &self.moments);
            return (sample(metric, exposed, &self.moments), units);
        };
        let whole = sums::whole(self.distribution.clone(), among, exposed);
        let quantile = sums::quantile(&whole, level_bp);
        (nexus_stats::Metric::Binned(quantile), quantile.units)
    }

    /// Of the conversion goal; its sums are those of the time before the exposure.
    fn goal(&self) -> VariantCounts {
        let mut counts = VariantCounts::default();
        let [_, _, before, _] = self.moments.sums;
        counts.grow(&Bucket {
            exposures: self.exposures,
            conversions: self.conversions,
            before,
            both: self.moments.products[2] as i64,
            ..Bucket::default()
        });
        counts
    }
}

/// By dimension, value and variant.
#[derive(Clone, Debug, Default)]
pub(crate) struct SliceCounts(BTreeMap<(Dimension, String), BTreeMap<String, Counted>>);

impl Console {
    pub(crate) async fn slice_counts(&self, experiment: &Experiment) -> Result<SliceCounts> {
        let rows = self
            .many_rows(sql!(
                "SELECT dimension, value, variant, exposures, conversions FROM slice_counts \
                 WHERE experiment_id = ?1",
                experiment.id.as_str()
            ))
            .await?;
        let mut all = SliceCounts::default();
        for mut row in rows {
            let Some(dimension) = Dimension::parse(&row.text()?) else {
                continue;
            };
            let counted = all.at(dimension, row.text()?, row.text()?);
            counted.exposures = row.i64()?;
            counted.conversions = row.i64()?;
        }
        self.slice_steps(experiment, &mut all).await?;
        Ok(all)
    }

    async fn slice_steps(&self, experiment: &Experiment, counts: &mut SliceCounts) -> Result<()> {
        let rows = self
            .many_rows(sql!(
                "SELECT dimension, value, variant, coverage_bp, exposures FROM slice_steps \
                 WHERE experiment_id = ?1",
                experiment.id.as_str()
            ))
            .await?;
        for mut row in rows {
            let Some(dimension) = Dimension::parse(&row.text()?) else {
                continue;
            };
            let counted = counts.at(dimension, row.text()?, row.text()?);
            let coverage_bp = u16::try_from(row.u64()?).unwrap_or(u16::MAX);
            counted.steps.insert(coverage_bp, row.i64()?);
        }
        Ok(())
    }

    /// The sums of a metric join the counts.
    pub(super) async fn slice_sums(
        &self,
        experiment: &str,
        metric: &str,
        by: Dimension,
        counts: &mut SliceCounts,
    ) -> Result<()> {
        let rows = self
            .rows(sql!(
                select_sums!(
                    "value, variant",
                    "slice_metrics WHERE experiment_id = ?1 AND metric = ?2 AND dimension = ?3"
                ),
                experiment,
                metric,
                by.as_str()
            ))
            .await?;
        for mut row in rows {
            let counted = counts.at(by, row.text()?, row.text()?);
            counted.moments = Moments::read(&mut row)?;
        }
        Ok(())
    }
}

impl Console {
    /// The values of a quantile join the counts; false where none were kept by dimension.
    pub(super) async fn slice_values(
        &self,
        experiment: &str,
        metric: &str,
        by: Dimension,
        counts: &mut SliceCounts,
    ) -> Result<bool> {
        let rows = self
            .many_rows(sql!(
                "SELECT value, variant, distribution FROM slice_distributions \
                 WHERE experiment_id = ?1 AND dimension = ?2 AND metric = ?3",
                experiment,
                by.as_str(),
                metric
            ))
            .await?;
        let are_kept = !rows.is_empty();
        for mut row in rows {
            let counted = counts.at(by, row.text()?, row.text()?);
            counted.distribution = row.json()?;
        }
        Ok(are_kept)
    }
}

/// One line: a value, and what was counted of each of the experiment's variants.
struct Line {
    value: String,
    variants: Vec<Counted>,
}

impl Line {
    fn users(&self) -> i64 {
        self.variants.iter().map(|v| v.exposures).sum()
    }
}

impl SliceCounts {
    fn at(&mut self, dimension: Dimension, value: String, variant: String) -> &mut Counted {
        let slice = self.0.entry((dimension, value)).or_default();
        slice.entry(variant).or_default()
    }

    /// Those with most users first, the rest last.
    fn lines(&self, experiment: &Experiment, by: Dimension) -> Vec<Line> {
        let ours = self.0.iter().filter(|((of, _), _)| *of == by);
        let mut lines: Vec<Line> = ours
            .map(|((_, value), of)| {
                let counted = |key: &str| of.get(key).cloned().unwrap_or_default();
                Line {
                    value: value.clone(),
                    variants: experiment
                        .variants
                        .iter()
                        .map(|v| counted(&v.key))
                        .collect(),
                }
            })
            .filter(|line| line.users() > 0)
            .collect();
        lines.sort_by(|a, b| {
            let other = |line: &Line| line.value == Dimension::OTHER;
            (other(a), -a.users(), &a.value).cmp(&(other(b), -b.users(), &b.value))
        });
        let own = lines.iter().filter(|l| l.value != Dimension::OTHER).count();
        let rest = lines.split_off(own.min(OWN_LINES));
        let mut together = Line {
            value: Dimension::OTHER.to_owned(),
            variants: vec![Counted::default(); experiment.variants.len()],
        };
        for line in rest {
            let both = together.variants.iter_mut().zip(&line.variants);
            both.for_each(|(sum, counted)| sum.add(counted));
        }
        if together.users() > 0 {
            lines.push(together);
        }
        lines
    }
}

/// The broken split of one value can hide in the whole.
pub(super) fn splits(experiment: &Experiment, counts: &SliceCounts) -> Vec<DimensionSplit> {
    let of = |by: Dimension| {
        let lines = counts.lines(experiment, by);
        let split = split(experiment, &lines)?;
        let broken = lines
            .iter()
            .zip(&split.adjusted_p_values)
            .filter(|(_, p)| **p <= SPLIT_ALPHA)
            .map(|(line, _)| line.value.clone());
        Some(DimensionSplit {
            by,
            p_value: split.p_value,
            alpha: SPLIT_ALPHA,
            broken: split.p_value <= SPLIT_ALPHA,
            values: broken.collect(),
        })
    };
    Dimension::ALL.into_iter().filter_map(of).collect()
}

/// An e-value of the counts as they are is valid at any time; without its history it
/// forgets, but never cries wolf more often.
///
/// As [`super::split_log_e`] of the whole, each step of a ramp is judged by its own buckets.
fn split(experiment: &Experiment, lines: &[Line]) -> Option<SrmSlicesVerdict> {
    let counted = lines.iter().flat_map(|line| &line.variants);
    let ended: BTreeSet<u16> = counted.flat_map(|of| of.steps.keys().copied()).collect();
    let ends = ended.into_iter().map(Some).chain([None]);
    let mut evidence = vec![0.0; lines.len()];
    let mut before = None;
    for end in ends {
        let weights = weights(experiment, end);
        for (log_e, line) in evidence.iter_mut().zip(lines) {
            let users = line.variants.iter().map(|of| of.users_between(before, end));
            let users: Vec<u64> = users.collect();
            // Of steps whose ends nobody noted the buckets are not known.
            if end != Some(0) {
                *log_e += nexus_stats::srm(&users, &weights).ok()?.ln_e_value;
            }
        }
        before = end;
    }
    (!lines.is_empty()).then(|| SrmSlicesVerdict::of(&evidence))
}

/// The buckets of a step that has ended, or of now.
fn weights(experiment: &Experiment, ended_bp: Option<u16>) -> Vec<f64> {
    let mut rule = rule_as_planned(experiment);
    rule.coverage_bp = ended_bp.unwrap_or(rule.coverage_bp);
    let buckets = rule.buckets_per_variant();
    buckets.into_iter().map(f64::from).collect()
}

/// The table of one metric, or of the conversion goal. A method with a planned end shows no
/// lift before its first look: here neither. `are_kept`: of a quantile nothing may be known by
/// dimension.
pub(super) fn slices(
    experiment: &Experiment,
    metric: Option<&domain::Metric>,
    by: Dimension,
    counts: &SliceCounts,
    [speaks, are_kept]: [bool; 2],
) -> Slices {
    let lines = match are_kept {
        true => counts.lines(experiment, by),
        false => Vec::new(),
    };
    let treatments = experiment.variants.len().saturating_sub(1);
    let comparisons = (lines.len() * treatments) as u32;
    let alpha = Alpha::new(experiment.significance).ok();
    let alpha = alpha.filter(|_| speaks).map(|a| a.among(comparisons));
    let split = split(experiment, &lines);
    // Whether it happened, the more the better.
    let goal = domain::Metric::default();
    let slice = |(i, line): (usize, &Line)| {
        let measured = line.variants.iter().map(|counted| match metric {
            Some(metric) => counted.measured(metric),
            None => (counted.goal().rate().into(), counted.users()),
        });
        let (samples, users): (Vec<nexus_stats::Metric>, Vec<u64>) = measured.unzip();
        let lift = |i: usize| {
            let effect = compared(samples.first()?, samples.get(i).filter(|_| i > 0)?)?;
            always_valid(experiment, metric.unwrap_or(&goal), alpha?, &effect)
        };
        let adjusted = split.as_ref().and_then(|s| s.adjusted_p_values.get(i));
        let p_value = adjusted.copied().unwrap_or(1.0);
        Slice {
            value: line.value.clone(),
            split_p_value: p_value,
            split_broken: p_value <= SPLIT_ALPHA,
            variants: users
                .iter()
                .zip(&samples)
                .enumerate()
                .map(|(i, (users, sample))| SliceValue {
                    users: *users,
                    value: value(sample),
                    lift: lift(i),
                })
                .collect(),
        }
    };
    Slices {
        by,
        comparisons,
        split_p_value: split.as_ref().map_or(1.0, |s| s.p_value),
        rows: lines.iter().enumerate().map(slice).collect(),
    }
}

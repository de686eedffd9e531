//! Results as flat tables, to keep: each of what a page shows. All are bounded, because what
//! they are of is: at most 120 points of a course, 11 slices, 14 levels, each per variant.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Dimension, MetricRole};

use crate::views::{
    CourseRow, ExperimentDetail, MetricDetail, MetricPoint, MetricResult, MetricValue, QuantileRow,
    ResultRow, SliceRow,
};
use crate::{Console, Result};

impl Console {
    /// What an experiment measures for each variant: what decides first, then the conversion
    /// goal if that is not it.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn result_rows(&self, actor: &Actor, id: &str) -> Result<Vec<ResultRow>> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let detail = self.experiment(actor, id).await?;
        Ok(rows(&detail))
    }

    /// The course of a metric, none being the conversion goal: per point, oldest first, and variant.
    ///
    /// # Errors
    /// `NotFound` when there is no such experiment or it has no such metric, `Forbidden`, or the
    /// database's.
    pub async fn course_rows(
        &self,
        actor: &Actor,
        id: &str,
        metric: Option<&str>,
    ) -> Result<Vec<CourseRow>> {
        let detail = self.metric(actor, id, metric, Dimension::Country).await?;
        Ok(course(&detail))
    }

    /// The slices of a metric by a dimension, those with most users first, per variant.
    ///
    /// # Errors
    /// As [`Self::course_rows`].
    pub async fn slice_rows(
        &self,
        actor: &Actor,
        id: &str,
        metric: Option<&str>,
        by: Dimension,
    ) -> Result<Vec<SliceRow>> {
        let detail = self.metric(actor, id, metric, by).await?;
        Ok(slices(&detail))
    }

    /// The values at several levels, lowest first, per variant; none unless the metric is a
    /// quantile.
    ///
    /// # Errors
    /// As [`Self::course_rows`].
    pub async fn quantile_rows(
        &self,
        actor: &Actor,
        id: &str,
        metric: Option<&str>,
    ) -> Result<Vec<QuantileRow>> {
        let detail = self.metric(actor, id, metric, Dimension::Country).await?;
        Ok(quantiles(&detail))
    }
}

fn key_of(detail: &MetricDetail) -> &str {
    let own = detail.metric.as_ref().map(|metric| metric.key.as_str());
    own.unwrap_or(&detail.experiment.goal)
}

fn variants(detail: &MetricDetail) -> impl Iterator<Item = (usize, &str)> {
    let variants = detail.experiment.variants.iter();
    variants.map(|variant| variant.key.as_str()).enumerate()
}

fn course(detail: &MetricDetail) -> Vec<CourseRow> {
    let mut before: Option<&MetricPoint> = None;
    let mut all = Vec::new();
    for point in &detail.course {
        for (i, variant) in variants(detail) {
            let users = |p: &MetricPoint| p.users.get(i).copied().unwrap_or(0);
            let total = |p: &MetricPoint| p.totals.get(i).copied();
            // The control, which comes first, has none.
            let lift = i.checked_sub(1).and_then(|i| *point.lifts.get(i)?);
            all.push(CourseRow {
                metric: key_of(detail).to_owned(),
                at_ms: point.at_ms,
                variant: variant.to_owned(),
                users: users(point),
                new_users: users(point).saturating_sub(before.map_or(0, users)),
                total: total(point),
                new_total: total(point).map(|now| now - before.and_then(total).unwrap_or(0.0)),
                value: point.values.get(i).copied().flatten(),
                lift: lift.map(|(relative, ..)| relative),
                low: lift.map(|(_, low, _)| low),
                high: lift.map(|(.., high)| high),
            });
        }
        before = Some(point);
    }
    all
}

fn slices(detail: &MetricDetail) -> Vec<SliceRow> {
    let slices = &detail.slices;
    let rows = slices.rows.iter().flat_map(|slice| {
        let values = variants(detail).zip(&slice.variants);
        values.map(|((_, variant), of)| SliceRow {
            metric: key_of(detail).to_owned(),
            by: slices.by,
            slice: slice.value.clone(),
            variant: variant.to_owned(),
            users: of.users,
            value: of.value,
            lift: of.lift.map(|l| l.relative),
            low: of.lift.map(|l| l.low),
            high: of.lift.map(|l| l.high),
            verdict: of.lift.map(|l| l.verdict),
            scale: of.lift.map(|l| l.scale),
            split_p_value: slice.split_p_value,
        })
    });
    rows.collect()
}

fn quantiles(detail: &MetricDetail) -> Vec<QuantileRow> {
    let rows = detail.quantiles.iter().flat_map(|point| {
        let values = variants(detail).zip(&point.values);
        values.map(|((_, variant), value)| QuantileRow {
            metric: key_of(detail).to_owned(),
            level: f64::from(point.level_bp) / 1e4,
            variant: variant.to_owned(),
            value: *value,
        })
    });
    rows.collect()
}

fn rows(detail: &ExperimentDetail) -> Vec<ResultRow> {
    let results = &detail.results;
    let row = |metric: &str, role, i: usize, of: &MetricValue| {
        let lift = of.lift;
        let p_value = lift.and_then(|l| l.p_value);
        Some(ResultRow {
            metric: metric.to_owned(),
            role,
            variant: results.variants.get(i)?.key.clone(),
            users: of.users,
            value: of.value,
            lift: lift.map(|l| l.relative),
            low: lift.map(|l| l.low),
            high: lift.map(|l| l.high),
            p_value,
            chance_to_win: lift.and_then(|l| l.chance_to_win),
            verdict: lift.map(|l| l.verdict),
            margin: of.margin,
            scale: lift.map(|l| l.scale),
            correction: p_value
                .filter(|_| role == "secondary")
                .map(|_| detail.experiment.correction),
        })
    };
    let goal_role = match results.primary() {
        Some(_) => "goal",
        None => "primary",
    };
    let goal = results.variants.iter().enumerate().filter_map(|(i, v)| {
        let of = MetricValue {
            users: v.exposures,
            value: v.rate,
            lift: v.lift,
            margin: None,
            variance_reduced: v.variance_reduced,
        };
        row(&detail.experiment.goal, goal_role, i, &of)
    });
    let of = |m: &MetricResult| -> Vec<ResultRow> {
        let role = match m.metric.role {
            MetricRole::Secondary => "secondary",
            MetricRole::Guardrail { .. } => "guardrail",
            MetricRole::Primary { .. } => "primary",
        };
        let values = m.variants.iter().enumerate();
        let rows = values.filter_map(|(i, of)| row(&m.metric.key, role, i, of));
        rows.collect()
    };
    let (first, others): (Vec<_>, Vec<_>) = results
        .metrics
        .iter()
        .partition(|m| m.metric.role.is_primary());
    let first = first.into_iter().flat_map(of);
    first
        .chain(goal)
        .chain(others.into_iter().flat_map(of))
        .collect()
}

//! One metric of an experiment with its course and its slices.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Dimension, Experiment, Metric, Variant};

use super::{course, lifts, measures, share, slices};
use crate::error::Error;
use crate::experiments::not_found;
use crate::views::{MetricDetail, MetricValue};
use crate::{Console, Result};

impl Console {
    /// A metric by its key; none is the primary one.
    ///
    /// # Errors
    /// `NotFound` when there is no such experiment or it has no such metric, `Forbidden`,
    /// or the database's.
    pub async fn metric(
        &self,
        actor: &Actor,
        id: &str,
        key: Option<&str>,
        by: Dimension,
    ) -> Result<MetricDetail> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let experiment = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        let metric = match key {
            None => None,
            Some(key) => Some(named(&experiment, key)?.clone()),
        };
        let counts = self.counts(&experiment).await?;
        let mut stored = self.measures(&experiment, &counts).await?;
        let series = self.series(&experiment).await?;
        let now_ms = self.now_ms();
        let (values, through_window, course) = match &metric {
            None => {
                let lifts = lifts(&experiment, &counts).into_iter();
                let value = |(variant, lift): (&Variant, _)| {
                    let c = counts.of(&variant.key);
                    MetricValue {
                        users: c.exposures,
                        value: share(c.conversions, c.exposures),
                        lift,
                        margin: None,
                        variance_reduced: None,
                    }
                };
                let values = experiment.variants.iter().zip(lifts).map(value).collect();
                (values, None, course::of_primary(series))
            }
            Some(metric) => {
                let all = measures::metrics(&experiment, &counts, &stored, &series, now_ms);
                let ours = all.into_iter().find(|m| m.metric.key == metric.key);
                let course = self.course(&experiment, metric, &stored).await?;
                self.slice_sums(id, &metric.key, by, &mut stored.slices)
                    .await?;
                let (values, through) =
                    ours.map_or((Vec::new(), None), |m| (m.variants, m.through_window));
                (values, through, course)
            }
        };
        let speaks = experiment.method.horizon().is_none() || !counts.looks.is_empty();
        let slices = slices::slices(&experiment, metric.as_ref(), by, &stored.slices, speaks);
        Ok(MetricDetail {
            metric,
            values,
            through_window,
            course,
            slices,
            experiment,
        })
    }
}

fn named<'a>(experiment: &'a Experiment, key: &str) -> Result<&'a Metric> {
    let found = experiment.metrics.iter().find(|metric| metric.key == key);
    found.ok_or_else(|| Error::NotFound {
        kind: "metric",
        id: key.to_owned(),
    })
}

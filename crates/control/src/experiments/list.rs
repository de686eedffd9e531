//! The list of experiments.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Experiment, Status};

use crate::ports::{Statement, Value};
use crate::results::{self, Counts};
use crate::sql::containing;
use crate::views::{ExperimentQuery, ExperimentRow, ExperimentSort, Page, RampPlace};
use crate::{Console, Result};

const PER_PAGE: u32 = 20;

macro_rules! listing {
    ($order:expr) => {
        concat!(
            "SELECT e.document FROM experiments e ",
            "WHERE (?1 = '%%' OR e.search LIKE ?1 ESCAPE '\\') ",
            "AND ((?2 = '' AND e.status <> 'archived') OR e.status = ?2) AND (?3 = '' OR e.environment = ?3) ",
            "ORDER BY ",
            $order,
            ", e.id LIMIT ?4 OFFSET ?5"
        )
    };
}

macro_rules! exposures {
    () => {
        "(SELECT COALESCE(SUM(s.exposures), 0) FROM variant_stats s WHERE s.experiment_id = e.id)"
    };
}

const TOTAL: &str = "SELECT COUNT(*) FROM experiments e \
    WHERE (?1 = '%%' OR e.search LIKE ?1 ESCAPE '\\') \
    AND ((?2 = '' AND e.status <> 'archived') OR e.status = ?2) \
    AND (?3 = '' OR e.environment = ?3)";

const fn ordered(sort: ExperimentSort, descending: bool) -> &'static str {
    match (sort, descending) {
        // The useful direction first: newest, most.
        (ExperimentSort::Updated, false) => listing!("e.updated_ms"),
        (ExperimentSort::Updated, true) => listing!("e.updated_ms DESC"),
        (ExperimentSort::Name, false) => listing!("LOWER(e.name)"),
        (ExperimentSort::Name, true) => listing!("LOWER(e.name) DESC"),
        (ExperimentSort::Status, false) => listing!("e.status"),
        (ExperimentSort::Status, true) => listing!("e.status DESC"),
        (ExperimentSort::Exposures, false) => listing!(concat!(exposures!(), "")),
        (ExperimentSort::Exposures, true) => listing!(concat!(exposures!(), " DESC")),
    }
}

impl Console {
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn experiments(
        &self,
        actor: &Actor,
        query: &ExperimentQuery,
    ) -> Result<Page<ExperimentRow>> {
        self.authorise(actor, Action::ViewExperiments, query.environment, None)?;
        let page = query.page.max(1);
        let filter: [Value; 3] = [
            containing(&query.q).into(),
            query.status.map_or("", |s| s.as_str()).into(),
            query.environment.map_or("", |e| e.as_str()).into(),
        ];
        let total = self.number(Statement::new(TOTAL, filter.clone())).await?;
        let offset = u64::from(page - 1) * u64::from(PER_PAGE);
        let [q, status, environment] = filter;
        let statement = Statement::new(
            ordered(query.sort, query.descending),
            [q, status, environment, PER_PAGE.into(), offset.into()],
        );
        let mut experiments = Vec::new();
        for mut row in self.rows(statement).await? {
            experiments.push(row.json()?);
        }
        Ok(Page {
            items: self.summarise(&experiments).await?,
            total,
            page,
            per_page: PER_PAGE,
        })
    }

    /// Rows of experiments with their counts and verdicts.
    pub(crate) async fn summarise(&self, experiments: &[Experiment]) -> Result<Vec<ExperimentRow>> {
        let mut counts = self.counts_of(experiments).await?;
        Ok(experiments
            .iter()
            .map(|experiment| {
                summary(
                    experiment,
                    &counts.remove(experiment.id.as_str()).unwrap_or_default(),
                )
            })
            .collect())
    }
}

fn summary(experiment: &Experiment, counts: &Counts) -> ExperimentRow {
    ExperimentRow {
        id: experiment.id.to_string(),
        name: experiment.name.clone(),
        team: experiment.team.clone(),
        environment: experiment.environment,
        status: experiment.status,
        variants: experiment.variants.len() as u32,
        coverage_bp: experiment.coverage_now_bp(),
        ramp: RampPlace::of(experiment),
        planned_ms: experiment
            .schedule
            .start_ms
            .filter(|_| experiment.status == Status::Scheduled),
        exposures: counts.exposures(),
        started_ms: experiment.started_ms,
        updated_ms: experiment.updated_ms,
        primary: experiment.primary().map(|metric| metric.key.clone()),
        verdict: results::verdict(experiment, counts),
    }
}

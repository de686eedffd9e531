//! What a person or script may set, and the check that turns it into an
//! experiment. All problems are found at once, each with its place.

use nexus_flags::{BASIS_POINTS, Prerequisite, Targeting};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::{
    Correction, CoverageStep, Experiment, LayerShare, Method, Metric, Plan, Safeguards, Schedule,
    Status, Variant, metric, ramp, role,
};
use crate::ids::{ExperimentId, is_slug};
use crate::json::is_deeper;
use crate::prerequisite::prerequisite_problems;
use crate::problem::{out_of_range, slug_problem};
use crate::targeting::targeting_problems;
use crate::{Environment, Field, FieldProblem, Problem};

pub const MAX_VARIANTS: usize = 20;
const MAX_NAME: usize = 120;
const MAX_TEXT: usize = 2_000;
/// All experiments of a visitor share one header of 8 KiB.
const MAX_FEATURES_BYTES: usize = 4 * 1024;
/// A document or snapshot with deeper values could not be read back.
const MAX_FEATURES_DEPTH: u8 = 16;
pub(super) const MAX_TIMEZONE: usize = 64;

/// The settable part of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draft {
    pub id: String,
    pub environment: Environment,
    pub name: String,
    #[serde(default)]
    pub hypothesis: String,
    /// Slug of whose it is: it joins the holdouts of that team at its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    pub variants: Vec<DraftVariant>,
    #[serde(default = "all")]
    pub coverage_bp: u16,
    /// Smaller shares on the way to the coverage; empty: all at once.
    #[serde(default)]
    pub ramp: Vec<CoverageStep>,
    #[serde(default)]
    pub targeting: Targeting,
    #[serde(default)]
    pub layer: Option<LayerShare>,
    /// Values of flags without which nobody takes part; at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// Id of the holdout that it joins at its start, beside the global one and its team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdout: Option<String>,
    #[serde(default)]
    pub schedule: Schedule,
    /// Name of the event that is the conversion goal.
    #[serde(alias = "primary_metric")]
    pub goal: String,
    /// As a metric's `window_hours`.
    #[serde(
        default,
        alias = "primary_window_hours",
        skip_serializing_if = "Option::is_none"
    )]
    pub goal_window_hours: Option<u32>,
    /// As a metric's `pre_days`: 0 to 28, 0 for none.
    #[serde(
        default,
        alias = "primary_pre_days",
        skip_serializing_if = "metric::is_zero"
    )]
    pub goal_pre_days: u16,
    #[serde(default)]
    pub guardrail: Safeguards,
    #[serde(default = "five_percent")]
    pub significance: f64,
    #[serde(default)]
    pub plan: Plan,
    /// How the result is judged; absent: always valid.
    #[serde(default)]
    pub method: Method,
    /// How the comparisons of secondary metrics are corrected; absent: Holm.
    #[serde(default, skip_serializing_if = "Correction::is_default")]
    pub correction: Correction,
    /// What is measured beside the conversion goal; at most 10. One of them may decide.
    #[serde(default)]
    pub metrics: Vec<Metric>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftVariant {
    pub key: String,
    #[serde(default)]
    pub name: String,
    pub weight_bp: u16,
    #[serde(default)]
    pub features: Map<String, serde_json::Value>,
    #[serde(default)]
    pub deployment: Option<String>,
}

const fn all() -> u16 {
    BASIS_POINTS
}

const fn five_percent() -> f64 {
    0.05
}

impl Draft {
    /// A sensible beginning: control against treatment, half and half.
    #[must_use]
    pub fn starter(environment: Environment) -> Self {
        let variant = |key: &str| DraftVariant {
            key: key.to_owned(),
            name: String::new(),
            weight_bp: BASIS_POINTS / 2,
            features: Map::new(),
            deployment: None,
        };
        Self {
            id: String::new(),
            environment,
            name: String::new(),
            hypothesis: String::new(),
            team: None,
            variants: vec![variant("control"), variant("treatment")],
            coverage_bp: BASIS_POINTS,
            ramp: Vec::new(),
            targeting: Targeting::default(),
            layer: None,
            prerequisites: Vec::new(),
            holdout: None,
            schedule: Schedule {
                timezone: "UTC".to_owned(),
                ..Schedule::default()
            },
            goal: "conversion".to_owned(),
            goal_window_hours: None,
            goal_pre_days: 0,
            guardrail: Safeguards::default(),
            significance: 0.05,
            plan: Plan::default(),
            method: Method::default(),
            correction: Correction::default(),
            metrics: Vec::new(),
        }
    }

    /// The settable part of an existing experiment, for its edit form.
    #[must_use]
    pub fn of(experiment: &Experiment) -> Self {
        Self {
            id: experiment.id.to_string(),
            environment: experiment.environment,
            name: experiment.name.clone(),
            hypothesis: experiment.hypothesis.clone(),
            team: experiment.team.clone(),
            variants: experiment
                .variants
                .iter()
                .map(|v| DraftVariant {
                    key: v.key.clone(),
                    name: v.name.clone(),
                    weight_bp: v.weight_bp,
                    features: v.features.clone(),
                    deployment: v.deployment.clone(),
                })
                .collect(),
            coverage_bp: experiment.coverage_bp,
            ramp: experiment.ramp.clone(),
            targeting: experiment.targeting.clone(),
            layer: experiment.layer.clone(),
            prerequisites: experiment.prerequisites.clone(),
            holdout: experiment.holdout.clone(),
            schedule: experiment.schedule.clone(),
            goal: experiment.goal.clone(),
            goal_window_hours: experiment.goal_window_hours,
            goal_pre_days: experiment.goal_pre_days,
            guardrail: experiment.guardrail,
            significance: experiment.significance,
            plan: experiment.plan,
            method: experiment.method,
            correction: experiment.correction,
            metrics: experiment.metrics.clone(),
        }
    }

    /// Every problem of the draft by itself.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
        let name = self.name.trim();
        if name.is_empty() {
            note(Field::Name, Problem::Required);
        } else if name.chars().count() > MAX_NAME {
            note(Field::Name, too_long(MAX_NAME));
        }
        if self.id.is_empty() {
            note(Field::Id, Problem::Required);
        } else if !is_slug(&self.id) {
            note(Field::Id, Problem::NotSlug);
        }
        if self.hypothesis.chars().count() > MAX_TEXT {
            note(Field::Hypothesis, too_long(MAX_TEXT));
        }
        if let Some(team) = self.team.as_ref().filter(|team| !is_slug(team)) {
            note(Field::Team, slug_problem(team));
        }
        if self.coverage_bp > BASIS_POINTS {
            note(Field::Coverage, out_of_range("0", "100"));
        }
        if !is_slug(&self.goal) {
            note(Field::Goal, slug_problem(&self.goal));
        }
        if !(0.001..=0.2).contains(&self.significance) {
            note(Field::Significance, out_of_range("0.001", "0.2"));
        }
        if !(1..BASIS_POINTS).contains(&self.plan.baseline_bp) {
            note(Field::Baseline, out_of_range("0.01", "99.99"));
        }
        if !Plan::EFFECTS_BP.contains(&self.plan.minimum_effect_bp) {
            note(Field::MinimumEffect, out_of_range("0.01", "655"));
        }
        if let (Some(start), Some(end)) = (self.schedule.start_ms, self.schedule.end_ms)
            && end <= start
        {
            note(Field::EndAt, Problem::EndBeforeStart);
        }
        if self.schedule.timezone.len() > MAX_TIMEZONE {
            note(Field::Timezone, Problem::UnknownTimezone);
        }
        found.extend(self.method.problems(self.variants.len()));
        found.extend(ramp::problems(&self.ramp, self.coverage_bp));
        found.extend(self.guardrail.problems(self.method));
        let (hours, pre_days) = (self.goal_window_hours, self.goal_pre_days);
        found.extend(metric::goal_problems(hours, pre_days));
        found.extend(metric::problems(&self.metrics));
        found.extend(role::problems(&self.metrics, &self.plan));
        found.extend(self.variant_problems());
        let layer = self.layer.as_ref();
        found.extend(layer.map(LayerShare::problems).unwrap_or_default());
        found.extend(targeting_problems(&self.targeting));
        found.extend(prerequisite_problems(&self.prerequisites));
        found
    }

    fn variant_problems(&self) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
        if self.variants.len() < 2 {
            note(Field::Variants, Problem::TooFew { min: 2 });
        }
        if self.variants.len() > MAX_VARIANTS {
            note(
                Field::Variants,
                Problem::TooMany {
                    max: MAX_VARIANTS as u32,
                },
            );
            return found;
        }
        for (i, variant) in (0u16..).zip(&self.variants) {
            if !is_slug(&variant.key) {
                note(Field::VariantKey(i), slug_problem(&variant.key));
            } else if self.variants[..usize::from(i)]
                .iter()
                .any(|v| v.key == variant.key)
            {
                note(Field::VariantKey(i), Problem::Duplicate);
            }
            if variant.name.chars().count() > MAX_NAME {
                note(Field::VariantName(i), too_long(MAX_NAME));
            }
            if variant.weight_bp > BASIS_POINTS {
                note(Field::VariantWeight(i), out_of_range("0", "100"));
            }
            let features = serde_json::to_string(&variant.features).map_or(usize::MAX, |s| s.len());
            if features > MAX_FEATURES_BYTES {
                note(Field::VariantFeatures(i), too_long(MAX_FEATURES_BYTES));
            }
            if variant
                .features
                .values()
                .any(|v| is_deeper(v, MAX_FEATURES_DEPTH - 1))
            {
                note(
                    Field::VariantFeatures(i),
                    Problem::TooDeep {
                        max: MAX_FEATURES_DEPTH.into(),
                    },
                );
            }
            if variant.deployment.as_deref().is_some_and(|d| !is_slug(d)) {
                note(Field::VariantDeployment(i), Problem::NotSlug);
            }
        }
        let sum_bp: u32 = self.variants.iter().map(|v| u32::from(v.weight_bp)).sum();
        if self.variants.len() >= 2 && sum_bp != u32::from(BASIS_POINTS) {
            note(Field::Variants, Problem::WeightsSum { sum_bp });
        }
        found
    }

    /// The new experiment.
    ///
    /// # Errors
    /// All problems of the draft, and times that lie before `now_ms`.
    pub fn create(
        self,
        seed: String,
        created_by: String,
        now_ms: i64,
    ) -> Result<Experiment, Vec<FieldProblem>> {
        let mut problems = self.problems();
        problems.extend(self.times_in_the_past(now_ms));
        let Some(id) = ExperimentId::parse(&self.id).filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        Ok(Experiment {
            id,
            environment: self.environment,
            name: self.name.trim().to_owned(),
            hypothesis: self.hypothesis.trim().to_owned(),
            team: self.team,
            variants: variants_of(self.variants),
            coverage_bp: self.coverage_bp,
            ramp: self.ramp,
            targeting: self.targeting,
            layer: self.layer.map(LayerShare::unplaced),
            prerequisites: self.prerequisites,
            holdout: self.holdout,
            held: Vec::new(),
            schedule: self.schedule,
            goal: self.goal,
            goal_window_hours: self.goal_window_hours,
            goal_pre_days: self.goal_pre_days,
            guardrail: self.guardrail,
            significance: self.significance,
            plan: self.plan,
            method: self.method,
            correction: self.correction,
            metrics: self.metrics,
            status: Status::Draft,
            seed,
            version: 1,
            created_ms: now_ms,
            created_by,
            updated_ms: now_ms,
            started_ms: None,
            stopped_ms: None,
            stop: None,
            ramping: None,
            review: None,
            authors: Vec::new(),
            missed: None,
            conclusion: None,
        })
    }

    /// The experiment after an edit. Once started only the words may change:
    /// anything else would re-deal users or move the goal.
    ///
    /// # Errors
    /// All problems, each with its field.
    pub fn apply(
        self,
        to: &Experiment,
        by: &str,
        now_ms: i64,
    ) -> Result<Experiment, Vec<FieldProblem>> {
        let mut problems = self.problems();
        if self.id != to.id.as_str() {
            problems.push(FieldProblem::new(Field::Id, Problem::FixedAfterStart));
        }
        if to.status.is_before_start() {
            problems.extend(self.times_in_the_past(now_ms));
        } else {
            problems.extend(self.changes_after_start(to));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Experiment {
            environment: self.environment,
            name: self.name.trim().to_owned(),
            hypothesis: self.hypothesis.trim().to_owned(),
            team: self.team,
            variants: variants_of(self.variants),
            coverage_bp: self.coverage_bp,
            ramp: self.ramp,
            targeting: self.targeting,
            layer: if to.status.is_before_start() {
                self.layer.map(LayerShare::unplaced)
            } else {
                to.layer.clone()
            },
            prerequisites: self.prerequisites,
            holdout: self.holdout,
            schedule: self.schedule,
            goal: self.goal,
            goal_window_hours: self.goal_window_hours,
            goal_pre_days: self.goal_pre_days,
            guardrail: self.guardrail,
            significance: self.significance,
            plan: self.plan,
            method: self.method,
            correction: self.correction,
            metrics: self.metrics,
            // Who changes what was approved or planned takes that back.
            review: if to.status.is_before_start() {
                None
            } else {
                to.review.clone()
            },
            authors: to.authors_with(by),
            status: if to.status.is_before_start() {
                Status::Draft
            } else {
                to.status
            },
            version: to.version + 1,
            updated_ms: now_ms,
            ..to.clone()
        })
    }

    fn times_in_the_past(&self, now_ms: i64) -> Vec<FieldProblem> {
        let past = |time: Option<i64>| time.is_some_and(|t| t <= now_ms);
        let mut found = Vec::new();
        if past(self.schedule.end_ms) {
            found.push(FieldProblem::new(Field::EndAt, Problem::InThePast));
        }
        found
    }
}

const fn too_long(max: usize) -> Problem {
    Problem::TooLong { max: max as u32 }
}

fn variants_of(drafts: Vec<DraftVariant>) -> Vec<Variant> {
    drafts
        .into_iter()
        .map(|v| Variant {
            key: v.key,
            name: v.name.trim().to_owned(),
            weight_bp: v.weight_bp,
            features: v.features,
            deployment: v.deployment,
        })
        .collect()
}

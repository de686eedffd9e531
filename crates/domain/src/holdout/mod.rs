//! A holdout: a share of all users whom its experiments leave out, to see in the long run what
//! the experiments together do.
//!
//! Who is held out follows from a hash of the user and the holdout alone, so no experiment
//! that starts, changes or ends moves anybody in or out. An experiment joins when it starts:
//! it gets the rest of the users as one more slice, and keeps it until it ends.

#[cfg(test)]
mod tests;

use nexus_flags::{BASIS_POINTS, ExperimentRule, SliceRule};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::experiment::{
    Correction, Draft, Experiment, Method, Plan, Safeguards, Schedule, Status, Variant,
    rule_as_planned,
};
use crate::ids::{ExperimentId, HoldoutId, is_slug};
use crate::problem::{out_of_range, slug_problem};
use crate::{Environment, Field, FieldProblem, Problem};

/// Keys of the two parts in counts, snapshots and payloads.
pub const HELD_OUT: &str = "held-out";
pub const OTHERS: &str = "others";
const MAX_NAME: usize = 120;
const MAX_TEXT: usize = 2_000;
/// More than half held out would be no holdout.
const MAX_SHARE_BP: u16 = 5_000;

/// The whole state of a holdout, as stored and digested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Holdout {
    /// Also the salt of who is held out.
    pub id: HoldoutId,
    pub environment: Environment,
    pub name: String,
    pub description: String,
    /// Every experiment of the environment joins; otherwise its team's, or those that name it.
    pub global: bool,
    /// Every experiment of this team joins, and those that name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// New rules of the environment's flags join, unless they say why not; of a global one only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub binds_flags: bool,
    /// Share of all users who are held out, in basis points (1 to 5,000).
    pub share_bp: u16,
    /// Name of the conversion by which the held-out and the others are compared.
    #[serde(alias = "primary_metric")]
    pub goal: String,
    pub version: u64,
    pub started_ms: i64,
    pub created_by: String,
    /// Nobody is held out of what starts later.
    pub stopped_ms: Option<i64>,
    pub stopped_by: Option<String>,
}

/// What a person or script says of a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldoutDraft {
    /// Slug, unique among the holdouts of all environments.
    pub id: String,
    pub environment: Environment,
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub global: bool,
    /// Slug of the team whose experiments join; of none that is global.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Whether new rules of the environment's flags join too; a team's or named one binds no flags
    /// by itself, whatever this says.
    #[serde(default = "yes")]
    pub binds_flags: bool,
    /// Never changes: another share would move users in or out.
    pub share_bp: u16,
    #[serde(alias = "primary_metric")]
    pub goal: String,
}

/// What an experiment leaves out because of a holdout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldBack {
    pub holdout: HoldoutId,
    pub share_bp: u16,
}

impl HeldBack {
    /// The users who are left.
    #[must_use]
    pub fn slice(&self) -> SliceRule {
        SliceRule {
            seed: seed(&self.holdout),
            from_bp: self.share_bp.min(BASIS_POINTS - 1),
            to_bp: BASIS_POINTS,
        }
    }
}

fn seed(id: &HoldoutId) -> String {
    format!("holdout:{id}")
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

const fn yes() -> bool {
    true
}

impl HoldoutDraft {
    /// A sensible beginning: one in twenty, of everything.
    #[must_use]
    pub fn starter(environment: Environment) -> Self {
        Self {
            id: String::new(),
            environment,
            name: String::new(),
            description: String::new(),
            global: true,
            team: None,
            binds_flags: true,
            share_bp: 500,
            goal: "conversion".to_owned(),
        }
    }

    /// Every problem of the draft by itself.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
        if self.name.trim().is_empty() {
            note(Field::Name, Problem::Required);
        } else if self.name.chars().count() > MAX_NAME {
            let max = MAX_NAME as u32;
            note(Field::Name, Problem::TooLong { max });
        }
        if !is_slug(&self.id) {
            note(Field::Id, slug_problem(&self.id));
        }
        if self.description.chars().count() > MAX_TEXT {
            let max = MAX_TEXT as u32;
            note(Field::Description, Problem::TooLong { max });
        }
        match &self.team {
            Some(_) if self.global => note(Field::Team, Problem::OfNoTeam),
            Some(team) if !is_slug(team) => note(Field::Team, slug_problem(team)),
            _ => {}
        }
        if !(1..=MAX_SHARE_BP).contains(&self.share_bp) {
            note(Field::HoldoutShare, out_of_range("0.01", "50"));
        }
        if !is_slug(&self.goal) {
            note(Field::Goal, slug_problem(&self.goal));
        }
        found
    }

    /// The new holdout, in force at once.
    ///
    /// # Errors
    /// All problems of the draft.
    pub fn create(self, by: &str, now_ms: i64) -> Result<Holdout, Vec<FieldProblem>> {
        let problems = self.problems();
        let Some(id) = HoldoutId::parse(&self.id).filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        Ok(Holdout {
            id,
            environment: self.environment,
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            global: self.global,
            team: self.team,
            binds_flags: self.global && self.binds_flags,
            share_bp: self.share_bp,
            goal: self.goal,
            version: 1,
            started_ms: now_ms,
            created_by: by.to_owned(),
            stopped_ms: None,
            stopped_by: None,
        })
    }
}

impl Holdout {
    /// In force no more; none when it is so already. Experiments that are in it keep leaving
    /// its users out until they end.
    #[must_use]
    pub fn stopped(&self, by: &str, now_ms: i64) -> Option<Self> {
        self.stopped_ms.is_none().then(|| Self {
            version: self.version + 1,
            stopped_ms: Some(now_ms),
            stopped_by: Some(by.to_owned()),
            ..self.clone()
        })
    }

    /// Whether an experiment of the same environment joins without naming it.
    #[must_use]
    pub fn takes_all_of(&self, experiment: &Experiment) -> bool {
        self.global || (self.team.is_some() && self.team == experiment.team)
    }

    /// New rules of flags join.
    #[must_use]
    pub const fn binds_flags_now(&self) -> bool {
        self.binds_flags && self.stopped_ms.is_none()
    }

    /// What somebody who respects it leaves out.
    #[must_use]
    pub fn held_back(&self) -> HeldBack {
        HeldBack {
            holdout: self.id.clone(),
            share_bp: self.share_bp,
        }
    }

    /// As the experiment it is counted and judged like: the held-out are the control.
    #[must_use]
    pub fn as_experiment(&self) -> Experiment {
        let part = |key: &str, weight_bp| Variant {
            key: key.to_owned(),
            name: String::new(),
            weight_bp,
            features: Map::new(),
            deployment: None,
        };
        let draft = Draft::starter(self.environment);
        Experiment {
            id: ExperimentId::of_holdout(&self.id),
            environment: self.environment,
            name: self.name.clone(),
            hypothesis: String::new(),
            team: None,
            variants: vec![
                part(HELD_OUT, self.share_bp),
                part(OTHERS, BASIS_POINTS.saturating_sub(self.share_bp)),
            ],
            coverage_bp: BASIS_POINTS,
            ramp: Vec::new(),
            ramping: None,
            review: None,
            authors: Vec::new(),
            missed: None,
            targeting: draft.targeting,
            layer: None,
            prerequisites: Vec::new(),
            holdout: None,
            held: Vec::new(),
            schedule: Schedule::default(),
            goal: self.goal.clone(),
            goal_window_hours: None,
            goal_pre_days: 0,
            // Nothing stops it by itself.
            guardrail: Safeguards {
                max_error_rate_bp: BASIS_POINTS,
                ..Safeguards::default()
            },
            significance: draft.significance,
            plan: Plan::default(),
            method: Method::default(),
            correction: Correction::default(),
            metrics: Vec::new(),
            status: match self.stopped_ms {
                None => Status::Running,
                Some(_) => Status::Stopped,
            },
            seed: seed(&self.id),
            version: self.version,
            created_ms: self.started_ms,
            created_by: self.created_by.clone(),
            updated_ms: self.stopped_ms.unwrap_or(self.started_ms),
            started_ms: Some(self.started_ms),
            stopped_ms: self.stopped_ms,
            stop: None,
            conclusion: None,
        }
    }

    /// What gateways count by; none when it is stopped.
    #[must_use]
    pub fn rule(&self) -> Option<ExperimentRule> {
        let in_force = self.stopped_ms.is_none();
        in_force.then(|| rule_as_planned(&self.as_experiment()))
    }

    /// Digest of the canonical state, for the audit log.
    #[must_use]
    pub fn digest(&self) -> String {
        // A holdout has text keys only, so writing can't fail.
        crate::digest::under_first_names(self, &[("goal", "primary_metric")]).unwrap_or_default()
    }
}

impl Experiment {
    /// With the users of the holdouts in force left out: of the global one, of its team's, and of
    /// the one it names. For an experiment that starts.
    ///
    /// # Errors
    /// When the one it names is not in force in its environment.
    pub fn joined(&self, in_force: &[Holdout]) -> Result<Self, FieldProblem> {
        let here = in_force
            .iter()
            .filter(|h| h.environment == self.environment && h.stopped_ms.is_none());
        let named = |h: &Holdout| self.holdout.as_deref() == Some(h.id.as_str());
        if let Some(name) = &self.holdout
            && !here.clone().any(named)
        {
            let value = name.chars().take(64).collect();
            return Err(FieldProblem::new(
                Field::Holdout,
                Problem::Unknown { value },
            ));
        }
        let held = here
            .filter(|h| h.takes_all_of(self) || named(h))
            .map(Holdout::held_back);
        Ok(Self {
            held: held.collect(),
            ..self.clone()
        })
    }
}

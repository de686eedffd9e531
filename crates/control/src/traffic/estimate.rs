//! Whom a draft would take in: every visitor of the sample is asked, by the engine.

use std::collections::BTreeSet;

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Draft, Experiment, Method, Status};
use nexus_domain::flag::{Flag, FlagDraft};
use nexus_flags::{Context, Engine, ExperimentRule, Reach, RuleReach, Snapshot, Targeting};

use super::{HOUR_MS, Traffic, WINDOW_MS};
use crate::effects::{Changed, no_room};
use crate::planning::{question, users_of_arms};
use crate::views::{
    AudienceEstimate, AudienceStage, AudienceStep, FlagAudience, PlanQuery, RuleAudience,
};
use crate::{Console, Error, Result};

impl Console {
    /// Who would take part if the experiment ran now. Only what says whom it is for must make
    /// sense, and nothing is stored.
    ///
    /// # Errors
    /// `Invalid` with what is wrong with the audience, `Forbidden`, or the database's.
    pub async fn estimate_experiment(
        &self,
        actor: &Actor,
        draft: &Draft,
    ) -> Result<AudienceEstimate> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let environment = draft.environment;
        let running = self.as_if_running(actor, draft.only_audience()).await?;
        let changed = Changed::Experiment(&running, &[]);
        let mut snapshot = self.next_snapshot(environment, changed, 0).await?;
        let rule = rule_of(&mut snapshot, running.id.as_str())?;
        (rule.start_ms, rule.end_ms) = (None, None);
        let (id, stages) = (rule.id.clone(), stages(&running));
        let engine = engine_of(&mut snapshot)?;
        let traffic = self.recent_visitors(environment).await?;
        let ends = self.ask_all(&traffic, |context| {
            let reach = engine.reach(&id, context).unwrap_or(Reach::Targeting);
            end_of(reach, running.layer.is_some())
        });
        let steps = funnel(&traffic, stages, &ends);
        let per_day = per_day(&traffic, &steps);
        let planned_users = planned_users(draft);
        let targeting = &rule_of(&mut snapshot, &id)?.targeting;
        Ok(AudienceEstimate {
            window: traffic.window(),
            unseen_attributes: unseen(&traffic, [targeting].into_iter()),
            days: planned_users
                .zip(per_day.filter(|per_day| *per_day > 0))
                .map(|(users, per_day)| users.div_ceil(per_day)),
            steps,
            per_day,
            planned_users,
        })
    }

    /// Whom each rule of the flag would take in if it were on, whatever its schedule.
    ///
    /// # Errors
    /// `Invalid` with what is wrong with the rules, `Forbidden`, or the database's.
    pub async fn estimate_flag(&self, actor: &Actor, draft: &FlagDraft) -> Result<FlagAudience> {
        self.authorise(actor, Action::ViewFlags, None, None)?;
        let flag = Flag {
            enabled: true,
            archived: false,
            ..self.as_edited(actor, draft.only_audience()).await?
        };
        let (environment, key) = (flag.environment, flag.key.as_str());
        let mut snapshot = self
            .next_snapshot(environment, Changed::Flag(&flag), 0)
            .await?;
        let engine = engine_of(&mut snapshot)?;
        let traffic = self.recent_visitors(environment).await?;
        let reaches = self.ask_all(&traffic, |context| {
            engine.rule_reaches(key, context).unwrap_or_default()
        });
        let mut flags = snapshot.flags.iter();
        let steps = flags.find(|rule| rule.key == key);
        let steps = steps.map_or(&[][..], |flag| &flag.rules);
        let rules = flag.rules.iter().enumerate().map(|(index, rule)| {
            let is_held = steps.get(index).is_some_and(|step| !step.slices.is_empty());
            let end = |all: &Vec<RuleReach>| all.get(index).and_then(|reach| end_of_rule(*reach));
            let ends: Vec<_> = reaches.iter().map(end).collect();
            let needs = !(flag.prerequisites.is_empty() && rule.prerequisites.is_empty());
            let stages = [
                Some(AudienceStage::Targeting),
                (index > 0).then_some(AudienceStage::Above),
                is_held.then_some(AudienceStage::Holdout),
                needs.then_some(AudienceStage::Prerequisites),
                Some(AudienceStage::Coverage),
            ];
            RuleAudience {
                steps: funnel(&traffic, stages.into_iter().flatten().collect(), &ends),
            }
        });
        let rules = rules.collect();
        let targetings = steps.iter().map(|step| &step.targeting);
        Ok(FlagAudience {
            unseen_attributes: unseen(&traffic, targetings),
            window: traffic.window(),
            rules,
        })
    }

    /// Asks about every visitor of the sample as of now.
    pub(super) fn ask_all<T>(
        &self,
        traffic: &Traffic,
        question: impl Fn(&Context<'_>) -> T,
    ) -> Vec<T> {
        let now_ms = self.now_ms();
        let visitors = traffic.visitors.iter();
        visitors
            .map(|(_, who)| who.ask(now_ms, &question))
            .collect()
    }

    /// The experiment as it would start now; one that has started as it is.
    pub(super) async fn as_if_running(&self, actor: &Actor, draft: Draft) -> Result<Experiment> {
        let stored = self.stored(&draft.id).await?;
        let (now_ms, by) = (self.now_ms(), actor.principal.label().to_owned());
        let made = match stored {
            Some(stored) if !stored.status.is_before_start() => return Ok(stored),
            Some(stored) => draft.apply(&stored, &by, now_ms),
            // Which seed it will get nobody knows; all deal alike in the long run.
            None => draft.create("estimate".to_owned(), by, now_ms),
        };
        let made = made.map_err(Error::Invalid)?;
        let in_force = self.holdouts_in_force(Some(made.environment)).await?;
        let live = self.at_the_edge(made.environment).await?;
        let placed = made.joined(&in_force).and_then(|made| made.placed(&live));
        Ok(Experiment {
            status: Status::Running,
            ..placed.map_err(|problem| Error::Invalid(vec![problem]))?
        })
    }

    /// The flag as it would be saved.
    pub(super) async fn as_edited(&self, actor: &Actor, draft: FlagDraft) -> Result<Flag> {
        let stored = self.stored_flag(draft.environment, &draft.key).await?;
        let (now_ms, by) = (self.now_ms(), actor.principal.label());
        let made = match &stored {
            Some(stored) => draft.apply(stored, by, now_ms),
            None => draft.create(by, now_ms),
        };
        let made = made.map_err(Error::Invalid)?;
        let in_force = self.holdouts_in_force(Some(made.environment)).await?;
        Ok(made.joined(stored.as_ref(), &in_force))
    }
}

/// Compiled as gateways compile it: attributes come in headers, whose names have no case.
pub(super) fn engine_of(snapshot: &mut Snapshot) -> Result<Engine> {
    snapshot.lower_names();
    Engine::compile(snapshot).map_err(no_room)
}

fn rule_of<'s>(snapshot: &'s mut Snapshot, id: &str) -> Result<&'s mut ExperimentRule> {
    let mut rules = snapshot.experiments.iter_mut();
    rules
        .find(|rule| rule.id == id)
        .ok_or_else(|| Error::internal("the experiment is not in its snapshot"))
}

fn stages(running: &Experiment) -> Vec<AudienceStage> {
    [
        Some(AudienceStage::Targeting),
        running.layer.as_ref().map(|_| AudienceStage::Layer),
        (!running.held.is_empty()).then_some(AudienceStage::Holdout),
        (!running.prerequisites.is_empty()).then_some(AudienceStage::Prerequisites),
        Some(AudienceStage::Coverage),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What keeps somebody out; a layer's slice comes before those of holdouts.
const fn end_of(reach: Reach, has_layer: bool) -> Option<AudienceStage> {
    match reach {
        Reach::Targeting => Some(AudienceStage::Targeting),
        Reach::Slice(0) if has_layer => Some(AudienceStage::Layer),
        Reach::Slice(_) => Some(AudienceStage::Holdout),
        Reach::Prerequisites => Some(AudienceStage::Prerequisites),
        Reach::Coverage => Some(AudienceStage::Coverage),
        Reach::Variant(_) => None,
    }
}

const fn end_of_rule(reach: RuleReach) -> Option<AudienceStage> {
    match reach {
        RuleReach::Targeting => Some(AudienceStage::Targeting),
        RuleReach::Above => Some(AudienceStage::Above),
        RuleReach::Holdout => Some(AudienceStage::Holdout),
        RuleReach::Prerequisites => Some(AudienceStage::Prerequisites),
        RuleReach::Coverage => Some(AudienceStage::Coverage),
        RuleReach::Taken => None,
    }
}

/// Who is left after each stage; `ends` says of each visitor what keeps them out.
fn funnel(
    traffic: &Traffic,
    stages: Vec<AudienceStage>,
    ends: &[Option<AudienceStage>],
) -> Vec<AudienceStep> {
    let mut left = ends.len();
    let steps = stages.into_iter().map(|stage| {
        left -= ends.iter().filter(|end| **end == Some(stage)).count();
        AudienceStep {
            stage,
            left: traffic.part(u32::try_from(left).unwrap_or(u32::MAX)),
        }
    });
    steps.collect()
}

/// Who takes part, as of a whole day.
fn per_day(traffic: &Traffic, steps: &[AudienceStep]) -> Option<u64> {
    let window_ms = traffic.until_ms - traffic.from_ms;
    let is_long = window_ms >= HOUR_MS && !traffic.visitors.is_empty();
    let left = steps.last().filter(|_| is_long)?.left;
    let days = window_ms as f64 / WINDOW_MS as f64;
    Some((left.visitors as f64 / days).round() as u64)
}

/// The users that the plan of a draft asks for, all variants together; as many as its method
/// says, where it says so.
fn planned_users(draft: &Draft) -> Option<u64> {
    if let Some(horizon) = draft.method.horizon() {
        return Some(horizon.planned_users).filter(|users| *users > 0);
    }
    let weights: Vec<u16> = draft.variants.iter().map(|v| v.weight_bp).collect();
    let query = PlanQuery {
        significance: draft.significance,
        variants: u32::try_from(weights.len()).ok()?,
        ..question(&draft.plan, &draft.metrics)
    };
    let watched = draft.method == Method::AlwaysValid;
    Some(users_of_arms(&query, watched, &weights)?.iter().sum())
}

/// Names that no visitor has an attribute of.
fn unseen<'t>(traffic: &Traffic, targetings: impl Iterator<Item = &'t Targeting>) -> Vec<String> {
    let names: BTreeSet<&str> = targetings.flat_map(Targeting::attribute_names).collect();
    let has = |name: &str| {
        let mut visitors = traffic.visitors.iter();
        visitors.any(|(_, who)| who.attributes.iter().any(|(known, _)| known == name))
    };
    let unseen = names.into_iter().filter(|name| !has(name));
    unseen.map(str::to_owned).collect()
}

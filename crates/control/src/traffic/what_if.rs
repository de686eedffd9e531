//! What a change would change: the snapshot as it is and as it would be, both compiled, asked
//! about the same visitors.

use std::collections::{BTreeMap, BTreeSet};

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Command, Draft, Experiment};
use nexus_domain::flag::{Flag, FlagCommand, FlagDraft};
use nexus_flags::{Context, Decisions, Engine};

use super::estimate::engine_of;
use super::{HOUR_MS, Traffic};
use crate::authority::may;
use crate::effects::Changed;
use crate::views::{Example, Move, OtherChange, UseKind, WhatIf};
use crate::{Console, Error, Result, Somebody};

/// With fewer visitors in the last hour the last day is looked at.
const ENOUGH: usize = 50;
const MAX_MOVES: usize = 50;
const MAX_EXAMPLES: usize = 3;
/// A value is told up to so many characters of its JSON.
const MAX_VALUE: usize = 200;

/// What is asked about.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Flag(&'a str),
    Experiment(&'a str),
}

/// Before and after, and the visitors.
pub(super) struct Comparison {
    pub(super) before: Engine,
    pub(super) after: Engine,
    pub(super) traffic: Traffic,
}

impl Console {
    /// What would change if the flag were saved like this. `enabled` says whether it is on
    /// then; absent: as it is now, and a new one is off. Words need not make sense yet.
    ///
    /// # Errors
    /// `Invalid` with what is wrong with the rules, `Forbidden`, or the database's.
    pub async fn what_if_flag(
        &self,
        actor: &Actor,
        draft: FlagDraft,
        enabled: Option<bool>,
    ) -> Result<WhatIf> {
        self.authorise(actor, Action::ViewFlags, None, None)?;
        let flag = self.as_edited(actor, draft.only_audience()).await?;
        let enabled = enabled.unwrap_or(flag.enabled);
        let flag = Flag { enabled, ..flag };
        self.what_if_flag_became(actor, &flag).await
    }

    /// What would change if the flag were switched or archived.
    ///
    /// # Errors
    /// `Archived`, `NotFound`, `Forbidden`, or the database's.
    pub async fn what_if_flag_command(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        command: FlagCommand,
    ) -> Result<WhatIf> {
        let flag = self.readable_flag(actor, environment, key).await?;
        let after = flag.after(command, actor.principal.label(), self.now_ms());
        let after = after.map_err(|_| Error::Archived)?;
        self.what_if_flag_became(actor, after.as_ref().unwrap_or(&flag))
            .await
    }

    async fn what_if_flag_became(&self, actor: &Actor, flag: &Flag) -> Result<WhatIf> {
        let key = flag.key.as_str();
        let compared = self.compare(flag.environment, Changed::Flag(flag)).await?;
        let may_see = may(actor, Action::EditFlag, Some(flag.environment));
        let mut answer = self.told(&compared, Subject::Flag(key), None, may_see);
        answer.others = self
            .others(&compared, flag.environment, &[key], None)
            .await?;
        Ok(answer)
    }

    /// What would change if the experiment started now like this; one that has started is
    /// compared as it is.
    ///
    /// # Errors
    /// `Invalid` with every problem of the draft, `Forbidden`, or the database's.
    pub async fn what_if_experiment(&self, actor: &Actor, draft: Draft) -> Result<WhatIf> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let mut running = self.as_if_running(actor, draft).await?;
        // It starts with the first step of its ramp.
        let first = running.ramp.first().map(|step| step.coverage_bp);
        if let (None, Some(first_bp)) = (running.started_ms, first) {
            running.coverage_bp = first_bp;
        }
        self.what_if_experiment_became(actor, &running).await
    }

    /// What would change if the command were given now.
    ///
    /// # Errors
    /// `Refused` when the status does not allow it, `Invalid` when it can't start, `NotFound`,
    /// `Forbidden`, or the database's.
    pub async fn what_if_command(
        &self,
        actor: &Actor,
        id: &str,
        command: Command,
    ) -> Result<WhatIf> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let stored = self.stored(id).await?;
        let old = stored.ok_or_else(|| crate::experiments::not_found(id))?;
        let starts = command == Command::Start;
        let new = old
            .after(command, actor.principal.label(), self.now_ms())
            .map_err(|refused| Error::Refused(refused.status))?;
        let new = match starts {
            false => new,
            true => {
                let in_force = self.holdouts_in_force(Some(new.environment)).await?;
                let live = self.at_the_edge(new.environment).await?;
                let placed = new.joined(&in_force).and_then(|new| new.placed(&live));
                placed.map_err(|problem| Error::Invalid(vec![problem]))?
            }
        };
        self.what_if_experiment_became(actor, &new).await
    }

    async fn what_if_experiment_became(&self, actor: &Actor, new: &Experiment) -> Result<WhatIf> {
        let changed = Changed::Experiment(new, &[]);
        let compared = self.compare(new.environment, changed).await?;
        let may_see = may(actor, Action::EditExperiment, Some(new.environment));
        let id = new.id.as_str();
        let mut answer = self.told(&compared, Subject::Experiment(id), Some(new), may_see);
        let features = new
            .variants
            .iter()
            .flat_map(|variant| variant.features.keys());
        let features: BTreeSet<&str> = features.map(String::as_str).collect();
        let features: Vec<&str> = features.into_iter().collect();
        answer.others = self
            .others(&compared, new.environment, &features, Some(id))
            .await?;
        Ok(answer)
    }

    pub(super) async fn compare(
        &self,
        environment: Environment,
        changed: Changed<'_>,
    ) -> Result<Comparison> {
        let before = self.next_snapshot(environment, Changed::Nothing, 0);
        let (mut before, mut after) = (
            before.await?,
            self.next_snapshot(environment, changed, 0).await?,
        );
        let traffic = self.recent_visitors(environment).await?;
        let an_hour_ago = self.now_ms() - HOUR_MS;
        let mut visitors = traffic.visitors.iter();
        let lately = visitors
            .by_ref()
            .filter(|(seen_ms, _)| *seen_ms >= an_hour_ago);
        let is_enough = lately.take(ENOUGH).count() == ENOUGH;
        Ok(Comparison {
            before: engine_of(&mut before)?,
            after: engine_of(&mut after)?,
            traffic: if is_enough {
                traffic.since(an_hour_ago)
            } else {
                traffic
            },
        })
    }

    /// `experiment`: the subject, where it is one.
    fn told(
        &self,
        compared: &Comparison,
        subject: Subject<'_>,
        experiment: Option<&Experiment>,
        may_see: bool,
    ) -> WhatIf {
        let traffic = &compared.traffic;
        let mut moves: BTreeMap<(Option<String>, Option<String>), Vec<&Somebody>> = BTreeMap::new();
        let both = self.ask_all(traffic, |context| {
            let [from, to] = [&compared.before, &compared.after].map(|engine| {
                let mut decisions = Decisions::default();
                engine.decide(context, &mut decisions);
                let got = said(engine, &decisions, subject, context);
                let reached = match experiment {
                    Some(one) => reached(engine, &decisions, one, context),
                    None => vec![got.clone()],
                };
                (got, reached)
            });
            (from.1 != to.1, (from.0, to.0))
        });
        let changed = both.iter().filter(|(is_change, _)| *is_change).count();
        for ((_, pair), (_, who)) in both.into_iter().zip(&traffic.visitors) {
            moves.entry(pair).or_default().push(who);
        }
        let part = |count: usize| traffic.part(u32::try_from(count).unwrap_or(u32::MAX));
        let shown = if may_see { MAX_EXAMPLES } else { 0 };
        let mut moves: Vec<Move> = moves
            .into_iter()
            .map(|((from, to), who)| Move {
                from,
                to,
                users: part(who.len()),
                examples: who.into_iter().take(shown).map(example).collect(),
            })
            .collect();
        moves.sort_by_key(|one| (!one.is_change(), std::cmp::Reverse(one.users.sampled)));
        moves.truncate(MAX_MOVES);
        WhatIf {
            window: traffic.window(),
            changed: part(changed),
            moves,
            others: Vec::new(),
        }
    }

    /// Flags and experiments that ask for the value of one of these flags.
    async fn others(
        &self,
        compared: &Comparison,
        environment: Environment,
        flags: &[&str],
        own: Option<&str>,
    ) -> Result<Vec<OtherChange>> {
        let mut found: BTreeSet<(bool, String)> = BTreeSet::new();
        for flag in flags {
            let uses = self.uses_of_flag(environment, flag).await?;
            found.extend(
                uses.into_iter()
                    .map(|one| (one.kind == UseKind::Flag, one.id)),
            );
        }
        let others = found
            .into_iter()
            .filter(|(is_flag, id)| *is_flag || own.is_none_or(|own| own != id));
        let others = others.filter_map(|(is_flag, id)| {
            let subject = match is_flag {
                true => Subject::Flag(&id),
                false => Subject::Experiment(&id),
            };
            let changes = self.ask_all(&compared.traffic, |context| {
                outcome(&compared.before, subject, context)
                    != outcome(&compared.after, subject, context)
            });
            let changed = changes.into_iter().filter(|changes| *changes).count();
            let users = compared
                .traffic
                .part(u32::try_from(changed).unwrap_or(u32::MAX));
            (changed > 0).then_some(OtherChange { id, is_flag, users })
        });
        Ok(others.collect())
    }
}

/// What somebody gets: the variant's key, or the value as the gateway hands it on, where an
/// experiment that sets it comes before the flag.
fn outcome(engine: &Engine, subject: Subject<'_>, context: &Context<'_>) -> Option<String> {
    let mut decisions = Decisions::default();
    engine.decide(context, &mut decisions);
    said(engine, &decisions, subject, context)
}

/// The same of what is decided already.
pub(super) fn said(
    engine: &Engine,
    decisions: &Decisions,
    subject: Subject<'_>,
    context: &Context<'_>,
) -> Option<String> {
    let mut decided = engine.decided(decisions);
    match subject {
        Subject::Experiment(id) => decided
            .find(|decision| decision.experiment_id() == id)
            .map(|decision| decision.variant_key().to_owned()),
        Subject::Flag(key) => {
            let set = decided.find_map(|decision| decision.features().get(key));
            let value = match set {
                Some(value) => value,
                None => engine.flag(key, context)?.value,
            };
            Some(value.to_string().chars().take(MAX_VALUE).collect())
        }
    }
}

/// What an experiment makes of somebody: the variant, which is the control for whoever takes no
/// part, its deployment, and the values of the flags that it sets.
fn reached(
    engine: &Engine,
    decisions: &Decisions,
    experiment: &Experiment,
    context: &Context<'_>,
) -> Vec<Option<String>> {
    let id = experiment.id.as_str();
    let found = engine
        .decided(decisions)
        .find(|decision| decision.experiment_id() == id);
    let control = experiment.control().map(|variant| variant.key.as_str());
    let variant = found.map(|decision| decision.variant_key()).or(control);
    let deployment = found.and_then(|decision| decision.deployment());
    let variants = experiment.variants.iter();
    let features: BTreeSet<&String> = variants.flat_map(|one| one.features.keys()).collect();
    let values = features
        .into_iter()
        .map(|feature| said(engine, decisions, Subject::Flag(feature), context));
    [variant, deployment]
        .map(|one| one.map(str::to_owned))
        .into_iter()
        .chain(values)
        .collect()
}

fn example(who: &Somebody) -> Example {
    Example {
        unit: who.unit.clone(),
        country: who.country,
        device: who.device,
        attributes: who.attributes.clone(),
    }
}

//! What came of an experiment, and its winner as flags.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::experiment::{Command, Experiment, Outcome};
use nexus_domain::flag::{Flag, ship};

use super::{Decided, action_name, check_command, reason_of};
use crate::flags::entry;
use crate::views::{ShipFlag, ShipPlan};
use crate::{Console, Error, Result};

/// An answer to the experiment's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deciding {
    pub outcome: Outcome,
    /// What was learned.
    pub learned: String,
    /// What the winner's variant sets becomes flags, in the same commit: nobody falls back to
    /// the control in between.
    pub as_flags: bool,
}

impl Console {
    /// Ends the experiment where it still runs. An answer may be changed.
    ///
    /// # Errors
    /// `Invalid` for a variant there is none of, an overlong text, or a feature that can be no
    /// flag; `Refused` for a draft, `Conflict`, `NotFound`, `Forbidden`.
    pub async fn decide_experiment(
        &self,
        actor: &Actor,
        id: &str,
        version: Option<u64>,
        deciding: Deciding,
    ) -> Result<Experiment> {
        let Deciding {
            outcome,
            learned,
            as_flags,
        } = deciding;
        let command = Command::Decide { outcome, learned };
        let Some(winner) = winner(&command).filter(|_| as_flags) else {
            return self.command_experiment(actor, id, version, command).await;
        };
        let by = actor.principal.label();
        let may = |old: &Experiment| self.may_command(actor, &command, old);
        self.change(actor, id, version, None, may, |old, around, now_ms| {
            let mut new = old
                .after(command.clone(), by, now_ms)
                .map_err(|refused| Error::Refused(refused.status))?;
            check_command(old, &command, now_ms)?;
            let shipped = ship(old, winner, &around.flags, by, now_ms).map_err(Error::Invalid)?;
            for (before, _) in &shipped {
                let action = match before {
                    Some(_) => Action::EditFlag,
                    None => Action::CreateFlag,
                };
                self.authorise(actor, action, Some(old.environment), None)?;
            }
            if let Some(conclusion) = &mut new.conclusion {
                let keys = shipped.iter().map(|(_, flag)| flag.key.to_string());
                conclusion.flags.extend(keys);
                conclusion.flags.sort_unstable();
                conclusion.flags.dedup();
            }
            Ok(Decided {
                new,
                action: action_name(&command),
                reason: reason_of(old, &command),
                shipped,
                counters: Vec::new(),
            })
        })
        .await
    }

    /// What shipping each variant but the control would do.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn shipping(&self, actor: &Actor, id: &str) -> Result<Vec<ShipPlan>> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let experiment = self.stored(id).await?;
        let experiment = experiment.ok_or_else(|| super::not_found(id))?;
        let flags = self.flags_of(experiment.environment).await?;
        let variants = experiment.variants.iter().skip(1);
        let plans = variants.map(|variant| {
            let by = actor.principal.label();
            let shipped = ship(&experiment, &variant.key, &flags, by, self.now_ms());
            let (flags, problems) = match shipped {
                Ok(flags) => (flags, Vec::new()),
                Err(problems) => (Vec::new(), problems),
            };
            let flags = flags.into_iter().map(|(before, after)| ShipFlag {
                key: after.key.to_string(),
                exists: before.is_some(),
                enabled: after.enabled,
                off_value: Some(after.value),
                value: after.rules.into_iter().next().map(|rule| rule.value),
            });
            ShipPlan {
                variant: variant.key.clone(),
                flags: flags.collect(),
                problems,
            }
        });
        Ok(plans.collect())
    }
}

fn winner(command: &Command) -> Option<&str> {
    match command {
        Command::Decide {
            outcome: Outcome::Ship { variant },
            ..
        } => Some(variant),
        _ => None,
    }
}

pub(super) fn flag_entry(of: &Experiment, before: Option<&Flag>, after: &Flag) -> EntryDraft {
    let action = match before {
        Some(_) => "flag.edit",
        None => "flag.create",
    };
    let winner = Cause::Winner {
        experiment: of.id.to_string(),
    };
    entry(action, before, after, Some(winner.into()))
}

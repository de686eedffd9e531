//! What follows from changes that give nobody anything by themselves: of a saved group, which
//! experiments and flags obey at once, and of a holdout, which everything that starts later does.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::Experiment;
use nexus_domain::holdout::{HELD_OUT, Holdout, HoldoutDraft};
use nexus_domain::saved_group::SavedGroupDraft;
use nexus_flags::{Context, Decisions, Engine};

use super::estimate::engine_of;
use super::what_if::{Subject, said};
use crate::effects::Changed;
use crate::saved_groups;
use crate::views::{HoldoutEstimate, OtherChange, Use, UseKind, WhatIf};
use crate::{Console, Error, Result};

impl Console {
    /// What would change at once if the saved group were saved like this: of everything that
    /// names it, by whatever way. Words need not make sense yet.
    ///
    /// # Errors
    /// `Invalid` with what is wrong with its content, `Archived`, `NotFound`, `Forbidden`, or
    /// the database's.
    pub async fn what_if_saved_group(
        &self,
        actor: &Actor,
        draft: SavedGroupDraft,
    ) -> Result<WhatIf> {
        self.authorise(actor, Action::ViewSavedGroups, None, None)?;
        let environment = draft.environment;
        let old = self.stored_group(environment, &draft.id).await?;
        let old = old.ok_or_else(|| saved_groups::not_found(environment, &draft.id))?;
        if old.archived {
            return Err(Error::Archived);
        }
        let draft = SavedGroupDraft {
            name: old.name.clone(),
            description: old.description.clone(),
            ..draft
        };
        let new = draft.apply(&old, actor.principal.label(), self.now_ms());
        let new = new.map_err(Error::Invalid)?;
        self.check_group(Some(&old), &new).await?;
        let changed = Changed::SavedGroup(&new);
        let compared = self.compare(environment, changed).await?;
        let followers = self.followers_of_group(environment, old.id.as_str());
        let followers: Vec<(bool, String)> = followers.await?.into_iter().collect();
        let differs = self.ask_all(&compared.traffic, |context| {
            let got = |engine| outcomes(engine, &followers, context);
            let (before, after) = (got(&compared.before), got(&compared.after));
            before.iter().zip(&after).map(|(a, b)| a != b).collect()
        });
        let differs: Vec<Vec<bool>> = differs;
        let part = |count: usize| {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            compared.traffic.part(count)
        };
        let anything = differs.iter().filter(|of_one| of_one.contains(&true));
        let others = followers.iter().enumerate().map(|(at, (is_flag, id))| {
            let changed = differs.iter().filter(|of_one| of_one[at]).count();
            OtherChange {
                id: id.clone(),
                is_flag: *is_flag,
                users: part(changed),
            }
        });
        Ok(WhatIf {
            window: compared.traffic.window(),
            changed: part(anything.count()),
            moves: Vec::new(),
            others: others.filter(|other| other.users.sampled > 0).collect(),
        })
    }

    /// Whom a holdout would leave out of everything that starts later, and what waits to start.
    /// Only its share, its reach and its environment matter.
    ///
    /// # Errors
    /// `Invalid` for a share that is none, `Forbidden`, or the database's.
    pub async fn estimate_holdout(
        &self,
        actor: &Actor,
        draft: &HoldoutDraft,
    ) -> Result<HoldoutEstimate> {
        self.authorise(actor, Action::ViewHoldouts, None, None)?;
        let (environment, team) = (draft.environment, draft.team.clone());
        let draft = HoldoutDraft {
            // Whom its own id will hold out nobody knows; all deal alike in the long run.
            id: "estimate".to_owned(),
            name: "estimate".to_owned(),
            description: String::new(),
            goal: "estimate".to_owned(),
            // It does not matter to who is held out, and may be half typed.
            team: None,
            ..draft.clone()
        };
        let made = draft.create(actor.principal.label(), self.now_ms());
        let made = made.map_err(Error::Invalid)?;
        let changed = Changed::Holdout(&made);
        let mut snapshot = self.next_snapshot(environment, changed, 0).await?;
        let engine = engine_of(&mut snapshot)?;
        let counted = made.as_experiment();
        let traffic = self.recent_visitors(environment).await?;
        let held_out = self.ask_all(&traffic, |context| {
            let subject = [(false, counted.id.to_string())];
            outcomes(&engine, &subject, context) == [Some(HELD_OUT.to_owned())]
        });
        let held_out = held_out.into_iter().filter(|is_held| *is_held).count();
        let made = Holdout { team, ..made };
        let waiting = match made.global || made.team.is_some() {
            true => self.not_ended(environment).await?,
            false => Vec::new(),
        };
        let waiting = waiting.into_iter();
        let waiting = waiting.filter(|one| one.started_ms.is_none() && made.takes_all_of(one));
        Ok(HoldoutEstimate {
            held_out: traffic.part(u32::try_from(held_out).unwrap_or(u32::MAX)),
            window: traffic.window(),
            waiting: waiting.map(used).collect(),
        })
    }
}

/// What somebody gets of each flag (true) and experiment.
fn outcomes(engine: &Engine, of: &[(bool, String)], context: &Context<'_>) -> Vec<Option<String>> {
    let mut decisions = Decisions::default();
    engine.decide(context, &mut decisions);
    let subjects = of.iter().map(|(is_flag, id)| match is_flag {
        true => Subject::Flag(id),
        false => Subject::Experiment(id),
    });
    subjects
        .map(|subject| said(engine, &decisions, subject, context))
        .collect()
}

fn used(experiment: Experiment) -> Use {
    Use {
        kind: UseKind::Experiment,
        id: experiment.id.to_string(),
        name: experiment.name,
    }
}

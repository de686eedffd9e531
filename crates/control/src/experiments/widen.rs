//! A running experiment that is given more time or more users.

use nexus_domain::actor::{Actor, Principal};
use nexus_domain::audit::Cause;
use nexus_domain::experiment::{Command, Experiment};
use nexus_domain::{Field, Problem};

use super::ramp::new_base;
use super::{Decided, action_name, check_command, check_review, invalid, not_found};
use crate::{Console, Error, Result};

/// How often somebody may have changed it in between, where no version was named.
const ATTEMPTS: u32 = 4;

impl Console {
    /// As a step of a ramp: what was counted until now is judged by the buckets until now.
    pub(super) async fn grow_coverage(
        &self,
        actor: &Actor,
        id: &str,
        version: Option<u64>,
        command: &Command,
    ) -> Result<Experiment> {
        let mut left = ATTEMPTS;
        loop {
            left -= 1;
            let done = self.grow_from(actor, id, version, command).await;
            match done {
                Err(Error::Conflict { .. }) if version.is_none() && left > 0 => {}
                done => return done,
            }
        }
    }

    /// The counts belong to the version that was read.
    async fn grow_from(
        &self,
        actor: &Actor,
        id: &str,
        version: Option<u64>,
        command: &Command,
    ) -> Result<Experiment> {
        let read = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        let may = |old: &Experiment| self.may_command(actor, command, old);
        may(&read)?;
        let counters = match read.ramping {
            // Of a ramp only the last step grows, which is still to come.
            Some(_) => Vec::new(),
            None => new_base(&read, &self.counts(&read).await?),
        };
        let expected = Some(version.unwrap_or(read.version));
        self.change(actor, id, expected, None, may, |old, around, now_ms| {
            check_review(old, command, actor, around)?;
            check(old, command, now_ms)?;
            check_command(old, command, now_ms)?;
            let new = old
                .after(command.clone(), actor.principal.label(), now_ms)
                .map_err(|refused| Error::Refused(refused.status))?;
            let reason = grown(old, &new, command);
            Ok(Decided {
                counters: counters.clone(),
                ..Decided::alone(new, action_name(command), reason.map(Into::into))
            })
        })
        .await
    }
}

fn grown(old: &Experiment, new: &Experiment, command: &Command) -> Option<Cause> {
    let Command::GrowCoverage { reason, .. } = command else {
        return None;
    };
    Some(Cause::Coverage {
        from_bp: old.coverage_bp,
        to_bp: new.coverage_bp,
        words: reason.trim().to_owned(),
    })
}

/// What may only grow does.
pub(super) fn check(old: &Experiment, command: &Command, now_ms: i64) -> Result<()> {
    let (field, problem) = match command {
        Command::MoveEnd { end_ms, .. } => (Field::EndAt, old.end_problem(*end_ms, now_ms)),
        Command::GrowCoverage { coverage_bp, .. } => {
            (Field::Coverage, old.coverage_problem(*coverage_bp))
        }
        _ => return Ok(()),
    };
    problem.map_or(Ok(()), |problem| Err(invalid(field, problem)))
}

/// What needed another person's approval is widened by another person too.
pub(super) fn check_person(old: &Experiment, command: &Command, actor: &Actor) -> Result<()> {
    let is_person = matches!(
        actor.principal,
        Principal::Person { .. } | Principal::Cli { .. }
    );
    if !is_person {
        let action = command.action();
        return Err(Error::Forbidden { action });
    }
    if old.is_work_of(actor.principal.label()) {
        return Err(invalid(Field::Review, Problem::NotByAuthor));
    }
    Ok(())
}

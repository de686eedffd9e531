//! A running experiment that is given more time or more users.

use nexus_domain::actor::{Actor, Principal};
use nexus_domain::audit::Cause;
use nexus_domain::experiment::{Command, Experiment};
use nexus_domain::{Field, FieldProblem, Problem};

use super::ramp::new_base;
use super::{Decided, MAX_REASON, action_name, check_review, invalid, not_found};
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

/// What may only grow does, and says why: all that is wrong in one answer.
pub(super) fn check(old: &Experiment, command: &Command, now_ms: i64) -> Result<()> {
    let (field, problem, reason) = match command {
        Command::MoveEnd { end_ms, reason } => {
            (Field::EndAt, old.end_problem(*end_ms, now_ms), reason)
        }
        Command::GrowCoverage {
            coverage_bp,
            reason,
        } => (Field::Coverage, old.coverage_problem(*coverage_bp), reason),
        _ => return Ok(()),
    };
    let wide = problem.map(|problem| FieldProblem::new(field, problem));
    let said = reason_problem(reason).map(|problem| FieldProblem::new(Field::Reason, problem));
    let problems: Vec<FieldProblem> = wide.into_iter().chain(said).collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(problems)),
    }
}

fn reason_problem(reason: &str) -> Option<Problem> {
    if reason.trim().is_empty() {
        return Some(Problem::Required);
    }
    let max = MAX_REASON as u32;
    (reason.chars().count() > MAX_REASON).then_some(Problem::TooLong { max })
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

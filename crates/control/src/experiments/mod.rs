//! Creating, changing and reading experiments.

mod decide;
mod detail;
mod list;
mod ramp;
mod revisions;
mod rows;
mod why;
mod widen;

pub use decide::Deciding;
pub(crate) use rows::{counters, update as changed};

use nexus_domain::access::Action;
use nexus_domain::actor::{Actor, Principal};
use nexus_domain::audit::{Cause, EntryDraft, Reason};
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{Command, Draft, Experiment, Outcome, Status, Stop, Verb, rule_of};
use nexus_domain::flag::{Flag, Shipped};
use nexus_domain::holdout::Holdout;
use nexus_domain::{Field, FieldProblem, Problem};

use crate::commit::{Attempts, Committed};
use crate::effects::Changed;
use crate::failpoint::failpoint;
use crate::flags::rows as flag_rows;
use crate::lease::Lease;
use crate::ports::Statement;
use crate::results::look_at_the_end;
use crate::{Console, Error, Result};

const MAX_REASON: usize = 2_000;

/// The next state, and how the log tells of it.
struct Decided {
    new: Experiment,
    /// The action's name in the audit log.
    action: &'static str,
    reason: Option<Reason>,
    /// Flags that change with it.
    shipped: Vec<Shipped>,
    /// Counters that change with it.
    counters: Vec<Statement>,
}

/// What else there is in the environment.
struct Around {
    /// Experiments at the edge.
    live: Vec<Experiment>,
    /// Archived ones too.
    flags: Vec<Flag>,
    /// Those in force.
    holdouts: Vec<Holdout>,
    rules: EnvironmentRules,
}

impl Decided {
    fn alone(new: Experiment, action: &'static str, reason: Option<Reason>) -> Self {
        Self {
            new,
            action,
            reason,
            shipped: Vec::new(),
            counters: Vec::new(),
        }
    }
}

impl Console {
    /// # Errors
    /// `Invalid` with every problem of the draft; `Forbidden`.
    pub async fn create_experiment(&self, actor: &Actor, draft: Draft) -> Result<Experiment> {
        self.authorise(
            actor,
            Action::CreateExperiment,
            Some(draft.environment),
            None,
        )?;
        self.check_variants(&draft).await?;
        let seed = format!("{:032x}", self.new_id());
        let by = actor.principal.label().to_owned();
        let now_ms = self.now_ms();
        let made = draft.create(seed, by, now_ms).map_err(Error::Invalid)?;
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            if self.stored(made.id.as_str()).await?.is_some() {
                return Err(invalid(Field::Id, Problem::Taken));
            }
            self.check_experiment(None, &made).await?;
            let entry = entry("experiment.create", None, &made, None);
            let state = rows::insert(&made)?;
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => return Ok(made),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    /// Once an experiment has started only its words can change.
    ///
    /// # Errors
    /// `Invalid`, `Conflict` when `version` is not the newest, `NotFound`, `Forbidden`.
    pub async fn edit_experiment(
        &self,
        actor: &Actor,
        id: &str,
        version: u64,
        draft: Draft,
    ) -> Result<Experiment> {
        self.change_settings(actor, id, version, draft, "experiment.edit", None)
            .await
    }

    async fn change_settings(
        &self,
        actor: &Actor,
        id: &str,
        version: u64,
        draft: Draft,
        action: &'static str,
        reason: Option<Reason>,
    ) -> Result<Experiment> {
        let may = |old: &Experiment| {
            [old.environment, draft.environment]
                .into_iter()
                .try_for_each(|e| self.authorise(actor, Action::EditExperiment, Some(e), None))
        };
        if let Some(old) = self.stored(id).await? {
            may(&old)?;
            self.check_variants(&draft).await?;
        }
        self.change(actor, id, Some(version), None, may, |old, _, now_ms| {
            if old.status == Status::Archived {
                return Err(Error::Refused(old.status));
            }
            let by = actor.principal.label();
            let new = draft.clone().apply(old, by, now_ms);
            let new = new.map_err(Error::Invalid)?;
            Ok(Decided::alone(new, action, reason.clone()))
        })
        .await
    }

    /// # Errors
    /// `Refused` when the status doesn't allow it, `Conflict`, `NotFound`, `Forbidden`.
    pub async fn command_experiment(
        &self,
        actor: &Actor,
        id: &str,
        version: Option<u64>,
        command: Command,
    ) -> Result<Experiment> {
        match command {
            Command::GrowCoverage { .. } => self.grow_coverage(actor, id, version, &command).await,
            _ => self.command(actor, id, version, None, &command).await,
        }
    }

    pub(crate) async fn command(
        &self,
        actor: &Actor,
        id: &str,
        version: Option<u64>,
        lease: Option<&Lease>,
        command: &Command,
    ) -> Result<Experiment> {
        let may = |old: &Experiment| self.may_command(actor, command, old);
        self.change(actor, id, version, lease, may, |old, around, now_ms| {
            check_review(old, command, actor, around)?;
            widen::check(old, command, now_ms)?;
            let new = old
                .after(command.clone(), actor.principal.label(), now_ms)
                .map_err(|refused| Error::Refused(refused.status))?;
            let new = match command {
                Command::Start | Command::StartPlanned => new
                    .joined(&around.holdouts)
                    .and_then(|new| new.placed(&around.live))
                    .map_err(|p| Error::Invalid(vec![p]))?,
                _ => new,
            };
            check_command(old, command, now_ms)?;
            let (action, reason) = (action_name(command), reason_of(old, command));
            let counters = match command {
                Command::EndSchedule => look_at_the_end(&new, now_ms),
                _ => Vec::new(),
            };
            Ok(Decided {
                counters,
                ..Decided::alone(new, action, reason)
            })
        })
        .await
    }

    fn may_command(&self, actor: &Actor, command: &Command, old: &Experiment) -> Result<()> {
        let environment = Some(old.environment);
        self.authorise(actor, command.action(), environment, None)?;
        if matches!(command, Command::Decide { .. }) && old.status.at_the_edge() {
            self.authorise(actor, Action::StopExperiment, environment, None)?;
        }
        check_caller(actor, command)
    }

    /// Read, decide, commit; again when somebody committed in between.
    async fn change(
        &self,
        actor: &Actor,
        id: &str,
        expected: Option<u64>,
        lease: Option<&Lease>,
        may: impl Fn(&Experiment) -> Result<()>,
        decide: impl Fn(&Experiment, &Around, i64) -> Result<Decided>,
    ) -> Result<Experiment> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let old = self.stored(id).await?.ok_or_else(|| not_found(id))?;
            may(&old)?;
            if let Some(expected) = expected.filter(|v| *v != old.version) {
                let actual = old.version;
                return Err(Error::Conflict { expected, actual });
            }
            let around = Around {
                live: self.at_the_edge(old.environment).await?,
                flags: self.flags_of(old.environment).await?,
                holdouts: self.holdouts_in_force(Some(old.environment)).await?,
                rules: self.rules_of(old.environment).await?,
            };
            let decided = decide(&old, &around, self.now_ms())?;
            let Decided {
                new,
                shipped,
                counters,
                ..
            } = decided;
            self.check_experiment(Some(&old), &new).await?;
            for (before, after) in &shipped {
                self.check_flag(before.as_ref(), after).await?;
            }
            failpoint("experiment.decided");
            let mut state = rows::update(&old, &new)?;
            state.extend(counters);
            let mut entries = vec![entry(decided.action, Some(&old), &new, decided.reason)];
            for (before, after) in &shipped {
                state.extend(flag_rows::change(before.as_ref(), after)?);
                entries.push(decide::flag_entry(&new, before.as_ref(), after));
            }
            let seen = rule_of(&old) != rule_of(&new) || !shipped.is_empty();
            if seen || self.has_qa_links(&new).await? {
                let changed = Changed::Experiment(&new, &shipped);
                state.extend(self.stage_snapshot(new.environment, changed).await?);
            }
            state.extend(lease.map(Lease::guard));
            match self.commit(&head, actor, entries, state).await? {
                Committed::Done => {
                    failpoint("experiment.committed");
                    return Ok(new);
                }
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
            if let Some(lease) = lease
                && !self.still_holds(lease).await?
            {
                return Err(Error::Unavailable {
                    what: "the lease of the controllers",
                    cause: "another process took it".into(),
                });
            }
        }
    }
}

/// Some commands are for controllers only, and they have no others.
fn check_caller(actor: &Actor, command: &Command) -> Result<()> {
    let is_controller = matches!(actor.principal, Principal::System { .. });
    // A review is a person's; whoever has the command line has the database.
    let is_person = matches!(
        actor.principal,
        Principal::Person { .. } | Principal::Cli { .. }
    );
    let reviews = command.action() == Action::ReviewExperiment;
    if command.verb().is_automatic() != is_controller || (reviews && !is_person) {
        let action = command.action();
        return Err(Error::Forbidden { action });
    }
    Ok(())
}

/// Nobody approves their own work, and where an approval is asked for, nothing starts
/// without, and nobody widens their own work either.
fn check_review(old: &Experiment, command: &Command, actor: &Actor, around: &Around) -> Result<()> {
    let starts = matches!(
        command.verb(),
        Verb::Start | Verb::StartPlanned | Verb::Schedule
    );
    if !command.fits(old.status) {
        return Err(Error::Refused(old.status));
    }
    if starts && around.rules.review && !old.is_approved() {
        return Err(invalid(Field::Review, Problem::ReviewNeeded));
    }
    let widens = matches!(command.verb(), Verb::MoveEnd | Verb::GrowCoverage);
    if widens && around.rules.review {
        widen::check_person(old, command, actor)?;
    }
    if command.verb() == Verb::Approve && old.is_work_of(actor.principal.label()) {
        return Err(invalid(Field::Review, Problem::OwnWork));
    }
    Ok(())
}

/// What the domain can't know.
fn check_command(old: &Experiment, command: &Command, now_ms: i64) -> Result<()> {
    match command {
        Command::SendBack { words } if words.trim().is_empty() => {
            Err(invalid(Field::Reason, Problem::Required))
        }
        Command::Stop { reason: text }
        | Command::Decide { learned: text, .. }
        | Command::AskReview { words: text }
        | Command::Approve { words: text }
        | Command::SendBack { words: text }
            if text.chars().count() > MAX_REASON =>
        {
            let max = MAX_REASON as u32;
            Err(invalid(Field::Reason, Problem::TooLong { max }))
        }
        Command::Decide {
            outcome: Outcome::Ship { variant },
            ..
        } if old.variants.iter().skip(1).all(|v| v.key != *variant) => {
            let value = variant.chars().take(64).collect();
            Err(invalid(Field::Variants, Problem::Unknown { value }))
        }
        Command::Start | Command::StartPlanned
            if old.schedule.end_ms.is_some_and(|end_ms| end_ms <= now_ms) =>
        {
            Err(invalid(Field::EndAt, Problem::InThePast))
        }
        Command::Schedule(schedule) => {
            let problems = schedule.problems_of_plan(now_ms);
            if problems.is_empty() {
                Ok(())
            } else {
                Err(Error::Invalid(problems))
            }
        }
        _ => Ok(()),
    }
}

const fn action_name(command: &Command) -> &'static str {
    match command {
        Command::Start | Command::StartPlanned => "experiment.start",
        Command::AskReview { .. } => "experiment.ask_review",
        Command::Approve { .. } => "experiment.approve",
        Command::SendBack { .. } => "experiment.send_back",
        Command::WithdrawReview => "experiment.withdraw_review",
        Command::Schedule(_) => "experiment.schedule",
        Command::Unschedule => "experiment.unschedule",
        Command::MissStart { .. } => "experiment.miss_start",
        Command::StepRamp => "experiment.step_ramp",
        Command::HoldRamp => "experiment.hold_ramp",
        Command::ContinueRamp => "experiment.continue_ramp",
        Command::MoveEnd { .. } => "experiment.move_end",
        Command::GrowCoverage { .. } => "experiment.grow_coverage",
        Command::Pause => "experiment.pause",
        Command::Resume => "experiment.resume",
        Command::Stop { .. } => "experiment.stop",
        Command::EndSchedule => "experiment.end_schedule",
        Command::StopBySafeguard(evidence) => evidence.audit_action(),
        Command::Decide { .. } => "experiment.decide",
        Command::Archive => "experiment.archive",
        Command::Unarchive => "experiment.unarchive",
    }
}

/// A person's words, or the facts that decided.
fn reason_of(old: &Experiment, command: &Command) -> Option<Reason> {
    let words = |words: &String| words.trim().to_owned();
    let cause = match command {
        Command::Stop { reason: text }
        | Command::AskReview { words: text }
        | Command::Approve { words: text }
        | Command::SendBack { words: text } => {
            return Some(words(text)).filter(|w| !w.is_empty()).map(Into::into);
        }
        Command::Decide { outcome, learned } => Cause::Decision {
            outcome: outcome.clone(),
            words: words(learned),
        },
        Command::StopBySafeguard(evidence) => Cause::safeguard(evidence),
        Command::MissStart { problems } => Cause::Missed {
            problems: problems.clone(),
        },
        Command::MoveEnd { end_ms, reason } => Cause::End {
            from_ms: old.schedule.end_ms,
            to_ms: *end_ms,
            words: words(reason),
        },
        _ => return None,
    };
    Some(cause.into())
}

fn entry(
    action: &'static str,
    old: Option<&Experiment>,
    new: &Experiment,
    reason: Option<Reason>,
) -> EntryDraft {
    EntryDraft {
        action,
        object_kind: "experiment",
        object_id: new.id.to_string(),
        environment: Some(new.environment),
        before_digest: old.map(Experiment::digest),
        after_digest: Some(new.digest()),
        reason,
    }
}

pub(crate) fn not_found(id: &str) -> Error {
    Error::NotFound {
        kind: "experiment",
        id: id.chars().take(64).collect(),
    }
}

pub(crate) fn invalid(field: Field, problem: Problem) -> Error {
    Error::Invalid(vec![FieldProblem::new(field, problem)])
}

/// Whether a safeguard ended it because users were hurt.
pub(crate) fn stopped_for_harm(experiment: &Experiment) -> bool {
    let evidence = experiment.stop.as_ref().and_then(Stop::evidence);
    evidence.is_some_and(|evidence| evidence.is_harm())
}

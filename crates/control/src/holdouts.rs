//! Holdouts: creating, stopping and reading them.

use std::collections::{BTreeMap, BTreeSet};

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::EntryDraft;
use nexus_domain::experiment::Experiment;
use nexus_domain::holdout::{Holdout, HoldoutDraft};
use nexus_domain::{Environment, Field, Problem};

use crate::commit::{Attempts, Committed};
use crate::effects::Changed;
use crate::experiments::{counters, invalid};
use crate::failpoint::failpoint;
use crate::ports::Statement;
use crate::results::{self, Measures};
use crate::sql::{json, sql};
use crate::views::{HoldoutDetail, HoldoutRow, UnboundRule, Use, UseKind};
use crate::{Console, Error, Result, authority};

const HISTORY: u32 = 50;
/// In force at once in one environment: each is one more hash for every user.
const MAX_IN_FORCE: usize = 20;

/// Rules that a page lists.
const MAX_UNBOUND: usize = 200;

/// The next state, the action's name in the audit log, its reason.
type Decided = (Holdout, &'static str, Option<String>);

impl Console {
    /// Holdouts of an environment or of all, those in force first, then the newest first.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn holdouts(
        &self,
        actor: &Actor,
        environment: Option<Environment>,
    ) -> Result<Vec<HoldoutRow>> {
        self.authorise(actor, Action::ViewHoldouts, environment, None)?;
        let rows = self
            .rows(sql!(
                "SELECT document FROM holdouts WHERE (?1 = '' OR environment = ?1) \
                 ORDER BY COALESCE(stopped_ms, 0), started_ms DESC, id LIMIT 200",
                environment.map_or("", Environment::as_str)
            ))
            .await?;
        let mut found = Vec::new();
        for mut row in rows {
            let holdout: Holdout = row.json()?;
            let counted = holdout.as_experiment();
            let counts = self.counts(&counted).await?;
            let users = counted.variants.iter();
            let users: Vec<u64> = users.map(|v| counts.of(&v.key).exposures).collect();
            found.push(HoldoutRow {
                held_out: users.first().copied().unwrap_or(0),
                others: users.get(1).copied().unwrap_or(0),
                holdout,
            });
        }
        Ok(found)
    }

    /// Names of those in force, by their ids.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn holdout_names(
        &self,
        actor: &Actor,
        environment: Environment,
    ) -> Result<BTreeMap<String, String>> {
        self.authorise(actor, Action::ViewHoldouts, Some(environment), None)?;
        let in_force = self.holdouts_in_force(Some(environment)).await?;
        let named = in_force.into_iter().map(|h| (h.id.to_string(), h.name));
        Ok(named.collect())
    }

    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn holdout(&self, actor: &Actor, id: &str) -> Result<HoldoutDetail> {
        self.authorise(actor, Action::ViewHoldouts, None, None)?;
        let holdout = self.stored_holdout(id).await?;
        let holdout = holdout.ok_or_else(|| not_found(id))?;
        let counted = holdout.as_experiment();
        let counts = self.counts(&counted).await?;
        let buckets = self.buckets(counted.id.as_str()).await?;
        let series = self.series(&counted, &buckets).await?;
        let environment = holdout.environment;
        let may_see = authority::may(actor, Action::ViewAudit, Some(environment))
            || authority::may(actor, Action::ManageHoldouts, Some(environment));
        let history = match may_see {
            true => self.history("holdout", id, HISTORY).await?,
            false => Vec::new(),
        };
        let now_ms = self.now_ms();
        Ok(HoldoutDetail {
            results: results::results(&counted, &counts, &Measures::default(), series, now_ms),
            experiments: self.experiments_in(&holdout).await?,
            unbound: self.unbound_by(&holdout).await?,
            propagation: self.propagation(environment).await?,
            history,
            holdout,
        })
    }

    /// Teams of the environment's holdouts in force, and of its experiments that have not ended.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn teams(&self, actor: &Actor, environment: Environment) -> Result<Vec<String>> {
        self.authorise(actor, Action::ViewExperiments, Some(environment), None)?;
        let holdouts = self.holdouts_in_force(Some(environment)).await?;
        let experiments = self.not_ended(environment).await?;
        let teams = holdouts.into_iter().filter_map(|h| h.team);
        let teams = teams.chain(experiments.into_iter().filter_map(|e| e.team));
        let teams: BTreeSet<String> = teams.collect();
        Ok(teams.into_iter().collect())
    }

    /// In force at once: experiments that start from now on leave its users out.
    ///
    /// # Errors
    /// `Invalid` with every problem of the draft, when the id is taken, the environment has a
    /// global one or one of the team in force already, or its fill of them; `Forbidden`.
    pub async fn create_holdout(&self, actor: &Actor, draft: HoldoutDraft) -> Result<Holdout> {
        let environment = draft.environment;
        self.authorise(actor, Action::ManageHoldouts, Some(environment), None)?;
        let by = actor.principal.label();
        let made = draft.create(by, self.now_ms()).map_err(Error::Invalid)?;
        self.change_holdout(actor, made.id.as_str(), |old, in_force, _| {
            if old.is_some() {
                return Err(invalid(Field::Id, Problem::Taken));
            }
            let here = in_force.iter().filter(|h| h.environment == environment);
            if made.global && here.clone().any(|h| h.global) {
                return Err(invalid(Field::Holdout, Problem::OneGlobalHoldout));
            }
            if made.team.is_some() && here.clone().any(|h| h.team == made.team) {
                return Err(invalid(Field::Team, Problem::OneTeamHoldout));
            }
            if here.count() >= MAX_IN_FORCE {
                let max = MAX_IN_FORCE as u32;
                return Err(invalid(Field::Holdout, Problem::TooMany { max }));
            }
            Ok(Some((made.clone(), "holdout.create", None)))
        })
        .await
    }

    /// What starts later holds nobody out for it; what is in it stays as it is until it ends.
    /// Stopping it again changes nothing.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn stop_holdout(&self, actor: &Actor, id: &str) -> Result<Holdout> {
        self.change_holdout(actor, id, |old, _, now_ms| {
            let old = old.ok_or_else(|| not_found(id))?;
            let environment = Some(old.environment);
            self.authorise(actor, Action::ManageHoldouts, environment, None)?;
            let new = old.stopped(actor.principal.label(), now_ms);
            Ok(new.map(|new| (new, "holdout.stop", None)))
        })
        .await
    }

    /// Read, decide, commit; again when somebody committed in between. Nothing decided is
    /// nothing changed.
    async fn change_holdout(
        &self,
        actor: &Actor,
        id: &str,
        decide: impl Fn(Option<&Holdout>, &[Holdout], i64) -> Result<Option<Decided>>,
    ) -> Result<Holdout> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let old = self.stored_holdout(id).await?;
            let in_force = self.holdouts_in_force(None).await?;
            let decided = decide(old.as_ref(), &in_force, self.now_ms())?;
            let Some((new, action, reason)) = decided else {
                return old.ok_or_else(|| not_found(id));
            };
            failpoint("holdout.decided");
            let mut state = match &old {
                None => insert(&new)?,
                Some(old) => vec![update(old, &new)?],
            };
            let changed = Changed::Holdout(&new);
            state.extend(self.stage_snapshot(new.environment, changed).await?);
            let entry = entry(action, old.as_ref(), &new, reason);
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => {
                    failpoint("holdout.committed");
                    return Ok(new);
                }
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    pub(crate) async fn stored_holdout(&self, id: &str) -> Result<Option<Holdout>> {
        let statement = sql!("SELECT document FROM holdouts WHERE id = ?1", id);
        let row = self.row(statement).await?;
        row.map(|mut cells| cells.json()).transpose()
    }

    /// Those in force, of one environment or of all, in the order of ids.
    pub(crate) async fn holdouts_in_force(
        &self,
        environment: Option<Environment>,
    ) -> Result<Vec<Holdout>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM holdouts \
                 WHERE stopped_ms IS NULL AND (?1 = '' OR environment = ?1) ORDER BY id",
                environment.map_or("", Environment::as_str)
            ))
            .await?;
        rows.into_iter().map(|mut cells| cells.json()).collect()
    }

    /// Experiments that leave its users out, drafts that name it, and flags with a rule that
    /// it binds.
    async fn experiments_in(&self, holdout: &Holdout) -> Result<Vec<Use>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM experiments WHERE environment = ?1 \
                 AND status <> 'archived' ORDER BY updated_ms DESC",
                holdout.environment.as_str()
            ))
            .await?;
        let mut found = Vec::new();
        for mut row in rows {
            let experiment: Experiment = row.json()?;
            let is_in = experiment.held.iter().any(|h| h.holdout == holdout.id);
            let names = experiment.holdout.as_deref() == Some(holdout.id.as_str());
            if is_in || (names && experiment.started_ms.is_none()) {
                found.push(Use {
                    kind: UseKind::Experiment,
                    id: experiment.id.to_string(),
                    name: experiment.name,
                });
            }
        }
        let flags = self.flags_at_the_edge(holdout.environment).await?;
        let bound = flags.into_iter().filter(|flag| {
            let mut rules = flag.rules.iter();
            rules.any(|rule| rule.is_bound_by(holdout))
        });
        found.extend(bound.map(|flag| Use {
            kind: UseKind::Flag,
            id: flag.key.to_string(),
            name: flag.name,
        }));
        Ok(found)
    }

    /// Rules that could take its users in, while it is in force and binds flags.
    async fn unbound_by(&self, holdout: &Holdout) -> Result<Vec<UnboundRule>> {
        if !holdout.binds_flags_now() {
            return Ok(Vec::new());
        }
        let flags = self.flags_at_the_edge(holdout.environment).await?;
        let rules = flags.iter().flat_map(|flag| {
            flag.unbound_by(holdout).map(|rule| UnboundRule {
                flag: flag.key.to_string(),
                flag_name: flag.name.clone(),
                rule: rule.id.clone(),
                rule_name: rule.name.clone(),
                exemption: rule.holdout_exemption.clone(),
                permanent: flag.permanent,
            })
        });
        Ok(rules.take(MAX_UNBOUND).collect())
    }
}

fn insert(new: &Holdout) -> Result<Vec<Statement>> {
    let counted = new.as_experiment();
    let mut statements = vec![sql!(
        "INSERT INTO holdouts (id, counted_as, document, version, environment, primary_metric, \
         started_ms, stopped_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        new.id.as_str(),
        counted.id.as_str(),
        json(new)?,
        new.version,
        new.environment.as_str(),
        new.goal.as_str(),
        new.started_ms,
        new.stopped_ms
    )];
    statements.extend(counters(&counted));
    Ok(statements)
}

fn update(old: &Holdout, new: &Holdout) -> Result<Statement> {
    Ok(sql!(
        "UPDATE holdouts SET document = ?3, version = ?4, stopped_ms = ?5 \
         WHERE id = ?1 AND version = ?2",
        new.id.as_str(),
        old.version,
        json(new)?,
        new.version,
        new.stopped_ms
    ))
}

fn entry(
    action: &'static str,
    old: Option<&Holdout>,
    new: &Holdout,
    reason: Option<String>,
) -> EntryDraft {
    EntryDraft {
        action,
        object_kind: "holdout",
        object_id: new.id.to_string(),
        environment: Some(new.environment),
        before_digest: old.map(Holdout::digest),
        after_digest: Some(new.digest()),
        reason: reason.map(Into::into),
    }
}

fn not_found(id: &str) -> Error {
    Error::NotFound {
        kind: "holdout",
        id: id.chars().take(64).collect(),
    }
}

//! Everything about one flag.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::flag::{Flag, FlagDraft, FlagKind, changes};

use super::not_found;
use crate::sql::sql;
use crate::views::{AuditRow, FlagChoice, FlagDetail, FlagElsewhere};
use crate::{Console, Error, Result, authority};

const HISTORY: u32 = 50;
/// Most flags that a form proposes; others can be typed.
const CHOICES: u32 = 2_000;

impl Console {
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn flag(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
    ) -> Result<FlagDetail> {
        let flag = self.readable_flag(actor, environment, key).await?;
        let history = self.history_of_flag(actor, &flag, HISTORY).await?;
        let evaluated = self.last_evaluated(key).await?;
        let mut elsewhere = self.flags_of_key(key).await?;
        elsewhere.retain(|other| other.environment != environment);
        Ok(FlagDetail {
            elsewhere: elsewhere
                .iter()
                .map(|o| compared(&flag, o, &evaluated))
                .collect(),
            usage: self.usage(&flag).await?,
            code: self.code_of(key).await?,
            comments: self.comments_on("flag", &flag.path()).await?,
            propagation: self.propagation(environment).await?,
            needed_by: self.uses_of_flag(environment, key).await?,
            set_by: self.experiments_that_set(environment, key).await?,
            history,
            flag,
        })
    }

    /// The flags of an environment that others may need, in the order of keys.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn flag_choices(
        &self,
        actor: &Actor,
        environment: Environment,
    ) -> Result<Vec<FlagChoice>> {
        self.authorise(actor, Action::ViewFlags, None, None)?;
        let rows = self
            .rows(sql!(
                "SELECT key, name, kind FROM flags \
                 WHERE environment = ?1 AND status <> 'archived' ORDER BY key LIMIT ?2",
                environment.as_str(),
                CHOICES
            ))
            .await?;
        let mut choices = Vec::new();
        for mut row in rows {
            choices.push(FlagChoice {
                key: row.text()?,
                name: row.text()?,
                kind: FlagKind::parse(&row.text()?)
                    .ok_or_else(|| Error::internal("an unknown kind of flag"))?,
            });
        }
        Ok(choices)
    }

    pub(crate) async fn readable_flag(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
    ) -> Result<Flag> {
        self.authorise(actor, Action::ViewFlags, None, None)?;
        let flag = self.stored_flag(environment, key).await?;
        flag.ok_or_else(|| not_found(environment, key))
    }

    /// The history of one flag belongs to it, as far as the reader may see the log at all.
    pub(super) async fn history_of_flag(
        &self,
        actor: &Actor,
        flag: &Flag,
        limit: u32,
    ) -> Result<Vec<AuditRow>> {
        let environment = Some(flag.environment);
        let may_see = authority::may(actor, Action::ViewAudit, environment)
            || authority::may(actor, Action::EditFlag, environment);
        if !may_see {
            return Ok(Vec::new());
        }
        self.history("flag", &flag.path(), limit).await
    }
}

fn compared(flag: &Flag, other: &Flag, evaluated: &[(String, i64)]) -> FlagElsewhere {
    let there = other.environment.as_str();
    let last = evaluated
        .iter()
        .find(|(environment, _)| environment == there);
    FlagElsewhere {
        environment: other.environment,
        status: other.status(),
        version: other.version,
        evaluated_ms: last.map(|(_, ms)| *ms),
        same: flag.kind == other.kind
            && changes(&FlagDraft::of(flag), &FlagDraft::of(other)).is_empty(),
    }
}

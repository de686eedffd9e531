//! The list of saved groups, and one of them with what uses it.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::saved_group::{GroupKind, SavedGroup};

use super::not_found;
use crate::ports::{Statement, Value};
use crate::sql::{containing, sql};
use crate::views::{AuditRow, GroupChoice, Page, SavedGroupDetail, SavedGroupQuery, SavedGroupRow};
use crate::{Console, Error, Result, authority};

const PER_PAGE: u32 = 20;
const HISTORY: u32 = 50;

macro_rules! matching {
    ($select:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM saved_groups WHERE (?1 = '%%' OR search LIKE ?1 ESCAPE '\\') ",
            "AND archived = ?2 AND (?3 = '' OR environment = ?3)",
            $rest
        )
    };
}

/// More are not proposed.
const CHOICES: u32 = 500;

impl Console {
    /// Those of an environment, by id, archived ones last; at most 500.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn group_choices(
        &self,
        actor: &Actor,
        environment: Environment,
    ) -> Result<Vec<GroupChoice>> {
        self.authorise(actor, Action::ViewSavedGroups, Some(environment), None)?;
        let rows = self
            .rows(sql!(
                "SELECT id, name, kind, archived FROM saved_groups \
                 WHERE environment = ?1 ORDER BY archived, id LIMIT ?2",
                environment.as_str(),
                CHOICES
            ))
            .await?;
        let mut choices = Vec::new();
        for mut row in rows {
            choices.push(GroupChoice {
                id: row.text()?,
                name: row.text()?,
                kind: GroupKind::parse(&row.text()?)
                    .ok_or_else(|| Error::internal("an unknown kind of saved group"))?,
                archived: row.u64()? != 0,
            });
        }
        Ok(choices)
    }

    /// Groups, the ones changed last first.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn saved_groups(
        &self,
        actor: &Actor,
        query: &SavedGroupQuery,
    ) -> Result<Page<SavedGroupRow>> {
        self.authorise(actor, Action::ViewSavedGroups, query.environment, None)?;
        let page = query.page.max(1);
        let filter: [Value; 3] = [
            containing(&query.q).into(),
            u32::from(query.archived).into(),
            query.environment.map_or("", |e| e.as_str()).into(),
        ];
        let total = Statement::new(matching!("COUNT(*)", ""), filter.clone());
        let total = self.number(total).await?;
        let offset = u64::from(page - 1) * u64::from(PER_PAGE);
        let mut values = Vec::from(filter);
        values.extend([PER_PAGE.into(), offset.into()]);
        let rows = self
            .rows(Statement {
                sql: matching!(
                    "environment, id, name, kind, attribute, size, archived, version, updated_ms, \
                     updated_by",
                    " ORDER BY updated_ms DESC, id, environment LIMIT ?4 OFFSET ?5"
                ),
                values,
            })
            .await?;
        let mut items = Vec::new();
        for mut row in rows {
            items.push(SavedGroupRow {
                environment: row.environment()?,
                id: row.text()?,
                name: row.text()?,
                kind: GroupKind::parse(&row.text()?)
                    .ok_or_else(|| Error::internal("an unknown kind of saved group"))?,
                attribute: row.maybe_text()?,
                size: row.maybe_u64()?,
                archived: row.bool()?,
                version: row.u64()?,
                updated_ms: row.i64()?,
                updated_by: row.text()?,
            });
        }
        Ok(Page {
            items,
            total,
            page,
            per_page: PER_PAGE,
        })
    }

    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn saved_group(
        &self,
        actor: &Actor,
        environment: Environment,
        id: &str,
    ) -> Result<SavedGroupDetail> {
        let group = self.readable_group(actor, environment, id).await?;
        Ok(SavedGroupDetail {
            used_by: self.uses_of_group(environment, id).await?,
            propagation: self.propagation(environment).await?,
            history: self.history_of_group(actor, &group, HISTORY).await?,
            group,
        })
    }

    pub(super) async fn readable_group(
        &self,
        actor: &Actor,
        environment: Environment,
        id: &str,
    ) -> Result<SavedGroup> {
        self.authorise(actor, Action::ViewSavedGroups, None, None)?;
        let group = self.stored_group(environment, id).await?;
        group.ok_or_else(|| not_found(environment, id))
    }

    /// The history of one group belongs to it, as far as the reader may see the log at all.
    pub(super) async fn history_of_group(
        &self,
        actor: &Actor,
        group: &SavedGroup,
        limit: u32,
    ) -> Result<Vec<AuditRow>> {
        let environment = Some(group.environment);
        let may_see = authority::may(actor, Action::ViewAudit, environment)
            || authority::may(actor, Action::ManageSavedGroups, environment);
        if !may_see {
            return Ok(Vec::new());
        }
        self.history("saved_group", &group.path(), limit).await
    }
}

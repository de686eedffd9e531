//! Searching the log.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;

use crate::ports::{Statement, Value};
use crate::sql::{Cells, containing, sql};
use crate::views::{AuditQuery, AuditRow, Page};
use crate::{Console, Result};

const PER_PAGE: u32 = 50;
/// Largest integer that is exact everywhere, JavaScript included.
const MAX_MS: i64 = (1 << 53) - 1;

macro_rules! matching {
    ($select:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM audit_entries WHERE canonical IS NOT NULL ",
            "AND (?1 = '%%' OR search LIKE ?1 ESCAPE '\\') ",
            "AND (?2 = '' OR actor_kind = ?2) AND (?3 = '' OR action = ?3) ",
            "AND (?4 = '' OR object_id = ?4) AND at_ms >= ?5 AND at_ms <= ?6",
            $rest
        )
    };
}

impl Console {
    /// Newest first; entries whose text has been removed are left out.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn audit(&self, actor: &Actor, query: &AuditQuery) -> Result<Page<AuditRow>> {
        self.authorise(actor, Action::ViewAudit, None, None)?;
        let page = query.page.max(1);
        let text = |t: &Option<String>| Value::from(t.as_deref().unwrap_or_default());
        let filter: [Value; 6] = [
            containing(&query.q).into(),
            text(&query.actor_kind),
            text(&query.action),
            text(&query.object_id),
            query.from_ms.unwrap_or(0).into(),
            query.to_ms.unwrap_or(MAX_MS).into(),
        ];
        let total = Statement::new(matching!("COUNT(*)", ""), filter.clone());
        let total = self.number(total).await?;
        let offset = u64::from(page - 1) * u64::from(PER_PAGE);
        let mut values = Vec::from(filter);
        values.extend([PER_PAGE.into(), offset.into()]);
        let rows = self
            .rows(Statement {
                sql: matching!(
                    "canonical, leaf_hash",
                    " ORDER BY seq DESC LIMIT ?7 OFFSET ?8"
                ),
                values,
            })
            .await?;
        Ok(Page {
            items: rows.into_iter().map(row).collect::<Result<_>>()?,
            total,
            page,
            per_page: PER_PAGE,
        })
    }

    /// Newest entries of one object. Ids are unique among those of a kind only.
    pub(crate) async fn history(
        &self,
        kind: &str,
        object_id: &str,
        limit: u32,
    ) -> Result<Vec<AuditRow>> {
        let actions = format!("{kind}.%");
        let rows = self
            .rows(sql!(
                "SELECT canonical, leaf_hash FROM audit_entries \
                 WHERE object_id = ?1 AND action LIKE ?2 AND canonical IS NOT NULL \
                 ORDER BY seq DESC LIMIT ?3",
                object_id,
                actions.as_str(),
                limit
            ))
            .await?;
        rows.into_iter().map(row).collect()
    }

    /// The newest entries of a time, the newest first.
    pub(crate) async fn entries_between(
        &self,
        from_ms: i64,
        to_ms: i64,
        limit: u32,
    ) -> Result<Vec<AuditRow>> {
        let rows = self
            .rows(sql!(
                "SELECT canonical, leaf_hash FROM audit_entries \
                 WHERE at_ms >= ?1 AND at_ms <= ?2 AND canonical IS NOT NULL \
                 ORDER BY seq DESC LIMIT ?3",
                from_ms,
                to_ms,
                limit
            ))
            .await?;
        rows.into_iter().map(row).collect()
    }

    pub(crate) async fn newest_entries(&self, limit: u32) -> Result<Vec<AuditRow>> {
        let rows = self
            .rows(sql!(
                "SELECT canonical, leaf_hash FROM audit_entries \
                 WHERE canonical IS NOT NULL ORDER BY seq DESC LIMIT ?1",
                limit
            ))
            .await?;
        rows.into_iter().map(row).collect()
    }
}

fn row(mut cells: Cells) -> Result<AuditRow> {
    Ok(AuditRow {
        entry: cells.json()?,
        leaf_hash: cells.text()?,
    })
}

//! The list of flags.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::flag::{Flag, FlagKind, FlagStatus, STALE_MS};

use crate::ports::{Statement, Value};
use crate::sql::containing;
use crate::views::{FlagQuery, FlagRow, FlagSort, Page};
use crate::{Console, Result};

const PER_PAGE: u32 = 20;
/// A row shows so many of the values that its rules give.
const SHOWN_VALUES: usize = 4;

/// Archived flags are listed only when they are asked for.
macro_rules! matching {
    ($select:literal, $rest:expr) => {
        concat!(
            "SELECT ",
            $select,
            " FROM flags f WHERE (?1 = '%%' OR f.search LIKE ?1 ESCAPE '\\') ",
            "AND ((?2 = '' AND f.status <> 'archived') OR f.status = ?2) ",
            "AND (?3 = '' OR f.environment = ?3) AND (?4 = '' OR f.kind = ?4) ",
            // As `Flag::stale` has it: ?6 is now, ?7 what is long ago.
            "AND (?5 = 0 OR (f.permanent = 0 AND f.status <> 'archived' AND (f.due_ms <= ?6 ",
            "OR (f.updated_ms < ?7 AND EXISTS (SELECT 1 FROM flag_values s ",
            "WHERE s.environment = f.environment AND s.first_ms < ?7) ",
            "AND ((SELECT COUNT(*) FROM flag_values v WHERE v.environment = f.environment ",
            "AND v.flag = f.key AND v.last_ms >= ?7) = 0 ",
            "OR ((SELECT COUNT(*) FROM flag_values v WHERE v.environment = f.environment ",
            "AND v.flag = f.key AND v.last_ms >= ?7) = 1 ",
            "AND EXISTS (SELECT 1 FROM flag_values v WHERE v.environment = f.environment ",
            "AND v.flag = f.key AND v.first_ms < ?7)))))))",
            $rest
        )
    };
}

macro_rules! listing {
    ($order:literal) => {
        matching!(
            "f.document, (SELECT MAX(v.last_ms) FROM flag_values v \
             WHERE v.environment = f.environment AND v.flag = f.key)",
            concat!(
                " ORDER BY ",
                $order,
                ", f.key, f.environment LIMIT ?8 OFFSET ?9"
            )
        )
    };
}

const fn ordered(sort: FlagSort, descending: bool) -> &'static str {
    match (sort, descending) {
        (FlagSort::Updated, false) => listing!("f.updated_ms"),
        (FlagSort::Updated, true) => listing!("f.updated_ms DESC"),
        (FlagSort::Name, false) => listing!("LOWER(f.name)"),
        (FlagSort::Name, true) => listing!("LOWER(f.name) DESC"),
        (FlagSort::Status, false) => listing!("f.status"),
        (FlagSort::Status, true) => listing!("f.status DESC"),
    }
}

impl Console {
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn flags(&self, actor: &Actor, query: &FlagQuery) -> Result<Page<FlagRow>> {
        self.authorise(actor, Action::ViewFlags, query.environment, None)?;
        let page = query.page.max(1);
        let now_ms = self.now_ms();
        let filter: [Value; 7] = [
            containing(&query.q).into(),
            query.status.map_or("", FlagStatus::as_str).into(),
            query.environment.map_or("", |e| e.as_str()).into(),
            query.kind.map_or("", FlagKind::as_str).into(),
            query.stale.into(),
            now_ms.into(),
            (now_ms - STALE_MS).into(),
        ];
        let total = Statement::new(matching!("COUNT(*)", ""), filter.clone());
        let total = self.number(total).await?;
        let offset = u64::from(page - 1) * u64::from(PER_PAGE);
        let mut values = Vec::from(filter);
        values.extend([PER_PAGE.into(), offset.into()]);
        let rows = self
            .rows(Statement {
                sql: ordered(query.sort, query.descending),
                values,
            })
            .await?;
        let mut items = Vec::new();
        for mut row in rows {
            let flag = row.json()?;
            items.push(summary(flag, row.maybe_i64()?));
        }
        Ok(Page {
            items,
            total,
            page,
            per_page: PER_PAGE,
        })
    }
}

pub(super) fn summary(flag: Flag, evaluated_ms: Option<i64>) -> FlagRow {
    let mut given = Vec::new();
    for rule in flag.rules.iter().filter(|rule| rule.enabled) {
        if !given.contains(&rule.value) && given.len() < SHOWN_VALUES {
            given.push(rule.value.clone());
        }
    }
    FlagRow {
        status: flag.status(),
        key: flag.key.to_string(),
        environment: flag.environment,
        name: flag.name,
        kind: flag.kind,
        value: flag.value,
        given,
        rules: flag.rules.len() as u32,
        evaluated_ms,
        version: flag.version,
        updated_ms: flag.updated_ms,
        updated_by: flag.updated_by,
    }
}

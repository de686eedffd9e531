//! The list of flags.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::flag::{Flag, FlagKind, FlagStatus};

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
            "AND (?3 = '' OR f.environment = ?3) AND (?4 = '' OR f.kind = ?4)",
            $rest
        )
    };
}

macro_rules! listing {
    ($order:literal) => {
        matching!(
            "f.document",
            concat!(
                " ORDER BY ",
                $order,
                ", f.key, f.environment LIMIT ?5 OFFSET ?6"
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
        let filter: [Value; 4] = [
            containing(&query.q).into(),
            query.status.map_or("", FlagStatus::as_str).into(),
            query.environment.map_or("", |e| e.as_str()).into(),
            query.kind.map_or("", FlagKind::as_str).into(),
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
            items.push(summary(row.json()?));
        }
        Ok(Page {
            items,
            total,
            page,
            per_page: PER_PAGE,
        })
    }
}

pub(super) fn summary(flag: Flag) -> FlagRow {
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
        version: flag.version,
        updated_ms: flag.updated_ms,
        updated_by: flag.updated_by,
    }
}

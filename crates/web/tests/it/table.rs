//! The table of `docs/roles.md`.

use std::collections::BTreeMap;

use nexus_domain::access::{Action, Role};

/// Rows of the table: action → which role may.
pub(crate) fn table() -> BTreeMap<String, Vec<bool>> {
    let text = include_str!("../../../../docs/roles.md");
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.split('|').map(str::trim).filter(|c| !c.is_empty());
        let action = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        Some((
            action.to_owned(),
            cells.take(Role::ALL.len()).map(|c| c == "✓").collect(),
        ))
    });
    rows.collect()
}

#[test]
fn the_table_is_the_code() {
    for (action, row) in table() {
        let known = Action::ALL.into_iter().find(|a| a.as_str() == action);
        let known = known.unwrap_or_else(|| panic!("no action {action}"));
        let code: Vec<bool> = Role::ALL
            .iter()
            .map(|r| known.roles().contains(r))
            .collect();
        assert_eq!(code, row, "{action}");
    }
}

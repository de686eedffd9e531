//! What D1 does not let a statement do.
//!
//! D1 asks SQLite's authorizer; here the statement's tokens decide, which is
//! stricter in corners (a column named like a refused function, say) and never
//! looser where it matters: nothing reaches another file, loads code, changes
//! how the file is kept or escapes the transaction around it.

use super::error::Refusal;
use super::lexer::{Kind, Token, tokens};

/// Functions refused by name.
const FUNCTIONS: &[&str] = &[
    "edit",
    "fts3_tokenizer",
    "load_extension",
    "readfile",
    "sqlite_compileoption_get",
    "sqlite_compileoption_used",
    "sqlite_log",
    "sqlite_offset",
    "sqlite_source_id",
    "sqlite_version",
    "writefile",
];

/// Pragmas D1 documents, with those its engine allows for compatibility.
const PRAGMAS: &[&str] = &[
    "case_sensitive_like",
    "data_version",
    "defer_foreign_keys",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "function_list",
    "ignore_check_constraints",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "legacy_alter_table",
    "optimize",
    "quick_check",
    "recursive_triggers",
    "reverse_unordered_selects",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// Longest statement, in bytes.
const STATEMENT_BYTES: usize = 100_000;

/// Refuses a statement that D1 would refuse whatever is in the database.
pub(super) fn check(sql: &str) -> Result<(), Refusal> {
    if sql.len() > STATEMENT_BYTES {
        return Err(Refusal::sql("statement too long: SQLITE_TOOBIG"));
    }
    let all = tokens(sql);
    check_verb(body(&all))?;
    for (at, token) in all.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| all.get(i));
        check_name(token, before, all.get(at + 1))?;
    }
    Ok(())
}

/// The statement without `EXPLAIN [QUERY PLAN]`.
fn body<'t, 's>(all: &'t [Token<'s>]) -> &'t [Token<'s>] {
    let skip = match all {
        [a, b, c, ..] if a.is_word("explain") && b.is_word("query") && c.is_word("plan") => 3,
        [a, ..] if a.is_word("explain") => 1,
        _ => 0,
    };
    &all[skip..]
}

fn check_verb(body: &[Token<'_>]) -> Result<(), Refusal> {
    let Some(first) = body.first().filter(|t| t.kind == Kind::Word) else {
        return Ok(());
    };
    match first.name().as_str() {
        "attach" | "detach" | "vacuum" => Err(Refusal::not_authorized()),
        "begin" | "commit" | "end" | "rollback" | "savepoint" | "release" => {
            Err(Refusal::transaction())
        }
        "pragma" => check_pragma(&body[1..]),
        "create" => check_create(&body[1..]),
        _ => Ok(()),
    }
}

fn check_pragma(rest: &[Token<'_>]) -> Result<(), Refusal> {
    let name = match rest {
        [schema, dot, name, ..] if dot.is_mark(".") => {
            if schema.name() != "main" {
                return Err(Refusal::not_authorized());
            }
            name.name()
        }
        [name, ..] => name.name(),
        [] => return Ok(()),
    };
    if PRAGMAS.contains(&name.as_str()) {
        Ok(())
    } else {
        Err(Refusal::not_authorized())
    }
}

fn check_create(rest: &[Token<'_>]) -> Result<(), Refusal> {
    let Some(first) = rest.first() else {
        return Ok(());
    };
    if first.is_word("temp") || first.is_word("temporary") {
        return Err(Refusal::not_authorized());
    }
    if !first.is_word("virtual") {
        return Ok(());
    }
    let using = rest.iter().position(|t| t.is_word("using"));
    let module = using.and_then(|at| rest.get(at + 1)).map(Token::name);
    match module.as_deref() {
        None | Some("fts5" | "fts5vocab") => Ok(()),
        Some(_) => Err(Refusal::not_authorized()),
    }
}

fn check_name(
    token: &Token<'_>,
    before: Option<&Token<'_>>,
    after: Option<&Token<'_>>,
) -> Result<(), Refusal> {
    let called = after.is_some_and(|t| t.is_mark("("));
    let selected = before.is_some_and(|t| t.is_word("from") || t.is_word("join"));
    if token.kind == Kind::Mark || (token.kind == Kind::Text && !selected) {
        return Ok(());
    }
    let name = token.name();
    if called && FUNCTIONS.contains(&name.as_str()) {
        return Err(Refusal::function(&name, token.start));
    }
    match name.strip_prefix("pragma_") {
        Some(pragma) if !PRAGMAS.contains(&pragma) => Err(Refusal::not_authorized()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_d1_refuses_is_refused() {
        for sql in [
            "ATTACH '/etc/passwd' AS x",
            "/* hi */ attach database 'x' as y",
            "EXPLAIN ATTACH 'x' AS y",
            "VACUUM INTO '/tmp/x'",
            "BEGIN IMMEDIATE",
            "savepoint a",
            "PRAGMA writable_schema = 1",
            "PRAGMA main.journal_mode = DELETE",
            "PRAGMA temp.table_info(x)",
            "SELECT load_extension('x')",
            "SELECT \"load_extension\" ('x')",
            "SELECT [Sqlite_Version]/**/()",
            "CREATE TEMP TABLE x (a)",
            "CREATE VIRTUAL TABLE x USING rtree(a, b, c)",
            "SELECT * FROM pragma_database_list",
            "SELECT * FROM 'pragma_database_list'",
            "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT load_extension('a'); END",
        ] {
            assert!(check(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn ordinary_statements_pass() {
        for sql in [
            "",
            "SELECT 'load_extension('",
            "SELECT 'pragma_database_list'",
            "INSERT INTO t (a) VALUES ('ATTACH')",
            "PRAGMA table_info('t')",
            "PRAGMA foreign_keys = on",
            "SELECT * FROM pragma_table_info('t')",
            "CREATE VIRTUAL TABLE x USING fts5(body)",
            "EXPLAIN QUERY PLAN SELECT 1",
            "DELETE FROM sqlite_sequence",
            "SELECT a AS sqlite_version FROM t",
        ] {
            assert!(check(sql).is_ok(), "{sql}");
        }
    }
}

//! Enough of SQLite's tokenizer to split statements and to see which
//! functions and pragmas they name. Comments and white space yield no token.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare identifier, keyword or number.
    Word,
    /// An identifier in `"…"`, `` `…` `` or `[…]`.
    Quoted,
    /// A literal in `'…'`.
    Text,
    /// Anything else, one character.
    Mark,
}

/// A token and the bytes it covers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
    /// Byte offset in the text that was tokenized.
    pub(super) start: usize,
}

impl Token<'_> {
    /// Whether this is the keyword or bare identifier `word`, in any case.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    /// The name this token spells, without quotes, in lower case. SQLite takes
    /// a quoted literal for a name in some places, so those count as well.
    pub(super) fn name(&self) -> String {
        let bare = match self.kind {
            Kind::Word | Kind::Mark => self.text,
            Kind::Quoted | Kind::Text => self
                .text
                .get(1..self.text.len().saturating_sub(1))
                .unwrap_or_default(),
        };
        bare.to_ascii_lowercase()
    }
}

/// The tokens of `sql`.
pub(super) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(rest) = sql.get(start..).filter(|r| !r.is_empty()) {
        let (kind, len) = next(rest);
        if let Some(kind) = kind {
            found.push(Token {
                kind,
                text: &rest[..len],
                start,
            });
        }
        start += len;
    }
    found
}

/// The kind (none for comments and white space) and length of the first token.
fn next(rest: &str) -> (Option<Kind>, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        c if c.is_ascii_whitespace() => (None, c.len_utf8()),
        '-' if rest.starts_with("--") => (None, rest.find('\n').map_or(rest.len(), |i| i + 1)),
        '/' if rest.starts_with("/*") => (None, rest[2..].find("*/").map_or(rest.len(), |i| i + 4)),
        '\'' => (Some(Kind::Text), quoted(rest, '\'')),
        '"' | '`' => (Some(Kind::Quoted), quoted(rest, first)),
        '[' => (
            Some(Kind::Quoted),
            rest.find(']').map_or(rest.len(), |i| i + 1),
        ),
        c if is_word(c) => (
            Some(Kind::Word),
            rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        ),
        c => (Some(Kind::Mark), c.len_utf8()),
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

/// Length of a quoted token; a doubled quote stands for itself.
fn quoted(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + c.len_utf8();
        }
    }
    rest.len()
}

/// Splits at the semicolons that end statements: not those in literals and
/// comments, nor those inside the body of a trigger. Statements of nothing but
/// comments are left out.
pub(super) fn split(sql: &str) -> Vec<&str> {
    let mut statements = Vec::new();
    let mut pending: Vec<Token<'_>> = Vec::new();
    for token in tokens(sql) {
        let ends = token.is_mark(";") && !inside_trigger(&pending);
        if ends {
            push_statement(sql, &mut pending, &mut statements);
        } else {
            pending.push(token);
        }
    }
    push_statement(sql, &mut pending, &mut statements);
    statements
}

fn push_statement<'s>(sql: &'s str, pending: &mut Vec<Token<'s>>, to: &mut Vec<&'s str>) {
    if let (Some(first), Some(last)) = (pending.first(), pending.last()) {
        to.push(&sql[first.start..last.start + last.text.len()]);
    }
    pending.clear();
}

/// As `sqlite3_complete`: a trigger ends at `; END ;`.
fn inside_trigger(pending: &[Token<'_>]) -> bool {
    let explained = pending.first().is_some_and(|t| t.is_word("explain"));
    let mut words = pending.iter().skip(usize::from(explained));
    if !words.next().is_some_and(|t| t.is_word("create")) {
        return false;
    }
    let trigger = match words.next() {
        Some(t) if t.is_word("temp") || t.is_word("temporary") => words.next(),
        other => other,
    };
    let ended = matches!(pending, [.., mark, end] if mark.is_mark(";") && end.is_word("end"));
    trigger.is_some_and(|t| t.is_word("trigger")) && !ended
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn semicolons_in_literals_comments_and_names_do_not_split() {
        let sql =
            "INSERT INTO t VALUES ('a;''b;'); -- c;\nSELECT \";\", [;], `;` /* ; */ ;; SELECT 2";
        let parts = split(sql);
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[1], "SELECT \";\", [;], `;`");
        assert_eq!(parts[2], "SELECT 2");
    }

    #[test]
    fn a_trigger_is_one_statement() {
        let sql = "CREATE TRIGGER x AFTER INSERT ON t BEGIN
            UPDATE t SET a = CASE WHEN 1 THEN 2 END; DELETE FROM u;
        END; SELECT 1";
        assert_eq!(split(sql).len(), 2);
    }

    #[test]
    fn unfinished_quotes_end_with_the_text() {
        assert_eq!(split("SELECT 'abc; x"), ["SELECT 'abc; x"]);
        assert_eq!(split("/* ; "), Vec::<&str>::new());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn tokens_cover_the_text_in_order_and_never_panic(sql in "\\PC{0,80}") {
            let mut end = 0;
            for token in tokens(&sql) {
                prop_assert!(token.start >= end);
                end = token.start + token.text.len();
                prop_assert_eq!(&sql[token.start..end], token.text);
            }
            prop_assert!(end <= sql.len());
        }

        #[test]
        fn a_literal_never_splits(text in "[^']{0,40}") {
            let sql = format!("SELECT '{text}'; SELECT 1");
            prop_assert_eq!(split(&sql).len(), 2);
        }
    }
}

//! Values as people type them.

use serde_json::Value;

/// A number, `true`, `false`, `null` or a text in quotes, as JSON has them; else a text as it
/// stands.
pub(super) fn scalar(typed: &str) -> Value {
    let typed = typed.trim();
    match serde_json::from_str::<Value>(typed) {
        Ok(value) if !value.is_array() && !value.is_object() => value,
        _ => Value::from(typed),
    }
}

/// How [`scalar`] is typed to be this value.
pub(super) fn scalar_typed(value: &Value) -> String {
    match value {
        Value::String(plain) if !plain.is_empty() && scalar(plain) == *value => plain.clone(),
        value => value.to_string(),
    }
}

/// A text: quotes around it are none of it.
pub(super) fn text(typed: &str) -> String {
    let typed = typed.trim();
    serde_json::from_str(typed).unwrap_or_else(|_| typed.to_owned())
}

/// How [`text`] is typed to be this one.
pub(super) fn text_typed(plain: &str) -> String {
    match !plain.is_empty() && text(plain) == plain {
        true => plain.to_owned(),
        false => Value::from(plain).to_string(),
    }
}

const fn separates(c: char) -> bool {
    matches!(c, ',' | '、' | '，')
}

/// What stands between commas, Japanese ones too, that are not in quotes.
pub(super) fn list(typed: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let (mut piece, mut quoted, mut escaped) = (String::new(), false, false);
    for c in typed.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if separates(c) {
            found.push(std::mem::take(&mut piece));
            continue;
        } else {
            quoted = c == '"' && piece.trim().is_empty();
        }
        piece.push(c);
    }
    found.push(piece);
    let found = found.iter().filter(|piece| !piece.trim().is_empty());
    found.map(|piece| scalar(piece)).collect()
}

/// How [`list`] is typed to be these.
pub(super) fn list_typed(values: &[Value]) -> String {
    let pieces = values.iter().map(|value| {
        let plain = scalar_typed(value);
        match list(&plain) == std::slice::from_ref(value) {
            true => plain,
            false => value.to_string(),
        }
    });
    pieces.collect::<Vec<_>>().join(", ")
}

const SYNTAX: &str = r"\^$.|?*+()[]{}";

/// The text as a regular expression for itself.
pub(super) fn escape(plain: &str) -> String {
    let mut escaped = String::with_capacity(plain.len());
    for c in plain.chars() {
        if SYNTAX.contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The text that is the only one the expression finds, if it is so simple.
pub(super) fn literal(pattern: &str) -> Option<String> {
    let mut plain = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(chars.next().filter(|c| SYNTAX.contains(*c))?),
            c if SYNTAX.contains(c) => return None,
            c => plain.push(c),
        }
    }
    Some(plain)
}

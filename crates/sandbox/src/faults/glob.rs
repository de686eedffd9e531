//! Path patterns: `*` is any run within a segment, `**` any run at all.

/// Whether `path` as a whole has the form of `pattern`.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    go(pattern.as_bytes(), path.as_bytes())
}

/// Remembers the last star of each kind and backs up to it, so the time is at
/// most the product of the lengths, whatever the pattern.
fn go(pattern: &[u8], path: &[u8]) -> bool {
    // reach[i]: the pattern so far can have consumed path[..i].
    let mut reach = vec![false; path.len() + 1];
    reach[0] = true;
    let mut rest = pattern;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first == b'*' {
            let across = tail.first() == Some(&b'*');
            if across {
                rest = &tail[1..];
            }
            for at in 0..path.len() {
                reach[at + 1] |= reach[at] && (across || path[at] != b'/');
            }
        } else {
            for at in (0..path.len()).rev() {
                reach[at + 1] = reach[at] && path[at] == first;
            }
            reach[0] = false;
        }
    }
    reach[path.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_in_their_segment_and_double_stars_do_not() {
        assert!(matches("/a/*/c", "/a/b/c"));
        assert!(!matches("/a/*/c", "/a/b/b/c"));
        assert!(matches("/a/**", "/a/b/c"));
        assert!(matches("/a/**/c", "/a/b/b/c"));
        assert!(matches("**", ""));
        assert!(matches("/x*", "/x"));
        assert!(!matches("/x", "/xy"));
        assert!(!matches("/xy", "/x"));
    }

    #[test]
    fn a_hostile_pattern_is_not_slow() {
        let pattern = "*a".repeat(200);
        assert!(!matches(&pattern, &"a".repeat(199)));
        assert!(matches(&pattern, &"a".repeat(400)));
    }
}
